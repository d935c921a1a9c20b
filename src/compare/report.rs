//! What was found out: rows, and what they come to.

use bytes::Bytes;
use serde::Serialize;

/// Everything that was found out.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Base of the old server.
    pub old: String,
    /// Base of the new server.
    pub new: String,
    /// Scores below this count as different.
    pub threshold: f64,
    /// One a URL, the worst first.
    pub rows: Vec<Row>,
    /// URLs that were not asked for, and why.
    pub not_asked: Option<NotAsked>,
    /// Bodies of the worst pairs, for the page.
    #[serde(skip)]
    pub(super) pairs: Vec<Pair>,
}

/// Why the end of the list was not reached.
#[derive(Clone, Debug, Serialize)]
pub struct NotAsked {
    /// How many URLs.
    pub urls: usize,
    /// In words.
    pub reason: String,
}

/// One URL.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// Path and query.
    pub url: String,
    /// How often the log has it.
    pub requests: u64,
    /// What differs, if anything.
    pub verdict: Verdict,
    /// The difference in words; empty if there is none.
    pub detail: String,
    /// SSIMULACRA2: 100 is equal, 90 cannot be told apart.
    pub score: Option<f64>,
    /// What the old server answered.
    pub old: Side,
    /// What the new server answered.
    pub new: Side,
}

/// What differs, the gravest first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// One of them does not answer.
    NoAnswer,
    /// The status.
    Status,
    /// One of them answers no picture, or both say different things.
    Content,
    /// Width or height.
    Size,
    /// The score is below the threshold.
    Looks,
    /// The number of frames.
    Frames,
    /// Only the format.
    Type,
    /// Nothing.
    Same,
}

impl Verdict {
    /// All of them, the gravest first, with what they are called.
    pub const ALL: &[(Self, &str)] = &[
        (Self::NoAnswer, "no answer"),
        (Self::Status, "other status"),
        (Self::Content, "other content"),
        (Self::Size, "other size"),
        (Self::Looks, "looks different"),
        (Self::Frames, "other frames"),
        (Self::Type, "other type"),
        (Self::Same, "same"),
    ];

    /// What it is called.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(verdict, _)| *verdict == self).map_or("", |(_, name)| name)
    }
}

/// One server's answer.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Side {
    /// Its status, if there is an answer.
    pub status: Option<u16>,
    /// Its type: of a picture, what its bytes are; otherwise what the header says.
    pub mime: String,
    /// Width as a viewer sees it.
    pub width: Option<u32>,
    /// Height as a viewer sees it.
    pub height: Option<u32>,
    /// Frames of an animation; 1 for a still.
    pub frames: Option<u32>,
    /// Length of the body.
    pub bytes: usize,
    /// Milliseconds from the request to the last byte.
    pub ms: f64,
    /// What is wrong with it, in words.
    pub problem: Option<String>,
}

/// Both bodies of a row.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    pub(super) row: Row,
    pub(super) old: Option<Bytes>,
    pub(super) new: Option<Bytes>,
}

impl Row {
    /// Orders the worst first.
    pub(super) fn badness(&self) -> impl Ord + use<> {
        let score = self.score.unwrap_or(0.0);
        #[expect(clippy::cast_possible_truncation, reason = "scores lie between some -1000 and 100")]
        let thousandths = (score * 1000.0) as i64;
        (self.verdict, thousandths)
    }
}

impl Report {
    /// How many URLs differ.
    pub fn different(&self) -> usize {
        self.rows.iter().filter(|row| row.verdict != Verdict::Same).count()
    }

    /// How many rows have this verdict.
    pub(super) fn count(&self, verdict: Verdict) -> usize {
        self.rows.iter().filter(|row| row.verdict == verdict).count()
    }

    /// Rows where both answered a picture: only there bytes and times say something.
    pub(super) fn pictures(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.old.width.is_some() && row.new.width.is_some())
    }

    /// The lowest, and the one in the middle, of all scores.
    pub(super) fn scores(&self) -> Option<(f64, f64)> {
        let scores = sorted(self.rows.iter().filter_map(|row| row.score));
        Some((*scores.first()?, scores[scores.len() / 2]))
    }

    /// As JSON, for programs.
    ///
    /// # Panics
    /// Never: plain values always serialize.
    pub fn json(&self) -> String {
        let mut json = serde_json::to_string_pretty(self).expect("plain values always serialize");
        json.push('\n');
        json
    }
}

/// The one in the middle, and the one that all but a twentieth do not exceed.
pub(super) fn middle_and_slow(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    let values = sorted(values);
    let slow = (values.len() * 19 / 20).min(values.len().checked_sub(1)?);
    Some((values[values.len() / 2], values[slow]))
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<_> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    values
}
