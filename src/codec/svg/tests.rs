use super::*;
use crate::codec::DecodeOptions;
use crate::geometry::Size;
use crate::raster::Image;
use std::fmt::Write as _;
use std::io::Write as _;
use std::time::{Duration, Instant};

/// Nothing hostile takes longer than this to refuse, however slow the machine and the build.
const SOON: Duration = Duration::from_secs(20);

/// The picture as squares of one unit.
pub(in crate::codec) fn file(picture: &Image) -> Vec<u8> {
    let (size, data) = (picture.first().size(), &picture.first().first().data);
    let mut text = format!("<svg xmlns='http://www.w3.org/2000/svg' width='{}' height='{}'>", size.width, size.height);
    for (at, pixel) in (0..).zip(data.as_chunks::<3>().0) {
        let [red, green, blue] = pixel;
        let (x, y) = (at % size.width, at / size.width);
        write!(text, "<rect x='{x}' y='{y}' width='1' height='1' fill='rgb({red},{green},{blue})'/>").unwrap();
    }
    (text + "</svg>").into_bytes()
}

fn drawn(file: &[u8], size: Option<(u32, u32)>) -> Result<Vec<[u8; 4]>, CodecError> {
    let mut info = probe(file)?;
    if let Some((width, height)) = size {
        info.size = Size::new(width, height);
    }
    let mut decoder = draw::open(file, &info, DecodeOptions { shrink: 1, rgb: false })?;
    decoder.next_frame()?;
    let band = decoder.next_band()?.expect("one band");
    let pixels = band.planes()[0].rows().flat_map(|row| row.as_chunks::<4>().0.to_vec()).collect();
    Ok(pixels)
}

fn svg(inside: &str) -> Vec<u8> {
    format!("<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' width='8' height='8'>{inside}</svg>").into_bytes()
}

/// Whether drawing ends soon and without a picture.
fn is_refused(what: &str, file: &[u8], size: Option<(u32, u32)>) {
    let start = Instant::now();
    let outcome = drawn(file, size);
    assert!(outcome.is_err(), "{what} is drawn");
    assert!(start.elapsed() < SOON, "{what}: {:?} until {:?}", start.elapsed(), outcome.err());
}

#[test]
fn a_drawing_has_the_size_it_is_told() {
    let file = svg("<rect width='4' height='8' fill='red'/><rect x='4' width='4' height='4' fill='#0000ff80'/>");
    for side in [8_u32, 16, 100] {
        let pixels = drawn(&file, Some((side, side))).unwrap();
        let at = |x: u32, y: u32| pixels[(y * side + x) as usize];
        assert_eq!(pixels.len(), (side * side) as usize);
        assert_eq!([at(1, 1), at(side - 1, side - 1)], [[255, 0, 0, 255], [0; 4]]);
        let [r, g, b, a] = at(side - 2, 1);
        assert!(r < 3 && g < 3 && b > 252 && a.abs_diff(128) < 2, "straight alpha at {side}: {:?}", [r, g, b, a]);
    }
}

#[test]
fn a_drawing_without_a_size_keeps_its_units() {
    let file = b"<svg xmlns='http://www.w3.org/2000/svg'><rect x='10' width='20' height='900'/></svg>";
    let pixels = drawn(file, None).unwrap();
    assert_eq!(pixels.len(), 300 * 150);
    let black: Vec<_> = (0..300).filter(|x| pixels[149 * 300 + x] != [0; 4]).collect();
    assert_eq!(black, (10..30).collect::<Vec<_>>());
}

#[test]
fn packed_drawings_are_drawings() {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(&svg("<rect width='8' height='8'/>")).unwrap();
    let file = packer.finish().unwrap();
    assert!((DEF.sniff)(&file));
    assert_eq!(drawn(&file, None).unwrap(), [[0, 0, 0, 255]; 64]);
    for end in 0..file.len() {
        assert!(drawn(&file[..end], None).is_err(), "cut at {end}");
    }
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(b"<svg width='8' height='8'>").unwrap();
    let spaces = vec![b' '; 1 << 20];
    (0..400).for_each(|_| packer.write_all(&spaces).unwrap());
    is_refused("a packed bomb", &packer.finish().unwrap(), None);
    let mut other = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    other.write_all(b"some text").unwrap();
    assert!(!(DEF.sniff)(&other.finish().unwrap()));
}

#[test]
fn nothing_outside_and_no_picture_inside_is_looked_at() {
    let canary = format!("{}/config/samples/transparent.png", env!("CARGO_MANIFEST_DIR"));
    let data = "data:image/svg+xml;utf8,<svg xmlns='http://www.w3.org/2000/svg'><rect width='8' height='8'/></svg>";
    for target in [&canary, &format!("file://{canary}"), "http://127.0.0.1:9/x.png", &data.replace('<', "&lt;")] {
        let picture = svg(&format!("<image width='8' height='8' href=\"{target}\"/>"));
        assert_eq!(drawn(&picture, None).unwrap(), [[0; 4]; 64], "{target}");
    }
    let entity = format!("<!DOCTYPE svg [<!ENTITY x SYSTEM 'file://{canary}'>]>");
    let picture = [entity.as_bytes(), &svg("<desc>&x;</desc><rect width='8' height='8'/>")].concat();
    if let Ok(pixels) = drawn(&picture, None) {
        assert_eq!(pixels.len(), 64);
    }
    assert_eq!(drawn(&svg("<text y='8'>A</text>"), None).unwrap(), [[0; 4]; 64], "there are no fonts");
}

#[test]
fn the_files_of_drawing_programs_are_read() {
    let doctype =
        "<!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' 'svg11.dtd' [<!ENTITY ns 'http://www.w3.org/2000/svg'>]>";
    let file = format!("{doctype}<svg xmlns='&ns;' width='2' height='1'><rect width='2' height='1'/></svg>");
    assert_eq!(drawn(file.as_bytes(), None).unwrap(), [[0, 0, 0, 255]; 2]);
    let nested = ["<g>".repeat(60), "<rect width='8' height='8'/>".into(), "</g>".repeat(60)].concat();
    assert_eq!(drawn(&svg(&nested), None).unwrap(), [[0, 0, 0, 255]; 64]);
}

#[test]
fn bombs_of_text_are_refused() {
    let mut laughs = String::from("<!DOCTYPE svg [<!ENTITY a0 'ha'>");
    for level in 1..20 {
        let refers = format!("&a{};", level - 1).repeat(10);
        write!(laughs, "<!ENTITY a{level} '{refers}'>").unwrap();
    }
    let laughs = [laughs.as_bytes(), b"]>", &svg("<desc>&a19;</desc>")].concat();
    is_refused("entities in entities", &laughs, None);
    let hidden = b"<!DOCTYPE svg [<!ENTITY a ']>'><!ENTITY b '&a;&a;'>]>";
    is_refused("entities behind a bracket", &[&hidden[..], &svg("<desc>&b;</desc>")].concat(), None);
    let commented = b"<!-- <!DOCTYPE svg> --><!DOCTYPE svg [<!ENTITY a 'x'><!ENTITY b '&a;&a;'>]>";
    is_refused("entities behind a comment", &[&commented[..], &svg("<desc>&b;</desc>")].concat(), None);
    let long = format!("<!DOCTYPE svg [<!ENTITY a '{}'>]>", "x".repeat(100_000));
    let quadratic = [long.as_bytes(), &svg(&format!("<desc>{}</desc>", "&a;".repeat(10_000)))].concat();
    is_refused("a long entity used often", &quadratic, None);
    is_refused("deep nesting", &svg(&["<g>".repeat(100_000), "</g>".repeat(100_000)].concat()), None);
    is_refused("many elements", &svg(&"<g/>".repeat(300_000)), None);
    let styles = ".c {fill:red}".repeat(20_000);
    is_refused("many rules", &svg(&format!("<style>{styles}</style>{}", "<g class='x'/>".repeat(20_000))), None);
    is_refused("no end", &svg("<g>"), None);
    is_refused("UTF-16", &[0xff, 0xfe, b'<', 0, b's', 0], None);
}

#[test]
fn elements_that_multiply_are_refused() {
    for (what, element, link) in [
        ("use", "g", "<use xlink:href='#n'/>"),
        ("mask", "mask", "<rect width='8' height='8' mask='url(#n)'/>"),
        ("clip", "clipPath", "<rect width='8' height='8' clip-path='url(#n)'/>"),
        ("pattern", "pattern", "<rect width='8' height='8' fill='url(#n)'/>"),
        ("marker", "marker", "<path d='M0 0L1 1L2 2' style='marker-mid:url(#n)'/>"),
    ] {
        let mut text = format!("<{element} id='a0'><rect width='8' height='8'/></{element}>");
        for level in 1..25 {
            let inside = link.replace("#n", &format!("#a{}", level - 1)).repeat(10);
            write!(text, "<{element} id='a{level}'>{inside}</{element}>").unwrap();
        }
        is_refused(what, &svg(&(text + &link.replace("#n", "#a24"))), None);
        // One after the other, with nothing multiplied: too deep for any stack.
        let mut chain = String::new();
        for at in 1..20_000 {
            let inside = link.replace("#n", &format!("#a{}", at - 1));
            write!(chain, "<{element} id='a{at}'>{inside}</{element}>").unwrap();
        }
        is_refused(&format!("chain of {what}"), &svg(&(chain + &link.replace("#n", "#a19999"))), None);
    }
}

#[test]
fn circles_of_references_end() {
    for text in [
        "<g id='a'><use xlink:href='#a'/></g>",
        "<g id='a'><use xlink:href='#b'/></g><g id='b'><use xlink:href='#a'/></g>",
        "<mask id='a'><rect width='8' height='8' mask='url(#a)'/></mask><rect width='8' height='8' mask='url(#a)'/>",
        "<pattern id='a' width='1' height='1'><rect width='8' height='8' fill='url(#a)'/></pattern>
         <rect width='8' height='8' fill='url(#a)'/>",
        "<filter id='a'><feImage xlink:href='#b'/></filter><g id='b' filter='url(#a)'><rect width='8' height='8'/></g>",
    ] {
        let start = Instant::now();
        let _either = drawn(&svg(text), None);
        assert!(start.elapsed() < SOON, "{text}");
    }
}

#[test]
fn what_takes_too_long_to_paint_is_refused() {
    let large = Some((2000, 2000));
    let rect = "<rect width='8' height='8' fill='red' opacity='.5'/>";
    is_refused("many layers", &svg(&rect.repeat(2_000)), large);
    is_refused("many areas", &svg(&"<rect width='8' height='8'/>".repeat(2_000)), large);
    let deep = ["<g opacity='.9'>".repeat(150), rect.repeat(2), "</g>".repeat(150)].concat();
    is_refused("layers in layers", &svg(&deep), large);
    for step in [
        "<feMorphology operator='dilate' radius='4'/>".to_owned(),
        "<feTurbulence baseFrequency='.1' numOctaves='100000'/>".to_owned(),
        format!("<feConvolveMatrix order='31' kernelMatrix='{}'/>", "1 ".repeat(961)),
        "<feGaussianBlur stdDeviation='3'/>".repeat(60),
    ] {
        let file = svg(&format!("<filter id='f'>{step}</filter><g filter='url(#f)'>{rect}{rect}</g>"));
        is_refused(&step[..20], &file, large);
    }
    let tile =
        "<pattern id='p' width='1e6' height='1e6' patternUnits='userSpaceOnUse'><rect width='9' height='9'/></pattern>";
    is_refused("a large tile", &svg(&format!("{tile}<rect width='8' height='8' fill='url(#p)'/>")), large);
    let dashes = "<path d='M0 0L1e6 1e6' stroke='red' stroke-dasharray='1e-4'/>";
    is_refused("short dashes", &svg(dashes), large);
}

#[test]
fn a_drawing_cut_anywhere_is_an_error() {
    let file = svg("<rect width='8' height='8' fill='red'/>");
    for end in 0..file.len() {
        assert!(drawn(&file[..end], None).is_err(), "cut at {end}");
    }
    assert!(drawn(&file, None).is_ok());
}
