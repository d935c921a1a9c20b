//! IPTC records, as Photoshop keeps them in JPEGs: captions, bylines, credits.
//!
//! Segments `APP13` hold one run of image resources, of which one is IPTC's. The others (thumbnails, paths, layers) are
//! about the picture as it was, and are never copied.

use super::decoder::markers::{Markers, START_OF_SCAN};

/// The marker of these segments.
pub(super) const APP13: u8 = 0xED;
/// What they begin with.
const PHOTOSHOP: &[u8] = b"Photoshop 3.0\0";
/// What each resource begins with.
const RESOURCE: &[u8] = b"8BIM";
/// The number of the resource with IPTC records.
const IPTC: [u8; 2] = [0x04, 0x04];

/// The records of a file; `None` where there are none or what holds them is broken.
pub(in crate::codec) fn read(file: &[u8]) -> Option<Vec<u8>> {
    let mut markers = Markers::new(file).ok()?;
    let mut resources = Vec::new();
    while let Ok((marker, body)) = markers.next_segment()
        && marker != START_OF_SCAN
    {
        if marker == APP13 {
            resources.extend(body.strip_prefix(PHOTOSHOP).unwrap_or_default());
        }
    }
    let mut rest = &resources[..];
    loop {
        let (kind, data, after) = resource(rest)?;
        if kind == IPTC {
            return (!data.is_empty()).then(|| data.to_vec());
        }
        rest = after;
    }
}

/// The first resource: its number and data, and what follows. Names and data are padded to an even length.
fn resource(bytes: &[u8]) -> Option<([u8; 2], &[u8], &[u8])> {
    let (kind, rest) = bytes.strip_prefix(RESOURCE)?.split_first_chunk::<2>()?;
    let name = 1 + usize::from(*rest.first()?);
    let (length, rest) = rest.get(name.next_multiple_of(2)..)?.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let data = rest.get(..length)?;
    // The pad of the last resource may be missing.
    Some((*kind, data, rest.get(length.next_multiple_of(2)..).unwrap_or_default()))
}

/// The body of a segment with these records; `None` if they are longer than a length can tell.
pub(super) fn segment(records: &[u8]) -> Option<Vec<u8>> {
    let length = u32::try_from(records.len()).ok()?.to_be_bytes();
    let pad = &[0][..records.len() % 2];
    Some([PHOTOSHOP, RESOURCE, &IPTC, &[0, 0], &length, records, pad].concat())
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{PLAIN, file, waves};
    use super::*;
    use crate::codec::EncodeOptions;
    use crate::raster::PixelFormat;

    /// A caption, as IPTC has it: a mark, the record, the field, the length, the text.
    const CAPTION: &[u8] = b"\x1c\x02\x78\x00\x05Hello";

    /// A JPEG with these segments `APP13`.
    fn with(segments: &[&[u8]]) -> Vec<u8> {
        let jpeg = file(waves(PixelFormat::Gray, 8, 8), &PLAIN);
        let mut found = jpeg[..2].to_vec();
        for body in segments {
            found.extend([0xff, APP13]);
            found.extend(u16::try_from(body.len() + 2).unwrap().to_be_bytes());
            found.extend(*body);
        }
        found.extend(&jpeg[2..]);
        found
    }

    #[test]
    fn records_are_found_among_other_resources_and_over_several_segments() {
        let thumbnail = b"8BIM\x04\x0c\x03abc\0\0\0\x03xyz\0";
        let iptc = [b"8BIM\x04\x04\0\0\0\0\0\x0a", CAPTION].concat();
        let whole = [PHOTOSHOP, thumbnail, &iptc].concat();
        assert_eq!(read(&with(&[&whole])).as_deref(), Some(CAPTION));
        let (first, second) = whole.split_at(40);
        let second = [PHOTOSHOP, second].concat();
        assert_eq!(read(&with(&[b"Adobe_CM", first, &second])).as_deref(), Some(CAPTION));
        assert_eq!(read(&with(&[&[PHOTOSHOP, thumbnail].concat()])), None);
        assert_eq!(read(&with(&[])), None);
        assert_eq!(read(b"\x89PNG"), None);
    }

    #[test]
    fn what_is_cut_short_is_none() {
        let whole = [PHOTOSHOP, b"8BIM\x04\x04\0\0\0\0\0\x0a", CAPTION].concat();
        for end in 0..whole.len() {
            assert_eq!(read(&with(&[&whole[..end]])), None, "cut at {end}");
        }
        let endless = [PHOTOSHOP, b"8BIM\x04\x04\0\0\xff\xff\xff\xff", CAPTION].concat();
        assert_eq!(read(&with(&[&endless])), None);
    }

    #[test]
    fn what_is_written_is_read_and_what_is_too_long_is_left_out() {
        let written = |records: &[u8]| {
            let options = EncodeOptions { iptc: Some(records), ..PLAIN };
            read(&file(waves(PixelFormat::Gray, 8, 8), &options))
        };
        for records in [CAPTION, &CAPTION[..9], &vec![7; 65_506]] {
            assert_eq!(written(records).as_deref(), Some(records));
        }
        assert_eq!(written(&vec![7; 65_507]), None);
    }
}
