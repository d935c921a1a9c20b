use super::*;
use crate::geometry::Size;
use crate::raster::Subsampling;
use crate::transform::color;
use proptest::prelude::*;

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "such casts cut and clamp")]
fn cut(number: f32) -> u8 {
    number as u8
}

/// The truth: each step for each pixel, in the layout that the step alone would want.
fn one_by_one(steps: &[PointStep], mut frame: PixelBuffer<Canvas>) -> PixelBuffer<Canvas> {
    for step in steps {
        let format = interleaved(step, frame.format());
        frame = color::convert(frame, format);
        frame = match step {
            PointStep::Grayscale => color::gray_from(frame),
            PointStep::Tables(tables) => {
                let tint = !tables.are_alike() && frame.format().channels() < 3;
                let format = if frame.format().has_alpha() { PixelFormat::Rgba } else { PixelFormat::Rgb };
                each_pixel(if tint { color::convert(frame, format) } else { frame }, |pixel| {
                    [0, 1, 2].map(|channel| tables.0[channel][usize::from(pixel[channel])])
                })
            }
            PointStep::Saturate(factor) => each_pixel(frame, |pixel| {
                let [r, g, b] = pixel.map(f32::from);
                let p = (0.299 * r * r + 0.587 * g * g + 0.114 * b * b).sqrt();
                [r, g, b].map(|c| cut(p + (c - p) * factor))
            }),
        };
    }
    frame
}

fn interleaved(step: &PointStep, format: PixelFormat) -> PixelFormat {
    let keeps = *step == PointStep::Grayscale || !matches!(format, PixelFormat::YCbCr(_));
    if keeps { format } else { PixelFormat::Rgb }
}

/// Gray pixels count as three equal samples of which one is kept.
fn each_pixel(mut frame: PixelBuffer<Canvas>, change: impl Fn([u8; 3]) -> [u8; 3]) -> PixelBuffer<Canvas> {
    let channels = frame.format().channels();
    for pixel in frame.first_mut().data.chunks_mut(channels) {
        if channels < 3 {
            pixel[0] = change([pixel[0]; 3])[0];
        } else {
            let changed = change([pixel[0], pixel[1], pixel[2]]);
            pixel[..3].copy_from_slice(&changed);
        }
    }
    frame
}

fn any_tables() -> impl Strategy<Value = Tables> {
    let table = || proptest::collection::vec(any::<u8>(), 256).prop_map(|table| <[u8; 256]>::try_from(table).unwrap());
    prop_oneof![
        table().prop_map(|table| Tables([table; 3])),
        [table(), table(), table()].prop_map(Tables),
        (-100..100_i64).prop_map(|delta| Tables::alike(|sample| sample + delta)),
        [-100..100_i64, -100..100, -100..100].prop_map(|deltas| Tables::new(deltas.map(|d| move |s| s + d))),
    ]
}

fn any_step() -> impl Strategy<Value = PointStep> {
    prop_oneof![
        3 => any_tables().prop_map(PointStep::from),
        1 => (-2.0..4.0_f32).prop_map(PointStep::Saturate),
        1 => Just(PointStep::Grayscale),
    ]
}

fn any_picture() -> impl Strategy<Value = PixelBuffer<Canvas>> {
    let format = prop_oneof![
        Just(PixelFormat::Gray),
        Just(PixelFormat::GrayAlpha),
        Just(PixelFormat::Rgb),
        Just(PixelFormat::Rgba),
        Just(PixelFormat::YCbCr(Subsampling::NONE)),
        Just(PixelFormat::YCbCr(Subsampling::HALF)),
    ];
    // The second size has more pixels than a block, and the first fewer than are mixed at a time.
    let size = prop_oneof![Just(Size::new(5, 3)), Just(Size::new(37, 29))];
    (format, size, any::<u64>()).prop_map(|(format, size, seed)| {
        let mut picture = PixelBuffer::new(format, size);
        let mut state = seed | 1;
        for sample in picture.planes_mut().iter_mut().flat_map(|plane| &mut plane.data) {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *sample = state.to_be_bytes()[0];
        }
        picture
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn a_chain_is_its_steps_one_by_one(steps in proptest::collection::vec(any_step(), 1..7), picture in any_picture()) {
        let chain = PointChain::new(steps.clone());
        let wanted = chain.wants(picture.format());
        let made = chain.apply(color::convert(picture.clone(), wanted));
        prop_assert_eq!(made.format(), chain.gives(wanted));
        let expected = one_by_one(&steps, picture);
        prop_assert_eq!(made.format(), expected.format());
        prop_assert!(made == expected, "{:?}", steps.len());
    }
}

#[test]
fn tables_in_a_row_are_one_and_those_behind_gray_cost_nothing() {
    let tables = || PointStep::from(Tables::alike(|sample| 255 - sample));
    let gray = || PointStep::Grayscale;
    let chain = PointChain::new(vec![tables(), tables(), tables(), gray(), tables(), PointStep::Saturate(2.0), gray()]);
    assert_eq!(chain.color, [tables()]);
}
