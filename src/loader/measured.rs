//! A loader that is counted: how often, for how long, how many bytes, and how it ended.

use super::http::source_url;
use super::{Conditions, LoadError, Loaded, Loader};
use crate::metrics::{self, Fetched};
use async_trait::async_trait;
use std::fmt;
use std::time::Instant;

/// What Thumbor's metrics say where there was no answer.
const NO_ANSWER: u16 = 599;

/// Counts what `loader` does under the name of a kind of source.
#[derive(Debug)]
pub(super) struct Measured<L> {
    source: &'static str,
    loader: L,
}

impl<L> Measured<L> {
    pub(super) fn new(source: &'static str, loader: L) -> Self {
        Self { source, loader }
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<L: Loader> Loader for Measured<L> {
    async fn load(&self, id: &str, asked: &Conditions) -> Result<Loaded, LoadError> {
        let start = Instant::now();
        let outcome = self.loader.load(id, asked).await;
        let time = start.elapsed();
        let (word, status, bytes) = match &outcome {
            Ok(Loaded::Original(original)) => ("ok", 200, Some(original.body.len() as u64)),
            Ok(Loaded::Unchanged(_)) => ("unchanged", 304, None),
            Err(error) => (outcome_of(error), status_of(error), None),
        };
        let url = if self.source == "http" { source_url(id, "http") } else { None };
        let host = url.as_ref().map(reqwest::Url::authority).filter(|_| word != "refused");
        metrics::fetched(&Fetched { source: self.source, outcome: word, status, host, bytes, time });
        outcome
    }
}

impl<L: fmt::Display> fmt::Display for Measured<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.loader.fmt(f)
    }
}

/// A word of `metrics` for how a fetch failed.
fn outcome_of(error: &LoadError) -> &'static str {
    match error {
        LoadError::NotFound => "missing",
        LoadError::InvalidId { .. } | LoadError::NotAllowed { .. } | LoadError::NoRoom => "refused",
        LoadError::TooLarge { .. } => "too_large",
        LoadError::Timeout => "late",
        LoadError::Upstream { .. }
        | LoadError::Empty
        | LoadError::TooManyRedirects { .. }
        | LoadError::Unreachable { .. }
        | LoadError::Broken { .. }
        | LoadError::Io(_)
        | LoadError::Store { .. } => "failed",
    }
}

fn status_of(error: &LoadError) -> u16 {
    match error {
        LoadError::NotFound => 404,
        LoadError::Upstream { status } => *status,
        LoadError::Empty | LoadError::TooLarge { .. } => 200,
        _ => NO_ANSWER,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loader::MemoryLoader;
    use crate::loader::conformance::{self, LIMIT_BYTES};

    #[tokio::test]
    async fn keeps_the_loader_contract() {
        let memory = MemoryLoader::new(conformance::originals()).limited(LIMIT_BYTES);
        let measured = Measured::new("other", memory);
        assert_eq!(measured.to_string(), measured.loader.to_string());
        conformance::run(&measured, "", conformance::quote).await;
    }
}
