//! What it costs to get pixels out of files, whole and reduced.

mod scene;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use scene::scene;
use std::hint::black_box;
use tintype::cancel::CancelToken;
use tintype::codec::{CODECS, CodecDef, DecodeOptions, EncodeOptions, Format};
use tintype::raster::{Image, PixelFormat, Subsampling};

/// Why nothing fails here.
const READABLE: &str = "our own files can be read";

fn definition(format: Format) -> &'static CodecDef {
    CODECS.iter().find(|definition| definition.format == format).expect("every format has a codec")
}

/// Reads a file to its end and keeps nothing.
fn decode(definition: &CodecDef, data: &[u8], options: DecodeOptions) {
    let info = (definition.probe)(data).expect(READABLE);
    let mut decoder = (definition.open)(data, &info, options).expect(READABLE);
    while decoder.next_frame().expect(READABLE).is_some() {
        while let Some(band) = decoder.next_band().expect(READABLE) {
            black_box(&band);
        }
    }
}

fn jpeg(criterion: &mut Criterion) {
    let definition = definition(Format::Jpeg);
    let picture = Image::still(scene(PixelFormat::YCbCr(Subsampling::HALF), 4000, 3000));
    for (kind, progressive) in [("baseline", false), ("progressive", true)] {
        let options = EncodeOptions { quality: 85, progressive, ..EncodeOptions::default() };
        let data = (definition.encode)(&picture, &options, &CancelToken::never()).expect("the scene can be written");
        let mut group = criterion.benchmark_group(format!("decode/jpeg_12mp_{kind}"));
        group.sample_size(10).throughput(Throughput::Bytes(data.len() as u64));
        for shrink in [1, 2, 4, 8] {
            for (layout, rgb) in [("", false), ("_rgb", true)] {
                group.bench_function(format!("1_{shrink}{layout}"), |bencher| {
                    bencher.iter(|| decode(definition, &data, DecodeOptions { shrink, rgb }));
                });
            }
        }
        group.finish();
    }
}

criterion_group!(benches, jpeg);
criterion_main!(benches);
