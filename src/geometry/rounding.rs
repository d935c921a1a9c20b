//! From fractions back to pixels: the three ways that Thumbor's arithmetic rounds.

/// `value` without its fraction; below zero becomes 0, beyond `u32` the largest.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates, which is what is meant")]
pub fn trunc_to_u32(value: f64) -> u32 {
    value as u32
}

/// The nearest whole number, halves to the even one: what Python's `round` gives. Saturates like [`trunc_to_u32`].
pub fn round_half_even(value: f64) -> u32 {
    trunc_to_u32(value.round_ties_even())
}

/// The next whole number upwards. Saturates like [`trunc_to_u32`].
pub fn ceil_to_u32(value: f64) -> u32 {
    trunc_to_u32(value.ceil())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_go_to_the_even_number() {
        for (value, expected) in [(0.5, 0), (1.5, 2), (2.5, 2), (2.500_001, 3), (-3.0, 0), (1e300, u32::MAX)] {
            assert_eq!(round_half_even(value), expected, "{value}");
        }
    }
}
