//! The decoder, where it finds itself in the program: below `codec`.

mod jpeg;

use jpeg::decoder::{Decoder, Header, Limits, Options, Output, Region, Scale};

/// More takes too long to find anything.
const MAX_PIXELS: u64 = 1 << 20;

/// Decodes a file in one of the ways there are, and holds it to its header.
pub fn decode(choice: u8, file: &[u8]) {
    let Ok(header) = Header::parse(file) else { return };
    if u64::from(header.width) * u64::from(header.height) > MAX_PIXELS {
        return;
    }
    let scale = Scale::of(1 << (choice & 3)).expect("one of four");
    let output = if choice & 4 == 0 { Output::Planes } else { Output::Pixels };
    let (width, height) = (header.width.div_ceil(scale.divisor()), header.height.div_ceil(scale.divisor()));
    let region = Region { columns: width / 3..width / 2 + 1, rows: height / 3..height / 2 + 1 };
    let region = (choice & 8 != 0).then_some(region);
    let whole = region.is_none();
    let limits = Limits { coefficient_bytes: 16 << 20, scans: 30 };
    let Ok(mut decoder) = Decoder::new(file, &Options { scale, output, region, limits }) else { return };
    let mut rows = 0;
    while let Ok(Some(band)) = decoder.next_band() {
        let first = band[0];
        assert!(first.stride > 0 && first.data.len() % first.stride == 0);
        rows += first.data.len() / first.stride;
    }
    if whole && output == Output::Pixels && rows > 0 {
        assert_eq!(rows, height as usize);
    }
    let report = decoder.report();
    assert!(report.lost == 0 || report.errors > 0);
}
