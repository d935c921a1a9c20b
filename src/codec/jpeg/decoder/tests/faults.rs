//! Damaged files: a picture or an error, and the damage is counted.

use super::*;
use std::path::Path;
use writer::random;

/// One of each kind.
fn fixtures() -> Vec<Vec<u8>> {
    let small = Sketch::new(37, 29, &SAMPLINGS[2], 5);
    let marked = Sketch { restart_interval: 2, ..small.clone() };
    let inks = Sketch::new(20, 20, &[(1, 1); 4], 8);
    vec![
        small.baseline(),
        marked.baseline(),
        small.sequential(&[&[0], &[1, 2]]),
        small.progressive(scans::PROGRESSIVE[0].1),
        marked.progressive(scans::PROGRESSIVE[1].1),
        small.progressive(scans::PROGRESSIVE[2].1),
        inks.baseline(),
        Sketch::new(20, 20, &[(1, 1)], 8).baseline(),
    ]
}

/// The files that the fuzzer starts with: one byte that chooses what is wanted, then a fixture.
///
/// `UPDATE_SEEDS=1 cargo test --lib seeds` writes them.
#[test]
fn the_seeds_of_the_fuzzer_are_these_fixtures() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds/jpeg");
    for (choice, file) in (0..).zip(fixtures()) {
        let (path, seed) = (folder.join(format!("{choice}")), [&[choice], &file[..]].concat());
        if std::env::var_os("UPDATE_SEEDS").is_some() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, &seed).unwrap();
        }
        assert!(std::fs::read(&path).unwrap() == seed, "{}", path.display());
    }
}

/// What the fuzzer has found is among its seeds.
#[test]
fn no_seed_of_the_fuzzer_does_harm_in_any_way() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds/jpeg");
    let paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(paths.len() >= fixtures().len());
    let ways = SCALES.into_iter().flat_map(|scale| [(scale, Output::Planes), (scale, Output::Pixels)]);
    let ways: Vec<_> = ways.collect();
    for path in paths {
        let seed = std::fs::read(&path).unwrap();
        survives(&seed[1..], &ways);
    }
}

/// A scale and an output for each.
const WAYS: [(Scale, Output); 4] = [
    (Scale::Full, Output::Planes),
    (Scale::Half, Output::Pixels),
    (Scale::Quarter, Output::Planes),
    (Scale::Eighth, Output::Pixels),
];

/// Whether one of these ways gives a picture; it has the size that its header says.
fn survives(file: &[u8], ways: &[(Scale, Output)]) -> bool {
    let Ok(header) = Header::parse(file) else { return false };
    if u64::from(header.width) * u64::from(header.height) > 1 << 18 {
        return false;
    }
    let mut good = false;
    for &(scale, output) in ways {
        if let Ok((pictures, _)) = decode(file, &options(scale, output)) {
            let rows = header.height.div_ceil(scale.divisor()) as usize;
            if output == Output::Pixels {
                assert_eq!(pictures[0].data.len(), pictures[0].width * rows);
            }
            good = true;
        }
    }
    good
}

#[test]
fn a_file_cut_anywhere_gives_what_it_has_or_an_error() {
    for file in fixtures() {
        let scan = file.windows(2).position(|pair| pair == [0xFF, 0xDA]).unwrap();
        let first = usize::from(file[scan + 3]) + 2;
        for end in 0..file.len() {
            assert_eq!(survives(&file[..end], &WAYS), end > scan + first, "cut at {end} of {}", file.len());
        }
    }
}

#[test]
fn flipped_bits_never_panic() {
    let mut state = 0x2545_F491_4F6C_DD1D;
    for file in fixtures() {
        let mut good = 0;
        for flip in 0..10_000 {
            let mut file = file.clone();
            for _ in 0..=random(&mut state) % 3 {
                let bit = usize::try_from(random(&mut state) % (file.len() as u64 * 8)).unwrap();
                file[bit / 8] ^= 1 << (bit % 8);
            }
            good += usize::from(survives(&file, &WAYS[flip % 4..][..1]));
        }
        assert!(good > 2400, "most damage is to the picture, not to the file: {good}");
    }
}

#[test]
fn what_is_missing_is_counted_and_filled_with_the_last_color() {
    let file = Sketch::new(64, 160, &SAMPLINGS[0], 4).baseline();
    let whole = planes(&file, Scale::Eighth);
    let (cut, report) = decode(&file[..file.len() * 3 / 4], &options(Scale::Eighth, Output::Planes)).unwrap();
    assert_eq!(report.real + report.lost, 8 * 20);
    assert!(report.errors > 0 && report.lost > 20 && report.real > 80, "{report:?}");
    let real = usize::try_from(report.real).unwrap() - 1;
    assert_eq!(whole[0].data[..real], cut[0].data[..real]);
    assert!(cut[0].data[real + 1..].iter().all(|sample| *sample == cut[0].data[real + 1]));
}

#[test]
fn after_damage_decoding_goes_on_at_the_next_restart_marker() {
    let sketch = Sketch { restart_interval: 8, ..Sketch::new(64, 160, &SAMPLINGS[0], 4) };
    let file = sketch.baseline();
    let whole = planes(&file, Scale::Full);
    let marker = |number: u8| file.windows(2).position(|pair| pair == [0xFF, 0xD0 + number]).unwrap();
    // An interval is a row of blocks; the marker before the sixth is lost, with all of that interval.
    let lost = [&file[..marker(4)], &file[marker(5)..]].concat();
    let (damaged, report) = decode(&lost, &options(Scale::Full, Output::Planes)).unwrap();
    assert!(report.errors > 0);
    assert_eq!(report.lost, 8);
    let rows = |from: usize, to: usize| from * 8 * 64..to * 8 * 64;
    assert_eq!(whole[0].data[rows(0, 5)], damaged[0].data[rows(0, 5)]);
    assert_eq!(whole[0].data[rows(6, 20)], damaged[0].data[rows(6, 20)]);
}

#[test]
fn scans_without_tables_and_impossible_scans_are_refused() {
    let file = Sketch::new(16, 16, &SAMPLINGS[0], 4).baseline();
    let changed = |marker: u8, offset: usize, value: u8| {
        let at = file.windows(2).position(|pair| pair == [0xFF, marker]).unwrap();
        let mut file = file.clone();
        file[at + offset] = value;
        Decoder::new(&file, &options(Scale::Full, Output::Planes)).unwrap_err().to_string()
    };
    assert_eq!(changed(0xDA, 6, 0x30), "Huffman table 3 for DC was not defined");
    assert_eq!(changed(0xDA, 6, 0x02), "Huffman table 2 for AC was not defined");
    assert_eq!(changed(0xDA, 5, 77), "scan header names the component 77, which the frame has not");
    assert_eq!(changed(0xDB, 4, 0x07), "quantization table has the number 7, not one of 0 to 3");
    assert_eq!(changed(0xC4, 5, 9), "Huffman table is cut short");
}
