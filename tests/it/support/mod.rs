//! What tests share: a server, a client that says exactly what it is told to, drawn pictures, jobs that wait.

pub(crate) mod client;
pub(crate) mod configured;
pub(crate) mod docs;
pub(crate) mod fixtures;
pub(crate) mod jobs;
pub(crate) mod lambda;
pub(crate) mod nginx;
pub(crate) mod origin;
pub(crate) mod process;
pub(crate) mod program;
pub(crate) mod python;
mod receiver;
#[path = "../../s3/mod.rs"]
pub(crate) mod s3;
pub(crate) mod server;
#[cfg(feature = "compare")]
pub(crate) mod thumbor;
pub(crate) mod wrk;

pub(crate) use client::{Answer, Client};
pub(crate) use configured::Configured;
pub(crate) use jobs::Gate;
pub(crate) use origin::Origin;
pub(crate) use process::Process;
pub(crate) use receiver::Receiver;
pub(crate) use server::{Server, settings};
#[cfg(feature = "compare")]
pub(crate) use thumbor::Thumbor;
pub(crate) use wrk::Wrk;

use image::RgbaImage;
use std::time::Duration;

/// Fails unless the middles of the quadrants have these colors, to within `tolerance` a channel.
pub(crate) fn assert_quadrants(picture: &RgbaImage, colors: [[u8; 3]; 4], tolerance: u8, what: &str) {
    let (w, h) = picture.dimensions();
    for (color, (x, y)) in colors.into_iter().zip([(1, 1), (3, 1), (1, 3), (3, 3)]) {
        assert_pixel(picture, (w * x / 4, h * y / 4), color, tolerance, what);
    }
}

/// Fails unless the pixel has this color, to within `tolerance` a channel.
pub(crate) fn assert_pixel(picture: &RgbaImage, (x, y): (u32, u32), color: [u8; 3], tolerance: u8, what: &str) {
    let found = picture.get_pixel(x, y).0;
    let off = found.iter().zip(color).map(|(a, b)| a.abs_diff(b)).max().unwrap();
    assert!(off <= tolerance, "{what}: {found:?} for {color:?} at {x},{y}");
}

/// Waits until something that other tasks bring about holds.
///
/// # Panics
/// After ten seconds.
pub(crate) async fn eventually(what: &str, holds: impl Fn() -> bool) {
    let waiting = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), waiting).await.unwrap_or_else(|_| panic!("never: {what}"));
}
