//! Colors through ICC profiles, and CMYK without one.

use super::map_pixels;
use crate::raster::{PixelBuffer, PixelFormat};
use moxcms::{ColorProfile, DataColorSpace, Layout, ProfileText, RenderingIntent, TransformExecutor, TransformOptions};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// What kind of pixels a profile is for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ColorSpace {
    /// One channel.
    Gray,
    /// Three channels.
    Rgb,
    /// Four inks.
    Cmyk,
}

/// The color space of an ICC profile by its header; `None` if it is no profile, or one for other kinds of pixels.
pub fn icc_color_space(icc: &[u8]) -> Option<ColorSpace> {
    const HEADER_AND_TAG_COUNT: usize = 132;
    let bytes = u32::from_be_bytes(*icc.first_chunk::<4>()?) as usize;
    if bytes < HEADER_AND_TAG_COUNT || bytes > icc.len() || icc.get(36..40)? != b"acsp" {
        return None;
    }
    match icc.get(16..20)? {
        b"GRAY" => Some(ColorSpace::Gray),
        b"RGB " => Some(ColorSpace::Rgb),
        b"CMYK" => Some(ColorSpace::Cmyk),
        _ => None,
    }
}

/// Whether an ICC profile says how some device shows or sees colors, or only how to go from one space of numbers to
/// another (class `spac`).
pub fn icc_is_of_device(icc: &[u8]) -> bool {
    icc.get(12..16) != Some(b"spac")
}

/// What an ICC profile calls itself; `None` if it has no name or cannot be read.
pub fn icc_name(icc: &[u8]) -> Option<String> {
    icc_color_space(icc)?;
    let name = match ColorProfile::new_from_slice(icc).ok()?.description? {
        ProfileText::PlainString(name) => name,
        ProfileText::Localizable(names) => names.into_iter().next()?.value,
        ProfileText::Description(name) => name.ascii_string,
    };
    let name = name.trim_matches(['\0', ' ']).to_owned();
    (!name.is_empty()).then_some(name)
}

/// Gray, RGB (both with or without alpha) or YCbCr pixels of the profile `icc` as sRGB; gray stays gray, YCbCr
/// becomes RGB, alpha stays as it is. Relative colorimetric.
///
/// # Errors
/// The picture as it was, if the profile cannot be used: broken, or for another kind of pixels.
pub fn to_srgb<S>(buffer: PixelBuffer<S>, icc: &[u8]) -> Result<PixelBuffer<S>, PixelBuffer<S>> {
    let (space, layout) = match buffer.format() {
        PixelFormat::Gray => (ColorSpace::Gray, Layout::Gray),
        PixelFormat::GrayAlpha => (ColorSpace::Gray, Layout::GrayAlpha),
        PixelFormat::Rgb | PixelFormat::YCbCr(_) => (ColorSpace::Rgb, Layout::Rgb),
        PixelFormat::Rgba => (ColorSpace::Rgb, Layout::Rgba),
        PixelFormat::Cmyk => return Err(buffer),
    };
    let Some(transform) = TRANSFORMS.get(icc, space, layout) else { return Err(buffer) };
    let rgb = super::rgb_from_ycbcr(buffer);
    apply(&*transform, &rgb, rgb.format()).ok_or(rgb)
}

/// CMYK as RGB: as sRGB through the profile `icc` if that is a usable CMYK profile (relative colorimetric), else by
/// Pillow's formula, white less ink less black. Other pictures stay as they are.
#[must_use]
pub fn rgb_from_cmyk<S>(buffer: PixelBuffer<S>, icc: Option<&[u8]>) -> PixelBuffer<S> {
    if buffer.format() != PixelFormat::Cmyk {
        return buffer;
    }
    let transform = icc.and_then(|icc| TRANSFORMS.get(icc, ColorSpace::Cmyk, Layout::Rgba));
    let profiled = transform.and_then(|transform| apply(&*transform, &buffer, PixelFormat::Rgb));
    profiled.unwrap_or_else(|| map_pixels(&buffer, PixelFormat::Rgb, naive_rgb))
}

fn naive_rgb([cyan, magenta, yellow, black]: [u8; 4]) -> [u8; 3] {
    let light = 255 - u32::from(black);
    [cyan, magenta, yellow].map(|ink| {
        let product = u32::from(ink) * light + 128;
        let absorbed = (product + (product >> 8)) >> 8;
        (light - absorbed).to_le_bytes()[0]
    })
}

type Transform = dyn TransformExecutor<u8> + Send + Sync;

fn apply<S>(transform: &Transform, buffer: &PixelBuffer<S>, format: PixelFormat) -> Option<PixelBuffer<S>> {
    let mut result = PixelBuffer::new(format, buffer.size());
    transform.transform(&buffer.first().data, &mut result.first_mut().data).ok()?;
    Some(result)
}

/// The transform from a profile to sRGB, gray to gray of the same curve; alpha in the layout stays.
fn build(icc: &[u8], space: ColorSpace, layout: Layout) -> Option<Arc<Transform>> {
    let profile = ColorProfile::new_from_slice(icc).ok()?;
    let srgb = ColorProfile::new_srgb();
    let (expected, target, target_layout) = match space {
        ColorSpace::Rgb => (DataColorSpace::Rgb, srgb, layout),
        ColorSpace::Cmyk => (DataColorSpace::Cmyk, srgb, Layout::Rgb),
        ColorSpace::Gray => {
            let mut gray = ColorProfile::new_gray_with_gamma(2.2);
            gray.gray_trc = srgb.red_trc;
            (DataColorSpace::Gray, gray, layout)
        }
    };
    if profile.color_space != expected {
        return None;
    }
    let options =
        TransformOptions { rendering_intent: RenderingIntent::RelativeColorimetric, ..TransformOptions::default() };
    profile.create_transform_8bit(layout, &target, target_layout, options).ok()
}

/// Transforms of the profiles used last, since building one takes as long as converting a megapixel.
///
/// One for the whole process: it changes no result, and profiles repeat across requests.
static TRANSFORMS: LazyLock<Transforms> =
    LazyLock::new(|| Transforms { hasher: RandomState::new(), recent: Mutex::new(Vec::new()) });

struct Transforms {
    // Seeded at random: nobody can make two profiles that are taken for each other.
    hasher: RandomState,
    /// The one used last at the end.
    recent: Mutex<Vec<Entry>>,
}

#[derive(Clone)]
struct Entry {
    key: Key,
    /// `None` for a profile that cannot be used.
    transform: Option<Arc<Transform>>,
}

/// Stands for the bytes of a profile and what is made of it.
#[derive(Clone, Copy, PartialEq)]
struct Key {
    hash: u64,
    bytes: usize,
    layout: Layout,
    space: ColorSpace,
}

impl Transforms {
    /// How many are kept.
    const LIMIT: usize = 16;

    fn get(&self, icc: &[u8], space: ColorSpace, layout: Layout) -> Option<Arc<Transform>> {
        if icc_color_space(icc) != Some(space) {
            return None;
        }
        let key = Key { hash: self.hasher.hash_one(icc), bytes: icc.len(), layout, space };
        if let Some(known) = self.recall(key) {
            return known.transform;
        }
        // Built outside the lock; two threads that build the same do no harm.
        let transform = build(icc, space, layout);
        self.keep(Entry { key, transform: transform.clone() });
        transform
    }

    fn recall(&self, key: Key) -> Option<Entry> {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        let at = recent.iter().position(|entry| entry.key == key)?;
        recent[at..].rotate_left(1);
        recent.last().cloned()
    }

    fn keep(&self, entry: Entry) {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.retain(|known| known.key != entry.key);
        if recent.len() >= Self::LIMIT {
            recent.remove(0);
        }
        recent.push(entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{Canvas, Size};

    fn pixels(format: PixelFormat, data: &[u8]) -> PixelBuffer<Canvas> {
        let pixels = u32::try_from(data.len() / format.channels()).expect("few");
        PixelBuffer::from_vec(format, Size::new(pixels, 1), data.to_vec())
    }

    fn assert_near(got: &[u8], expected: &[u8], tolerance: u8) {
        let near = |(got, expected): (&u8, &u8)| got.abs_diff(*expected) <= tolerance;
        assert!(got.len() == expected.len() && got.iter().zip(expected).all(near), "{got:?} for {expected:?}");
    }

    fn adobe_rgb() -> Vec<u8> {
        ColorProfile::new_adobe_rgb().encode().expect("it can be written")
    }

    /// Four inks of which each takes the same from a neutral lightness: L* is 100 less 25 for each.
    fn four_grays() -> Vec<u8> {
        let mut table = b"mft1\0\0\0\0\x04\x03\x02\0".to_vec();
        for entry in [1, 0, 0, 0, 1, 0, 0, 0, 1] {
            table.extend([0, entry, 0, 0]);
        }
        (0..4).for_each(|_| table.extend(0..=255));
        for inks in 0..16_u8 {
            let lightness = [255, 191, 127, 63, 0][inks.count_ones() as usize];
            table.extend([lightness, 128, 128]);
        }
        (0..3).for_each(|_| table.extend(0..=255));

        let mut icc = vec![0; 128];
        icc[8] = 2;
        icc[12..24].copy_from_slice(b"prtrCMYKLab ");
        icc[36..40].copy_from_slice(b"acsp");
        // Illuminant D50.
        icc[68..80].copy_from_slice(&[0, 0, 0xf6, 0xd6, 0, 1, 0, 0, 0, 0, 0xd3, 0x2d]);
        icc.extend([0, 0, 0, 2]);
        for tag in [b"A2B0", b"A2B1"] {
            icc.extend(tag);
            icc.extend([0, 0, 0, 156]);
            icc.extend(u32::try_from(table.len()).expect("small").to_be_bytes());
        }
        icc.extend(table);
        let bytes = u32::try_from(icc.len()).expect("small");
        icc[..4].copy_from_slice(&bytes.to_be_bytes());
        icc
    }

    #[test]
    fn the_header_tells_the_color_space() {
        let adobe = adobe_rgb();
        assert_eq!(icc_color_space(&adobe), Some(ColorSpace::Rgb));
        assert_eq!(icc_color_space(&four_grays()), Some(ColorSpace::Cmyk));
        let gray = ColorProfile::new_gray_with_gamma(2.2).encode().expect("it can be written");
        assert_eq!(icc_color_space(&gray), Some(ColorSpace::Gray));
        assert_eq!(icc_color_space(&adobe[..adobe.len() - 1]), None, "cut off");
        assert_eq!(icc_color_space(&[0; 200]), None);
        assert_eq!(icc_color_space(b""), None);
    }

    #[test]
    fn cmyk_without_a_profile_is_what_pillow_makes_of_it() {
        let check = |cmyk, rgb| assert_eq!(naive_rgb(cmyk), rgb, "{cmyk:?}");
        check([0, 0, 0, 0], [255, 255, 255]);
        check([255, 0, 0, 0], [0, 255, 255]);
        check([0, 0, 0, 255], [0, 0, 0]);
        check([100, 150, 200, 50], [125, 84, 44]);
        check([1, 127, 128, 129], [126, 63, 63]);
        check([255, 255, 255, 255], [0, 0, 0]);
    }

    #[test]
    fn cmyk_goes_through_its_profile() {
        let inks = [0, 0, 0, 0, 255, 0, 0, 0, 0, 255, 255, 0, 255, 255, 255, 255];
        let rgb = rgb_from_cmyk(pixels(PixelFormat::Cmyk, &inks), Some(&four_grays()));
        // L* of 100, 74.9, 49.8 and 0 in sRGB.
        let expected = [255, 255, 255, 185, 185, 185, 118, 118, 118, 0, 0, 0];
        assert_near(&rgb.into_first(), &expected, 2);
    }

    #[test]
    fn cmyk_with_a_useless_profile_does_without() {
        for icc in [adobe_rgb(), four_grays()[..400].to_vec(), Vec::new()] {
            let rgb = rgb_from_cmyk(pixels(PixelFormat::Cmyk, &[255, 0, 0, 0]), Some(&icc));
            assert_eq!(rgb.into_first(), [0, 255, 255]);
        }
    }

    #[test]
    fn rgb_of_another_profile_becomes_srgb_and_keeps_its_alpha() {
        // By hand: linear light by gamma 563/256, the matrix between the primaries, the sRGB curve.
        let rgb = to_srgb(pixels(PixelFormat::Rgb, &[200, 50, 50, 128, 128, 128]), &adobe_rgb()).expect("usable");
        assert_near(rgb.first().data.as_slice(), &[232, 46, 46, 128, 128, 128], 1);
        let rgba = to_srgb(pixels(PixelFormat::Rgba, &[200, 50, 50, 77]), &adobe_rgb()).expect("usable");
        assert_near(rgba.first().data.as_slice(), &[232, 46, 46, 77], 1);
    }

    #[test]
    fn gray_of_another_curve_becomes_srgb_and_stays_gray() {
        let linear = ColorProfile::new_gray_with_gamma(1.0).encode().expect("it can be written");
        let gray = to_srgb(pixels(PixelFormat::Gray, &[0, 128, 255]), &linear).expect("usable");
        assert_near(gray.first().data.as_slice(), &[0, 188, 255], 1);
        let pair = to_srgb(pixels(PixelFormat::GrayAlpha, &[128, 9]), &linear).expect("usable");
        assert_near(pair.first().data.as_slice(), &[188, 9], 1);
        assert_eq!(pair.format(), PixelFormat::GrayAlpha);
    }

    #[test]
    fn a_profile_for_other_pixels_changes_nothing() {
        let gray = pixels(PixelFormat::Gray, &[1, 2, 3]);
        assert_eq!(to_srgb(gray.clone(), &adobe_rgb()), Err(gray));
        let cmyk = pixels(PixelFormat::Cmyk, &[1, 2, 3, 4]);
        assert_eq!(to_srgb(cmyk.clone(), &four_grays()), Err(cmyk));
    }

    #[test]
    fn broken_profiles_do_no_harm() {
        let mut state = 7_u32;
        let mut random = |below: usize| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as usize % below
        };
        for round in 0..300 {
            let (mut icc, format) =
                if round % 2 == 0 { (adobe_rgb(), PixelFormat::Rgb) } else { (four_grays(), PixelFormat::Cmyk) };
            for _ in 0..4 {
                let at = 40 + random(icc.len().min(300) - 40);
                icc[at] = random(256).to_le_bytes()[0];
            }
            let buffer = pixels(format, &[9; 12]);
            match format {
                PixelFormat::Cmyk => assert_eq!(rgb_from_cmyk(buffer, Some(&icc)).format(), PixelFormat::Rgb),
                _ => assert_eq!(to_srgb(buffer, &icc).unwrap_or_else(|same| same).format(), format),
            }
        }
        assert!(TRANSFORMS.recent.lock().expect("no panic").len() <= Transforms::LIMIT);
    }
}
