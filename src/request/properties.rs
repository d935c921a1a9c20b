//! Properties of reading and writing paths that hold for every request.

use super::canonical::{Head, image_in};
use super::{Access, Corner, FilterCall, ImageId, ImageRequest, Trim, parse};
use crate::geometry::{Align, Dimension, FitIn, HAlign, Rect, Request, VAlign};
use proptest::prelude::*;

fn dimension() -> impl Strategy<Value = Dimension> {
    prop_oneof![Just(Dimension::Original), any::<u32>().prop_map(Dimension::from_px), Just(Dimension::Auto)]
}

fn option_like() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "debug",
        "meta",
        "trim",
        "trim:10",
        "1x2:3x4",
        "fit-in",
        "300x200",
        "-x",
        "left",
        "top",
        "smart",
        "a.jpg",
        "filters:a()",
        "filters:",
        "unsafe",
        "preset:x",
        "",
        "é",
        "%41",
        "a)",
        "http:",
        "x:y(",
    ]);
    prop::collection::vec(words, 1..6).prop_map(|words| words.join("/"))
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z0-9(),:/'%+ \u{e9}\u{9014}?#\n-]{0,20}", option_like(), "[^\0]{0,20}"]
}

prop_compose! {
    fn request()(
        access in prop_oneof![
            Just(Access::Unsafe),
            Just(Access::Signed("unsafe".to_owned())),
            Just(Access::Signed("preset:x".to_owned())),
            "[^\0]{1,30}".prop_map(Access::Signed),
        ],
        preset in prop::option::of("[a-z0-9_.-]{1,8}"),
        flags in any::<[bool; 5]>(),
        trim in prop::option::of(any::<(bool, u32)>()),
        crop in prop::option::of(any::<[u32; 4]>()),
        fit in prop::option::of(any::<(bool, bool)>()),
        (width, height) in (dimension(), dimension()),
        horizontal in prop::sample::select(vec![HAlign::Left, HAlign::Center, HAlign::Right]),
        vertical in prop::sample::select(vec![VAlign::Top, VAlign::Middle, VAlign::Bottom]),
        filters in prop::option::of(text()),
        image in text().prop_filter("an image has a name", |name| !name.is_empty()),
    ) -> ImageRequest {
        let [debug, meta, flip_x, flip_y, smart] = flags;
        let corner = |first| if first { Corner::TopLeft } else { Corner::BottomRight };
        ImageRequest {
            preset,
            debug,
            meta,
            trim: trim.map(|(first, tolerance)| Trim { corner: corner(first), tolerance }),
            crop: crop.filter(|edges| *edges != [0; 4]).map(|[l, t, r, b]| Rect::new(l, t, r, b)),
            fit: fit.map(|(adaptive, full)| FitIn { adaptive, full }),
            size: Request { width, height },
            flip_x,
            flip_y,
            align: Align { horizontal, vertical },
            smart,
            // Filter text ends with a parenthesis, and not at its first character.
            filters: filters.filter(|text| !text.is_empty()).map_or(vec![], |text| FilterCall::split(&format!("{text})"))),
            ..ImageRequest::new(access, ImageId::of(&image))
        }
    }
}

/// `canonical`, which is filter text or an image, with escapes added and their case changed.
fn respelled(canonical: &str, choices: &[u8]) -> String {
    let mut spelled = String::new();
    let mut bytes = canonical.bytes();
    let mut choices = choices.iter().cycle();
    while let Some(byte) = bytes.next() {
        let code = if byte == b'%' {
            let hex = [bytes.next().unwrap(), bytes.next().unwrap()];
            u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap()
        } else {
            byte
        };
        let escape = match choices.next().unwrap() % 3 {
            0 if byte != b'%' => char::from(byte).to_string(),
            1 => format!("%{code:02x}"),
            _ => format!("%{code:02X}"),
        };
        spelled.push_str(&escape);
    }
    spelled
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn the_canonical_path_is_read_as_the_same_request(request in request()) {
        let path = request.to_string();
        prop_assert_eq!(parse(&path), Ok(request.clone()), "{}", path);
        let path = format!("/unsafe/{}", request.cache_key());
        prop_assert_eq!(parse(&path), Ok(ImageRequest { access: Access::Unsafe, ..request }), "{}", path);
    }

    #[test]
    fn any_spelling_of_filters_and_image_has_one_canonical_form(request in request(), choices in any::<[u8; 16]>()) {
        let canonical = request.to_string();
        let rest = request.cache_key();
        let image = image_in(&rest);
        let mut spelled = canonical[..canonical.len() - image.len()].to_owned();
        if !request.filters.is_empty() {
            let plain = ImageRequest { filters: vec![], ..request };
            let start = plain.access.to_string().len() + 1 + Head(&plain).to_string().len() + "filters:".len();
            let text = spelled.split_off(start);
            spelled.push_str(&respelled(text.strip_suffix(")/").unwrap(), &choices));
            spelled.push_str(")/");
        }
        spelled.push_str(&respelled(image, &choices));
        prop_assert_eq!(parse(&spelled).map(|read| read.to_string()), Ok(canonical), "{}", spelled);
    }

    #[test]
    fn whatever_can_be_read_has_a_canonical_form(path in "/(unsafe|[!-~]{0,4})/([!-~]{0,8}[)/:x-]){0,9}[!-~]?") {
        if let Ok(request) = parse(&path) {
            let canonical = request.to_string();
            prop_assert_eq!(parse(&canonical), Ok(request), "{} {}", path, canonical);
        }
    }

    #[test]
    fn no_bytes_upset_the_parser(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&String::from_utf8_lossy(&bytes)).map(|request| request.to_string());
        let masked: String = bytes.iter().map(|byte| char::from(byte & 0x7f)).collect();
        let _ = parse(&format!("/unsafe/{masked}"));
    }

    #[test]
    fn the_parser_survives_option_soup(soup in option_like(), tail in "[!-~]{0,20}") {
        let path = format!("/{soup}/filters:{tail})/{soup}");
        if let Ok(request) = parse(&path.replace('é', "%C3%A9")) {
            prop_assert_eq!(parse(&request.to_string()), Ok(request), "{}", path);
        }
    }
}
