//! What decoding takes in memory, counted by the allocator. A program of its own, since an allocator is one for all.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};
use tintype::codec::{self, DecodeOptions};

/// The system's allocator, and how much it has given out now and at most.
struct Counting;

static NOW: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

#[expect(unsafe_code, reason = "an allocator cannot be had without")]
// SAFETY: all is left to the system's allocator; counting touches no memory of others.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = NOW.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        PEAK.fetch_max(now, Ordering::Relaxed);
        // SAFETY: the caller keeps what `System` asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { System.dealloc(memory, layout) };
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// A baseline JPEG of 4:2:0 in which all blocks are the same gray, two bits a block.
fn flat_jpeg(side: u16) -> Vec<u8> {
    let mut file = vec![0xFF, 0xD8];
    let mut segment = |marker: u8, body: &[u8]| {
        let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
        file.extend([&[0xFF, marker], &length[..], body].concat());
    };
    let [high, low] = side.to_be_bytes();
    segment(0xDB, &[&[0][..], &[8; 64]].concat());
    segment(0xC0, &[8, high, low, high, low, 3, 1, 0x22, 0, 2, 0x11, 0, 3, 0x11, 0]);
    // One code of one bit each: no difference from the last DC coefficient, the end of the block.
    segment(0xC4, &[&[0x00, 1][..], &[0; 15], &[0]].concat());
    segment(0xC4, &[&[0x10, 1][..], &[0; 15], &[0]].concat());
    segment(0xDA, &[3, 1, 0, 2, 0, 3, 0, 0, 63, 0]);
    let mcus = usize::from(side).div_ceil(16).pow(2);
    file.resize(file.len() + (mcus * 6 * 2).div_ceil(8), 0);
    file.extend([0xFF, 0xD9]);
    file
}

#[test]
fn a_hundred_megapixels_at_an_eighth_take_less_than_four_megabytes() {
    let file = flat_jpeg(10_000);
    let before = NOW.load(Ordering::Relaxed);
    PEAK.store(before, Ordering::Relaxed);
    let info = codec::probe(&file).unwrap();
    let mut decoder = codec::open(&file, &info, DecodeOptions { shrink: 8, rgb: false }).unwrap();
    let mut rows = 0;
    while decoder.next_frame().unwrap().is_some() {
        while let Some(band) = decoder.next_band().unwrap() {
            assert!(band.planes()[0].rows().all(|row| row[..1250].iter().all(|sample| *sample == 128)));
            rows += band.planes()[0].rows().len();
        }
    }
    assert_eq!(rows, 1250);
    let peak_bytes = PEAK.load(Ordering::Relaxed) - before;
    // Less than a few rows would mean that nothing was counted.
    assert!((16 << 10..4 << 20).contains(&peak_bytes), "{peak_bytes} bytes");
}
