use super::*;
use PixelFormat::{Cmyk, Gray, Rgb, YCbCr};

/// Tags, components, and what is made of them.
type Kind<'a> = (&'a [Vec<u8>], &'a [(u8, u8)], PixelFormat);
/// Segments and the profile they hold.
type Profile<'a> = (&'a [Vec<u8>], Option<&'a [u8]>);

/// A segment with its length.
fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
    [&[0xFF, marker], &length[..], body].concat()
}

/// A frame header of 40x30 pixels with components of these ids and sampling factors.
fn frame(marker: u8, components: &[(u8, u8)]) -> Vec<u8> {
    let mut body = vec![8, 0, 30, 0, 40, u8::try_from(components.len()).unwrap()];
    body.extend(components.iter().flat_map(|&(id, factors)| [id, factors, 0]));
    segment(marker, &body)
}

/// A file of these segments and a scan of one byte.
fn file(segments: &[Vec<u8>]) -> Vec<u8> {
    [&[0xFF, 0xD8], &segments.concat()[..], &segment(0xDA, &[0; 6]), &[0x55, 0xFF, 0xD9]].concat()
}

const YUV_420: [(u8, u8); 3] = [(1, 0x22), (2, 0x11), (3, 0x11)];

fn jfif() -> Vec<u8> {
    segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0")
}

fn adobe(transform: u8) -> Vec<u8> {
    segment(0xEE, &[&b"Adobe\0\x64\0\0\0\0"[..], &[transform]].concat())
}

#[test]
fn size_and_kind_are_read() {
    let info = probe(&file(&[frame(0xC0, &YUV_420)])).unwrap();
    assert_eq!(info.size, Size::new(40, 30));
    assert_eq!((info.frames, info.indexed, info.icc, info.exif), (1, false, None, None));
    assert!(!Picture::parse(&file(&[frame(0xC1, &YUV_420)])).unwrap().progressive);
    assert!(Picture::parse(&file(&[frame(0xC2, &YUV_420)])).unwrap().progressive);
}

#[test]
fn components_mean_what_libjpeg_takes_them_for() {
    let yuv = |x, y| YCbCr(Subsampling { x, y });
    let rgb_ids = [(b'R', 0x11), (b'G', 0x11), (b'B', 0x11)];
    let four = [(1, 0x11), (2, 0x11), (3, 0x11), (4, 0x11)];
    let rows: &[Kind] = &[
        (&[], &[(1, 0x11)], Gray),
        (&[], &[(1, 0x22)], Gray),
        (&[], &[(1, 0x11), (2, 0x11), (3, 0x11)], yuv(1, 1)),
        (&[], &[(1, 0x22), (2, 0x22), (3, 0x22)], yuv(1, 1)),
        (&[], &[(1, 0x21), (2, 0x11), (3, 0x11)], yuv(2, 1)),
        (&[], &YUV_420, yuv(2, 2)),
        (&[], &[(1, 0x12), (2, 0x11), (3, 0x11)], yuv(1, 2)),
        (&[], &[(1, 0x41), (2, 0x11), (3, 0x11)], yuv(4, 1)),
        (&[], &[(1, 0x42), (2, 0x21), (3, 0x21)], yuv(2, 2)),
        (&[], &[(1, 0x31), (2, 0x11), (3, 0x11)], Rgb),
        (&[], &[(1, 0x22), (2, 0x11), (3, 0x21)], Rgb),
        (&[], &[(1, 0x11), (2, 0x22), (3, 0x22)], Rgb),
        (&[], &[(1, 0x32), (2, 0x21), (3, 0x21)], Rgb),
        (&[], &rgb_ids, Rgb),
        (&[adobe(0)], &YUV_420, Rgb),
        (&[adobe(1)], &rgb_ids, yuv(1, 1)),
        (&[adobe(7)], &YUV_420, yuv(2, 2)),
        (&[jfif(), adobe(0)], &YUV_420, yuv(2, 2)),
        (&[jfif()], &rgb_ids, yuv(1, 1)),
        (&[], &four, Cmyk),
        (&[adobe(0)], &four, Cmyk),
        (&[adobe(2)], &four, Cmyk),
    ];
    for (tags, components, expected) in rows {
        let data = file(&[tags.concat(), frame(0xC0, components)]);
        assert_eq!(probe(&data).unwrap().pixels, *expected, "{tags:x?} {components:x?}");
    }
}

#[test]
fn profile_pieces_are_joined_by_their_numbers() {
    let piece = |number, count, data: &[u8]| segment(0xE2, &[&b"ICC_PROFILE\0"[..], &[number, count], data].concat());
    let rows: &[Profile] = &[
        (&[piece(1, 1, b"whole")], Some(b"whole")),
        (&[piece(2, 3, b"b"), piece(3, 3, b"c"), piece(1, 3, b"a")], Some(b"abc")),
        (&[piece(1, 2, b"a")], None),
        (&[piece(1, 2, b"a"), piece(1, 2, b"a")], None),
        (&[piece(0, 1, b"a")], None),
        (&[piece(1, 1, b"")], None),
        (&[segment(0xE2, b"MPF\0 and so on")], None),
        (&[segment(0xE2, b"ICC_PROFILE\0")], None),
    ];
    for (pieces, expected) in rows {
        let data = file(&[pieces.concat(), frame(0xC0, &YUV_420)]);
        assert_eq!(probe(&data).unwrap().icc.as_deref(), *expected, "{pieces:x?}");
    }
}

#[test]
fn the_first_exif_block_gives_the_orientation() {
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0".to_vec();
    exif.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0]);
    let xmp = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x/>");
    let other = segment(0xE1, b"Exif\0\0nonsense");
    let info = probe(&file(&[xmp, segment(0xE1, &exif), other, frame(0xC0, &YUV_420)])).unwrap();
    assert_eq!(info.orientation, Orientation::from_exif(6));
    assert_eq!(info.exif.as_deref(), Some(&exif[6..]));
}

#[test]
fn junk_and_fill_bytes_before_markers_are_skipped() {
    let junk = b"\0junk\xFF\0\xFF\xFF\xFF".to_vec();
    let restart = vec![0xFF, 0xD3];
    let data = file(&[junk, jfif(), vec![0xFF, 0xFF], restart, frame(0xC0, &YUV_420)]);
    assert_eq!(probe(&data).unwrap().size, Size::new(40, 30));
}

#[test]
fn what_cannot_be_decoded_is_refused_with_its_reason() {
    let good = frame(0xC0, &YUV_420);
    let patched = |at: usize, value: u8| {
        let mut frame = good.clone();
        frame[at] = value;
        file(&[frame])
    };
    let rows = [
        (b"GIF89a".to_vec(), "broken Jpeg file: does not start with a JPEG marker"),
        (file(&[]), "broken Jpeg file: a scan before the frame header"),
        (file(&[good.clone(), good.clone()]), "broken Jpeg file: more than one frame header"),
        (patched(6, 0), "broken Jpeg file: a size of `40x0`"),
        (patched(8, 0), "broken Jpeg file: a size of `0x30`"),
        (patched(4, 12), "Jpeg file with 12 bits a sample cannot be decoded"),
        (patched(1, 0xC3), "Jpeg file with lossless coding cannot be decoded"),
        (patched(1, 0xC5), "Jpeg file with hierarchical coding cannot be decoded"),
        (patched(1, 0xC9), "Jpeg file with arithmetic coding cannot be decoded"),
        (patched(1, 0x10), "broken Jpeg file: unknown marker `0x10`"),
        (patched(9, 4), "broken Jpeg file: frame header does not fit its number of components"),
        (patched(11, 0x52), "broken Jpeg file: sampling factors outside 1 to 4"),
        (patched(11, 0x02), "broken Jpeg file: sampling factors outside 1 to 4"),
        (file(&[segment(0xC0, &[8, 0, 1])]), "broken Jpeg file: frame header is cut short"),
        (file(&[frame(0xC0, &YUV_420[..2])]), "Jpeg file with 2 components cannot be decoded"),
        (file(&[frame(0xC0, &[])]), "Jpeg file with 0 components cannot be decoded"),
        (file(&[vec![0xFF, 0xE5, 0, 1]]), "broken Jpeg file: a segment is longer than the file"),
        (file(&[vec![0xFF, 0xD8]]), "broken Jpeg file: a second picture starts in the header"),
        (file(&[vec![0xFF, 0xD9]]), "broken Jpeg file: no image data"),
        ([&[0xFF, 0xD8], &good[..], &segment(0xDA, &[0; 6])].concat(), "broken Jpeg file: no image data"),
    ];
    for (data, expected) in rows {
        assert_eq!(probe(&data).unwrap_err().to_string(), expected);
    }
}
