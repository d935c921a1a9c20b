//! How long a path takes to read and to write canonically: usual ones, long ones, and ones made to hurt.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use tintype::request::{Keys, Scheme, parse, sign};

const KIB: usize = 1024;

/// Text to repeat between a head and a tail. Time must grow with the length only, whatever the text.
const ADVERSARIAL: [(&str, &str, &str, &str); 9] = [
    ("digits", "/unsafe/", "0", "x/i"),
    ("slashes", "/", "/", ""),
    ("crops", "/unsafe/", "1x1:1x1/", ""),
    ("trims", "/unsafe/trim", ":top-left", "/i"),
    ("open_filters", "/unsafe/filters:", "a(", ""),
    ("many_filters", "/unsafe/filters:", "a(1):", "b()/i"),
    ("nested_filters", "/unsafe/filters:a(", "(", ")/i"),
    ("quotes", "/unsafe/filters:a(", ",'", ")/i"),
    ("escapes", "/unsafe/", "%25", ""),
];

fn parsing(c: &mut Criterion) {
    let options = "trim:top-left:10/10x20:1010x1020/fit-in/-300x-200/left/top/smart";
    let filters = "filters:watermark(https://cdn.example.com/logo%20(1).png,-10p,-10p,30):blur(7,2):\
        rgb(10,-20,30):quality(80):format(webp):fill(ffffff)";
    let image = "https://images.example.com/albums/2024/summer/IMG%20(1234).jpg%3Fv=3";
    let long = format!("{options}/{filters}/{image}");
    let paths = [("short", "/unsafe/300x200/photo.jpg".to_owned()), ("long", format!("/unsafe/{long}"))];
    let mut group = c.benchmark_group("parse");
    for (name, path) in &paths {
        group.throughput(Throughput::Bytes(path.len() as u64));
        group.bench_function(*name, |b| b.iter(|| parse(black_box(path))));
        let request = parse(path).expect("a usual path");
        group.bench_function(format!("{name}/cache_key"), |b| b.iter(|| black_box(&request).cache_key()));
    }
    let signed = format!("/{}/{long}", sign(b"key", &long));
    let keys = Keys::new(["other", "key"], Scheme::default());
    keys.verify(&signed).expect("just signed");
    group.bench_function("long/verify_two_keys", |b| b.iter(|| keys.verify(black_box(&signed))));
    for (name, head, text, tail) in ADVERSARIAL {
        for length in [8 * KIB, KIB * KIB] {
            let path = format!("{head}{}{tail}", text.repeat(length / text.len()));
            group.throughput(Throughput::Bytes(path.len() as u64));
            group.bench_function(format!("{name}/{}KiB", length / KIB), |b| b.iter(|| parse(black_box(&path))));
        }
    }
    group.finish();
}

criterion_group!(benches, parsing);
criterion_main!(benches);
