//! A picture drawn by code that costs a codec about as much as a photograph: slopes, edges and noise of all scales.

use tintype::geometry::{Canvas, Size};
use tintype::raster::{PixelBuffer, PixelFormat};

/// The scene in planes, gray or RGB.
pub(crate) fn scene(format: PixelFormat, width: u32, height: u32) -> PixelBuffer<Canvas> {
    let mut picture = PixelBuffer::new(format, Size::new(width, height));
    let channels = format.channels();
    for (index, plane) in picture.planes_mut().iter_mut().enumerate() {
        let (x_divisor, y_divisor) = format.divisors(index);
        for (y, row) in (0..).zip(plane.rows_mut()) {
            for (x, pixel) in (0..).zip(row.chunks_exact_mut(channels)) {
                for (channel, sample) in (0..).zip(pixel) {
                    let plane = u32::try_from(index).expect("there are three planes") + channel;
                    *sample = value(plane, x * x_divisor, y * y_divisor);
                }
            }
        }
    }
    picture
}

/// One sample. Plane 0 has the detail; the others are calm, as chroma is.
fn value(plane: u32, x: u32, y: u32) -> u8 {
    let octaves: &[(u32, i32)] =
        if plane == 0 { &[(8, 60), (6, 34), (4, 20), (2, 12), (1, 6), (0, 3)] } else { &[(8, 40), (6, 14), (4, 5)] };
    let noise: i32 = octaves.iter().map(|&(scale, amplitude)| smooth_noise(plane, x, y, scale) * amplitude / 256).sum();
    let edge = if plane == 0 && (x / 300 + y / 220).is_multiple_of(3) { 25 } else { 0 };
    u8::try_from((128 + noise + edge).clamp(0, 255)).expect("clamped to a byte")
}

/// Noise of -256..=256 between whose lattice points, `1 << scale` pixels apart, values change evenly.
fn smooth_noise(plane: u32, x: u32, y: u32, scale: u32) -> i32 {
    let (left, top) = (x >> scale, y >> scale);
    let part = |position: u32| i32::try_from(((position << 8) >> scale) & 255).expect("masked to eight bits");
    let (right_share, bottom_share) = (part(x), part(y));
    let across = |y: u32| {
        lattice(plane, scale, left, y) * (256 - right_share) + lattice(plane, scale, left + 1, y) * right_share
    };
    ((across(top) >> 8) * (256 - bottom_share) + (across(top + 1) >> 8) * bottom_share) >> 8
}

/// The noise's value at a lattice point: a hash of its place.
fn lattice(plane: u32, scale: u32, x: u32, y: u32) -> i32 {
    let mut hash =
        x.wrapping_mul(0x9E37_79B1) ^ y.wrapping_mul(0x85EB_CA77) ^ (scale * 8 + plane).wrapping_mul(0xC2B2_AE3D);
    hash = (hash ^ (hash >> 15)).wrapping_mul(0x2C1B_3C6D);
    hash = (hash ^ (hash >> 12)).wrapping_mul(0x297A_2D39);
    i32::try_from((hash ^ (hash >> 15)) & 511).expect("masked to nine bits") - 256
}
