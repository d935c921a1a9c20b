//! What the EXIF block of any format tells us.

use crate::geometry::Orientation;
use exif::{In, Reader, Tag, Value};

/// The orientation an EXIF block asks for; upright if it asks for none or cannot be read.
///
/// `exif` starts with the TIFF header. Broken entries around the one we want do no harm.
pub(super) fn orientation(exif: &[u8]) -> Orientation {
    let value = read(exif).and_then(|exif| exif.get_field(Tag::Orientation, In::PRIMARY)?.value.get_uint(0));
    value.map_or(Orientation::UPRIGHT, Orientation::from_exif)
}

/// What an EXIF block tells of how a picture was taken, by names in JSON's manner. Never where: a place is nobody's
/// business who only sees the picture.
pub fn exif_facts(exif: &[u8]) -> Vec<(&'static str, String)> {
    const FACTS: &[(Tag, &str)] = &[
        (Tag::Make, "make"),
        (Tag::Model, "model"),
        (Tag::LensModel, "lens"),
        (Tag::DateTimeOriginal, "taken"),
        (Tag::ExposureTime, "exposure"),
        (Tag::FNumber, "aperture"),
        (Tag::PhotographicSensitivity, "iso"),
        (Tag::FocalLength, "focal_length"),
        (Tag::Artist, "artist"),
        (Tag::Copyright, "copyright"),
    ];
    const LONGEST_CHARS: usize = 200;
    let Some(exif) = read(exif) else { return Vec::new() };
    let fact = |(tag, name): &(Tag, &'static str)| {
        let field = exif.get_field(*tag, In::PRIMARY)?;
        let text = field.display_value().with_unit(&exif).to_string();
        let text: String = text.trim_matches(['"', ' ']).chars().take(LONGEST_CHARS).collect();
        (!text.is_empty()).then_some((*name, text))
    };
    FACTS.iter().filter_map(fact).collect()
}

/// As much of a block as can be read.
fn read(exif: &[u8]) -> Option<exif::Exif> {
    let reader = || Reader::new().continue_on_error(true).read_raw(exif.to_vec());
    reader().or_else(|error| error.distill_partial_result(|_| ())).ok()
}

/// The block with its orientation set to upright, for pixels that have been turned; unchanged where it has none.
///
/// TIFF 6.0: an 8-byte header with the offset of the first directory, which is a count and entries of 12 bytes:
/// tag, type, number of values, value.
pub fn without_orientation(exif: &[u8]) -> Vec<u8> {
    let mut block = exif.to_vec();
    if let Some(at) = orientation_entry(exif) {
        let one = if exif.starts_with(b"MM") { [0, 1, 0, 0] } else { [1, 0, 0, 0] };
        block[at..at + 4].copy_from_slice(&one);
    }
    block
}

/// A block with nothing but artist, copyright and time of change of the first directory; `None` if it has none of them.
pub fn copyright_only(exif: &[u8]) -> Option<Vec<u8>> {
    /// In the order of their numbers, as a directory has them.
    const KEPT: [Tag; 3] = [Tag::DateTime, Tag::Artist, Tag::Copyright];
    const ENTRY_BYTES: usize = 12;
    let parsed = Reader::new()
        .continue_on_error(true)
        .read_raw(exif.to_vec())
        .or_else(|error| error.distill_partial_result(|_| ()))
        .ok()?;
    let text = |tag: Tag| match &parsed.get_field(tag, In::PRIMARY)?.value {
        Value::Ascii(texts) if !texts.is_empty() => Some((tag, [&texts.join(&b'\0')[..], b"\0"].concat())),
        _ => None,
    };
    let kept: Vec<_> = KEPT.into_iter().filter_map(text).collect();
    let count = u16::try_from(kept.len()).ok().filter(|count| *count > 0)?;
    let mut block = b"II*\0\x08\0\0\0".to_vec();
    block.extend(count.to_le_bytes());
    let mut at = block.len() + kept.len() * ENTRY_BYTES + 4;
    let mut texts = Vec::new();
    for (tag, text) in kept {
        let bytes = u32::try_from(text.len()).ok()?.to_le_bytes();
        block.extend(tag.number().to_le_bytes());
        block.extend(2_u16.to_le_bytes()); // ASCII
        block.extend(bytes);
        // Texts of up to four bytes stand in place of where others begin.
        if text.len() <= 4 {
            block.extend([&text[..], &[0; 4]].concat().into_iter().take(4));
        } else {
            block.extend(u32::try_from(at).ok()?.to_le_bytes());
            at += text.len();
            texts.extend(text);
        }
    }
    block.extend([0; 4]);
    block.extend(texts);
    Some(block)
}

/// Where the four value bytes of a well-formed orientation entry are.
fn orientation_entry(exif: &[u8]) -> Option<usize> {
    let big_endian = exif.starts_with(b"MM");
    let u16_at = |at: usize| {
        let bytes = exif.get(at..at + 2)?.try_into().ok()?;
        Some(if big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    };
    let bytes = exif.get(4..8)?.try_into().ok()?;
    let directory = if big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) };
    let directory = usize::try_from(directory).ok().filter(|at| *at < exif.len())?;
    let count = usize::from(u16_at(directory)?);
    let mut entries = (0..count).map(|index| directory + 2 + index * 12);
    let entry = entries.find(|at| u16_at(*at) == Some(Tag::Orientation.number()))?;
    let is_short = u16_at(entry + 2)? == 3;
    (is_short && exif.len() >= entry + 12).then_some(entry + 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turned_picture_says_that_it_is_upright() {
        assert_eq!(without_orientation(&block(6)), block(1));
        let big = [b"MM\0*\0\0\0\x08\0\x01".to_vec(), vec![0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0]].concat();
        assert_eq!(orientation(&without_orientation(&big)), Orientation::UPRIGHT);
        for end in 0..block(6).len() {
            let cut = &block(6)[..end];
            assert_eq!(without_orientation(cut).len(), end, "cut at {end}");
        }
    }

    #[test]
    fn who_made_a_picture_is_kept_without_the_rest() {
        let mut tiff = b"II*\0\x08\0\0\0\x04\0".to_vec();
        tiff.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0]); // orientation
        tiff.extend([0x31, 0x01, 2, 0, 4, 0, 0, 0, b'c', b'a', b'm', 0]); // software
        tiff.extend([0x3b, 0x01, 2, 0, 3, 0, 0, 0, b'M', b'e', 0, 0]); // artist
        tiff.extend([0x98, 0x82, 2, 0, 8, 0, 0, 0, 62, 0, 0, 0]); // copyright
        tiff.extend([0; 4]);
        assert_eq!(tiff.len(), 62);
        tiff.extend(b"(c) me.\0");
        let kept = copyright_only(&tiff).unwrap();
        let parsed = Reader::new().read_raw(kept.clone()).unwrap();
        let text = |tag| parsed.get_field(tag, In::PRIMARY).map(|field| field.display_value().to_string());
        assert_eq!(text(Tag::Artist).as_deref(), Some("\"Me\""));
        assert_eq!(text(Tag::Copyright).as_deref(), Some("\"(c) me.\""));
        assert_eq!((text(Tag::Software), text(Tag::Orientation)), (None, None));
        assert_eq!(copyright_only(&kept), Some(kept));
        assert_eq!(copyright_only(&block(6)), None);
        assert_eq!(copyright_only(b"not a TIFF header"), None);
    }

    /// A little-endian block whose only entry is an orientation of `value`.
    fn block(value: u8) -> Vec<u8> {
        let mut tiff = b"II*\0\x08\0\0\0\x01\0".to_vec();
        tiff.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, value, 0, 0, 0]);
        tiff.extend([0; 4]);
        tiff
    }

    #[test]
    fn facts_are_told_by_name_and_places_never() {
        let mut tiff = b"II*\0\x08\0\0\0\x03\0".to_vec();
        tiff.extend([0x0f, 0x01, 2, 0, 4, 0, 0, 0, b'A', b'b', b'c', 0]); // make
        tiff.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0]);
        tiff.extend([0x25, 0x88, 4, 0, 1, 0, 0, 0, 50, 0, 0, 0]); // where GPS data begin
        tiff.extend([0; 4]);
        tiff.extend([1, 0, 1, 0, 2, 0, 2, 0, 0, 0, b'N', 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(exif_facts(&tiff), [("make", "Abc".to_owned())]);
        assert_eq!(exif_facts(b"nonsense"), []);
    }

    #[test]
    fn every_value_is_read() {
        for value in 0..=9 {
            assert_eq!(orientation(&block(value)), Orientation::from_exif(u32::from(value)), "value {value}");
        }
    }

    #[test]
    fn the_byte_order_is_obeyed() {
        let mut tiff = b"MM\0*\0\0\0\x08\0\x01".to_vec();
        tiff.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0]);
        tiff.extend([0; 4]);
        assert_eq!(orientation(&tiff), Orientation::from_exif(6));
    }

    #[test]
    fn a_broken_neighbor_does_not_hide_the_orientation() {
        let mut tiff = b"II*\0\x08\0\0\0\x02\0".to_vec();
        tiff.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0]);
        tiff.extend([0x31, 0x01, 2, 0, 0xff, 0xff, 0, 0, 0xff, 0xff, 0xff, 0xff]); // a text beyond the end
        tiff.extend([0; 4]);
        assert_eq!(orientation(&tiff), Orientation::from_exif(6));
    }

    #[test]
    fn what_cannot_be_read_is_upright() {
        let whole = block(6);
        for end in 0..18 {
            assert_eq!(orientation(&whole[..end]), Orientation::UPRIGHT, "cut at {end}");
        }
        assert_eq!(orientation(b"not a TIFF header"), Orientation::UPRIGHT);
    }
}
