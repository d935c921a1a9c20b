//! What every detector must do.

use super::*;
use crate::raster::PixelFormat;

/// Noise that is the same every time, with a bright square in it.
fn picture(width: u32, height: u32) -> PixelBuffer<Canvas> {
    let mut state = 7_u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        u8::try_from(state >> 28).unwrap()
    };
    let mut data = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let inside = (width / 2..width * 3 / 4).contains(&x) && (height / 4..height / 2).contains(&y);
            data.extend([if inside { 200 } else { 30 } + noise(), 40 + noise(), 50 + noise()]);
        }
    }
    PixelBuffer::from_vec(PixelFormat::Rgb, Size::new(width, height), data)
}

#[test]
fn pictures_of_all_sizes_are_looked_at_and_always_the_same_is_found() {
    for detector in DETECTORS {
        for (width, height) in [(1, 1), (1, 40), (40, 1), (2, 2), (3, 3), (17, 5), (31, 33), (160, 97)] {
            let picture = picture(width, height);
            let found = detector.detect(&picture, &CancelToken::never()).unwrap();
            assert_eq!(detector.detect(&picture, &CancelToken::never()).unwrap(), found, "{detector}");
            for Region { area: Window { left, top, width, height }, .. } in found {
                let inside = left >= 0.0 && top >= 0.0 && left + width <= 1.000_001 && top + height <= 1.000_001;
                assert!(inside && width >= 0.0 && height >= 0.0, "{detector}: {left},{top} {width}x{height}");
            }
        }
    }
}

#[test]
fn cancelled_detectors_stop() {
    let cancel = CancelToken::never();
    cancel.cancel();
    for detector in DETECTORS {
        assert_eq!(detector.detect(&picture(160, 97), &cancel), Err(Cancelled::Abandoned), "{detector}");
    }
}

#[test]
fn a_picture_of_one_color_has_nothing_to_show() {
    let picture = PixelBuffer::from_vec(PixelFormat::Rgb, Size::new(64, 48), [90, 120, 200].repeat(64 * 48));
    for detector in DETECTORS {
        assert_eq!(detector.detect(&picture, &CancelToken::never()), Ok(vec![]), "{detector}");
    }
}

#[test]
fn every_detector_goes_by_its_name() {
    let names: Vec<String> = DETECTORS.iter().map(ToString::to_string).collect();
    assert_eq!(names, ["face", "feature", "attention"]);
    assert!(names.iter().all(|name| by_name(name).is_some()) && by_name("nobody").is_none());
}

#[test]
fn regions_become_points_of_the_large_picture() {
    let size = Size::new(4000, 3000);
    let region =
        |left, top, width, height| Region { area: Window::new(left, top, width, height), origin: Origin::Face };
    let focal = region(0.25, 0.5, 0.1, 0.2).focal(size);
    assert_eq!(focal, Focal::of_rect(1000, 1500, 1400, 2100, Origin::Face).unwrap());
    assert_eq!(region(0.5, 0.5, 0.0, 0.0).focal(size), Focal::point(2000, 1500, Origin::Face));
    for at in [0, 1, 333, 639] {
        let pixel = Region::of_pixel((at, 7), Size::new(640, 480), Origin::Feature);
        assert_eq!(
            pixel.focal(Size::new(640, 480)),
            Focal::point(at, 7, Origin::Feature),
            "the same size, the same pixel"
        );
    }
}
