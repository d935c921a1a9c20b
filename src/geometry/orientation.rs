//! The eight ways a picture can lie: EXIF orientation, flips and quarter turns in one group.

use super::{Decoded, Size, Window};

/// How stored pixels are turned into upright ones: first an optional swap of rows and columns, then mirrors.
///
/// The eight values form the symmetry group of the square, so that EXIF orientation and the flips of a
/// URL compose into one step on the small output frame.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Orientation {
    /// Rows become columns, before the mirrors.
    pub transpose: bool,
    /// Left and right are swapped.
    pub mirror_x: bool,
    /// Top and bottom are swapped.
    pub mirror_y: bool,
}

impl Orientation {
    /// Nothing to do.
    pub const UPRIGHT: Self = Self { transpose: false, mirror_x: false, mirror_y: false };

    /// From the value of EXIF tag 0x0112; 1 and anything outside 1..=8 mean upright.
    pub fn from_exif(value: u32) -> Self {
        let (transpose, mirror_x, mirror_y) = match value {
            2 => (false, true, false),
            3 => (false, true, true),
            4 => (false, false, true),
            5 => (true, false, false),
            6 => (true, true, false),
            7 => (true, true, true),
            8 => (true, false, true),
            _ => (false, false, false),
        };
        Self { transpose, mirror_x, mirror_y }
    }

    /// The value of EXIF tag 0x0112 that means this.
    pub fn to_exif(self) -> u8 {
        match (self.transpose, self.mirror_x, self.mirror_y) {
            (false, false, false) => 1,
            (false, true, false) => 2,
            (false, true, true) => 3,
            (false, false, true) => 4,
            (true, false, false) => 5,
            (true, true, false) => 6,
            (true, true, true) => 7,
            (true, false, true) => 8,
        }
    }

    /// A counter-clockwise rotation by `degrees`, a multiple of 90; `None` for any other angle.
    pub fn from_rotation(degrees: i64) -> Option<Self> {
        Some(match degrees.rem_euclid(360) {
            0 => Self::UPRIGHT,
            90 => Self::from_exif(8),
            180 => Self::from_exif(3),
            270 => Self::from_exif(6),
            _ => return None,
        })
    }

    /// This orientation followed by mirrors of the upright picture.
    #[must_use]
    pub fn then_flip(self, horizontal: bool, vertical: bool) -> Self {
        Self { mirror_x: self.mirror_x ^ horizontal, mirror_y: self.mirror_y ^ vertical, ..self }
    }

    /// The size after turning.
    pub fn apply_to<S, T>(self, size: Size<S>) -> Size<T> {
        let size = if self.transpose { size.transposed() } else { size };
        size.into_space()
    }

    /// The window of the stored picture that turns into `window` of the upright one of `upright` pixels.
    pub fn stored_window<S>(self, window: Window, upright: Size<S>) -> Window {
        let (w, h) = (f64::from(upright.width), f64::from(upright.height));
        let Window { left, top, width, height } = window;
        let left = if self.mirror_x { w - left - width } else { left };
        let top = if self.mirror_y { h - top - height } else { top };
        if self.transpose { Window::new(top, left, height, width) } else { Window::new(left, top, width, height) }
    }

    /// Where the upright pixel (x, y) of a picture lies in the stored one of `stored` pixels.
    pub fn stored_position(self, x: u32, y: u32, stored: Size<Decoded>) -> (u32, u32) {
        let upright: Size<Decoded> = self.apply_to(stored);
        let x = if self.mirror_x { upright.width - 1 - x } else { x };
        let y = if self.mirror_y { upright.height - 1 - y } else { y };
        if self.transpose { (y, x) } else { (x, y) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where the stored corners of a 3x2 picture end up, by the EXIF specification's picture of the eight values:
    /// (stored row 0, stored column 0) lie at these sides of the upright picture.
    #[test]
    fn the_eight_values_put_row_0_and_column_0_where_exif_says() {
        let check = |value, first_pixel: (u32, u32)| {
            let orientation = Orientation::from_exif(value);
            let stored = Size::new(3, 2);
            let upright: Size<Decoded> = orientation.apply_to(stored);
            let mut found = None;
            for y in 0..upright.height {
                for x in 0..upright.width {
                    if orientation.stored_position(x, y, stored) == (0, 0) {
                        found = Some((x, y));
                    }
                }
            }
            assert_eq!(found, Some(first_pixel), "orientation {value}");
        };
        check(1, (0, 0)); // row 0 top, column 0 left
        check(2, (2, 0)); // top, right
        check(3, (2, 1)); // bottom, right
        check(4, (0, 1)); // bottom, left
        check(5, (0, 0)); // left, top
        check(6, (1, 0)); // right, top
        check(7, (1, 2)); // right, bottom
        check(8, (0, 2)); // left, bottom
    }

    #[test]
    fn a_window_comes_from_where_its_corner_pixels_come_from() {
        let stored = Size::new(7, 5);
        for value in 1..=8 {
            let orientation = Orientation::from_exif(value);
            let upright: Size<Decoded> = orientation.apply_to(stored);
            let window = orientation.stored_window(Window::new(1.0, 2.0, 1.0, 1.0), upright);
            let (x, y) = orientation.stored_position(1, 2, stored);
            assert_eq!(window, Window::new(f64::from(x), f64::from(y), 1.0, 1.0), "orientation {value}");
        }
    }

    #[test]
    fn rotations_other_than_quarter_turns_are_none() {
        assert_eq!(Orientation::from_rotation(45), None);
        assert_eq!(Orientation::from_rotation(-90), Some(Orientation::from_exif(6)));
        assert_eq!(Orientation::from_rotation(450), Some(Orientation::from_exif(8)));
    }
}
