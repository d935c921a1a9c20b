//! `curve`: tone curves through given points, one for each channel and one for all.

use super::{Args, ArgsError, FilterDef, Kind, Param, point};
use crate::recipe::Recipe;
use crate::transform::Tables;

const POINTS: &str = "points with growing x, all numbers up to 255";

/// The filter.
pub(super) const DEF: FilterDef = FilterDef {
    name: "curve",
    about: "changes tones by curves through points (x,y), where x is what a sample is and y what it becomes",
    example: "curve([(0,0),(255,255)],[(0,50),(16,51),(32,69),(58,85),(92,120),(128,170),(140,186),(167,225),(192,245),(225,255),(244,255),(255,254)],[(0,0),(16,2),(32,18),(64,59),(92,116),(128,182),(167,211),(192,227),(224,240),(244,247),(255,252)],[(0,48),(50,50),(62,77),(92,110),(128,144),(140,153),(167,180),(192,192),(224,217),(244,225),(255,225)])",
    params: &[
        Param { name: "all", kind: Kind::Points, default: None, about: "curve of every channel, after its own" },
        Param { name: "red", kind: Kind::Points, default: None, about: "curve of red" },
        Param { name: "green", kind: Kind::Points, default: None, about: "curve of green" },
        Param { name: "blue", kind: Kind::Points, default: None, about: "curve of blue" },
    ],
    compile,
};

fn compile(args: &Args, recipe: &mut Recipe) -> Result<(), ArgsError> {
    let all = table(args, 0)?;
    let channels = [table(args, 1)?, table(args, 2)?, table(args, 3)?];
    point::push(recipe, Tables::from_bytes(channels.map(|channel| channel.map(|tone| all[usize::from(tone)]))).into());
    Ok(())
}

/// Argument `index` as a table. Left of the first point its `y` holds, right of the last one that one's.
fn table(args: &Args, index: usize) -> Result<[u8; 256], ArgsError> {
    let mut points = Vec::new();
    for &(x, y) in args.points(index) {
        match (u8::try_from(x), u8::try_from(y)) {
            (Ok(x), Ok(y)) => points.push((f64::from(x), f64::from(y))),
            _ => return Err(args.refused(index, POINTS)),
        }
    }
    if points.is_empty() || !points.is_sorted_by(|(left, _), (right, _)| left < right) {
        return Err(args.refused(index, POINTS));
    }
    let bends = bends(&points);
    let mut table = [0; 256];
    for (x, entry) in (0..=255_u8).zip(&mut table) {
        *entry = byte(tone(&points, &bends, x.into()));
    }
    Ok(table)
}

/// Second derivatives at the points of the natural cubic spline through them: 0 at both ends.
///
/// The spline's equations, one a point, each knowing only its neighbours, solved by elimination.
fn bends(points: &[(f64, f64)]) -> Vec<f64> {
    let mut bends = vec![0.0; points.len()];
    let mut ratios = vec![0.0; points.len()];
    for (at, three) in points.windows(3).enumerate() {
        let [(x0, y0), (x1, y1), (x2, y2)] = [three[0], three[1], three[2]];
        let slope_change = (y2 - y1) / (x2 - x1) - (y1 - y0) / (x1 - x0);
        let pivot = 2.0 * (x2 - x0) - (x1 - x0) * ratios[at];
        ratios[at + 1] = (x2 - x1) / pivot;
        bends[at + 1] = (6.0 * slope_change - (x1 - x0) * bends[at]) / pivot;
    }
    for at in (1..points.len().saturating_sub(1)).rev() {
        bends[at] -= ratios[at] * bends[at + 1];
    }
    bends
}

/// The spline at `x`.
fn tone(points: &[(f64, f64)], bends: &[f64], x: f64) -> f64 {
    let next = points.partition_point(|(at, _)| *at <= x);
    if next == 0 || next == points.len() {
        return points[next.saturating_sub(1)].1;
    }
    let ((x0, y0), (x1, y1)) = (points[next - 1], points[next]);
    let width = x1 - x0;
    let (left, right) = ((x1 - x) / width, (x - x0) / width);
    let bend = (left.powi(3) - left) * bends[next - 1] + (right.powi(3) - right) * bends[next];
    left * y0 + right * y1 + bend * width * width / 6.0
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounded, and such casts clamp")]
fn byte(tone: f64) -> u8 {
    tone.round() as u8
}

#[cfg(test)]
mod tests {
    use super::super::point::tests::{apply, check};
    use super::*;
    use crate::filter::tests::recipe;
    use crate::raster::PixelFormat;

    const LINE: &str = "[(0,0),(255,255)]";

    #[test]
    fn samples_are_those_of_thumbor() {
        check(
            &format!("curve({LINE},[(0,20),(100,60),(200,220),(255,240)],{LINE},{LINE})"),
            "140ac8 14432d 177c92 20b5f7 33ee5c 5227c1 7a6026 a4998b c9d2f0 e20b55 ed44ba f07d1f",
        );
    }

    #[test]
    fn the_curve_of_all_comes_after_that_of_the_channel() {
        let call = format!("curve([(0,255),(255,0)],[(0,40)],{LINE},[(100,7),(200,9)])");
        assert_eq!(apply(&call, PixelFormat::Gray, vec![0, 99, 201]), [215, 255, 248, 215, 156, 248, 215, 54, 246]);
        let alike = format!("curve([(0,255),(255,0)],{LINE},{LINE},{LINE})");
        assert_eq!(apply(&alike, PixelFormat::Gray, vec![0, 99, 255]), [255, 156, 0]);
    }

    #[test]
    fn the_spline_meets_its_points_and_bends_nowhere_at_once() {
        let points = [(0.0, 20.0), (40.0, 200.0), (41.0, 10.0), (200.0, 220.0), (255.0, 0.0)];
        let bends = bends(&points);
        let at = |x: f64| tone(&points, &bends, x);
        for (x, y) in points {
            assert!((at(x) - y).abs() < 1e-9, "{x}");
        }
        let slope = |x: f64| (at(x + 1e-4) - at(x - 1e-4)) / 2e-4;
        let bend = |x: f64| (slope(x + 1e-3) - slope(x - 1e-3)) / 2e-3;
        for (x, expected) in points.iter().map(|(x, _)| *x).zip(&bends).skip(1).take(3) {
            assert!((slope(x - 1e-3) - slope(x + 1e-3)).abs() < 2.0, "{x}");
            assert!((bend(x) - expected).abs() < 1.0 + expected.abs() / 10.0, "{x}: {} {expected}", bend(x));
        }
        assert_eq!((bends[0], bends[4]), (0.0, 0.0));
    }

    #[test]
    fn points_that_make_no_curve_are_refused() {
        for wrong in ["[]", "[(0,0),(0,9)]", "[(9,0),(3,9)]", "[(0,256)]", "[(256,0)]"] {
            let error = recipe(&format!("curve({LINE},{wrong},{LINE},{LINE})")).unwrap_err();
            assert!(!error.is_mismatch());
            assert_eq!(error.to_string(), format!("curve: red `{wrong}` is not {POINTS}"));
        }
    }
}
