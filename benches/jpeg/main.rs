//! Our JPEG decoder against libjpeg's (as MozJPEG has it), planes at every scale, in the same run.
//!
//! `cargo bench --bench jpeg --features yardstick`. Pictures are drawn; the files named in `JPEG_FILES`, separated by
//! colons, are measured as well.

mod codec;
#[path = "../scene/mod.rs"]
mod scene;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use scene::scene;
use std::hint::black_box;
use std::path::Path;
use tintype::cancel::CancelToken;
use tintype::codec::{DecodeOptions, EncodeOptions, Format, of, probe};
use tintype::raster::{Image, PixelFormat, Subsampling};

/// Why nothing fails here.
const READABLE: &str = "the files can be read";

/// Reads a file to its end and keeps nothing.
fn ours(data: &[u8], shrink: u32) {
    let info = probe(data).expect(READABLE);
    let options = DecodeOptions { shrink, rgb: false };
    let mut decoder = tintype::codec::open(data, &info, options).expect(READABLE);
    while decoder.next_frame().expect(READABLE).is_some() {
        while let Some(band) = decoder.next_band().expect(READABLE) {
            black_box(&band);
        }
    }
}

/// Drawn files of 12 and 24 MP, baseline and progressive, and whatever files are named.
fn files() -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for (width, height) in [(4000, 3000), (6000, 4000)] {
        let picture = Image::still(scene(PixelFormat::YCbCr(Subsampling::HALF), width, height));
        for (kind, progressive) in [("baseline", false), ("progressive", true)] {
            let options = EncodeOptions { quality: 87, progressive, ..EncodeOptions::default() };
            let data = (of(Format::Jpeg).encode)(&picture, &options, &CancelToken::never()).expect("it can be written");
            files.push((format!("{}mp_{kind}", width * height / 1_000_000), data));
        }
    }
    let named = std::env::var("JPEG_FILES").unwrap_or_default();
    for path in named.split(':').filter(|path| !path.is_empty()) {
        let name = Path::new(path).file_stem().unwrap_or_default().to_string_lossy().into_owned();
        files.push((name, std::fs::read(path).expect(READABLE)));
    }
    files
}

fn jpeg(criterion: &mut Criterion) {
    for (name, data) in files() {
        let mut group = criterion.benchmark_group(format!("jpeg/{name}"));
        group.sample_size(10).throughput(Throughput::Bytes(data.len() as u64));
        for shrink in [8, 4, 2, 1] {
            group.bench_function(format!("1_{shrink}/ours"), |bencher| bencher.iter(|| ours(&data, shrink)));
            group.bench_function(format!("1_{shrink}/libjpeg"), |bencher| {
                bencher.iter(|| codec::libjpeg(&data, shrink));
            });
        }
        group.finish();
    }
}

criterion_group!(benches, jpeg);
criterion_main!(benches);
