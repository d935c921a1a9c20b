//! Formats chosen by what the client accepts.

use crate::support::fixtures::{animation, quadrants_file};
use crate::support::{Server, settings};
use image::ImageFormat;

#[tokio::test]
async fn webp_goes_to_who_accepts_it_and_caches_are_told() {
    let mut config = settings();
    config.policy.auto_webp = true;
    let originals =
        [("a.jpg", quadrants_file(40, 40, ImageFormat::Jpeg)), ("a.gif", animation(&[[1, 2, 3], [9, 9, 9]], 20))];
    let server = Server::of(config, originals).await;
    let check = async |path: &str, accept: &str, mime: &str, vary: Option<&str>| {
        let answer = server.request("GET", path, accept).await;
        assert_eq!((answer.header("content-type"), answer.header("vary")), (Some(mime), vary), "{path} {accept}");
    };
    let webp = "Accept: image/avif,image/webp,*/*;q=0.8\r\n";
    check("/unsafe/a.jpg", webp, "image/webp", Some("Accept")).await;
    check("/unsafe/a.jpg", "", "image/jpeg", Some("Accept")).await;
    check("/unsafe/a.jpg", "Accept: image/webp;q=0\r\n", "image/jpeg", Some("Accept")).await;
    check("/unsafe/filters:format(jpeg)/a.jpg", webp, "image/jpeg", None).await;
    check("/unsafe/a.gif", webp, "image/gif", None).await;
    // Wider than any WebP, in the end.
    check("/unsafe/fit-in/17000x10/filters:fill(red)/a.jpg", webp, "image/jpeg", Some("Accept")).await;
}

#[tokio::test]
async fn without_negotiation_what_the_client_accepts_changes_nothing() {
    let server = Server::of(settings(), [("a.jpg", quadrants_file(40, 40, ImageFormat::Jpeg))]).await;
    let answer = server.request("GET", "/unsafe/a.jpg", "Accept: image/webp\r\n").await;
    assert_eq!((answer.header("content-type"), answer.header("vary")), (Some("image/jpeg"), None));
}

#[cfg(feature = "avif")]
#[tokio::test]
async fn avif_goes_to_who_accepts_it_unless_webp_may_go_there() {
    let both = "Accept: image/avif,image/webp\r\n";
    for (auto_webp, accept, mime) in [
        (false, both, "image/avif"),
        (false, "Accept: image/webp\r\n", "image/jpeg"),
        (false, "", "image/jpeg"),
        (true, both, "image/webp"),
        (true, "Accept: image/avif\r\n", "image/avif"),
    ] {
        let mut config = settings();
        (config.policy.auto_avif, config.policy.auto_webp) = (true, auto_webp);
        let originals =
            [("a.jpg", quadrants_file(40, 40, ImageFormat::Jpeg)), ("a.gif", animation(&[[1, 2, 3], [9, 9, 9]], 20))];
        let server = Server::of(config, originals).await;
        let answer = server.request("GET", "/unsafe/a.jpg", accept).await;
        let found = (answer.header("content-type"), answer.header("vary"));
        assert_eq!(found, (Some(mime), Some("Accept")), "{auto_webp} {accept}");
        let answer = server.request("GET", "/unsafe/a.gif", accept).await;
        assert_eq!(answer.header("content-type"), Some("image/gif"), "animations stay");
    }
}
