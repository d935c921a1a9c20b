//! What tests share: a server, a client that says exactly what it is told to, drawn pictures, jobs that wait.

pub(crate) mod client;
pub(crate) mod fixtures;
pub(crate) mod jobs;
pub(crate) mod server;

pub(crate) use client::Client;
pub(crate) use jobs::Gate;
pub(crate) use server::{Server, settings};

use std::time::Duration;

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
