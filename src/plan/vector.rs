//! How large a drawing is drawn: it has no pixels that could be too few.

use super::Limits;
use crate::codec::{self, SourceInfo};
use crate::geometry::{Size, ceil_to_u32};
use crate::recipe::GeometrySpec;

/// The header of a vector picture with the size to draw it at; `None` of other pictures, and where its own size is
/// right. Asked before limits are, since a drawing of any size can be drawn small.
///
/// A drawing gets large enough to cover the size asked for, or to fit into it, so that geometry finds a source with the
/// pixels it needs and `fit-in` enlarges drawings, too, as in Thumbor. (Thumbor draws it at just that size, with empty borders; here it
/// keeps its shape.) Coordinates of a manual crop are those of its own size.
pub fn drawn(info: &SourceInfo, spec: &GeometrySpec, limits: &Limits) -> Option<SourceInfo> {
    if !codec::of(info.format).abilities.vector || spec.crop.is_some() || spec.trim.is_some() {
        return None;
    }
    let (width, height) = (f64::from(info.size.width), f64::from(info.size.height));
    let (wanted_width, wanted_height) = spec.request.px(info.size.into_space());
    let scale = (f64::from(wanted_width) / width).max(f64::from(wanted_height) / height);
    if scale <= 0.0 {
        return None;
    }
    // A hair less, so that what is exact but for rounding does not get a pixel more.
    let scaled = |side: f64| ceil_to_u32(side * scale - 1e-6).max(1);
    let covering = Size::new(scaled(width), scaled(height));
    // What will be reduced to fit is drawn at that size in the first place.
    let fitted = spec.fit_in.and_then(|fit_in| fit_in.fit(spec.request, covering).size);
    let size = fitted.unwrap_or(covering).into_space();
    let fits = limits.max_source_px == 0 || size.area_px() <= limits.max_source_px;
    (fits && size != info.size).then(|| SourceInfo { size, ..info.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter;
    use crate::recipe::Policy;
    use crate::request::{Accept, parse};

    #[test]
    fn a_drawing_covers_what_is_asked_for() {
        let check = |text: &str, options: &str, expected: Option<(u32, u32)>| {
            let info = codec::probe(text.as_bytes()).unwrap();
            let request = parse(&format!("/unsafe/{options}/i.svg")).unwrap();
            let recipe = filter::compile(&request, Accept::default(), &Policy::default()).unwrap();
            let drawn = drawn(&info, &recipe.geometry, &Limits::default());
            assert_eq!(drawn.map(|info| (info.size.width, info.size.height)), expected, "{text} {options}");
        };
        let small = "<svg width='24' height='12'>";
        check(small, "240x0", Some((240, 120)));
        check(small, "0x240", Some((480, 240)));
        check(small, "100x100", Some((200, 100)));
        check(small, "fit-in/100x100", Some((100, 50)));
        check(small, "full-fit-in/100x100", Some((200, 100)));
        check(small, "adaptive-fit-in/100x200", Some((200, 100)));
        check(small, "6x0", Some((6, 3)));
        check(small, "24x12", None);
        check(small, "smart", None);
        check(small, "0x0:10x10/100x100", None);
        check(small, "trim/100x100", None);
        check("<svg width='1000' height='10'>", "100x100", Some((10_000, 100)));
        check("<svg width='100000' height='1'>", "100x100", None); // more than a source may have
        check("<svg width='300' height='301'>", "200x0", Some((200, 201)));
        check("<svg viewBox='0 0 900000 900000'>", "200x200", Some((200, 200)));
    }

    #[test]
    fn pixels_stay_as_many_as_they_are() {
        let file = include_bytes!("../../config/samples/photo.jpg");
        let spec = GeometrySpec { request: parse("/unsafe/9000x0/i").unwrap().size, ..GeometrySpec::default() };
        assert!(drawn(&codec::probe(file).unwrap(), &spec, &Limits::default()).is_none());
    }
}
