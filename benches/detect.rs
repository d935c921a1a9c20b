//! What it costs to look for what a crop should keep: each detector on a copy of 640 pixels, and everything that a
//! request adds for it on a photograph of 12 megapixels, the reduced decode included.

mod scene;

use criterion::{Criterion, criterion_group, criterion_main};
use scene::scene;
use tintype::cancel::CancelToken;
use tintype::codec::{self, EncodeOptions, Format};
use tintype::detect::{DETECTORS, Detector};
use tintype::pipeline::{Input, Seen};
use tintype::raster::{Image, PixelFormat, Subsampling};
use tintype::recipe::Policy;

fn on_a_copy(c: &mut Criterion) {
    let picture = scene(PixelFormat::Rgb, 640, 480);
    for detector in DETECTORS {
        c.bench_function(&format!("detect/640px/{detector}"), |b| {
            b.iter(|| detector.detect(&picture, &CancelToken::never()).expect("nobody cancels"));
        });
    }
}

fn on_a_photograph(c: &mut Criterion) {
    let picture = Image::still(scene(PixelFormat::YCbCr(Subsampling::HALF), 4000, 3000));
    let encode = codec::of(Format::Jpeg).encode;
    for (kind, progressive) in [("baseline", false), ("progressive", true)] {
        let options = EncodeOptions { progressive, ..EncodeOptions::default() };
        let file = encode(&picture, &options, &CancelToken::never()).expect("a drawn picture can be stored");
        let info = codec::probe(&file).expect("and read again");
        let source = Input { body: file.into(), info };
        let mut look = |name: &str, chain: &[&'static dyn Detector]| {
            c.bench_function(&format!("detect/12mp_{kind}/{name}"), |b| {
                b.iter(|| Seen::by(chain, &source, &Policy::default(), &CancelToken::never()).expect("a look"));
            });
        };
        for detector in DETECTORS {
            look(&detector.to_string(), &[*detector]);
        }
        look("default", DETECTORS); // as the settings have it: of what is drawn here, no face and some corners are found
    }
}

criterion_group!(benches, on_a_copy, on_a_photograph);
criterion_main!(benches);
