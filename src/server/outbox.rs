//! What is posted to other systems of the operator. Nobody ever waits for it.

use reqwest::header::RETRY_AFTER;
use reqwest::{Client, RequestBuilder, Response, redirect};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::time::sleep;
use tracing::warn;

/// Longest time that a receiver is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// Rest after a failure, unless the receiver asks for another.
const REST: Duration = Duration::from_secs(1);
/// Longest rest that a receiver may ask for.
const MAX_REST: Duration = Duration::from_mins(5);
/// The log tells of failures no more often than this.
const TOLD_EVERY: Duration = Duration::from_mins(1);

/// Where things are handed in that a task of its own posts. It closes with its owner, when all has been posted.
#[derive(Debug)]
pub(super) struct Outbox<T>(mpsc::Sender<T>);

/// How an outbox works.
#[derive(Clone, Copy, Debug)]
pub(super) struct Habits {
    /// Who it is for, in the log.
    pub(super) receiver: &'static str,
    /// Things that may wait; further ones are dropped.
    pub(super) places: usize,
    /// Things that one letter may hold.
    pub(super) batch: usize,
    /// How long others are waited for that may go with the first.
    pub(super) gather: Duration,
}

impl<T: Send + 'static> Outbox<T> {
    /// An outbox whose things become letters by `letter`. Needs a runtime.
    pub(super) fn open(
        habits: Habits,
        letter: impl Fn(&Client, Vec<T>) -> RequestBuilder + Send + 'static,
    ) -> Option<Self> {
        let client = Client::builder().timeout(PATIENCE).redirect(redirect::Policy::none()).build();
        let client = client.map_err(|error| warn!(%error, "nothing can be posted to {}", habits.receiver)).ok()?;
        let (post, things) = mpsc::channel(habits.places);
        tokio::spawn(deliver(habits, things, move |things| letter(&client, things)));
        Some(Self(post))
    }

    /// Hands something in. Dropped where too much waits already.
    pub(super) fn put(&self, thing: T) {
        drop(self.0.try_send(thing));
    }
}

async fn deliver<T>(habits: Habits, mut things: mpsc::Receiver<T>, letter: impl Fn(Vec<T>) -> RequestBuilder) {
    let mut told: Option<Instant> = None;
    loop {
        let mut batch = Vec::new();
        if things.recv_many(&mut batch, habits.batch).await == 0 {
            return;
        }
        if batch.len() < habits.batch && !habits.gather.is_zero() && !things.is_closed() {
            sleep(habits.gather).await;
        }
        while batch.len() < habits.batch
            && let Ok(thing) = things.try_recv()
        {
            batch.push(thing);
        }
        if let Err((reason, rest)) = posted(letter(batch)).await {
            if told.is_none_or(|told| told.elapsed() >= TOLD_EVERY) {
                warn!(reason, "{} did not take what was posted", habits.receiver);
                told = Some(Instant::now());
            }
            sleep(rest).await;
        }
    }
}

/// Posts a letter. What was wrong, and how long to rest.
async fn posted(letter: RequestBuilder) -> Result<(), (String, Duration)> {
    let answer = letter.send().await.map_err(|error| (error.without_url().to_string(), REST))?;
    if answer.status().is_success() {
        return Ok(());
    }
    Err((format!("status {}", answer.status().as_u16()), rest_asked_for(&answer).unwrap_or(REST)))
}

fn rest_asked_for(answer: &Response) -> Option<Duration> {
    let seconds = answer.headers().get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds).min(MAX_REST))
}
