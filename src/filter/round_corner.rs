//! `round_corner`: corners painted in a color or made transparent, with a softened edge.
//!
//! This is Thumbor's arithmetic, pixel for pixel: the right side is a pixel narrower than the left, the edge is
//! softened first along rows and then along columns, and a point right of the last column is the first one of the
//! next row.

use super::{Args, ArgsError, FilterDef, Kind, Param};
use crate::geometry::{Canvas, Size};
use crate::raster::{PixelBuffer, PixelFormat};
use crate::recipe::{Effect, Recipe, Scene};

const SAMPLE: Kind = Kind::Within(&Kind::Natural, 0, 255);

/// The filter.
pub(super) const DEF: FilterDef = FilterDef {
    name: "round_corner",
    about: "rounds the corners",
    example: "round_corner(20|30,255,255,255)",
    params: &[
        Param {
            name: "radius",
            kind: Kind::Text,
            default: None,
            about: "in pixels: one number, or `across|down` for an ellipse",
        },
        Param { name: "red", kind: SAMPLE, default: None, about: "of the corners" },
        Param { name: "green", kind: SAMPLE, default: None, about: "of the corners" },
        Param { name: "blue", kind: SAMPLE, default: None, about: "of the corners" },
        Param { name: "transparent", kind: Kind::Boolean, default: Some("false"), about: "corners without color" },
    ],
    compile,
};

fn compile(args: &Args, recipe: &mut Recipe) -> Result<(), ArgsError> {
    let radii = radii(args)?.ok_or_else(|| args.mismatch(0, "one number, or two with | between"))?;
    let color = [channel(args, 1)?, channel(args, 2)?, channel(args, 3)?];
    recipe.effects.push(Box::new(RoundCorner { radii, color, transparent: args.boolean(4) }));
    Ok(())
}

/// Across and down; `None` where the argument is neither `a` nor `a|b`.
fn radii(args: &Args) -> Result<Option<(u32, u32)>, ArgsError> {
    let text = args.text(0);
    let (across, down) = text.split_once('|').unwrap_or((text, text));
    if [across, down].iter().any(|digits| digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit())) {
        return Ok(None);
    }
    let number = |digits: &str| digits.parse().map_err(|_| args.out_of_range(digits, "a 32-bit number"));
    Ok(Some((number(across)?, number(down)?)))
}

fn channel(args: &Args, index: usize) -> Result<u8, ArgsError> {
    u8::try_from(args.number(index)).map_err(|_| args.refused(index, "a number up to 255"))
}

#[derive(Debug)]
struct RoundCorner {
    radii: (u32, u32),
    color: [u8; 3],
    transparent: bool,
}

impl Effect for RoundCorner {
    fn wants(&self, current: PixelFormat) -> PixelFormat {
        if self.transparent || current.has_alpha() { PixelFormat::Rgba } else { PixelFormat::Rgb }
    }

    fn apply(&self, mut frame: PixelBuffer<Canvas>, _scene: &Scene) -> PixelBuffer<Canvas> {
        let Size { width, height, .. } = frame.size();
        let (a, b) = (self.radii.0.min(width / 2), self.radii.1.min(height / 2));
        if a == 0 || b == 0 {
            return frame;
        }
        // The left and right column, and the top and bottom row, so far away from the middle of their corners.
        let columns = |x: u32| [a - x, width - a + x];
        let rows = |y: u32| [b - y, height - b + y - 1];
        // Along the rows. Corners take turns, since they may read each other's pixels where they meet.
        for y in 1..=b {
            let edge = edge(a, b, y);
            let inside = whole(float(a) - edge);
            for row in rows(y) {
                self.paint(&mut frame, row, inside);
            }
            for (x, weight) in ramp(edge, (a, b), y, a) {
                for (column, from) in columns(x).into_iter().zip([inside, width - inside]) {
                    for row in rows(y) {
                        self.blend(&mut frame, (column, row), (from, row), weight);
                    }
                }
            }
        }
        // Along the columns.
        for x in 1..=a {
            let edge = edge(b, a, x);
            let inside = [whole(float(b) - edge), whole(float(height - b) + edge) - 1];
            for (y, weight) in ramp(edge, (b, a), x, b - 1) {
                for column in columns(x) {
                    for (row, from) in rows(y).into_iter().zip(inside) {
                        self.blend(&mut frame, (column, row), (column, from), weight);
                    }
                }
            }
        }
        frame
    }
}

impl RoundCorner {
    /// Paints `length` pixels at the left end of a row and one less at the right.
    fn paint(&self, frame: &mut PixelBuffer<Canvas>, row: u32, length: u32) {
        let (channels, stride) = (frame.format().channels(), frame.first().stride);
        let pixels = &mut frame.first_mut().data[row as usize * stride..][..stride];
        let length = length as usize * channels;
        let right = stride - length.saturating_sub(channels);
        for range in [0..length, right..stride] {
            for pixel in pixels[range].chunks_exact_mut(channels) {
                pixel[..3].copy_from_slice(&self.color);
                if self.transparent {
                    pixel[3] = 0;
                }
            }
        }
    }

    /// Colors the pixel at `to` like the one at `from` with so much of the corners' color; alpha stays.
    ///
    /// Colors and transparency are not mixed: the edge of transparent corners goes to black.
    fn blend(&self, frame: &mut PixelBuffer<Canvas>, to: (u32, u32), from: (u32, u32), weight: f32) {
        let (channels, stride) = (frame.format().channels(), frame.first().stride);
        let data = &mut frame.first_mut().data;
        let [to, from] = [to, from].map(|(x, y)| y as usize * stride + x as usize * channels);
        if to.max(from) >= data.len() {
            return;
        }
        let color = if self.transparent { [0; 3] } else { self.color };
        for (channel, color) in color.into_iter().enumerate() {
            data[to + channel] = byte(f32::from(data[from + channel]) * (1.0 - weight) + f32::from(color) * weight);
        }
    }
}

/// How far an ellipse of radius `reach` reaches at distance `at` from its middle; there are `other` such distances.
#[expect(clippy::cast_possible_truncation, reason = "rounded as Thumbor rounds")]
fn edge(reach: u32, other: u32, at: u32) -> f32 {
    let [reach, other, at] = [reach, other, at].map(f64::from);
    (reach * (other * other - at * at).sqrt() / other) as f32
}

/// The pixels across the edge on line `at` of an ellipse, from outside in: distance from the middle, and weight of
/// the outside.
///
/// They are as many as the flat stretch of the edge on this line is long, counted up to the distance `last`.
fn ramp(edge_here: f32, radii: (u32, u32), at: u32, last: u32) -> impl Iterator<Item = (u32, f32)> {
    let (reach, other) = radii;
    let run = (whole(edge_here + 1.0)..=last).take_while(|x| whole(edge(other, reach, *x) + 1.0) == at).count();
    let run = u32::try_from(run).expect("runs are within a radius");
    let start = whole(edge_here + float(run)).min(reach);
    let distances = (0..=start).rev().take_while(move |x| float(*x) > edge_here);
    (1..).zip(distances).map(move |(step, x)| (x, 1.0 - float(step) / float(run) * 0.75))
}

#[expect(clippy::cast_precision_loss, reason = "sides of pictures are below 24 bits, and Thumbor counts so")]
fn float(number: u32) -> f32 {
    number as f32
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "truncation is the rule, of radii >= 0")]
fn whole(number: f32) -> u32 {
    number as u32
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a mean of bytes, truncated as the rule is"
)]
fn byte(mean: f32) -> u8 {
    mean as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::tests::recipe;

    fn rounded(call: &str, source: PixelBuffer<Canvas>) -> PixelBuffer<Canvas> {
        let scene = Scene::default();
        recipe(call).unwrap().effects[0].apply(source, &scene)
    }

    fn plain(format: PixelFormat, width: u32, height: u32) -> PixelBuffer<Canvas> {
        let mut picture = PixelBuffer::new(format, Size::new(width, height));
        for pixel in picture.first_mut().data.chunks_exact_mut(format.channels()) {
            pixel[..3].fill(200);
            pixel[3..].fill(90);
        }
        picture
    }

    fn channel_of(picture: &PixelBuffer<Canvas>, channel: usize) -> Vec<u8> {
        picture.first().data.iter().skip(channel).step_by(picture.format().channels()).copied().collect()
    }

    /// Thumbor's answer to `round_corner(5,0,0,0)` on 14x12 pixels of 200.
    fn thumbors() -> Vec<u8> {
        let mut rows = [[200_u8; 14]; 12];
        rows[0] = [0, 0, 50, 100, 150, 200, 200, 200, 200, 200, 150, 100, 50, 0];
        rows[11] = rows[0];
        for (row, first) in rows[1..11].iter_mut().zip([0, 37, 75, 112, 150, 200, 150, 112, 75, 37]) {
            row[0] = first;
        }
        for y in [1, 10] {
            rows[y][1] = 150;
            rows[y][13] = 150;
        }
        rows.as_flattened().to_vec()
    }

    #[test]
    fn samples_are_those_of_thumbor() {
        for format in [PixelFormat::Rgb, PixelFormat::Rgba] {
            let picture = rounded("round_corner(5,0,0,0)", plain(format, 14, 12));
            for channel in 0..3 {
                assert_eq!(channel_of(&picture, channel), thumbors(), "{format:?}");
            }
        }
    }

    #[test]
    fn opaque_corners_keep_alpha_and_transparent_ones_have_none() {
        let picture = plain(PixelFormat::Rgba, 14, 12);
        let opaque = rounded("round_corner(5,255,0,0)", picture.clone());
        assert_eq!(channel_of(&opaque, 3), [90; 14 * 12]);
        let corners = rounded("round_corner(5,255,0,0,true)", picture);
        let shown: Vec<u8> = channel_of(&corners, 3).iter().map(|a| if *a == 0 { b'#' } else { b'.' }).collect();
        let rows: Vec<&[u8]> = shown.chunks(14).collect();
        let top: [&[u8]; 3] = [b"#####.....####", b"##...........#", b"#............."];
        assert_eq!(rows[..3], top);
        assert_eq!(rows[3..9], [b".............."; 6]);
        assert_eq!(rows[9..], [top[2], top[1], top[0]]);
        assert_eq!(corners.first().data[..4], [255, 0, 0, 0]);
    }

    #[test]
    fn colors_are_those_asked_for_and_gray_pictures_take_them() {
        let picture = rounded("round_corner(5|6,10,20,30)", plain(PixelFormat::Rgb, 40, 40));
        assert_eq!(picture.first().data[..3], [10, 20, 30]);
        let effect = &recipe("round_corner(5,10,20,30)").unwrap().effects[0];
        assert_eq!(effect.wants(PixelFormat::Gray), PixelFormat::Rgb);
        assert_eq!(effect.wants(PixelFormat::GrayAlpha), PixelFormat::Rgba);
        let effect = &recipe("round_corner(5,10,20,30,true)").unwrap().effects[0];
        assert_eq!(effect.wants(PixelFormat::Gray), PixelFormat::Rgba);
    }

    #[test]
    fn any_radius_does_on_any_picture_and_the_middle_stays() {
        for width in 1..24 {
            for height in 1..24 {
                for radius in ["0", "1", "2|5", "7|3", "11", "0|9", "4294967295"] {
                    let source = plain(PixelFormat::Rgba, width, height);
                    let (middle, corner) =
                        ((height / 2 * width + width / 2) as usize, source.first().data[..4].to_vec());
                    let picture = rounded(&format!("round_corner({radius},0,0,0,true)"), source);
                    let what = format!("{radius} on {width}x{height}");
                    assert_eq!(channel_of(&picture, 3)[middle], 90, "{what}");
                    let untouched = radius.starts_with('0') || width == 1 || height == 1;
                    assert_eq!(picture.first().data[..4] == corner, untouched, "{what}");
                }
            }
        }
    }

    #[test]
    fn a_radius_larger_than_half_is_half() {
        let picture = |call| rounded(call, plain(PixelFormat::Rgb, 31, 20));
        assert_eq!(picture("round_corner(99,0,9,0)"), picture("round_corner(15|10,0,9,0)"));
    }

    #[test]
    fn radii_that_are_none_are_skipped_and_colors_that_are_none_are_errors() {
        for wrong in ["x", "-5", "5|", "|5", "5|6|7", "+5", "5.0"] {
            let recipe = recipe(&format!("round_corner({wrong},0,0,0)")).unwrap();
            assert_eq!((recipe.ignored_filters.len(), recipe.effects.len()), (1, 0), "{wrong}");
        }
        let error = |call| recipe(call).unwrap_err().to_string();
        assert_eq!(error("round_corner(5,0,256,0)"), "round_corner: green `256` is not a number up to 255");
        assert_eq!(
            error("round_corner(5|4294967296,0,0,0)"),
            "round_corner: radius `4294967296` is not a 32-bit number"
        );
    }
}
