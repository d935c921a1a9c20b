//! Undoes the filters of rows.

use super::paeth::unfilter_four_rows;

/// The number of the Paeth filter.
const PAETH: u8 = 4;

/// Undoes the filters of rows of `row_bytes` with `pixel_bytes` a pixel (1 for smaller pixels) and tells how many
/// rows could be done; it stops at a filter that does not exist.
///
/// `filtered` holds whole rows as in the file, each behind a byte that names its filter. `rows` holds the row above
/// the first one (zeros if there is none) and then room for all of them.
pub(super) fn unfilter(filtered: &[u8], row_bytes: usize, pixel_bytes: usize, rows: &mut [u8]) -> usize {
    match pixel_bytes {
        1 => unfilter_rows::<1>(filtered, row_bytes, rows),
        2 => unfilter_rows::<2>(filtered, row_bytes, rows),
        3 => unfilter_rows::<3>(filtered, row_bytes, rows),
        4 => unfilter_rows::<4>(filtered, row_bytes, rows),
        6 => unfilter_rows::<6>(filtered, row_bytes, rows),
        8 => unfilter_rows::<8>(filtered, row_bytes, rows),
        _ => unreachable!("pixels have 1, 2, 3, 4, 6 or 8 bytes"),
    }
}

fn unfilter_rows<const BYTES: usize>(filtered: &[u8], row_bytes: usize, rows: &mut [u8]) -> usize {
    let stride = row_bytes + 1;
    let count = filtered.len() / stride;
    let mut y = 0;
    while y < count {
        let next = &filtered[y * stride..];
        if BYTES <= 4 && y + 4 <= count && (0..4).all(|row| next[row * stride] == PAETH) {
            unfilter_four_rows::<BYTES>(next, row_bytes, &mut rows[y * row_bytes..]);
            y += 4;
            continue;
        }
        let (above, row) = rows[y * row_bytes..][..2 * row_bytes].split_at_mut(row_bytes);
        if !unfilter_row::<BYTES>(next[0], &next[1..stride], above, row) {
            break;
        }
        y += 1;
    }
    y
}

/// One row into `out`; false if there is no such filter.
fn unfilter_row<const BYTES: usize>(filter: u8, filtered: &[u8], above: &[u8], out: &mut [u8]) -> bool {
    match filter {
        0 => out.copy_from_slice(filtered),
        1 => each_pixel::<BYTES>(filtered, above, out, |left, _, _| left),
        2 => {
            for ((out, byte), above) in out.iter_mut().zip(filtered).zip(above) {
                *out = byte.wrapping_add(*above);
            }
        }
        3 => each_pixel::<BYTES>(filtered, above, out, |left, above, _| left.midpoint(above)),
        PAETH => each_pixel::<BYTES>(filtered, above, out, predict_paeth),
        _ => return false,
    }
    true
}

/// Adds to each byte what is predicted from its left, upper and upper left neighbors in this order.
#[inline]
fn each_pixel<const BYTES: usize>(
    filtered: &[u8],
    above: &[u8],
    out: &mut [u8],
    predict: impl Fn(u8, u8, u8) -> u8 + Copy,
) {
    let (filtered, above, out) =
        (filtered.as_chunks::<BYTES>().0, above.as_chunks::<BYTES>().0, out.as_chunks_mut::<BYTES>().0);
    let (mut left, mut above_left) = ([0; BYTES], [0; BYTES]);
    for ((out, filtered), above) in out.iter_mut().zip(filtered).zip(above) {
        for index in 0..BYTES {
            left[index] = filtered[index].wrapping_add(predict(left[index], above[index], above_left[index]));
        }
        *out = left;
        above_left = *above;
    }
}

/// Whichever of `a` (left), `b` (above) and `c` (above left) is nearest to `a + b - c`, ties in this order.
///
/// Said without distances, which keeps it free of branches: `c` unless it lies outside of `a` and `b`, and then the
/// one of them on the other side.
#[inline]
fn predict_paeth(a: u8, b: u8, c: u8) -> u8 {
    let (low, high) = (i16::from(a.min(b)), i16::from(a.max(b)));
    let threshold = 3 * i16::from(c) - (low + high);
    let inner = if high <= threshold { a.min(b) } else { c };
    if threshold <= low { a.max(b) } else { inner }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The predictor in the words of the specification.
    fn paeth_of_the_book(a: u8, b: u8, c: u8) -> u8 {
        let estimate = i32::from(a) + i32::from(b) - i32::from(c);
        let distance = |value: u8| (estimate - i32::from(value)).abs();
        if distance(a) <= distance(b) && distance(a) <= distance(c) {
            a
        } else if distance(b) <= distance(c) {
            b
        } else {
            c
        }
    }

    #[test]
    fn the_branchless_predictor_is_the_one_of_the_book() {
        for a in 0..=255 {
            for b in 0..=255 {
                for c in (0..=255).step_by(3).chain([1, 254]) {
                    assert_eq!(predict_paeth(a, b, c), paeth_of_the_book(a, b, c), "{a} {b} {c}");
                }
            }
        }
    }

    /// Rows of noise that all use the Paeth filter, undone as the book says.
    fn check_four_rows<const BYTES: usize>(columns: usize) {
        let row_bytes = columns * BYTES;
        let mut seed = 12345_u32;
        let mut noise = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            seed.to_be_bytes()[0]
        };
        let above: Vec<u8> = (0..row_bytes).map(|_| noise()).collect();
        let filtered: Vec<u8> =
            (0..4 * (row_bytes + 1)).map(|i| if i % (row_bytes + 1) == 0 { PAETH } else { noise() }).collect();

        let mut rows = above;
        rows.resize(5 * row_bytes, 0);
        let mut expected = rows.clone();
        for y in 1..5 {
            for x in 0..row_bytes {
                let at = |x: Option<usize>, y: usize| x.map_or(0, |x| expected[y * row_bytes + x]);
                let left = x.checked_sub(BYTES);
                let prediction = paeth_of_the_book(at(left, y), at(Some(x), y - 1), at(left, y - 1));
                let byte = filtered[(y - 1) * (row_bytes + 1) + 1 + x];
                expected[y * row_bytes + x] = byte.wrapping_add(prediction);
            }
        }
        assert_eq!(unfilter(&filtered, row_bytes, BYTES, &mut rows), 4);
        assert!(rows == expected, "{columns} columns of {BYTES} bytes");
    }

    #[test]
    fn four_rows_at_once_are_four_single_rows() {
        for columns in [1, 2, 3, 4, 5, 100] {
            check_four_rows::<1>(columns);
            check_four_rows::<2>(columns);
            check_four_rows::<3>(columns);
            check_four_rows::<4>(columns);
            check_four_rows::<6>(columns);
            check_four_rows::<8>(columns);
        }
    }

    #[test]
    fn a_filter_that_does_not_exist_ends_the_rows() {
        let mut rows = [0; 12];
        assert_eq!(unfilter(&[0, 1, 2, 3, 4, 2, 1, 1, 1, 1, 5, 9, 9, 9, 9], 4, 1, &mut [0; 16]), 2);
        assert_eq!(unfilter(&[0, 1, 2, 3, 4, 2, 1, 1, 1, 1], 4, 1, &mut rows), 2);
        assert_eq!(rows, [0, 0, 0, 0, 1, 2, 3, 4, 2, 3, 4, 5]);
    }
}
