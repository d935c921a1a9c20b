//! Quantization tables and the order of coefficients (T.81, B.2.4.1 and figure A.6).

use super::Error;

/// Row-major place of each coefficient in zigzag order.
#[rustfmt::skip]
pub(super) const ZIGZAG: [u8; 64] = [
     0,  1,  8, 16,  9,  2,  3, 10,
    17, 24, 32, 25, 18, 11,  4,  5,
    12, 19, 26, 33, 40, 48, 41, 34,
    27, 20, 13,  6,  7, 14, 21, 28,
    35, 42, 49, 56, 57, 50, 43, 36,
    29, 22, 15, 23, 30, 37, 44, 51,
    58, 59, 52, 45, 38, 31, 39, 46,
    53, 60, 61, 54, 47, 55, 62, 63,
];

/// Step sizes in zigzag order.
pub(super) type Quantizer = [u16; 64];

/// The four tables a file may define.
pub(super) type Quantizers = [Option<Quantizer>; 4];

/// Takes over the tables of a DQT segment.
pub(super) fn parse(mut body: &[u8], tables: &mut Quantizers) -> Result<(), Error> {
    let cut_short = || Error::broken("quantization table is cut short");
    while let Some((&spec, rest)) = body.split_first() {
        let wide = match spec >> 4 {
            0 => false,
            1 => true,
            precision => return Err(Error::broken(format!("quantization table of precision {precision}"))),
        };
        let length = if wide { 128 } else { 64 };
        let (steps, rest) = rest.split_at_checked(length).ok_or_else(cut_short)?;
        let table = tables.get_mut(usize::from(spec & 15)).ok_or_else(|| {
            Error::broken(format!("quantization table has the number {}, not one of 0 to 3", spec & 15))
        })?;
        let step = |index: usize| {
            if wide { u16::from_be_bytes([steps[2 * index], steps[2 * index + 1]]) } else { steps[index].into() }
        };
        *table = Some(std::array::from_fn(step));
        body = rest;
    }
    Ok(())
}

/// The table of this number.
///
/// # Errors
/// [`Error::Broken`] if it was not defined.
pub(super) fn get(tables: &Quantizers, number: u8) -> Result<&Quantizer, Error> {
    let table = tables.get(usize::from(number)).and_then(Option::as_ref);
    table.ok_or_else(|| Error::broken(format!("quantization table {number} was not defined")))
}
