//! What it costs to make files.

mod scene;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use scene::scene;
use tintype::cancel::CancelToken;
use tintype::codec::{CODECS, CodecDef, EncodeOptions, Format};
use tintype::raster::{Image, PixelFormat, Subsampling};

fn definition(format: Format) -> &'static CodecDef {
    CODECS.iter().find(|definition| definition.format == format).expect("every format has a codec")
}

fn jpeg(criterion: &mut Criterion) {
    let definition = definition(Format::Jpeg);
    let mut group = criterion.benchmark_group("encode");
    for (width, height) in [(400, 300), (1200, 900)] {
        group.throughput(Throughput::Elements(u64::from(width * height)));
        for (layout, format) in [("", PixelFormat::YCbCr(Subsampling::HALF)), ("_rgb", PixelFormat::Rgb)] {
            let picture = Image::still(scene(format, width, height));
            for (kind, progressive) in [("baseline", false), ("progressive", true)] {
                let options = EncodeOptions { quality: 80, progressive, ..EncodeOptions::default() };
                group.bench_function(format!("jpeg_{width}x{height}/{kind}{layout}"), |bencher| {
                    bencher.iter(|| {
                        (definition.encode)(&picture, &options, &CancelToken::never())
                            .expect("the scene can be written")
                    });
                });
            }
        }
    }
    group.finish();
}

criterion_group!(benches, jpeg);
criterion_main!(benches);
