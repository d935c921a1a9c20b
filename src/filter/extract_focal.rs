//! `extract_focal`: a source that is itself a URL of ours gives its crop as the part to keep, and its source.

use super::{Args, ArgsError, FilterDef};
use crate::geometry::{Focal, Origin};
use crate::recipe::Recipe;
use crate::request::{self, ImageRequest};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

/// The filter.
pub(super) const DEF: FilterDef = FilterDef {
    name: "extract_focal",
    about: "takes source and area to keep from a source that is a cropping URL itself",
    example: "extract_focal()",
    params: &[],
    compile,
};

/// What cannot stand in a path as it is.
const IN_PATH: &AsciiSet = &CONTROLS.add(b' ');

/// URLs within URLs that are looked into.
const MAX_LEVELS: usize = 10;

/// A source that is no such URL stays as it is.
fn compile(_args: &Args, recipe: &mut Recipe) -> Result<(), ArgsError> {
    let mut name = percent_decode_str(&recipe.source).decode_utf8_lossy().into_owned();
    for _ in 0..MAX_LEVELS {
        let Some(inner) = url_within(&name) else { break };
        if let Some(crop) = inner.crop
            && let Some(focal) = Focal::of_rect(crop.left, crop.top, crop.right, crop.bottom, Origin::Explicit)
        {
            recipe.geometry.focal.push(focal);
            inner.image.as_str().clone_into(&mut recipe.source);
            break;
        }
        name = inner.image.decoded().into_owned();
    }
    Ok(())
}

/// The request that a source's name is, with or without the address of a server before it.
fn url_within(name: &str) -> Option<ImageRequest> {
    let path = match name.strip_prefix("http:/").or_else(|| name.strip_prefix("https:/")) {
        Some(address) => address.trim_start_matches('/').split_once('/')?.1,
        None => name,
    };
    // Names are plain text, paths are encoded.
    request::parse(&utf8_percent_encode(path, IN_PATH).to_string()).ok()
}

#[cfg(test)]
mod tests {
    use crate::filter::compile;
    use crate::geometry::Focal;
    use crate::recipe::Policy;
    use crate::request::{Accept, parse};

    #[test]
    fn the_innermost_crop_is_kept_and_its_source_taken() {
        let check = |image: &str, source: &str, focal: Option<(u32, u32)>| {
            let request = parse(&format!("/unsafe/50x50/filters:extract_focal()/{image}")).unwrap();
            let recipe = compile(&request, Accept::default(), &Policy::default()).unwrap();
            let found = recipe.geometry.focal.first().map(|Focal { x, y, .. }| (*x, *y));
            assert_eq!((recipe.source.as_str(), found), (source, focal), "{image}");
        };
        let inside = Some((20, 30));
        check("unsafe/10x20:30x40/a.jpg", "a.jpg", inside);
        check("http://h/unsafe/10x20:30x40/300x200/smart/a.jpg", "a.jpg", inside);
        check("https:/h/sig/trim/10x20:30x40/http://o/a.jpg", "http%3A//o/a.jpg", inside);
        check("http://h/unsafe/9x9/http://h/unsafe/10x20:30x40/a.jpg", "a.jpg", inside);
        check("unsafe/10x20:30x40/a%20b%C3%A9%252C.jpg", "a%20b%C3%A9%2C.jpg", inside); // the inner URL's own encoding
        check("unsafe/300x200/a.jpg", "unsafe/300x200/a.jpg", None);
        check("http://h/a.jpg", "http%3A//h/a.jpg", None);
        check("unsafe/30x20:10x40/a.jpg", "unsafe/30x20%3A10x40/a.jpg", None);
        check("a.jpg", "a.jpg", None);
        let nested = |levels| format!("{}unsafe/10x20:30x40/a.jpg", "unsafe/".repeat(levels));
        check(&nested(8), "a.jpg", inside);
        check(&nested(20), &nested(20).replace(':', "%3A"), None);
    }
}
