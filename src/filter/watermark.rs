//! `watermark`: another picture laid over this one, once or repeated.

use super::{Args, ArgsError, FilterDef, Kind, Param};
use crate::geometry::{Canvas, Size, round_half_even};
use crate::raster::{PixelBuffer, PixelFormat};
use crate::recipe::{Effect, Recipe, Scene};
use crate::transform::{Copies, composite};

/// The filter.
pub(super) const DEF: FilterDef = FilterDef {
    name: "watermark",
    about: "lays another picture over this one",
    example: "watermark(logo.png,-10,-10,20,30)",
    params: &[
        Param { name: "image", kind: Kind::Text, default: None, about: "name or address of the other picture" },
        Param {
            name: "x",
            kind: Kind::Text,
            default: None,
            about: "pixels from the left, percent of the width (10p), below zero from the right, center or repeat",
        },
        Param {
            name: "y",
            kind: Kind::Text,
            default: None,
            about: "pixels from the top, percent of the height (10p), below zero from the bottom, center or repeat",
        },
        Param {
            name: "alpha",
            kind: Kind::Within(&Kind::Natural, 0, 100),
            default: None,
            about: "0 (as it is) to 100 (invisible)",
        },
        Param {
            name: "w_ratio",
            kind: Kind::Text,
            default: Some("none"),
            about: "most percent of the picture's width that it takes, or none",
        },
        Param {
            name: "h_ratio",
            kind: Kind::Text,
            default: Some("none"),
            about: "most percent of the picture's height that it takes, or none",
        },
    ],
    compile,
};

/// From here on two axes of repetition have fewer copies, as in Thumbor.
const MANY: i64 = 100;
/// As many on each axis.
const FEWER: i64 = 6;
/// Positions beyond are as good as this one: no canvas reaches so far.
const FAR: i64 = 1 << 33;

fn compile(args: &Args, recipe: &mut Recipe) -> Result<(), ArgsError> {
    let place = |index| {
        Place::parse(args.text(index)).ok_or_else(|| args.mismatch(index, "pixels, percent as 10p, center or repeat"))
    };
    let (x, y) = (place(1)?, place(2)?);
    let (width, height) = (ratio(args, 4)?, ratio(args, 5)?);
    let fade = args.number(3).min(100) * 255 / 100;
    let fade = u8::try_from(fade).expect("100 percent of 255 is a byte");
    let asset = recipe.asset(args.text(0), false);
    recipe.effects.push(Box::new(Watermark { asset, place: (x, y), fade, ratios: (width, height) }));
    Ok(())
}

/// Percent, 0 for none.
fn ratio(args: &Args, index: usize) -> Result<u32, ArgsError> {
    let text = args.text(index);
    if text == "none" {
        return Ok(0);
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    if !is_number(digits) {
        return Err(args.mismatch(index, "a percentage or none"));
    }
    let ratio = digits.parse().ok().filter(|ratio| *ratio == 0 || digits == text);
    ratio.ok_or_else(|| args.refused(index, "a percentage above 0"))
}

fn is_number(digits: &str) -> bool {
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

#[derive(Debug)]
struct Watermark {
    asset: usize,
    place: (Place, Place),
    /// Taken off every alpha.
    fade: u8,
    /// Percent of width and height that it may take; 0 = as it is.
    ratios: (u32, u32),
}

/// Where on an axis.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Place {
    FromStart(Distance),
    FromEnd(Distance),
    Center,
    Repeat,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Distance {
    Pixels(i64),
    Percent(i64),
}

impl Place {
    /// `-?digits`, `-?digits p`, `center` or `repeat`. Everything written with a minus counts from the far end, `-0` too.
    fn parse(text: &str) -> Option<Self> {
        let (from, unsigned) = match text {
            "center" => return Some(Self::Center),
            "repeat" => return Some(Self::Repeat),
            _ => match text.strip_prefix('-') {
                Some(unsigned) => (Self::FromEnd as fn(Distance) -> Self, unsigned),
                None => (Self::FromStart as _, text),
            },
        };
        let (distance, digits) = match unsigned.strip_suffix('p') {
            Some(digits) => (Distance::Percent as fn(i64) -> Distance, digits),
            None => (Distance::Pixels as _, unsigned),
        };
        is_number(digits).then(|| from(distance(digits.parse().unwrap_or(FAR).min(FAR))))
    }
}

impl Distance {
    fn pixels(self, canvas: i64) -> i64 {
        match self {
            Self::Pixels(pixels) => pixels,
            // Halves are rounded up.
            Self::Percent(percent) => percent.saturating_mul(canvas).saturating_add(50).min(FAR * 100) / 100,
        }
    }
}

/// Where the copies lie on both axes. Sides are those of the canvas and of the picture.
fn copies((x, y): (Place, Place), canvas: Size<Canvas>, picture: Size<Canvas>) -> (Copies, Copies) {
    let axes = [(x, canvas.width, picture.width), (y, canvas.height, picture.height)];
    let axes = axes.map(|(place, canvas, side)| (place, i64::from(canvas), i64::from(side)));
    let counts =
        axes.map(|(_, canvas, side)| if canvas < 2 * side { (canvas + side - 1) / side } else { canvas / side });
    let fewer = x == Place::Repeat && y == Place::Repeat && counts[0] * counts[1] > MANY;
    let [across, down] = std::array::from_fn(|axis| {
        let (place, canvas, side) = axes[axis];
        match place {
            Place::FromStart(distance) => Copies::one(distance.pixels(canvas)),
            Place::FromEnd(distance) => Copies::one(canvas - side - distance.pixels(canvas)),
            Place::Center => Copies::one((canvas - side) / 2),
            Place::Repeat if fewer => spread(counts[axis].min(FEWER), canvas - counts[axis].min(FEWER) * side, side),
            Place::Repeat if canvas < 2 * side => spread(counts[axis], 10, side),
            Place::Repeat => spread(counts[axis], canvas % side, side),
        }
    });
    (across, down)
}

/// `count` copies with `rest` pixels shared among the gaps between them, which may be below zero.
fn spread(count: i64, rest: i64, side: i64) -> Copies {
    let gap = rest.div_euclid(count.max(2) - 1);
    Copies { first: 0, step: side + gap, count: u32::try_from(count).expect("no more copies than pixels") }
}

/// The size of a picture of `own` pixels when it may take so many percent of the canvas; at least a pixel.
fn fitted(own: Size<Canvas>, canvas: Size<Canvas>, (across, down): (u32, u32)) -> Size<Canvas> {
    if (across, down) == (0, 0) {
        return own;
    }
    let most = |canvas: u32, percent: u32| f64::from(canvas) * f64::from(percent) / 100.0;
    let (width, height) = (f64::from(own.width), f64::from(own.height));
    let (most_width, most_height) = match (across, down) {
        (0, down) => (most(canvas.height, down) * width / height, most(canvas.height, down)),
        (across, 0) => (most(canvas.width, across), most(canvas.width, across) * height / width),
        (across, down) => (most(canvas.width, across), most(canvas.height, down)),
    };
    let (width, height) = if most_width / width <= most_height / height {
        (most_width, height * most_width / width)
    } else {
        (width * most_height / height, most_height)
    };
    Size::new(round_half_even(width).max(1), round_half_even(height).max(1))
}

impl Effect for Watermark {
    fn asset(&self, canvas: Size<Canvas>, scene: &Scene) -> Option<(usize, Size<Canvas>)> {
        let own = scene.assets.get(self.asset)?.size;
        Some((self.asset, fitted(own, canvas, self.ratios)))
    }

    fn wants(&self, current: PixelFormat) -> PixelFormat {
        if current.has_alpha() { PixelFormat::Rgba } else { PixelFormat::Rgb }
    }

    /// The other picture's alpha fades after it was resized, so that a large one is never in memory at full size.
    fn apply(&self, mut frame: PixelBuffer<Canvas>, scene: &Scene) -> PixelBuffer<Canvas> {
        if let Some(picture) = scene.pixels(self.asset) {
            let places = copies(self.place, frame.size(), picture.size());
            composite(&mut frame, picture, places, self.fade);
        }
        frame
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::tests::recipe;

    fn at(text: &str) -> Place {
        Place::parse(text).unwrap()
    }

    /// `x` of each copy on a canvas of 300x200.
    #[track_caller]
    fn check(place: (&str, &str), picture: (u32, u32), expected: (&[i64], &[i64])) {
        let copies = copies((at(place.0), at(place.1)), Size::new(300, 200), Size::new(picture.0, picture.1));
        let starts = |copies: Copies| {
            (0..i64::from(copies.count)).map(|index| copies.first + index * copies.step).collect::<Vec<_>>()
        };
        assert_eq!((starts(copies.0).as_slice(), starts(copies.1).as_slice()), expected, "{place:?} of {picture:?}");
    }

    #[test]
    fn positions_count_from_either_side_or_the_middle() {
        check(("10", "0"), (40, 30), (&[10], &[0]));
        check(("-10", "-0"), (40, 30), (&[250], &[170]));
        check(("-0", "-200"), (40, 30), (&[260], &[-30]));
        check(("25p", "10p"), (40, 30), (&[75], &[20]));
        check(("-25p", "-10p"), (40, 30), (&[185], &[150]));
        check(("center", "center"), (41, 31), (&[129], &[84]));
        check(("center", "center"), (303, 201), (&[-1], &[0])); // halves towards zero
        check(("400", "150p"), (40, 30), (&[400], &[300]));
    }

    #[test]
    fn percentages_are_rounded_with_halves_up() {
        let pixels = |percent, canvas| Distance::Percent(percent).pixels(canvas);
        assert_eq!([pixels(50, 5), pixels(50, 7), pixels(33, 100), pixels(1, 49), pixels(1, 50)], [3, 4, 33, 0, 1]);
    }

    #[test]
    fn repeated_copies_share_what_is_left_between_them() {
        check(("repeat", "0"), (70, 30), (&[0, 76, 152, 228], &[0])); // 20 left for three gaps
        check(("0", "repeat"), (70, 60), (&[0], &[0, 70, 140])); // 20 for two
        check(("repeat", "repeat"), (100, 100), (&[0, 100, 200], &[0, 100]));
        check(("repeat", "center"), (160, 50), (&[0, 170], &[75])); // fewer than two fit: 10 apart
        check(("repeat", "repeat"), (300, 400), (&[0], &[0]));
    }

    #[test]
    fn more_than_a_hundred_copies_become_six_by_six() {
        check(
            ("repeat", "repeat"),
            (30, 20),
            (&[0, 30, 60, 90, 120, 150, 180, 210, 240, 270], &[0, 20, 40, 60, 80, 100, 120, 140, 160, 180]),
        );
        check(("repeat", "repeat"), (25, 20), (&[0, 55, 110, 165, 220, 275], &[0, 36, 72, 108, 144, 180]));
        check(("repeat", "repeat"), (160, 3), (&[0, 140], &[0, 39, 78, 117, 156, 195])); // two that overlap
    }

    #[test]
    fn ratios_bound_the_size_and_keep_the_shape() {
        let check = |own: (u32, u32), ratios, expected: (u32, u32)| {
            let size = fitted(Size::new(own.0, own.1), Size::new(300, 200), ratios);
            assert_eq!((size.width, size.height), expected, "{own:?} {ratios:?}");
        };
        check((40, 30), (0, 0), (40, 30));
        check((40, 30), (40, 40), (107, 80)); // grows; the height binds
        check((400, 30), (40, 40), (120, 9));
        check((40, 30), (50, 0), (150, 112)); // 112.5 to the even one
        check((40, 30), (0, 50), (133, 100));
        check((1000, 1), (1, 1), (3, 1)); // never nothing
        check((1, 1000), (1, 1), (1, 2));
    }

    #[test]
    fn arguments_that_are_no_position_are_skipped_and_impossible_ratios_are_errors() {
        for wrong in
            ["a,b,0", "1,b,0", "--1,0,0", "1.5,0,0", "+1,0,0", "1%20p,0,0", "p,0,0", "0,0,-1", "0,0,0,x", "0,0,0,1,-"]
        {
            let recipe = recipe(&format!("watermark(w.png,{wrong})")).unwrap();
            assert_eq!((recipe.ignored_filters, recipe.assets.len()), (vec!["watermark".to_owned()], 0), "{wrong}");
        }
        let error = recipe("watermark(w.png,0,0,0,-40)").unwrap_err().to_string();
        assert!(error.starts_with("watermark: ") && error.ends_with("`-40` is not a percentage above 0"), "{error}");
        for good in ["0,0,0,-0,none", "99999999999999999999,-99999999999999999999p,999999,100,0", "center,repeat,0"] {
            assert_eq!(recipe(&format!("watermark(w.png,{good})")).unwrap().effects.len(), 1, "{good}");
        }
    }

    #[test]
    fn the_other_picture_is_named_as_written_after_one_decoding() {
        let name = |call: &str| recipe(call).unwrap().assets.remove(0).image.decoded().into_owned();
        assert_eq!(name("watermark(http://h/a.png,0,0,0)"), "http://h/a.png");
        assert_eq!(name("watermark(http%3A%2F%2Fh%2Fa%20b.png,0,0,0)"), "http://h/a b.png");
        assert_eq!(name("watermark('http%3A%2F%2Fh%2Fa%20b%2Cc.png',0,0,0)"), "http://h/a b,c.png");
        assert_eq!(name("watermark(http://h/a%2520b.png,0,0,0)"), "http://h/a%20b.png");
        assert_eq!(name("watermark(http:/h/a.png,0,0,0)"), "http:/h/a.png");
    }
}
