//! What it costs to reduce a picture that is already decoded.

mod scene;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use scene::scene;
use tintype::geometry::{Decoded, Size, Window};
use tintype::raster::{PixelFormat, Subsampling};
use tintype::transform::{Kernel, Light, Resampler};

fn resize(criterion: &mut Criterion) {
    let formats = [
        ("ycbcr420", PixelFormat::YCbCr(Subsampling::HALF), Light::Encoded),
        ("rgb8", PixelFormat::Rgb, Light::Encoded),
        ("rgba8", PixelFormat::Rgba, Light::Encoded),
        ("rgb8_linear", PixelFormat::Rgb, Light::Linear),
    ];
    for (name, format, light) in formats {
        let picture = scene(format, 4000, 3000);
        let source: Size<Decoded> = Size::new(4000, 3000);
        for (target, size) in [("400px", Size::new(400, 300)), ("1200px", Size::new(1200, 900))] {
            let mut group = criterion.benchmark_group(format!("resize/12mp_to_{target}"));
            group.sample_size(10).throughput(Throughput::Elements(source.area_px()));
            group.bench_function(name, |bencher| {
                bencher.iter(|| {
                    let whole = Window::whole(source);
                    let mut resampler =
                        Resampler::new((source, format), whole, (size, format), (Kernel::Lanczos, light));
                    resampler.push(&picture.as_band());
                    resampler.finish()
                });
            });
        }
    }
}

criterion_group!(benches, resize);
criterion_main!(benches);
