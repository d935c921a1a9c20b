//! Requests through the whole router, without sockets.

mod scene;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use criterion::{Criterion, criterion_group, criterion_main};
use http_body_util::BodyExt as _;
use scene::scene;
use std::sync::Arc;
use std::time::Duration;
use tintype::cancel::CancelToken;
use tintype::codec::{self, EncodeOptions, Format};
use tintype::config::Config;
use tintype::loader::MemoryLoader;
use tintype::pipeline::Pipeline;
use tintype::pipeline::job::Rendered;
use tintype::raster::{Image, PixelFormat, Subsampling};
use tokio::runtime::Builder;
use tower::ServiceExt as _;

fn config() -> Config {
    let mut config = Config::default();
    config.security.allow_unsafe = true;
    config
}

/// Asks and reads the answer to its end.
async fn ask(router: &Router, path: &str) -> usize {
    let request =
        Request::get(path).header("accept", "image/avif,image/webp,*/*").body(Body::empty()).expect("a request");
    let response = router.clone().oneshot(request).await.expect("a router always answers");
    assert_eq!(response.status(), 200, "{path}");
    response.into_body().collect().await.expect("a whole body").to_bytes().len()
}

/// A picture that is in memory: what the server itself costs.
fn hit(c: &mut Criterion) {
    let mut source = Vec::new();
    drop(png::Encoder::new(&mut source, 3, 2).write_header().expect("a header"));
    let loader = Arc::new(MemoryLoader::new([("a.png", source)]));
    let pipeline = Arc::new(Pipeline::new(&config(), loader).with_work(|_, _| {
        Ok(Rendered {
            body: vec![7; 20_000],
            mime: "image/png",
            negotiated: false,
            provisional: false,
            video: None,
            render: Duration::ZERO,
            decode: Duration::ZERO,
            encode: Duration::ZERO,
        })
    }));
    let router = tintype::server::router(pipeline, &config()).expect("no rules");
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    c.bench_function("end_to_end/hit/20kb", |b| {
        b.iter(|| runtime.block_on(ask(&router, "/unsafe/fit-in/400x300/filters:max_age(60)/a.png")));
    });
}

/// A 12 MP JPEG made small, nothing in memory: the whole way.
fn thumbnail(c: &mut Criterion) {
    let options = EncodeOptions { quality: 87, ..EncodeOptions::default() };
    let picture = Image::still(scene(PixelFormat::YCbCr(Subsampling::HALF), 4000, 3000));
    let source = (codec::of(Format::Jpeg).encode)(&picture, &options, &CancelToken::never()).expect("a file");
    let mut config = config();
    config.cache.max_bytes = 0;
    let pipeline = Arc::new(Pipeline::new(&config, Arc::new(MemoryLoader::new([("a.jpg", source)]))));
    let router = tintype::server::router(pipeline, &config).expect("no rules");
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut group = c.benchmark_group("end_to_end/12mp_jpeg");
    group.sample_size(10);
    for options in ["fit-in/400x300", "fit-in/1200x900", "fit-in/800x600/filters:format(webp)"] {
        group.bench_function(options.replace('/', "_"), |b| {
            b.iter(|| runtime.block_on(ask(&router, &format!("/unsafe/{options}/a.jpg"))));
        });
    }
}

criterion_group!(benches, hit, thumbnail);
criterion_main!(benches);
