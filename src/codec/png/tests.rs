//! Files drawn byte by byte, so that every kind there is can be had, and read back by an independent reader too.

#![expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "drawn samples are small or noise")]

use super::*;
use crate::geometry::Size;
use crate::raster::PixelFormat;

const NO_OPTIONS: DecodeOptions = DecodeOptions { shrink: 1, rgb: false };

/// The chunks of a file to be.
struct Drawing {
    width: usize,
    height: usize,
    depth: usize,
    color: u8,
    interlaced: bool,
    palette: Vec<u8>,
    transparency: Vec<u8>,
}

impl Drawing {
    fn new(color: u8, depth: usize, interlaced: bool) -> Self {
        let palette = if color == 3 { (0..3 << depth).map(|i| (i * 83 % 256) as u8).collect() } else { vec![] };
        Self { width: 21, height: 13, depth, color, interlaced, palette, transparency: vec![] }
    }

    fn bits(&self) -> usize {
        self.depth * [1, 0, 3, 1, 2, 0, 4][usize::from(self.color)]
    }

    /// Samples of pixel (x, y) as bits: smooth in the left half, noise in the right one.
    fn sample(&self, x: usize, y: usize, index: usize) -> usize {
        let noise = ((x * 7919 + y * 104_729 + index * 1299) * 2_654_435_761) >> 9;
        let value = if x < self.width / 2 { x * 900 + y * 700 + index * 5000 } else { noise };
        value & ((1 << self.depth) - 1)
    }

    /// Filtered rows of the pixels at these columns and rows, filters in turn.
    fn pass(&self, columns: &[usize], rows: &[usize]) -> Vec<u8> {
        let row_bytes = (columns.len() * self.bits()).div_ceil(8);
        let step = self.bits().div_ceil(8);
        let (mut above, mut data) = (vec![0; row_bytes], vec![]);
        for (number, &y) in rows.iter().enumerate() {
            let mut row = vec![0_u8; row_bytes];
            let mut bit = 0;
            for &x in columns {
                for index in 0..self.bits() / self.depth {
                    let sample = self.sample(x, y, index);
                    for shift in (0..self.depth).rev() {
                        row[bit / 8] |= (((sample >> shift) & 1) as u8) << (7 - bit % 8);
                        bit += 1;
                    }
                }
            }
            // The filters in turn, and four rows of Paeth.
            let filter = [0, 1, 2, 3, 4, 4, 4, 4, 1, 3, 4, 2][number % 12];
            data.push(filter);
            for i in 0..row_bytes {
                let left = if i < step { 0 } else { i32::from(row[i - step]) };
                let upper_left = if i < step { 0 } else { i32::from(above[i - step]) };
                let up = i32::from(above[i]);
                let p = left + up - upper_left;
                let nearest = [left, up, upper_left].into_iter().min_by_key(|value| (p - value).abs()).unwrap();
                let prediction = [0, left, up, left.midpoint(up), nearest][usize::from(filter)];
                data.push(row[i].wrapping_sub(prediction as u8));
            }
            above = row;
        }
        data
    }

    fn pixel_data(&self) -> Vec<u8> {
        let every = |from: usize, step, to| (from..to).step_by(step).collect::<Vec<_>>();
        if !self.interlaced {
            return self.pass(&every(0, 1, self.width), &every(0, 1, self.height));
        }
        let passes = [(0, 8, 0, 8), (4, 8, 0, 8), (0, 4, 4, 8), (2, 4, 0, 4), (0, 2, 2, 4), (1, 2, 0, 2), (0, 1, 1, 2)];
        let one = |(x, step_x, y, step_y)| {
            let (columns, rows) = (every(x, step_x, self.width), every(y, step_y, self.height));
            if columns.is_empty() { vec![] } else { self.pass(&columns, &rows) }
        };
        passes.into_iter().flat_map(one).collect()
    }

    fn file(&self) -> Vec<u8> {
        self.file_with(&[])
    }

    /// The file, with more chunks before the picture data, which is cut into three.
    fn file_with(&self, more: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
        let mut header = [(self.width as u32).to_be_bytes(), (self.height as u32).to_be_bytes()].concat();
        header.extend([self.depth as u8, self.color, 0, 0, u8::from(self.interlaced)]);
        let data = fdeflate::compress_to_vec(&self.pixel_data());
        let mut chunks: Vec<(&[u8; 4], &[u8])> = vec![(b"IHDR", &header)];
        chunks.extend(more);
        chunks.extend([(b"PLTE", &self.palette[..]), (b"tRNS", &self.transparency)].iter().filter(|c| !c.1.is_empty()));
        chunks.extend([(b"IDAT", &data[..5]), (b"IDAT", &[]), (b"IDAT", &data[5..]), (b"IEND", &[])]);
        file_of(&chunks)
    }
}

fn file_of(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut file = chunks::SIGNATURE.to_vec();
    for (kind, content) in chunks {
        file.extend((content.len() as u32).to_be_bytes());
        let checked = [&kind[..], content].concat();
        file.extend(&checked);
        file.extend(crc(&checked).to_be_bytes());
    }
    file
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

/// All pixels with their layout.
fn decode(file: &[u8]) -> Result<(PixelFormat, Vec<u8>), CodecError> {
    let info = probe(file)?;
    let mut decoder = open(file, &info, NO_OPTIONS)?;
    assert_eq!((decoder.size(), decoder.format()), (info.size.into_space(), info.pixels));
    assert_eq!(decoder.next_frame()?, Some(0));
    let mut pixels = vec![];
    while let Some(band) = decoder.next_band()? {
        let [plane] = band.planes() else { panic!("one plane") };
        let row_bytes = info.size.width as usize * info.pixels.channels();
        plane.rows().for_each(|row| pixels.extend(&row[..row_bytes]));
    }
    assert_eq!(pixels.len() as u64, info.size.area_px() * info.pixels.channels() as u64);
    assert_eq!(decoder.next_frame()?, None);
    Ok((info.pixels, pixels))
}

fn to_rgba(format: PixelFormat, pixels: &[u8]) -> Vec<u8> {
    let rgba = |p: &[u8]| match format {
        PixelFormat::Gray => [p[0], p[0], p[0], 255],
        PixelFormat::GrayAlpha => [p[0], p[0], p[0], p[1]],
        PixelFormat::Rgb => [p[0], p[1], p[2], 255],
        _ => [p[0], p[1], p[2], p[3]],
    };
    pixels.chunks_exact(format.channels()).flat_map(rgba).collect()
}

/// What the `image` crate reads, 16-bit samples without their low byte.
fn reference(file: &[u8]) -> Vec<u8> {
    let image = image::load_from_memory(file).unwrap();
    if image.color().bytes_per_pixel() / image.color().channel_count() == 2 {
        return image.into_rgba16().iter().map(|sample| (sample >> 8) as u8).collect();
    }
    image.into_rgba8().into_raw()
}

const KINDS: [(u8, usize); 15] = [
    (0, 1),
    (0, 2),
    (0, 4),
    (0, 8),
    (0, 16),
    (2, 8),
    (2, 16),
    (3, 1),
    (3, 2),
    (3, 4),
    (3, 8),
    (4, 8),
    (4, 16),
    (6, 8),
    (6, 16),
];

/// Every kind, without and with transparency by chunk.
fn drawings() -> impl Iterator<Item = Drawing> {
    let kinds = KINDS.into_iter().flat_map(|(color, depth)| [(color, depth, false), (color, depth, true)]);
    kinds.flat_map(|(color, depth, interlaced)| {
        let plain = Drawing::new(color, depth, interlaced);
        let first_pixel = (0..plain.bits() / depth).flat_map(|index| (plain.sample(3, 2, index) as u16).to_be_bytes());
        let transparency = match color {
            3 => [0, 90, 255][..depth.clamp(2, 3)].to_vec(),
            0 | 2 => first_pixel.collect(),
            _ => vec![],
        };
        let keyed = Drawing { transparency, ..Drawing::new(color, depth, interlaced) };
        let keyed = (!keyed.transparency.is_empty()).then_some(keyed);
        [Some(plain), keyed].into_iter().flatten()
    })
}

#[test]
fn every_kind_of_picture_is_what_another_reader_sees() {
    for drawing in drawings() {
        let Drawing { color, depth, interlaced, ref transparency, .. } = drawing;
        let file = drawing.file();
        let info = probe(&file).unwrap();
        let expected = match (color, transparency.is_empty()) {
            (0, true) => PixelFormat::Gray,
            (0, false) | (4, _) => PixelFormat::GrayAlpha,
            (2 | 3, true) => PixelFormat::Rgb,
            _ => PixelFormat::Rgba,
        };
        assert_eq!(info.pixels, expected, "color {color} depth {depth}");
        assert_eq!(info.indexed, color == 3 || depth == 1);
        assert_eq!((info.size, info.frames), (Size::new(21, 13), 1));
        let (format, pixels) = decode(&file).unwrap();
        let same = to_rgba(format, &pixels) == reference(&file);
        assert!(same, "color {color} depth {depth} interlaced {interlaced} transparency {transparency:?}");
    }
}

#[test]
fn pictures_of_several_bands_are_seamless() {
    for (width, height) in [(700, 150), (1, 200), (60_000, 9), (5, 1)] {
        let drawing = Drawing { width, height, ..Drawing::new(6, 8, false) };
        let file = drawing.file();
        let (format, pixels) = decode(&file).unwrap();
        assert!(to_rgba(format, &pixels) == reference(&file), "{width}x{height}");
    }
}

#[test]
fn narrow_interlaced_pictures_have_fewer_passes() {
    for (width, height) in [(1, 1), (2, 1), (1, 9), (4, 4), (5, 5), (8, 3)] {
        let drawing = Drawing { width, height, ..Drawing::new(2, 8, true) };
        let file = drawing.file();
        let (format, pixels) = decode(&file).unwrap();
        assert!(to_rgba(format, &pixels) == reference(&file), "{width}x{height}");
    }
}

#[test]
fn a_color_that_the_palette_lacks_is_black() {
    let mut drawing = Drawing::new(3, 8, false);
    drawing.palette.truncate(3 * 100);
    let (_, pixels) = decode(&drawing.file()).unwrap();
    let index = drawing.sample(20, 12, 0);
    assert!(index >= 100, "the sample must be beyond the palette");
    assert_eq!(pixels[pixels.len() - 3..], [0, 0, 0]);
}

#[test]
fn a_cut_file_gives_rows_as_far_as_it_goes_and_then_zeros() {
    let drawing = Drawing { width: 300, height: 300, ..Drawing::new(6, 8, false) };
    let file = drawing.file();
    let (_, whole) = decode(&file).unwrap();
    let mut most = 0;
    for quarter in 1..4 {
        let (_, cut) = decode(&file[..file.len() * quarter / 4]).unwrap();
        let same = cut.chunks_exact(1200).zip(whole.chunks_exact(1200)).take_while(|(cut, whole)| cut == whole).count();
        assert!(same > most && same < 300, "{same} rows of {quarter} quarters");
        assert!(cut[same * 1200..].iter().all(|byte| *byte == 0), "zeros behind row {same}");
        most = same;
    }
    assert!(most > 150, "three quarters of the file give {most} rows");
}

#[test]
fn damage_costs_only_what_follows_it() {
    let drawing = Drawing { width: 300, height: 300, ..Drawing::new(2, 8, false) };
    let mut file = drawing.file();
    let (_, whole) = decode(&file).unwrap();
    let place = file.len() * 9 / 10;
    file[place..place + 40].fill(0xff);
    let (_, damaged) = decode(&file).unwrap();
    let same = damaged.iter().zip(&whole).take_while(|(a, b)| a == b).count();
    assert!(same > whole.len() * 3 / 4, "{same} good bytes of {}", whole.len());
}

#[test]
fn wrong_checksums_are_forgiven() {
    let drawing = Drawing::new(2, 8, false);
    let file = drawing.file();
    let mut wrong = file.clone();
    wrong[29..33].fill(0xaa); // of IHDR
    let end = wrong.len();
    wrong[end - 16..end - 12].fill(0xaa); // of the last IDAT
    wrong[end - 20..end - 16].fill(0xaa); // of the zlib stream
    assert!(decode(&wrong).unwrap() == decode(&file).unwrap());
}

#[test]
fn profile_and_exif_are_read_wherever_they_may_stand() {
    let drawing = Drawing::new(2, 8, false);
    let profile = vec![7_u8; 3000];
    let icc = [&b"name\0\0"[..], &fdeflate::compress_to_vec(&profile)].concat();
    let exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
    let file = drawing.file_with(&[(b"iCCP", &icc), (b"gAMA", &[0, 0, 1, 0])]);
    assert_eq!(probe(&file).unwrap().icc, Some(profile));
    assert_eq!(probe(&file).unwrap().orientation, Orientation::UPRIGHT);

    let mut late = file[..file.len() - 12].to_vec();
    late.extend(&file_of(&[(b"eXIf", exif), (b"IEND", &[])])[8..]);
    for file in [drawing.file_with(&[(b"eXIf", exif)]), late] {
        let info = probe(&file).unwrap();
        assert_eq!(info.orientation, Orientation::from_exif(6));
        assert_eq!(info.exif.as_deref(), Some(&exif[..]));
    }
}

#[test]
fn a_profile_that_is_broken_or_huge_is_none() {
    let drawing = Drawing::new(2, 8, false);
    let huge = [&b"name\0\0"[..], &fdeflate::compress_to_vec(&vec![0; MAX_ICC_BYTES + 1])].concat();
    for icc in [&b"name\0\0broken"[..], b"name\0\x01", b"no end", b"", &huge] {
        let file = drawing.file_with(&[(b"iCCP", icc)]);
        assert_eq!(probe(&file).unwrap().icc, None);
    }
}

#[test]
fn what_is_no_picture_is_broken() {
    let header = |width: u32, rest: [u8; 5]| [&width.to_be_bytes()[..], &1_u32.to_be_bytes(), &rest].concat();
    let good = header(1, [8, 0, 0, 0, 0]);
    let check = |chunks: &[(&[u8; 4], &[u8])]| {
        let error = probe(&file_of(chunks)).unwrap_err();
        assert!(matches!(error, CodecError::Broken { format: Format::Png, .. }), "{error}");
    };
    check(&[]);
    check(&[(b"IDAT", &[])]);
    check(&[(b"IHDR", &good)]);
    check(&[(b"IHDR", &good), (b"IEND", &[]), (b"IDAT", &[])]);
    check(&[(b"IHDR", &good[..12]), (b"IDAT", &[])]);
    check(&[(b"IHDR", &header(0, [8, 0, 0, 0, 0])), (b"IDAT", &[])]);
    check(&[(b"IHDR", &header(1 << 31, [8, 0, 0, 0, 0])), (b"IDAT", &[])]);
    check(&[(b"IHDR", &header(1, [4, 2, 0, 0, 0])), (b"IDAT", &[])]);
    check(&[(b"IHDR", &header(1, [8, 3, 0, 0, 0])), (b"IDAT", &[])]); // no palette
    check(&[(b"IHDR", &header(1, [8, 0, 0, 0, 2])), (b"IDAT", &[])]);
    assert!(probe(b"\x89PNG").is_err());

    let huge = [&[0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff][..], &[8, 6, 0, 0, 1]].concat();
    let file = file_of(&[(b"IHDR", &huge), (b"IDAT", &[])]);
    let info = probe(&file).unwrap();
    assert!(matches!(open(&file, &info, NO_OPTIONS).err(), Some(CodecError::Unsupported { .. })));
}

#[test]
fn no_truncation_panics() {
    for drawing in drawings() {
        let file = Drawing { width: 9, height: 6, ..drawing }.file();
        for end in 0..file.len() {
            let _ = decode(&file[..end]);
        }
    }
}

#[test]
fn no_bit_flip_panics() {
    let files: Vec<_> = drawings().map(|drawing| drawing.file()).collect();
    let mut seed = 1_u64;
    for round in 0..500 {
        let mut file = files[round % files.len()].clone();
        for _ in 0..3 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let bit = (seed >> 33) as usize % (file.len() * 8);
            file[bit / 8] ^= 1 << (bit % 8);
        }
        // A flip in the size can ask for a huge picture, which here is nobody's job to refuse.
        if probe(&file).is_ok_and(|info| info.size.area_px() < 1 << 20) {
            let _ = decode(&file);
        }
    }
}
