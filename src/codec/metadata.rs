//! What the EXIF block of any format tells us.

use crate::geometry::Orientation;
use exif::{In, Reader, Tag};

/// The orientation an EXIF block asks for; upright if it asks for none or cannot be read.
///
/// `exif` starts with the TIFF header. Broken entries around the one we want do no harm.
pub(super) fn orientation(exif: &[u8]) -> Orientation {
    let parsed = Reader::new()
        .continue_on_error(true)
        .read_raw(exif.to_vec())
        .or_else(|error| error.distill_partial_result(|_| ()));
    let value = parsed.ok().and_then(|exif| exif.get_field(Tag::Orientation, In::PRIMARY)?.value.get_uint(0));
    value.map_or(Orientation::UPRIGHT, Orientation::from_exif)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A little-endian block whose only entry is an orientation of `value`.
    fn block(value: u8) -> Vec<u8> {
        let mut tiff = b"II*\0\x08\0\0\0\x01\0".to_vec();
        tiff.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, value, 0, 0, 0]);
        tiff.extend([0; 4]);
        tiff
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
