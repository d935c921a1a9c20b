//! Red pupils made gray.

use crate::geometry::{Canvas, Rect};
use crate::raster::{PixelBuffer, PixelFormat};

/// Pixels darker than this in red are no glow of a flash.
const LEAST_RED: u8 = 60;
/// Gaps in the glow up to twice this wide are closed, in pixels.
const CLOSED_PX: usize = 2;
/// So far beyond the glow its rim is corrected as well, in pixels.
const RIM_PX: usize = 3;

/// Takes the red out of the pupil of one eye in an RGB or RGBA picture; every other picture stays as it is.
///
/// Red is what has more of red than of green and blue together, `r > 2 * ((g + b) / 2)`, and more than a little. Of
/// the connected areas of it inside `eye` the largest counts, its reflections and gaps included, and somewhat more
/// around it; its pixels become the gray `(g + b) / 2`. What lies outside `eye` never changes. Thumbor's method.
pub fn correct_red_eye(picture: &mut PixelBuffer<Canvas>, eye: Rect<Canvas>) {
    let channels = match picture.format() {
        PixelFormat::Rgb => 3,
        PixelFormat::Rgba => 4,
        _ => return,
    };
    let Some(eye) = eye.clamped(picture.size()) else { return };
    let (width, height) = (eye.size().width as usize, eye.size().height as usize);
    let plane = picture.first_mut();
    let offset = eye.left as usize * channels;
    let rows = plane.data.chunks_exact_mut(plane.stride).skip(eye.top as usize).take(height);
    let mut rows: Vec<&mut [u8]> = rows.map(|row| &mut row[offset..][..width * channels]).collect();
    let red = rows.iter().flat_map(|row| row.chunks_exact(channels).map(is_red)).collect();
    let mask = Mask { width, cells: red };
    let Some(pupil) = mask.largest_area() else { return };
    let pupil = pupil.spread(CLOSED_PX, true).spread(CLOSED_PX, false).spread(RIM_PX, true);
    for (row, cells) in rows.iter_mut().zip(pupil.cells.chunks_exact(pupil.width)) {
        for (pixel, _) in row.chunks_exact_mut(channels).zip(cells).filter(|(_, cell)| **cell) {
            let gray = pixel[1].midpoint(pixel[2]);
            pixel[..3].fill(gray);
        }
    }
}

fn is_red(pixel: &[u8]) -> bool {
    let gray = u16::from(pixel[1].midpoint(pixel[2]));
    u16::from(pixel[0]) > 2 * gray && pixel[0] > LEAST_RED
}

/// Some pixels of a small picture.
#[derive(Clone)]
struct Mask {
    width: usize,
    cells: Vec<bool>,
}

impl Mask {
    /// The largest area of pixels that touch each other, corners too, without its holes; `None` if there is none.
    fn largest_area(&self) -> Option<Self> {
        let mut left = self.clone();
        let mut largest: Vec<usize> = Vec::new();
        for start in 0..self.cells.len() {
            if left.cells[start] {
                let area = left.take(start, true);
                largest = if area.len() > largest.len() { area } else { largest };
            }
        }
        // With a border around, all that is neither area nor hole can be reached from the corner.
        let (width, height) = (self.width + 2, self.cells.len() / self.width + 2);
        let mut others = Self { width, cells: vec![true; width * height] };
        for at in &largest {
            others.cells[(at / self.width + 1) * width + at % self.width + 1] = false;
        }
        let reached = others.take(0, false);
        let mut filled = vec![true; width * height];
        for at in reached {
            filled[at] = false;
        }
        let rows = filled.chunks_exact(width).skip(1).take(height - 2);
        let cells = rows.flat_map(|row| &row[1..=self.width]).copied().collect();
        (!largest.is_empty()).then_some(Self { width: self.width, cells })
    }

    /// Removes all pixels that can be reached from `start` without leaving the mask, and gives them.
    fn take(&mut self, start: usize, across_corners: bool) -> Vec<usize> {
        let (width, height) = (self.width, self.cells.len() / self.width);
        self.cells[start] = false;
        let (mut taken, mut done) = (vec![start], 0);
        while let Some(&at) = taken.get(done) {
            done += 1;
            let (x, y) = (at % width, at / width);
            for near_y in y.saturating_sub(1)..(y + 2).min(height) {
                for near_x in x.saturating_sub(1)..(x + 2).min(width) {
                    let near = near_y * width + near_x;
                    if self.cells[near] && (across_corners || near_x == x || near_y == y) {
                        self.cells[near] = false;
                        taken.push(near);
                    }
                }
            }
        }
        taken
    }

    /// Every pixel becomes `value` that has it within so many rows and columns. Beyond the border is nothing.
    fn spread(&self, distance: usize, value: bool) -> Self {
        let (width, height) = (self.width, self.cells.len() / self.width);
        let mut cells = vec![!value; self.cells.len()];
        for at in (0..self.cells.len()).filter(|at| self.cells[*at] == value) {
            let (x, y) = (at % width, at / width);
            for y in y.saturating_sub(distance)..(y + distance + 1).min(height) {
                let columns = x.saturating_sub(distance)..(x + distance + 1).min(width);
                cells[y * width..][columns].fill(value);
            }
        }
        Self { width, cells }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Size;

    const SKIN: [u8; 3] = [180, 140, 120];
    const GLOW: [u8; 3] = [200, 40, 50];

    /// A picture of skin with a mark in it, drawn by letters: `#` glows, `o` reflects the flash.
    fn eye(drawing: &[&str]) -> PixelBuffer<Canvas> {
        let pixel = |letter| match letter {
            b'#' => GLOW,
            b'o' => [250, 240, 251],
            _ => SKIN,
        };
        let size = Size::new(drawing[0].len().try_into().unwrap(), drawing.len().try_into().unwrap());
        let data = drawing.iter().flat_map(|row| row.bytes().flat_map(pixel)).collect();
        PixelBuffer::from_vec(PixelFormat::Rgb, size, data)
    }

    /// `x` where pixels have changed; all of them must be gray now.
    fn changed(before: &PixelBuffer<Canvas>, after: &PixelBuffer<Canvas>) -> Vec<String> {
        let channels = before.format().channels();
        let mark = |(before, after): (&[u8], &[u8])| {
            let gray = before[1].midpoint(before[2]);
            assert!(before == after || (after[..3] == [gray; 3] && before[3..] == after[3..]), "{before:?} {after:?}");
            if before == after { '.' } else { 'x' }
        };
        let rows = before.first().rows().zip(after.first().rows());
        rows.map(|(a, b)| a.chunks(channels).zip(b.chunks(channels)).map(mark).collect()).collect()
    }

    const DRAWING: [&str; 13] = [
        "................",
        "................",
        "................",
        "................",
        ".....###........",
        ".....#o#.......#",
        ".....###........",
        "................",
        "................",
        "................",
        "................",
        "................",
        "................",
    ];

    #[test]
    fn the_largest_glow_turns_gray_with_its_reflection_and_its_rim() {
        let before = eye(&DRAWING);
        let mut after = before.clone();
        correct_red_eye(&mut after, Rect::new(0, 0, 16, 13));
        let mut expected = vec!["................"; 13];
        expected[1..10].fill("..xxxxxxxxx.....");
        assert_eq!(changed(&before, &after), expected);
    }

    #[test]
    fn nothing_changes_outside_the_eye_nor_where_nothing_glows() {
        let before = eye(&DRAWING);
        let mut after = before.clone();
        correct_red_eye(&mut after, Rect::new(4, 3, 8, 90));
        let mut expected = vec!["................"; 13];
        expected[3..10].fill("....xxxx........");
        assert_eq!(changed(&before, &after), expected);
        for nowhere in [Rect::new(0, 8, 16, 13), Rect::new(90, 90, 99, 99)] {
            let mut after = before.clone();
            correct_red_eye(&mut after, nowhere);
            assert_eq!(after, before);
        }
    }

    #[test]
    fn alpha_stays_and_gray_pictures_have_no_red() {
        let before = PixelBuffer::from_vec(PixelFormat::Rgba, Size::new(2, 1), vec![200, 40, 51, 9, 200, 40, 50, 7]);
        let mut after = before.clone();
        correct_red_eye(&mut after, Rect::new(0, 0, 2, 1));
        assert_eq!(after.into_first(), [45, 45, 45, 9, 45, 45, 45, 7]);
        let mut gray = PixelBuffer::from_vec(PixelFormat::Gray, Size::new(2, 1), vec![200, 40]);
        correct_red_eye(&mut gray, Rect::new(0, 0, 2, 1));
        assert_eq!(gray.into_first(), [200, 40]);
    }

    #[test]
    fn red_is_more_than_green_and_blue_together_and_not_dark() {
        let check = |pixel: [u8; 3], expected| assert_eq!(is_red(&pixel), expected, "{pixel:?}");
        check([200, 100, 99], true); // their half is cut to 99
        check([200, 100, 100], false);
        check([61, 0, 0], true);
        check([60, 0, 0], false);
    }
}
