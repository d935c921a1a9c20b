//! The run: so many pairs at a time, so many a second, until the list or the time ends.

use super::ask::Server;
use super::judge::{Asked, judge};
use super::report::{NotAsked, Pair, Report, Row, Side, Verdict};
use bytes::Bytes;
use futures_util::future::join;
use futures_util::stream::{self, StreamExt as _};
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval};

/// So many URLs in a row without an answer from the same server mean that it is gone.
const MAX_SILENCE: usize = 20;
/// Bodies of pairs kept for the page.
const MAX_PAIR_BYTES: usize = 64 << 20;

/// How the run goes.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Pairs at a time.
    pub concurrency: usize,
    /// Pairs a second; none: as fast as they come.
    pub rate: Option<f64>,
    /// Most time for all.
    pub deadline: Duration,
    /// Scores below this are differences.
    pub threshold: f64,
    /// How many of the worst pairs are kept with their bodies, for the page.
    pub keep_pairs: usize,
}

/// How far it is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// URLs judged.
    pub done: usize,
    /// URLs in all.
    pub all: usize,
    /// Differences so far.
    pub different: usize,
}

/// Asks both servers for every URL. `tell` hears of each one that is done.
pub async fn run(
    old: &Server,
    new: &Server,
    urls: Vec<(String, u64)>,
    options: &Options,
    mut tell: impl FnMut(Progress),
) -> Report {
    let all = urls.len();
    let mut report = Report {
        old: old.base(),
        new: new.base(),
        threshold: options.threshold,
        rows: Vec::with_capacity(all),
        not_asked: None,
        pairs: Vec::new(),
    };
    let mut different = 0;
    let (mut old_silence, mut new_silence) = (0, 0);
    let pace = options.rate.map(pace);
    let ask = |(url, requests): (String, u64)| ask(old, new, url, requests, options.threshold, pace.as_ref());
    let mut pairs = std::pin::pin!(stream::iter(urls).map(ask).buffer_unordered(options.concurrency.max(1)));
    let end = Instant::now() + options.deadline;
    let reason = loop {
        let Ok(next) = tokio::time::timeout_at(end, pairs.next()).await else {
            break Some("the time was up".to_owned());
        };
        let Some(pair) = next else { break None };
        different += usize::from(pair.row.verdict != Verdict::Same);
        for (silence, side) in [(&mut old_silence, &pair.row.old), (&mut new_silence, &pair.row.new)] {
            *silence = if side.status.is_some() { 0 } else { *silence + 1 };
        }
        report.rows.push(pair.row.clone());
        keep(&mut report.pairs, pair, options.keep_pairs);
        tell(Progress { done: report.rows.len(), all, different });
        let silent = [(old_silence, "old"), (new_silence, "new")].into_iter().find(|(count, _)| *count >= MAX_SILENCE);
        if let Some((_, side)) = silent {
            break Some(format!("the {side} server has stopped answering"));
        }
    };
    report.not_asked = reason.map(|reason| NotAsked { urls: all - report.rows.len(), reason });
    report.rows.sort_by_cached_key(Row::badness);
    report
}

/// A clock that ticks `rate` times a second, and does not catch up.
fn pace(rate: f64) -> Mutex<Interval> {
    let mut ticks = interval(Duration::from_secs_f64(1.0 / rate.clamp(0.001, 1e6)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    Mutex::new(ticks)
}

async fn ask(
    old: &Server,
    new: &Server,
    url: String,
    requests: u64,
    threshold: f64,
    pace: Option<&Mutex<Interval>>,
) -> Pair {
    if let Some(pace) = pace {
        pace.lock().await.tick().await;
    }
    let (old, new) = join(old.ask(&url), new.ask(&url)).await;
    let (name, bodies) = (url.clone(), (body(&old), body(&new)));
    let judged = tokio::task::spawn_blocking(move || judge(url, requests, &old, &new, threshold)).await;
    let row = judged.unwrap_or_else(|_| Row {
        url: name,
        requests,
        verdict: Verdict::Content,
        detail: "the answers could not be judged".to_owned(),
        score: None,
        old: Side::default(),
        new: Side::default(),
    });
    Pair { row, old: bodies.0, new: bodies.1 }
}

fn body(asked: &Asked) -> Option<Bytes> {
    asked.as_ref().ok().map(|answer| answer.body.clone())
}

/// Keeps the `most` worst pairs, and of their bodies as many as there is room for.
fn keep(pairs: &mut Vec<Pair>, pair: Pair, most: usize) {
    pairs.push(pair);
    pairs.sort_by_cached_key(|pair| pair.row.badness());
    pairs.truncate(most);
    let mut room = MAX_PAIR_BYTES;
    for pair in pairs {
        for body in [&mut pair.old, &mut pair.new] {
            let len = body.as_ref().map_or(0, Bytes::len);
            match room.checked_sub(len) {
                Some(rest) => room = rest,
                None => *body = None,
            }
        }
    }
}
