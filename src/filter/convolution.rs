//! `convolution`: any matrix of weights.

use super::{Args, ArgsError, FilterDef, Kind, Param};
use crate::geometry::{Canvas, Size};
use crate::raster::{PixelBuffer, PixelFormat};
use crate::recipe::{Effect, Recipe, Scene};
use crate::transform::{Matrix, convolve};

/// The filter.
pub(super) const DEF: FilterDef = FilterDef {
    name: "convolution",
    about: "makes of each pixel the weighted sum of those around it",
    example: "convolution(1;2;1;2;4;2;1;2;1,3,true)",
    params: &[
        Param {
            name: "weights",
            kind: Kind::Text,
            default: None,
            about: "numbers with `;` between, row by row, an odd number of rows and columns",
        },
        Param { name: "columns", kind: Kind::Natural, default: None, about: "numbers in a row" },
        Param {
            name: "normalize",
            kind: Kind::Boolean,
            default: Some("true"),
            about: "divide by the sum of the weights unless it is 0",
        },
    ],
    compile,
};

/// Weights beyond make no sense and would only leave the range of numbers.
const MAX_WEIGHT: f64 = 1e9;

fn compile(args: &Args, recipe: &mut Recipe) -> Result<(), ArgsError> {
    let (text, columns) = (args.text(0), args.natural(1)? as usize);
    let weights: Option<Vec<f64>> = text.split(';').map(weight).collect();
    let (Some(weights), 1..) = (weights, columns) else {
        return Err(if columns == 0 {
            args.mismatch(1, "a number above 0")
        } else {
            args.mismatch(0, "a list of numbers with `;` between")
        });
    };
    if weights.iter().any(|weight| weight.abs() > MAX_WEIGHT) {
        return Err(args.out_of_range(text, "a list of numbers up to 1000000000"));
    }
    if !weights.len().is_multiple_of(columns) {
        return Err(args.out_of_range(text, "a number of whole rows"));
    }
    if weights.len() % 2 == 0 {
        return Err(args.out_of_range(text, "an odd number of rows and columns"));
    }
    let sum: f64 = weights.iter().sum();
    let parts: f64 = weights.iter().map(|weight| weight.abs()).sum();
    // A sum that only rounding keeps from 0 is none to divide by.
    let divisor = if args.boolean(2) && sum.abs() > parts * 1e-12 { sum } else { 1.0 };
    recipe.effects.push(Box::new(Convolution(Matrix::new(weights, columns, divisor))));
    Ok(())
}

/// Digits with an optional minus before and an optional point and further digits after.
fn weight(text: &str) -> Option<f64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let are_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let matches = !whole.is_empty() && are_digits(whole) && are_digits(fraction);
    if matches { text.parse().ok() } else { None }
}

#[derive(Debug)]
struct Convolution(Matrix);

impl Effect for Convolution {
    fn wants(&self, current: PixelFormat) -> PixelFormat {
        if matches!(current, PixelFormat::YCbCr(_)) { PixelFormat::Rgb } else { current }
    }

    fn work(&self, input: Size<Canvas>, _scene: &Scene) -> u64 {
        input.area_px().saturating_mul(self.0.work_per_px())
    }

    fn apply(&self, frame: PixelBuffer<Canvas>, scene: &Scene) -> PixelBuffer<Canvas> {
        convolve(&frame, &self.0, &scene.cancel)
    }
}

#[cfg(test)]
mod tests {
    use crate::filter::tests::{golden, recipe};

    #[test]
    fn samples_are_those_of_thumbor() {
        golden(
            "convolution(1;2;1;2;4;2;1;2;1,3,true)",
            "1c4196 2e4c72 457587 569fc2 618c95 735781 8a6076 9b8a81 a6a7b4 b85290 cf4b75 e07550",
        );
        golden(
            "convolution(-1;-1;-1;-1;8;-1;-1;-1;-1,3,false)",
            "0000ff 000000 005444 00ffff 00ff00 0000ff 000000 45ab2f cfffff ff0000 ff00ff ff5700",
        );
    }

    #[test]
    fn weights_that_are_no_matrix_with_a_middle_are_errors() {
        let error = |call| recipe(call).unwrap_err().to_string();
        assert!(error("convolution(1;2,3,true)").ends_with("`1;2` is not a number of whole rows"));
        assert!(error("convolution(1;2;3;4,2)").ends_with("`1;2;3;4` is not an odd number of rows and columns"));
        assert!(error("convolution(1;2;3;4;5;6,3)").ends_with("is not an odd number of rows and columns"));
        assert!(error("convolution(1;2000000000;3,3)").ends_with("is not a list of numbers up to 1000000000"));
    }

    #[test]
    fn what_is_no_list_of_numbers_is_skipped() {
        for wrong in ["1;;3,3", "1;x;3,3", ".5;1;1,3", "1;2;3,0", "1;2;+3,3", "1e1;2;3,3"] {
            let recipe = recipe(&format!("convolution({wrong})")).unwrap();
            assert_eq!((recipe.ignored_filters.len(), recipe.effects.len()), (1, 0), "{wrong}");
        }
        for good in ["1;2.;3,3", "-0.5;2;-0.5,1,0", "0.1;0.2;-0.3,3", "7,1"] {
            assert_eq!(recipe(&format!("convolution({good})")).unwrap().effects.len(), 1, "{good}");
        }
    }
}
