//! Files of several scans, written anew with some of them.

use super::header::{END_OF_IMAGE, Markers, START_OF_SCAN};

/// A progressive file without its scans of AC coefficients: nine tenths of the data, and nearly all of the time.
///
/// At 1/8 a block becomes one pixel, which is its DC coefficient.
pub(super) fn without_ac(data: &[u8]) -> Vec<u8> {
    rewrite(data, |scan| first_coefficient(scan) == Some(0))
}

/// The file up to the last segment that is all there.
///
/// libjpeg gives up a picture whose tables for a later scan are cut short, even when its first scans are fine.
pub(super) fn whole_segments(data: &[u8]) -> Vec<u8> {
    rewrite(data, |_| true)
}

/// The segments that decoding needs and the scans whose headers are to be kept, as far as markers can be followed.
fn rewrite(data: &[u8], keep_scan: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    let Ok(mut markers) = Markers::new(data) else { return data.to_vec() };
    let mut kept = data[..2].to_vec();
    while let Ok((marker, body)) = markers.next_segment() {
        let coded = if marker == START_OF_SCAN { markers.entropy_coded() } else { &[] };
        if is_about_the_picture(marker) || marker == START_OF_SCAN && !keep_scan(body) {
            continue;
        }
        kept.extend([0xFF, marker]);
        kept.extend(u16::try_from(body.len() + 2).expect("its length was two bytes").to_be_bytes());
        kept.extend_from_slice(body);
        kept.extend_from_slice(coded);
    }
    kept.extend([0xFF, END_OF_IMAGE]);
    kept
}

/// Ss of a scan header: 0 for DC.
fn first_coefficient(scan: &[u8]) -> Option<u8> {
    let components = usize::from(*scan.first()?);
    scan.get(1 + 2 * components).copied()
}

/// Segments that decoding does not need: metadata other than JFIF's and Adobe's, comments.
fn is_about_the_picture(marker: u8) -> bool {
    matches!(marker, 0xE1..=0xED | 0xEF | 0xFE)
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{FULL, PLAIN, file, read, waves};
    use super::*;
    use crate::codec::EncodeOptions;
    use crate::raster::{PixelFormat, Subsampling};

    fn progressive() -> Vec<u8> {
        let icc = vec![1; 500];
        let options = EncodeOptions { progressive: true, icc: Some(&icc), ..PLAIN };
        file(waves(PixelFormat::YCbCr(Subsampling::HALF), 200, 150), &options)
    }

    fn scans(data: &[u8]) -> usize {
        data.windows(2).filter(|pair| pair == &[0xFF, START_OF_SCAN]).count()
    }

    #[test]
    fn of_a_progressive_file_only_the_dc_scan_is_left() {
        let data = progressive();
        let kept = without_ac(&data);
        assert!(scans(&data) > 1);
        assert_eq!(scans(&kept), 1);
        assert!(kept.len() < data.len() / 2, "{} of {}", kept.len(), data.len());
    }

    #[test]
    fn a_file_that_ends_in_a_table_keeps_its_scans() {
        let data = progressive();
        let last_table = data.windows(2).rposition(|pair| pair == [0xFF, 0xC4]).unwrap();
        let kept = whole_segments(&data[..last_table + 10]);
        assert_eq!(scans(&kept), scans(&data) - 1);
        assert!(read(&kept, FULL).is_ok());
    }

    #[test]
    fn a_whole_file_loses_nothing_but_its_metadata() {
        let data = progressive();
        let kept = whole_segments(&data);
        assert_eq!(kept.len(), data.len() - 500 - 18);
        assert_eq!(read(&kept, FULL).unwrap(), read(&data, FULL).unwrap());
    }
}
