//! Between the many ways in which AV1 writes colors and ours: full range, BT.601.

use super::unsupported;
use crate::codec::CodecError;

/// Weights of red and blue in luma, by matrix coefficients of ITU-T H.273; the weight of green is what is left.
fn luma_weights(matrix: u16) -> Option<(f32, f32)> {
    Some(match matrix {
        1 => (0.2126, 0.0722),
        2 | 5 | 6 => (0.299, 0.114), // unspecified: as most writers mean it
        4 => (0.30, 0.11),
        7 => (0.212, 0.087),
        9 => (0.2627, 0.0593),
        _ => return None,
    })
}

/// Makes samples of 16 to 235, or around 128 up to 240 for chroma, use all values.
pub(super) fn widen(plane: &mut [u8], chroma: bool) {
    let table: [u8; 256] = std::array::from_fn(|sample| {
        let (zero, whole, at) = if chroma { (128.0, 224.0, 128.0) } else { (16.0, 219.0, 0.0) };
        byte((narrow(sample) - zero) * 255.0 / whole + at)
    });
    for sample in plane {
        *sample = table[usize::from(*sample)];
    }
}

/// Turns full-range planes of any `matrix` into those of BT.601.
///
/// Matrices keep gray gray. So new chroma follows from old chroma alone, sample by sample, and new luma is the old one
/// and something of chroma; planes stay planes, whatever their size. Chroma is taken as it is for all luma samples that
/// it covers. `chroma` tells how many these are on each axis, `width` is that of the luma plane.
///
/// # Errors
/// [`CodecError::Unsupported`] for matrices that are not linear, and for RGB of smaller chroma planes.
pub(super) fn to_bt601(planes: &mut [Vec<u8>], matrix: u16, width: usize, chroma: (u8, u8)) -> Result<(), CodecError> {
    let [luma, blue, red] = planes else { return Ok(()) };
    // Red, green, blue less luma as sums of the two planes of chroma around 0.
    let differences = match (matrix, luma_weights(matrix)) {
        (2 | 5 | 6, _) => return Ok(()),
        (0, _) if chroma == (1, 1) => return bt601_from_gbr(luma, blue, red),
        (8, _) => [[-1.0, 1.0], [1.0, 0.0], [-1.0, -1.0]], // YCgCo
        (_, Some((kr, kb))) => {
            let (red, blue) = (2.0 - 2.0 * kr, 2.0 - 2.0 * kb);
            let green = 1.0 - kr - kb;
            [[0.0, red], [-kb * blue / green, -kr * red / green], [blue, 0.0]]
        }
        _ => return Err(unsupported(format!("matrix coefficients {matrix}"))),
    };
    let luma_of = |column: usize| {
        0.299 * differences[0][column] + 0.587 * differences[1][column] + 0.114 * differences[2][column]
    };
    let more = [luma_of(0), luma_of(1)];
    let chroma_of = |color: usize, scale: f32| {
        [(differences[color][0] - more[0]) / scale, (differences[color][1] - more[1]) / scale]
    };
    let (new_blue, new_red) = (chroma_of(2, 1.772), chroma_of(0, 1.402));
    let sum = |weights: [f32; 2], b: u8, r: u8| weights[0] * centered(b) + weights[1] * centered(r);
    let (step_x, step_y) = (usize::from(chroma.0), usize::from(chroma.1));
    let columns = width.div_ceil(step_x);
    for (y, row) in luma.chunks_exact_mut(width).enumerate() {
        let start = y / step_y * columns;
        let (blue, red) = (&blue[start..start + columns], &red[start..start + columns]);
        for ((samples, &b), &r) in row.chunks_mut(step_x).zip(blue).zip(red) {
            let add = sum(more, b, r);
            for sample in samples {
                *sample = byte(f32::from(*sample) + add);
            }
        }
    }
    for (b, r) in blue.iter_mut().zip(red) {
        (*b, *r) = (byte(sum(new_blue, *b, *r) + 128.0), byte(sum(new_red, *b, *r) + 128.0));
    }
    Ok(())
}

/// Planes of green, blue and red become luma and chroma.
#[expect(clippy::unnecessary_wraps, reason = "one of several ways to convert, of which others can fail")]
fn bt601_from_gbr(green: &mut [u8], blue: &mut [u8], red: &mut [u8]) -> Result<(), CodecError> {
    for ((g, b), r) in green.iter_mut().zip(blue).zip(red) {
        (*g, *b, *r) = bt601_from_rgb([*r, *g, *b]);
    }
    Ok(())
}

/// Luma, blue and red chroma of a color, by JFIF's equations.
pub(super) fn bt601_from_rgb(rgb: [u8; 3]) -> (u8, u8, u8) {
    let [r, g, b] = rgb.map(f32::from);
    let luma = 0.299 * r + 0.587 * g + 0.114 * b;
    (byte(luma), byte((b - luma) / 1.772 + 128.0), byte((r - luma) / 1.402 + 128.0))
}

fn centered(sample: u8) -> f32 {
    f32::from(sample) - 128.0
}

fn narrow(sample: usize) -> f32 {
    f32::from(u8::try_from(sample).unwrap_or(u8::MAX))
}

/// The nearest of 0 to 255.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
pub(super) fn byte(number: f32) -> u8 {
    number.round().clamp(0.0, 255.0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLORS: [[u8; 3]; 7] =
        [[255, 255, 255], [0, 0, 0], [90, 90, 90], [200, 40, 30], [20, 190, 60], [30, 50, 210], [240, 220, 20]];

    /// Luma and chroma of a color by the definition of a matrix.
    fn defined(matrix: u16, [r, g, b]: [f32; 3]) -> [u8; 3] {
        let (kr, kb) = luma_weights(matrix).unwrap();
        let luma = kr * r + (1.0 - kr - kb) * g + kb * b;
        let (blue, red) = ((b - luma) / (2.0 - 2.0 * kb), (r - luma) / (2.0 - 2.0 * kr));
        [byte(luma), byte(blue + 128.0), byte(red + 128.0)]
    }

    fn assert_near(planes: &[Vec<u8>], color: [u8; 3], what: &str) {
        let (y, cb, cr) = bt601_from_rgb(color);
        for (plane, expected) in planes.iter().zip([y, cb, cr]) {
            let off = plane.iter().map(|sample| sample.abs_diff(expected)).max().unwrap();
            assert!(off <= 1, "{what} {color:?}: {plane:?} for {expected}");
        }
    }

    #[test]
    fn every_matrix_comes_to_the_same_colors() {
        for color in COLORS {
            let rgb = color.map(f32::from);
            for matrix in [1, 2, 4, 5, 6, 7, 9] {
                for (chroma, samples) in [((1, 1), 6), ((2, 1), 4), ((2, 2), 2)] {
                    let [luma, blue, red] = defined(matrix, rgb);
                    let mut planes = [vec![luma; 6], vec![blue; samples], vec![red; samples]];
                    to_bt601(&mut planes, matrix, 3, chroma).unwrap();
                    assert_near(&planes, color, &format!("matrix {matrix}, {chroma:?}"));
                }
            }
            let [r, g, b] = rgb;
            let luma = r / 4.0 + g / 2.0 + b / 4.0;
            let mut planes = [vec![byte(luma)], vec![byte(g - luma + 128.0)], vec![byte((r - b) / 2.0 + 128.0)]];
            to_bt601(&mut planes, 8, 1, (1, 1)).unwrap();
            let near: Vec<_> = planes.iter().map(|plane| i32::from(plane[0])).collect();
            let (y, cb, cr) = bt601_from_rgb(color);
            // Twice as coarse, and cut off at the most colorful.
            assert!((near[0] - i32::from(y)).abs() <= 3 && (near[1] - i32::from(cb)).abs() <= 3, "YCgCo {color:?}");
            assert!((near[2] - i32::from(cr)).abs() <= 3, "YCgCo {color:?}: {near:?}");
            let mut planes = [vec![color[1]], vec![color[2]], vec![color[0]]];
            to_bt601(&mut planes, 0, 1, (1, 1)).unwrap();
            assert_near(&planes, color, "GBR");
        }
    }

    #[test]
    fn what_cannot_be_converted_is_refused() {
        for (matrix, chroma) in [(0, (2, 2)), (3, (1, 1)), (10, (1, 1)), (14, (2, 2)), (u16::MAX, (1, 1))] {
            let mut planes = [vec![1], vec![1], vec![1]];
            assert!(to_bt601(&mut planes, matrix, 1, chroma).is_err(), "matrix {matrix}");
        }
    }

    #[test]
    fn limited_range_becomes_full() {
        let mut luma = [0, 16, 126, 235, 255];
        widen(&mut luma, false);
        assert_eq!(luma, [0, 0, 128, 255, 255]);
        let mut chroma = [0, 16, 128, 240, 255];
        widen(&mut chroma, true);
        assert_eq!(chroma, [0, 1, 128, 255, 255]);
    }
}
