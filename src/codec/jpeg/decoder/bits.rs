//! The bits of entropy-coded data, without the stuffing and cut at the markers (T.81, F.2.2.5 and B.1.1.5).

use super::markers::{FIRST_RESTART, LAST_RESTART, position_of_ff};
use std::ops::Range;

/// Bytes of coded data held ready. A power of two, so that places in it are masked instead of checked.
const WINDOW: usize = 1 << 13;
/// No MCU takes more: ten blocks of 64 coefficients, none of which takes more than 31 bits.
const LONGEST_MCU: usize = 10 * 64 * 31 / 8;
/// How full the window gets: there are always zeros behind the data for an MCU that goes on beyond it.
const FULL: usize = WINDOW - LONGEST_MCU - 8;

/// Destuffed bytes, and eight more so that eight can be read anywhere.
type Window = [u8; WINDOW + 8];

/// The coded data of one scan, restart interval after restart interval.
#[derive(Debug)]
pub(super) struct CodedData<'a> {
    file: &'a [u8],
    /// Index of the first byte that is not in the window yet.
    at: usize,
    window: Box<Window>,
    /// How much of the window is data; zeros follow.
    filled: usize,
    /// From this place on the window must be filled again before the next MCU.
    fill_from: usize,
    /// Whether a marker or the end of the file follows the window.
    ended: bool,
    place: Place,
    /// How many restart markers should have been passed, modulo 8.
    restarts: u8,
}

/// Where reading has come to.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    /// Index in the window of the next byte for the reservoir.
    next: usize,
    /// The next bits, topmost first.
    reservoir: u64,
    /// How many of the reservoir's bits are counted as read from the window.
    count: u32,
}

impl<'a> CodedData<'a> {
    /// The data that starts at index `at` of the file.
    pub(super) fn new(file: &'a [u8], at: usize) -> Self {
        let window = Box::new([0; WINDOW + 8]);
        let mut this =
            Self { file, at, window, filled: 0, fill_from: 0, ended: false, place: Place::default(), restarts: 0 };
        this.fill();
        this
    }

    /// Calls `read` with each of `units`, which takes the bits of at most an MCU, as long as there are bits;
    /// the units that are left.
    #[inline(always)]
    pub(super) fn read(&mut self, mut units: Range<usize>, mut read: impl FnMut(&mut Bits, usize)) -> Range<usize> {
        while !units.is_empty() && (self.place.next < self.fill_from || self.fill_or_end()) {
            let Place { next, reservoir, count } = self.place;
            let mut bits = Bits { window: &self.window, next, reservoir, count };
            loop {
                read(&mut bits, units.start);
                units.start += 1;
                if bits.next >= self.fill_from || units.is_empty() {
                    break;
                }
            }
            self.place = Place { next: bits.next, reservoir: bits.reservoir, count: bits.count };
        }
        units
    }

    /// Goes to the start of the next restart interval.
    ///
    /// Where another restart marker than the expected one follows, it is guessed as in libjpeg whether markers were
    /// lost (then the interval has no data) or belong to what was lost (then they are skipped). Gives `false` if
    /// something was wrong.
    pub(super) fn restart(&mut self) -> bool {
        let expected = FIRST_RESTART + self.restarts;
        self.restarts = (self.restarts + 1) % 8;
        let mut in_order = true;
        self.end_interval();
        while let Some(marker) = self.next_marker() {
            match marker {
                FIRST_RESTART..=LAST_RESTART => {}
                _ => return false,
            }
            let ahead = marker.wrapping_sub(expected) & 7;
            match ahead {
                1 | 2 => return false,
                6 | 7 => {
                    in_order = false;
                    self.at += 2;
                }
                _ => {
                    self.at += 2;
                    self.ended = false;
                    self.fill();
                    return in_order && ahead == 0;
                }
            }
        }
        false
    }

    /// Forgets what is left of this interval.
    fn end_interval(&mut self) {
        self.place = Place::default();
        self.filled = 0;
        self.fill_from = 0;
        self.ended = true;
        self.window.fill(0);
    }

    /// The marker at or after the current place, to which the place moves.
    fn next_marker(&mut self) -> Option<u8> {
        loop {
            let rest = self.file.get(self.at..)?;
            self.at += position_of_ff(rest)?;
            match *self.file.get(self.at + 1)? {
                0 => self.at += 2,
                0xFF => self.at += 1,
                marker => return Some(marker),
            }
        }
    }

    #[cold]
    #[inline(never)]
    fn fill_or_end(&mut self) -> bool {
        if !self.ended {
            self.fill();
        }
        let taken = (self.place.next * 8).saturating_sub(self.place.count as usize);
        taken < self.filled * 8
    }

    /// Moves what is left of the window to its start and appends as much as there is and fits.
    fn fill(&mut self) {
        let start = self.place.next.min(self.filled);
        self.window.copy_within(start..self.filled, 0);
        self.filled -= start;
        self.place.next -= start;
        while !self.ended && self.filled < FULL {
            let rest = &self.file[self.at.min(self.file.len())..];
            let chunk = &rest[..rest.len().min(FULL - self.filled)];
            let plain = position_of_ff(chunk).unwrap_or(chunk.len());
            self.window[self.filled..][..plain].copy_from_slice(&chunk[..plain]);
            self.filled += plain;
            self.at += plain;
            if plain < chunk.len() {
                match rest.get(plain + 1) {
                    Some(0) => {
                        self.window[self.filled] = 0xFF;
                        self.filled += 1;
                        self.at += 2;
                    }
                    Some(0xFF) => self.at += 1,
                    _ => self.ended = true,
                }
            } else if plain == rest.len() {
                self.ended = true;
            }
        }
        let filled = self.filled;
        self.window[filled..].fill(0);
        self.fill_from = if self.ended { filled.saturating_sub(8) } else { filled - LONGEST_MCU };
    }
}

/// Bits that are being read; a value for the registers of a loop.
#[derive(Clone, Debug)]
pub(super) struct Bits<'a> {
    window: &'a Window,
    next: usize,
    reservoir: u64,
    count: u32,
}

impl Bits<'_> {
    /// Brings the reservoir to at least 56 bits.
    #[inline(always)]
    pub(super) fn refill(&mut self) {
        let start = self.next & (WINDOW - 1);
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&self.window[start..start + 8]);
        self.reservoir |= u64::from_be_bytes(bytes) >> self.count;
        self.next += ((63 - self.count) >> 3) as usize;
        self.count |= 0x38;
    }

    /// The next 64 bits, of which as many are right as the reservoir has.
    #[inline(always)]
    pub(super) fn peek(&self) -> u64 {
        self.reservoir
    }

    /// Goes on by that many bits, which the reservoir must have.
    #[inline(always)]
    pub(super) fn skip(&mut self, bits: u32) {
        self.reservoir <<= bits & 63;
        self.count = self.count.wrapping_sub(bits) & 63;
    }

    /// The next bits as a number; at most 16.
    #[inline(always)]
    pub(super) fn take(&mut self, bits: u32) -> u32 {
        let value = (self.reservoir >> 1 >> (63 - bits)) as u32;
        self.skip(bits);
        value
    }

    /// Refills and takes one bit.
    #[inline]
    pub(super) fn next_bit(&mut self) -> bool {
        self.refill();
        self.take(1) == 1
    }
}
