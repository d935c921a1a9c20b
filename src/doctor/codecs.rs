//! Formats: a drawn picture goes into each one that is written and comes out of each one that is read.

use super::Diagnosis;
use crate::cancel::CancelToken;
use crate::codec::{self, CODECS, CodecDef, CodecError, DecodeOptions, EncodeOptions, Format};
use crate::geometry::{Canvas, Size};
use crate::raster::{Image, PixelBuffer, PixelFormat};

/// Width and height of the picture.
const SIDE: u32 = 16;
/// Its left half.
const LEFT: [u8; 3] = [200, 60, 40];
/// Its right half.
const RIGHT: [u8; 3] = [40, 160, 90];
/// How far samples may be off on average: lossy formats are.
const TOLERANCE: u64 = 12;

/// Tries all formats of this build.
pub(super) fn check(diagnosis: &mut Diagnosis) {
    let (mut read, mut written) = (Vec::new(), Vec::new());
    let before = diagnosis.findings.len();
    for def in CODECS {
        let name = format!("{:?}", def.format);
        let file = match file(def) {
            Ok(file) => file,
            Err(error) => {
                diagnosis.fail("formats", format!("{name} cannot be written: {error}"), FIX);
                continue;
            }
        };
        match off_by(&file) {
            Ok(off) if off <= TOLERANCE => {
                if def.answered_as == def.format {
                    written.push(name.clone());
                }
                read.push(name);
            }
            Ok(off) => {
                diagnosis.fail("formats", format!("{name} comes back with other colors, off by {off} on average"), FIX);
            }
            Err(error) => diagnosis.fail("formats", format!("{name} cannot be read: {error}"), FIX),
        }
    }
    if diagnosis.findings.len() == before {
        diagnosis.ok("formats", format!("read: {}; written: {}", read.join(", "), written.join(", ")));
    }
    if !CODECS.iter().any(|def| def.format == Format::Avif) {
        diagnosis.warn("formats", "this build has no AVIF", "build with the feature `avif`, which is on by default");
    }
}

const FIX: &str = "this is a fault of the build: build it again, and report it if that does not help";

fn color(x: u32) -> [u8; 3] {
    if x < SIDE / 2 { LEFT } else { RIGHT }
}

/// Red, green and blue of all rows.
fn samples() -> Vec<u8> {
    (0..SIDE).flat_map(|_| (0..SIDE).flat_map(color)).collect()
}

/// The picture as a file of this format.
fn file(def: &CodecDef) -> Result<Vec<u8>, CodecError> {
    match def.format {
        Format::Bmp => Ok(bmp()),
        Format::Tiff => Ok(tiff()),
        Format::Svg => Ok(svg()),
        // Icons hold PNGs with alpha.
        Format::Ico => encoded(codec::of(Format::Png), PixelFormat::Rgba).map(|png| ico(&png)),
        _ => encoded(def, PixelFormat::Rgb),
    }
}

fn encoded(def: &CodecDef, format: PixelFormat) -> Result<Vec<u8>, CodecError> {
    let size: Size<Canvas> = Size::new(SIDE, SIDE);
    let samples = match format {
        PixelFormat::Rgba => samples().chunks_exact(3).flat_map(|rgb| [rgb[0], rgb[1], rgb[2], 255]).collect(),
        _ => samples(),
    };
    let picture = Image::still(PixelBuffer::from_vec(format, size, samples));
    (def.encode)(&picture, &EncodeOptions { quality: 90, ..EncodeOptions::default() }, &CancelToken::never())
}

/// How far the samples of the decoded file are off on average.
fn off_by(file: &[u8]) -> Result<u64, CodecError> {
    let info = codec::probe(file)?;
    let broken = |reason: &str| CodecError::Broken { format: info.format, reason: reason.into() };
    let mut decoder = codec::open(file, &info, DecodeOptions { shrink: 1, rgb: true })?;
    let channels = decoder.format().channels();
    decoder.next_frame()?.ok_or_else(|| broken("it holds no frame"))?;
    let mut found: Vec<u8> = Vec::new();
    while let Some(band) = decoder.next_band()? {
        let plane = band.planes().first().ok_or_else(|| broken("a band holds no samples"))?;
        // Rows may end in padding.
        plane.rows().for_each(|row| found.extend(row.iter().take(SIDE as usize * channels)));
    }
    let expected = samples();
    if channels < 3 || found.len() / channels * 3 != expected.len() {
        return Err(broken("it comes back in another size"));
    }
    let pairs = found.chunks_exact(channels).zip(expected.chunks_exact(3));
    let off: u64 = pairs.flat_map(|(a, b)| a.iter().zip(b)).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    Ok(off / expected.len() as u64)
}

fn bmp() -> Vec<u8> {
    let pixels: Vec<u8> = samples().chunks_exact(3).flat_map(|pixel| [pixel[2], pixel[1], pixel[0]]).collect();
    let length = u32::try_from(54 + pixels.len()).expect("a small file");
    let mut file = b"BM".to_vec();
    for number in [length, 0, 54, 40, SIDE, SIDE] {
        file.extend(number.to_le_bytes());
    }
    // One plane, 24 bits, not packed; the rest of the header may be zero.
    file.extend([1, 0, 24, 0]);
    file.extend([0; 24]);
    file.extend(pixels);
    file
}

/// The header of an icon before a PNG.
fn ico(png: &[u8]) -> Vec<u8> {
    let side = SIDE.to_le_bytes()[0];
    let mut file = vec![0, 0, 1, 0, 1, 0, side, side, 0, 0, 1, 0, 32, 0];
    file.extend(u32::try_from(png.len()).expect("a small file").to_le_bytes());
    file.extend(22_u32.to_le_bytes());
    file.extend(png);
    file
}

fn tiff() -> Vec<u8> {
    const SHORT: u16 = 3;
    const LONG: u16 = 4;
    let pixels = samples();
    let bytes = u32::try_from(pixels.len()).expect("a small file");
    // Size, 8 bits, not packed, RGB, one strip: where it begins, samples, rows, bytes.
    let entries: [(u16, u16, u32); 9] = [
        (256, LONG, SIDE),
        (257, LONG, SIDE),
        (258, SHORT, 8),
        (259, SHORT, 1),
        (262, SHORT, 2),
        (273, LONG, 8),
        (277, SHORT, 3),
        (278, LONG, SIDE),
        (279, LONG, bytes),
    ];
    let mut file = b"II*\0".to_vec();
    let directory = 8 + bytes + 6;
    file.extend(directory.to_le_bytes());
    file.extend(pixels);
    // Bits of the three samples, which do not fit into their entry.
    file.extend([8, 0, 8, 0, 8, 0]);
    file.extend(9_u16.to_le_bytes());
    for (tag, kind, value) in entries {
        let (count, value) = if tag == 258 { (3_u32, 8 + bytes) } else { (1, value) };
        file.extend(tag.to_le_bytes());
        file.extend(kind.to_le_bytes());
        file.extend(count.to_le_bytes());
        file.extend(value.to_le_bytes());
    }
    file.extend([0; 4]);
    file
}

fn svg() -> Vec<u8> {
    let half = SIDE / 2;
    let rectangle = |x: u32, [red, green, blue]: [u8; 3]| {
        format!("<rect x=\"{x}\" width=\"{half}\" height=\"{SIDE}\" fill=\"rgb({red},{green},{blue})\"/>")
    };
    let body = rectangle(0, LEFT) + &rectangle(half, RIGHT);
    format!("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{SIDE}\" height=\"{SIDE}\">{body}</svg>").into_bytes()
}
