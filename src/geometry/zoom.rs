//! The part of a picture that shows an area as large as it can be.

use super::{Canvas, Rect, Size, ceil_to_u32, round_half_even};

/// `area` with `padding` times its sides around it, widened to the ratio of `target` as far as the picture reaches.
/// A side of 0 of `target` asks for no ratio.
pub fn zoomed(area: Rect<Canvas>, padding: f64, target: (u32, u32), size: Size<Canvas>) -> Rect<Canvas> {
    let (width, height) = (f64::from(area.size().width), f64::from(area.size().height));
    let (mut wide, mut high) = (width * (1.0 + 2.0 * padding), height * (1.0 + 2.0 * padding));
    if target.0 > 0 && target.1 > 0 {
        let ratio = f64::from(target.0) / f64::from(target.1);
        (wide, high) = (wide.max(high * ratio), high.max(wide / ratio));
    }
    let span = |start: u32, side: f64, length: f64, whole: u32| {
        let length = ceil_to_u32(length).clamp(1, whole);
        let center = f64::from(start) + side / 2.0;
        let first = round_half_even(center - f64::from(length) / 2.0).min(whole - length);
        (first, first + length)
    };
    let (left, right) = span(area.left, width, wide, size.width);
    let (top, bottom) = span(area.top, height, high, size.height);
    Rect::new(left, top, right, bottom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_area_is_padded_widened_and_kept_inside() {
        let check = |area: (u32, u32, u32, u32), padding, target, expected: &str| {
            let area = Rect::new(area.0, area.1, area.2, area.3);
            let found = zoomed(area, padding, target, Size::new(400, 300));
            assert_eq!(format!("{found:?}"), expected);
        };
        check((100, 100, 140, 150), 0.0, (0, 0), "100,100-140,150");
        check((100, 100, 140, 150), 0.5, (0, 0), "80,75-160,175");
        check((100, 100, 140, 140), 0.0, (200, 100), "80,100-160,140");
        check((100, 100, 140, 140), 0.0, (100, 200), "100,80-140,160");
        check((0, 0, 40, 40), 1.0, (100, 100), "0,0-120,120");
        check((380, 280, 400, 300), 0.5, (300, 0), "360,260-400,300");
        check((100, 100, 140, 140), 100.0, (300, 100), "0,0-400,300");
    }
}
