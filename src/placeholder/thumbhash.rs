//! `ThumbHash`: a tiny picture with its ratio and transparency in about 25 bytes. <https://evanw.github.io/thumbhash/>

use super::{float, rgba, rounded};
use crate::geometry::Canvas;
use crate::raster::PixelBuffer;
use std::f32::consts::PI;

/// The hash of a picture of at most 100 by 100 pixels; larger ones only take longer.
pub fn thumbhash(picture: &PixelBuffer<Canvas>) -> Vec<u8> {
    let (size, pixels) = rgba(picture);
    let sides = (size.width as usize, size.height as usize);
    let opacity: f32 = pixels.iter().map(|pixel| f32::from(pixel[3]) / 255.0).sum();
    let mean: [f32; 3] = std::array::from_fn(|channel| {
        let sum: f32 = pixels.iter().map(|p| f32::from(p[channel]) / 255.0 * f32::from(p[3]) / 255.0).sum();
        if opacity > 0.0 { sum / opacity } else { 0.0 }
    });
    let has_alpha = pixels.iter().any(|pixel| pixel[3] < 255);
    // Light, yellow against blue, red against green; transparent pixels have the mean color.
    let planes: Vec<[f32; 4]> = pixels.iter().map(|pixel| planes_of(*pixel, mean)).collect();
    let most = if has_alpha { 5 } else { 7 };
    let waves = |side: usize| rounded(float(most * side) / float(sides.0.max(sides.1)), 7).max(1) as usize;
    let (waves_x, waves_y) = (waves(sides.0), waves(sides.1));
    let plane = |index: usize| planes.iter().map(move |planes| planes[index]);
    let light = Channel::of(plane(0), sides, (waves_x.max(3), waves_y.max(3)));
    let [yellow, red] = [1, 2].map(|index| Channel::of(plane(index), sides, (3, 3)));
    let alpha = has_alpha.then(|| Channel::of(plane(3), sides, (5, 5)));

    let landscape = sides.0 > sides.1;
    let first = rounded(63.0 * light.mean, 63)
        | rounded(31.5 + 31.5 * yellow.mean, 63) << 6
        | rounded(31.5 + 31.5 * red.mean, 63) << 12
        | rounded(31.0 * light.scale, 31) << 18
        | u32::from(has_alpha) << 23;
    let waves = if landscape { waves_y } else { waves_x };
    let second = rounded(float(waves), 7)
        | rounded(63.0 * yellow.scale, 63) << 3
        | rounded(63.0 * red.scale, 63) << 9
        | u32::from(landscape) << 15;
    let mut hash = [&first.to_le_bytes()[..3], &second.to_le_bytes()[..2]].concat();
    let mut halves = Vec::new();
    if let Some(alpha) = &alpha {
        halves.extend([rounded(15.0 * alpha.mean, 15), rounded(15.0 * alpha.scale, 15)]);
    }
    let channels = [Some(light), Some(yellow), Some(red), alpha];
    halves.extend(channels.iter().flatten().flat_map(|channel| &channel.waves).map(|wave| rounded(15.0 * wave, 15)));
    let byte = |pair: &[u32]| pair[0] | pair.get(1).copied().unwrap_or(0) << 4;
    hash.extend(halves.chunks(2).map(|pair| byte(pair).to_le_bytes()[0]));
    hash
}

fn planes_of(pixel: [u8; 4], mean: [f32; 3]) -> [f32; 4] {
    let alpha = f32::from(pixel[3]) / 255.0;
    let [r, g, b] =
        std::array::from_fn(|channel| mean[channel] * (1.0 - alpha) + alpha * f32::from(pixel[channel]) / 255.0);
    [(r + g + b) / 3.0, f32::midpoint(r, g) - b, r - g, alpha]
}

/// A plane as its mean and its lowest waves.
struct Channel {
    mean: f32,
    /// The largest wave.
    scale: f32,
    /// The others in parts of it, 0 to 1 with no wave in the middle.
    waves: Vec<f32>,
}

impl Channel {
    /// Waves up to `counts`, those with few turns in both directions together first.
    fn of(
        plane: impl Iterator<Item = f32>,
        (width, height): (usize, usize),
        (count_x, count_y): (usize, usize),
    ) -> Self {
        let plane: Vec<f32> = plane.collect();
        let wave = |count: usize, side: usize| -> Vec<f32> {
            (0..side).map(|at| (PI / float(side) * float(count) * (float(at) + 0.5)).cos()).collect()
        };
        let columns: Vec<_> = (0..count_x).map(|count| wave(count, width)).collect();
        let mut factors = Vec::new();
        for y in 0..count_y {
            let down = wave(y, height);
            for across in
                columns.iter().enumerate().filter(|(x, _)| x * count_y < count_x * (count_y - y)).map(|(_, c)| c)
            {
                let rows = plane.chunks_exact(width).zip(&down);
                let sum = |(row, down): (&[f32], &f32)| row.iter().zip(across).map(|(v, a)| v * a).sum::<f32>() * down;
                factors.push(rows.map(sum).sum::<f32>() / float(width * height));
            }
        }
        let mean = factors.remove(0);
        let scale = factors.iter().fold(0.0_f32, |scale, factor| scale.max(factor.abs()));
        let part = |factor: f32| if scale > 0.0 { 0.5 + 0.5 / scale * factor } else { factor };
        Self { mean, scale, waves: factors.into_iter().map(part).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::drawn;
    use super::*;
    use crate::geometry::Size;
    use crate::raster::PixelFormat;
    use base64::Engine as _;
    use base64::prelude::BASE64_STANDARD;

    #[test]
    fn a_hash_begins_with_color_ratio_and_transparency() {
        let one = |size: (u32, u32), pixel: [u8; 4]| {
            let count = size.0 as usize * size.1 as usize;
            thumbhash(&PixelBuffer::from_vec(PixelFormat::Rgba, Size::new(size.0, size.1), pixel.repeat(count)))
        };
        let white = one((20, 10), [255; 4]);
        assert_eq!(white[0] & 63, 63, "as light as can be");
        assert_eq!((white[2] >> 7, white[4] >> 7), (0, 1), "opaque, landscape");
        let clear = one((10, 20), [0; 4]);
        assert_eq!((clear[2] >> 7, clear[4] >> 7), (1, 0), "transparent, portrait");
        assert_eq!((white.len(), clear.len()), (5 + 14, 5 + 18), "two waves a byte");
    }

    /// Hashes that `thumbhash` 0.1.1, the author's own encoder in JavaScript, makes of the same pixels.
    #[test]
    fn hashes_are_those_of_the_reference() {
        let check = |size: (u32, u32), translucent, expected: &str| {
            let hash = thumbhash(&drawn(size.0, size.1, translucent));
            assert_eq!(BASE64_STANDARD.encode(hash), expected, "{size:?} {translucent}");
        };
        check((60, 40), false, "lVoKNZpwhndyh3h3iHeIiHByB9VY");
        check((40, 60), false, "lpoKNRZgdXGHaIdoiIiHh2BxBtQn");
        check((48, 32), true, "lWqGI5AJcIZyd3dwcgfVV/nL/qvIrrw=");
        check((32, 48), true, "loqGIw4JYHFnZodgcQbUJ7pa2dqveqw=");
        check((100, 20), false, "VUoKMZpwh3dyd3iHcIIH13g=");
    }
}
