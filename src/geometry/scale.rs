//! How small a file may be decoded for a picture of a given size.

use super::{Canvas, Size, Window};

/// Largest of `shrinks` (ascending divisors) that leaves `window` at least `margin` times as large as `target` on both
/// axes; 1 if none does.
///
/// `window` is the part of the source that is shown and `target` the size it gets, both lying the same way.
/// A margin of 1 leaves the reduced decode to do nearly all of the reduction, which costs sharpness;
/// with 2 and more the resampler decides what the picture looks like.
pub fn shrink_on_load(window: Window, target: Size<Canvas>, margin: f64, shrinks: &[u32]) -> u32 {
    let fits = |shrink: &u32| {
        let enough = |side: f64, wanted: u32| side / f64::from(*shrink) >= f64::from(wanted) * margin;
        enough(window.width, target.width) && enough(window.height, target.height)
    };
    shrinks.iter().copied().rev().find(fits).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_margin_is_kept_on_both_axes() {
        let check = |(w, h): (f64, f64), (tw, th), margin, expected| {
            let shrink = shrink_on_load(Window::new(0.0, 0.0, w, h), Size::new(tw, th), margin, &[2, 4, 8]);
            assert_eq!(shrink, expected, "{w}x{h} to {tw}x{th} at {margin}");
        };
        check((4000.0, 3000.0), (400, 300), 1.0, 8);
        check((4000.0, 3000.0), (400, 300), 2.0, 4);
        check((4000.0, 3000.0), (250, 187), 2.0, 8);
        check((4000.0, 3000.0), (1200, 900), 2.0, 1);
        check((4000.0, 300.0), (400, 300), 1.0, 1);
        check((100.0, 100.0), (400, 400), 1.0, 1);
    }
}
