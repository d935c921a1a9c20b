//! From a raw path to an [`ImageRequest`].

use super::encoding::decode;
use super::scan::{Scanner, split_access};
use super::{Access, FilterCall, ImageId, ImageRequest, Part, RequestError};

/// Reads a raw path: percent-encoding as it came over the wire, without the query string.
///
/// The grammar is matched before anything is decoded, so an encoded `/`, `:`, `(` or `)` never separates parts.
/// Signature, filter text and image are then decoded once. What is no option belongs to the image.
/// Runs in linear time; takes no look at the signature's worth.
///
/// # Errors
/// Every variant of [`RequestError`]. Raw spaces, control characters and non-ASCII characters are not allowed in a
/// URL; Thumbor reads their bytes as Latin-1 and then finds no picture.
pub fn parse(raw_path: &str) -> Result<ImageRequest, RequestError> {
    check_encoded(raw_path)?;
    let (access, tail) = split_access(raw_path)?;
    let access = match access {
        "unsafe" => Access::Unsafe,
        signature => Access::Signed(decode(signature, Part::Signature)?),
    };
    options_and_image(access, tail)
}

/// Reads a raw path that has no first segment; `access` is by what right it is asked.
///
/// # Errors
/// As [`parse`].
pub fn parse_bare(raw_path: &str, access: Access) -> Result<ImageRequest, RequestError> {
    check_encoded(raw_path)?;
    match raw_path.strip_prefix('/').unwrap_or(raw_path) {
        "" => Err(RequestError::EmptyImage),
        tail => options_and_image(access, tail),
    }
}

fn check_encoded(raw_path: &str) -> Result<(), RequestError> {
    match raw_path.char_indices().find(|(_, found)| !found.is_ascii_graphic()) {
        Some((at, found)) => Err(RequestError::NotEncoded { found, at }),
        None => Ok(()),
    }
}

fn options_and_image(access: Access, tail: &str) -> Result<ImageRequest, RequestError> {
    let mut scanner = Scanner::new(tail);
    let options: Vec<_> = scanner.by_ref().collect();
    let filters = scanner.filters();
    let mut request = ImageRequest::new(access, ImageId::of(&decode(scanner.image(), Part::Image)?));
    for option in options {
        option.apply(&mut request)?;
    }
    if let Some(filters) = filters {
        request.filters = FilterCall::split(&decode(filters, Part::Filters)?);
    }
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{Align, Dimension, FitIn, HAlign, Rect, Request, VAlign};
    use crate::request::{Corner, Trim};

    /// An unsafe request for `image` with `options` set.
    fn request(image: &str, options: impl FnOnce(&mut ImageRequest)) -> ImageRequest {
        let mut request = ImageRequest::new(Access::Unsafe, ImageId::of(image));
        options(&mut request);
        request
    }

    fn px(width: u32, height: u32) -> Request {
        Request { width: Dimension::from_px(width), height: Dimension::from_px(height) }
    }

    fn check(path: &str, image: &str, options: impl FnOnce(&mut ImageRequest)) {
        assert_eq!(parse(path), Ok(request(image, options)), "{path}");
    }

    #[test]
    fn every_segment_is_read_in_its_place() {
        let path = "/unsafe/debug/meta/trim:top-left:9/1x2:3x4/adaptive-full-fit-in/-300x-orig/right/bottom/smart/\
            filters:a(1):b()/dir/i.jpg";
        check(path, "dir/i.jpg", |r| {
            (r.debug, r.meta, r.smart, r.flip_x, r.flip_y) = (true, true, true, true, true);
            r.trim = Some(Trim { corner: Corner::TopLeft, tolerance: 9 });
            r.crop = Some(Rect::new(1, 2, 3, 4));
            r.fit = Some(FitIn { adaptive: true, full: true });
            r.size = Request { width: Dimension::Px(300), height: Dimension::Original };
            r.align = Align { horizontal: HAlign::Right, vertical: VAlign::Bottom };
            r.filters = vec![FilterCall::new("a(1)"), FilterCall::new("b()")];
        });
        check(path.trim_start_matches('/'), "dir/i.jpg", |r| *r = parse(path).unwrap());
        check("/unsafe/i", "i", |_| {});
    }

    #[test]
    fn the_rows_of_the_grammar_table() {
        check("/unsafe/300x200/", "300x200/", |_| {});
        check("/unsafe/300x/i", "i", |r| r.size = px(300, 0));
        check("/unsafe/x200/i", "i", |r| r.size = px(0, 200));
        check("/unsafe/x/i", "i", |_| {});
        check("/unsafe/-0x-0/i", "i", |r| (r.flip_x, r.flip_y) = (true, true));
        check("/unsafe/-x-/i", "i", |r| (r.flip_x, r.flip_y) = (true, true));
        check("/unsafe/smart/300x200/i.jpg", "300x200/i.jpg", |r| r.smart = true);
        check("/unsafe/300x200/top/left/i", "left/i", |r| {
            (r.size, r.align.vertical) = (px(300, 200), VAlign::Top);
        });
        check("/unsafe/full-adaptive-fit-in/9x9/i", "full-adaptive-fit-in/9x9/i", |_| {});
        check("/unsafe/trim:bottom-left/i", "trim:bottom-left/i", |_| {});
        check("/unsafe/300X200/i", "300X200/i", |_| {});
        check("/unsafe/0.1x0.1:0.5x0.5/i", "0.1x0.1:0.5x0.5/i", |_| {});
        check("/unsafe/10px10p:20px20p/i", "10px10p:20px20p/i", |_| {});
        check("/unsafe/filters:/i", "filters:/i", |_| {});
        check("/unsafe/filters:quality(80)i.jpg", "filters:quality(80)i.jpg", |_| {});
        check("/unsafe/filters:a(1):b()/http://h/x(1)/y.jpg", "http://h/x(1)/y.jpg", |r| {
            r.filters = vec![FilterCall::new("a(1)"), FilterCall::new("b()")];
        });
        check("/unsafe/filters:watermark(http://a/filters:fill(red)/x.png,0,0,0)/i", "x.png,0,0,0)/i", |r| {
            r.filters = vec![FilterCall::new("watermark(http://a/filters:fill(red)")];
        });
        check("/hash/unsafe/9x9/i", "unsafe/9x9/i", |r| r.access = Access::Signed("hash".into()));
        check("/unsafe/meta/debug/i", "debug/i", |r| r.meta = true);
        check("/%75nsafe/i", "i", |r| r.access = Access::Signed("unsafe".into()));
        check("/unsafe/0x0:0x0/i", "i", |_| {});
        check("/unsafe/0x0:0x1/i", "i", |r| r.crop = Some(Rect::new(0, 0, 0, 1)));
        check("/300x200/i.jpg", "i.jpg", |r| r.access = Access::Signed("300x200".into()));
        for proportional in ["proportional", "stretch"] {
            check(&format!("/unsafe/{proportional}/i"), &format!("{proportional}/i"), |_| {});
        }
    }

    #[test]
    fn a_path_that_says_too_little_or_too_much_is_an_error() {
        let check = |path: &str, error| assert_eq!(parse(path), Err(error), "{path}");
        check("", RequestError::NoAccess);
        check("/", RequestError::NoAccess);
        check("//", RequestError::NoAccess);
        check("/image.jpg", RequestError::NoAccess);
        check("/unsafe", RequestError::EmptyImage);
        check("/unsafe/", RequestError::EmptyImage);
        check("/hash/", RequestError::EmptyImage);
        check("/unsafe/100x100/%ff%fe.jpg", RequestError::NotUtf8 { part: Part::Image });
        check("/unsafe/filters:f(%C3)/i", RequestError::NotUtf8 { part: Part::Filters });
        check("/%ff/i", RequestError::NotUtf8 { part: Part::Signature });
        check("/unsafe/flower.jpg%00.png", RequestError::Nul { part: Part::Image });
        check("/unsafe/filters:f(%00)/i", RequestError::Nul { part: Part::Filters });
        check("/unsafe/maracujá.jpg", RequestError::NotEncoded { found: 'á', at: 15 });
        check("/unsafe/flower.jpg\t", RequestError::NotEncoded { found: '\t', at: 18 });
        check("/unsafe/a b", RequestError::NotEncoded { found: ' ', at: 9 });
        check("/unsafe/a\0", RequestError::NotEncoded { found: '\0', at: 9 });
        check("/unsafe/a\u{7f}", RequestError::NotEncoded { found: '\u{7f}', at: 9 });
        check("/unsafe/4294967296x1/i", RequestError::NumberTooLarge { digits: "4294967296".into() });
        check("/unsafe/1x4294967296/i", RequestError::NumberTooLarge { digits: "4294967296".into() });
    }

    #[test]
    fn a_path_without_a_first_segment_is_read_from_its_options_on() {
        let bare = |path: &str| parse_bare(path, Access::Vouched);
        let vouched = |path: &str| parse(path).map(|request| ImageRequest { access: Access::Vouched, ..request });
        assert_eq!(bare("/300x200/smart/i.jpg"), vouched("/unsafe/300x200/smart/i.jpg"));
        assert_eq!(bare("preset:thumb/i.jpg"), vouched("/preset:thumb/i.jpg"));
        assert_eq!(bare("/unsafe/i.jpg"), vouched("/unsafe/unsafe/i.jpg"));
        assert_eq!(bare("//i.jpg"), vouched("/unsafe//i.jpg"));
        assert_eq!(bare("/"), Err(RequestError::EmptyImage));
        assert_eq!(bare("/a b"), Err(RequestError::NotEncoded { found: ' ', at: 2 }));
    }

    #[test]
    fn a_preset_stands_first_and_needs_no_word_before_it() {
        let preset = |r: &mut ImageRequest| r.preset = Some("thumb".into());
        check("/unsafe/preset:thumb/dir/i.jpg", "dir/i.jpg", preset);
        check("/preset:thumb/dir/i.jpg", "dir/i.jpg", preset);
        check("/hash/preset:thumb/i", "i", |r| {
            (r.access, r.preset) = (Access::Signed("hash".into()), Some("thumb".into()));
        });
        check("/unsafe/preset:thumb/debug/9x9/i", "i", |r| {
            (r.preset, r.debug, r.size) = (Some("thumb".into()), true, px(9, 9));
        });
        check("/unsafe/preset:a/preset:b/i", "preset:b/i", |r| r.preset = Some("a".into()));
        check("/unsafe/9x9/preset:thumb/i", "preset:thumb/i", |r| r.size = px(9, 9));
        check("/unsafe/preset%3Athumb/i", "preset:thumb/i", |_| {});
        check("/unsafe/preset:thumb/", "preset:thumb/", |_| {});
        assert_eq!(parse("/preset:thumb"), Err(RequestError::NoAccess));
    }

    #[test]
    fn a_number_is_only_too_large_where_it_is_an_option() {
        check("/unsafe/smart/4294967296x1/i", "4294967296x1/i", |r| r.smart = true);
        check("/unsafe/4294967296x1", "4294967296x1", |_| {});
    }

    #[test]
    fn options_give_way_to_the_image() {
        check("/unsafe/smart", "smart", |_| {});
        check("/unsafe/smart/", "smart/", |_| {});
        check("/unsafe/300x200/smart/", "smart/", |r| r.size = px(300, 200));
        check("/unsafe/smart/smart/", "smart/", |r| r.smart = true);
        check("/unsafe/100x100", "100x100", |_| {});
        check("/unsafe/filters:format(png)/", "filters:format(png)/", |_| {});
        check("/unsafe/smart//", "/", |r| r.smart = true);
        check("/unsafe//", "/", |_| {});
        check("/unsafe//100x100/i", "/100x100/i", |_| {});
        check("/unsafe/100x100//i", "/i", |r| r.size = px(100, 100));
        check("/unsafe/unsafe/i", "unsafe/i", |_| {});
        check("/unsafe/../unsafe/i", "../unsafe/i", |_| {});
        check("/unsafe/trim:/i", "trim:/i", |_| {});
        check("/unsafe/300x200.jpg", "300x200.jpg", |_| {});
        check("/unsafe/1x1/1x1/i", "1x1/i", |r| r.size = px(1, 1));
    }

    #[test]
    fn the_first_segment_ends_at_the_first_slash_after_a_character() {
        let signed = |access: &str| Access::Signed(access.to_owned());
        check("//unsafe/i", "i", |r| r.access = signed("/unsafe"));
        check("///i", "i", |r| r.access = signed("/"));
        check("//a/b/c", "b/c", |r| r.access = signed("/a"));
        check("/a/b/c", "b/c", |r| r.access = signed("a"));
        check("/a%2Fb%3d/c", "c", |r| r.access = signed("a/b="));
        check("/Unsafe/i", "i", |r| r.access = signed("Unsafe"));
        check("/unsafe%2F/i", "i", |r| r.access = signed("unsafe/"));
    }

    #[test]
    fn filter_text_ends_at_the_first_parenthesis_before_a_slash() {
        let calls = |texts: &[&str]| texts.iter().map(|text| FilterCall::new(*text)).collect::<Vec<_>>();
        check("/unsafe/filters:a(1)/filters:b(2)/i", "filters:b(2)/i", |r| r.filters = calls(&["a(1)"]));
        check("/unsafe/filters:a(b/c):d()/i", "i", |r| r.filters = calls(&["a(b/c)", "d()"]));
        check("/unsafe/filters:)/i", "filters:)/i", |_| {});
        check("/unsafe/filters:)/a)/i", "i", |r| r.filters = calls(&[")/a)"]));
        check("/unsafe/filters::a(1)/i", "i", |r| r.filters = calls(&[":a(1)"]));
        check("/unsafe/filters:a()junk):b()/i", "i", |r| r.filters = calls(&["a()junk)", "b()"]));
        check("/unsafe/filters:f(%28%29%2F)/i", "i", |r| r.filters = calls(&["f(()/)"]));
        check("/unsafe/filters:f(%252C)/i", "i", |r| r.filters = calls(&["f(%2C)"]));
        check("/unsafe/filters:a(%29:b()/i", "i", |r| r.filters = calls(&["a()", "b()"]));
        check("/unsafe/filters%3Aa(1)/i", "filters:a(1)/i", |_| {});
        check("/unsafe/100%78100/i", "100x100/i", |_| {});
    }

    #[test]
    fn the_image_is_decoded_once_and_quoted() {
        let check = |path: &str, id: &str, decoded: &str| {
            let image = parse(path).unwrap().image;
            assert_eq!((image.as_str(), &*image.decoded()), (id, decoded), "{path}");
        };
        check("/unsafe/http://host/a%20b.jpg", "http%3A//host/a%20b.jpg", "http://host/a b.jpg");
        check("/unsafe/http%3A%2F%2Fhost%2Fa.jpg", "http%3A//host/a.jpg", "http://host/a.jpg");
        check("/unsafe/http://h/a.jpg%3Fx=1%26y=2", "http%3A//h/a.jpg%3Fx%3D1%26y%3D2", "http://h/a.jpg?x=1&y=2");
        check("/unsafe/image.jpg%253Fts%253D1", "image.jpg%253Fts%253D1", "image.jpg%3Fts%3D1");
        check("/unsafe/maracuj%c3%a1.jpg", "maracuj%C3%A1.jpg", "maracujá.jpg");
        check("/unsafe/a+b~(1)%.jpg", "a%2Bb~%281%29%25.jpg", "a+b~(1)%.jpg");
        check("/unsafe/100x100/..%2f..%2fetc", "../../etc", "../../etc");
        check("/unsafe/colon:name.jpg", "colon%3Aname.jpg", "colon:name.jpg");
    }
}
