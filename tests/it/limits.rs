//! What is too large is refused before it costs anything.

use crate::support::fixtures::{animation, quadrants_file};
use crate::support::{Gate, Server, jobs, settings};
use image::ImageFormat;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_limit_header_is_refused_before_decode() {
    let gate = Gate::open_wide();
    let server = Server::start(settings(), gate.work()).await;
    let answer = server.get("/unsafe/10x10/huge.png").await;
    assert_eq!((answer.status, gate.started()), (422, 0));
    assert!(answer.text().contains("10000000000 pixels"), "{}", answer.text());
}

#[tokio::test]
async fn a_url_over_the_limit_is_414() {
    let mut config = settings();
    config.server.max_url_bytes = 64;
    let server = Server::start(config, jobs::at_once).await;
    let fits = format!("/unsafe/filters:{}()/a.png", "x".repeat(64 - 24));
    assert_eq!(fits.len(), 64);
    assert_eq!(server.get(&fits).await.status, 200);
    assert_eq!(server.get(&fits.replace("a.png", "aa.png")).await.status, 414);
    assert_eq!(server.get(&format!("/unsafe/a.png?{}", "x".repeat(60))).await.status, 414);
}

#[tokio::test]
async fn a_canvas_over_the_limit_is_refused_whatever_makes_it() {
    let mut config = settings();
    config.limits.max_canvas_px = 10_000;
    let server = Server::of(config, [("a.png", quadrants_file(40, 20, ImageFormat::Png))]).await;
    for options in ["101x100", "fit-in/101x100/filters:fill(red)", "fit-in/201x200/filters:upscale()", "70000x70000"] {
        let answer = server.get(&format!("/unsafe/{options}/a.png")).await;
        assert_eq!(answer.status, 400, "{options}: {}", answer.text());
        assert!(answer.text().contains("10000 pixels"), "{options}: {}", answer.text());
    }
    assert_eq!(server.get("/unsafe/100x100/a.png").await.status, 200);
}

#[tokio::test]
async fn frames_count_at_the_size_that_effects_make_of_them() {
    let mut config = settings();
    config.limits.max_animation_px = 30_000;
    let server = Server::of(config, [("a.gif", animation(&[[9; 3], [99; 3], [200; 3]], 10))]).await;
    assert_eq!(server.get("/unsafe/fit-in/100x100/filters:fill(red)/a.gif").await.status, 200);
    for options in ["fit-in/100x101/filters:fill(red)", "101x100", "fit-in/102x102/filters:rotate(90):upscale()"] {
        let answer = server.get(&format!("/unsafe/{options}/a.gif")).await;
        assert_eq!(answer.status, 422, "{options}: {}", String::from_utf8_lossy(&answer.body));
    }
}

#[tokio::test]
async fn frames_over_the_limit_are_left_out() {
    let mut config = settings();
    config.limits.max_frames = 2;
    let server = Server::of(config, [("a.gif", animation(&[[9; 3], [99; 3], [200; 3]], 10))]).await;
    let body = server.get("/unsafe/a.gif").await.body;
    let frames = image::codecs::gif::GifDecoder::new(std::io::Cursor::new(body)).unwrap();
    assert_eq!(image::AnimationDecoder::into_frames(frames).count(), 2);
}

#[tokio::test]
async fn a_side_that_no_file_holds_is_refused_before_decoding() {
    let server = Server::of(settings(), [("a.jpg", quadrants_file(40, 20, ImageFormat::Jpeg))]).await;
    for options in ["70000x1", "1x70000", "17000x1/filters:format(webp)"] {
        let answer = server.get(&format!("/unsafe/{options}/a.jpg")).await;
        assert_eq!(answer.status, 400, "{options}");
        assert!(answer.text().contains("on a side"), "{}", answer.text());
    }
}

#[tokio::test]
async fn filters_that_take_too_long_are_refused_with_the_limit() {
    let mut config = settings();
    config.limits.max_filter_work = 100_000;
    let server = Server::of(config, [("a.png", quadrants_file(100, 100, ImageFormat::Png))]).await;
    for filters in ["blur(150):blur(150)", "sharpen(2,1.0,true)", "convolution(1;2;3;4;5;6;7;8;9,3)"] {
        let answer = server.get(&format!("/unsafe/filters:{filters}/a.png")).await;
        assert_eq!(answer.status, 400, "{filters}: {}", String::from_utf8_lossy(&answer.body));
        assert!(answer.text().contains("exceed the limit of 100000"), "{filters}: {}", answer.text());
        assert_eq!(server.get(&format!("/unsafe/20x20/filters:{filters}/a.png")).await.status, 200, "{filters}");
    }
}

#[tokio::test]
async fn kernels_that_are_none_are_refused_with_the_reason() {
    let server = Server::of(settings(), [("a.png", quadrants_file(4, 4, ImageFormat::Png))]).await;
    for (kernel, reason) in [("1;2;3;4,2", "an odd number of rows and columns"), ("1;2,3", "a number of whole rows")] {
        let answer = server.get(&format!("/unsafe/filters:convolution({kernel})/a.png")).await;
        assert_eq!(answer.status, 400, "{kernel}");
        assert!(answer.text().contains(reason), "{}", answer.text());
    }
}
