//! What the units of an AV1 stream say before any is decoded: section 5 of the AV1 bitstream specification.

use super::broken;
use crate::codec::CodecError;

/// A still has one frame, a layered one up to four; each may be told of twice.
const MAX_FRAME_HEADERS: u32 = 8;

const SEQUENCE_HEADER: u8 = 1;
const FRAME_HEADER: u8 = 3;
const FRAME: u8 = 6;

/// What a sequence header says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Sequence {
    /// 0 for 8 and 10 bit 4:2:0 and gray.
    pub(super) profile: u8,
    /// Level of the first operating point.
    pub(super) level: u8,
    /// Largest width and height of frames.
    pub(super) max_size: (u32, u32),
}

/// The first sequence header, once all are known to allow no frame beyond `limit` and frames are few.
///
/// This is what keeps a small file from making libaom allocate a large frame or decode many.
///
/// # Errors
/// [`super::CodecError::Broken`] if that is not so, or units do not follow each other.
pub(super) fn check(stream: &[u8], limit: (u32, u32)) -> Result<Sequence, CodecError> {
    let mut found = None;
    let mut frames = 0;
    let mut rest = stream;
    while !rest.is_empty() {
        let (kind, payload, after) = split(rest).ok_or_else(|| broken("AV1 unit beyond the end"))?;
        match kind {
            SEQUENCE_HEADER => {
                let sequence = sequence(payload).ok_or_else(|| broken("AV1 sequence header too short"))?;
                let (width, height) = sequence.max_size;
                if width > limit.0 || height > limit.1 {
                    let (most_width, most_height) = limit;
                    let words = format!("AV1 frames of {width}x{height} in a picture of {most_width}x{most_height}");
                    return Err(broken(words));
                }
                found.get_or_insert(sequence);
            }
            FRAME_HEADER | FRAME => frames += 1,
            _ => {}
        }
        rest = after;
    }
    if frames > MAX_FRAME_HEADERS {
        return Err(broken(format!("{frames} AV1 frames where one is expected")));
    }
    found.ok_or_else(|| broken("no AV1 sequence header"))
}

/// The first unit's type and payload, and what follows it.
fn split(stream: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&header, mut rest) = stream.split_first()?;
    let kind = header >> 3 & 15;
    let (extended, sized) = (header & 4 != 0, header & 2 != 0);
    if extended {
        rest = rest.get(1..)?;
    }
    if !sized {
        return Some((kind, rest, &[]));
    }
    let mut length = 0_u64;
    for index in 0..8 {
        let (&byte, after) = rest.split_first()?;
        rest = after;
        length |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            let (payload, after) = rest.split_at_checked(usize::try_from(length).ok()?)?;
            return Some((kind, payload, after));
        }
    }
    None
}

/// Reads the header up to the size of frames; section 5.5.1.
fn sequence(payload: &[u8]) -> Option<Sequence> {
    let mut bits = Bits { bytes: payload, at: 0 };
    let profile = bits.take(3)?;
    let _still = bits.take(1)?;
    let reduced = bits.flag()?;
    let mut level = 0;
    if reduced {
        level = bits.take(5)?;
    } else {
        let mut delay_bits = None;
        if bits.flag()? {
            bits.skip(64)?; // units in a tick, ticks in a second
            if bits.flag()? {
                bits.skip_uvlc()?;
            }
            if bits.flag()? {
                delay_bits = Some(bits.take(5)? + 1);
                bits.skip(42)?;
            }
        }
        let display_delay = bits.flag()?;
        for point in 0..=bits.take(5)? {
            bits.skip(12)?;
            let this_level = bits.take(5)?;
            if point == 0 {
                level = this_level;
            }
            if this_level > 7 {
                bits.skip(1)?;
            }
            if let Some(delay_bits) = delay_bits
                && bits.flag()?
            {
                bits.skip(2 * delay_bits + 1)?;
            }
            if display_delay && bits.flag()? {
                bits.skip(4)?;
            }
        }
    }
    let (width_bits, height_bits) = (bits.take(4)? + 1, bits.take(4)? + 1);
    let max_size = (bits.take(width_bits)? + 1, bits.take(height_bits)? + 1);
    Some(Sequence { profile: u8::try_from(profile).ok()?, level: u8::try_from(level).ok()?, max_size })
}

/// Bits of bytes, the highest first.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    /// The next `count` bits, at most 32, as a number.
    fn take(&mut self, count: u32) -> Option<u32> {
        let mut number = 0;
        for _ in 0..count {
            let byte = self.bytes.get(self.at / 8)?;
            number = number << 1 | u32::from(byte >> (7 - self.at % 8) & 1);
            self.at += 1;
        }
        Some(number)
    }

    fn flag(&mut self) -> Option<bool> {
        Some(self.take(1)? == 1)
    }

    fn skip(&mut self, count: u32) -> Option<()> {
        (0..count).try_for_each(|_| self.take(1).map(drop))
    }

    /// Passes over a number of variable length.
    fn skip_uvlc(&mut self) -> Option<()> {
        let mut zeros = 0;
        while !self.flag()? {
            zeros += 1;
        }
        if zeros < 32 { self.skip(zeros) } else { Some(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bits written as text, other characters ignored, filled up with zeros.
    fn bytes(bits: &str) -> Vec<u8> {
        let bits: Vec<u8> = bits.bytes().filter(|b| matches!(b, b'0' | b'1')).map(|b| b - b'0').collect();
        bits.chunks(8).map(|byte| (0..8).fold(0, |sum, i| sum << 1 | byte.get(i).unwrap_or(&0))).collect()
    }

    fn unit(kind: u8, payload: &[u8]) -> Vec<u8> {
        [&[kind << 3 | 2, u8::try_from(payload.len()).unwrap()], payload].concat()
    }

    #[test]
    fn sizes_stand_behind_everything_that_a_header_may_have() {
        let size = "0111 0111 00101011 00010000"; // 8 bits each: 44x17
        let check = |head: &str, level| {
            let stream = unit(SEQUENCE_HEADER, &bytes(&format!("{head} {size}")));
            let expected = Sequence { profile: 0, level, max_size: (44, 17) };
            assert_eq!(check(&stream, (44, 17)).unwrap(), expected, "{head}");
            for end in 0..stream.len() {
                assert!(super::check(&stream[..end], (44, 17)).is_err(), "{head} cut at {end}");
            }
            for small in [(43, 17), (44, 16)] {
                assert!(super::check(&stream, small).unwrap_err().to_string().contains("44x17"), "{head}");
            }
        };
        check("000 1 1 00101", 5); // reduced
        check("000 1 0 0 0 00000 000000000000 00111", 7);
        check("000 1 0 0 0 00001 000000000000 01000 0 000000000000 00011", 8); // a tier, two points
        let timing = "0".repeat(64);
        check(&format!("000 0 0 1 {timing} 0 0 1 00000 000000000000 00001 1 0011"), 1);
        let model = format!("00001 {}", "0".repeat(42));
        check(&format!("000 0 0 1 {timing} 1 00101 1 {model} 0 00000 000000000000 00010 1 00000"), 2);
    }

    #[test]
    fn later_headers_count_and_frames_are_few() {
        let small = unit(SEQUENCE_HEADER, &bytes("000 1 1 00101 0111 0111 00101011 00010000"));
        let large = unit(SEQUENCE_HEADER, &bytes("000 1 1 00101 1111 1111 1111111111111111 1111111111111111"));
        let frame = unit(FRAME, &[0]);
        let few = [small.clone(), frame.repeat(8)].concat();
        assert!(check(&few, (44, 17)).is_ok());
        for hostile in [[small.clone(), frame.clone(), large].concat(), [small, frame.repeat(9)].concat(), frame] {
            assert!(check(&hostile, (44, 17)).is_err());
        }
        assert!(check(&[], (44, 17)).is_err());
    }
}
