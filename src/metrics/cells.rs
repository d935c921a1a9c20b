//! What is counted in. Any thread adds to a cell at any time: there is no lock, and nothing is allocated.

use prometheus_client::encoding::{MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Upper bounds of the buckets of every histogram, in seconds: from hits in memory to the longest fetch.
pub(crate) const BOUNDS: [f64; 15] =
    [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// One value of a metric.
pub(crate) trait Cell: Send + Sync {
    /// A cell that nothing was counted in.
    const EMPTY: Self;
    /// Whether nothing was counted in it.
    fn is_empty(&self) -> bool;
    /// Tells the value.
    fn encode(&self, kind: MetricType, encoder: &mut MetricEncoder<'_>) -> fmt::Result;
}

/// Counts what happens.
#[derive(Debug)]
pub(crate) struct Counter(AtomicU64);

/// How times are spread.
#[derive(Debug)]
pub(crate) struct Histogram {
    /// The last is for what is beyond all bounds.
    buckets: [AtomicU64; BOUNDS.len() + 1],
    sum_ns: AtomicU64,
}

/// A number that is kept elsewhere and read just before it is told.
#[derive(Debug)]
pub(crate) struct Reading(
    /// The bits of an `f64`.
    AtomicU64,
);

impl Counter {
    /// Counts `number` more.
    pub(crate) fn add(&self, number: u64) {
        self.0.fetch_add(number, Relaxed);
    }

    /// Counts `number` less, where things come and go.
    pub(crate) fn sub(&self, number: u64) {
        self.0.fetch_sub(number, Relaxed);
    }
}

impl Histogram {
    /// Counts something that took so long.
    pub(crate) fn observe(&self, time: Duration) {
        let seconds = time.as_secs_f64();
        let bucket = BOUNDS.iter().position(|bound| seconds <= *bound).unwrap_or(BOUNDS.len());
        self.buckets[bucket].fetch_add(1, Relaxed);
        self.sum_ns.fetch_add(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX), Relaxed);
    }
}

impl Reading {
    /// Remembers what was read.
    pub(crate) fn set(&self, value: f64) {
        self.0.store(value.to_bits(), Relaxed);
    }

    /// Remembers a number.
    #[expect(clippy::cast_precision_loss, reason = "beyond 2^53 nobody looks at the last digits")]
    pub(crate) fn count(&self, number: u64) {
        self.set(number as f64);
    }
}

impl Cell for Counter {
    const EMPTY: Self = Self(AtomicU64::new(0));

    fn is_empty(&self) -> bool {
        self.0.load(Relaxed) == 0
    }

    fn encode(&self, kind: MetricType, encoder: &mut MetricEncoder<'_>) -> fmt::Result {
        let value = self.0.load(Relaxed);
        match kind {
            MetricType::Counter => encoder.encode_counter::<NoLabelSet, _, f64>(&value, None),
            _ => encoder.encode_gauge(&i64::try_from(value).unwrap_or(i64::MAX)),
        }
    }
}

impl Cell for Histogram {
    const EMPTY: Self = Self { buckets: [const { AtomicU64::new(0) }; BOUNDS.len() + 1], sum_ns: AtomicU64::new(0) };

    fn is_empty(&self) -> bool {
        self.buckets.iter().all(|bucket| bucket.load(Relaxed) == 0)
    }

    /// The count is that of the buckets, so that they agree whatever happens meanwhile.
    fn encode(&self, _: MetricType, encoder: &mut MetricEncoder<'_>) -> fmt::Result {
        let counts = self.buckets.each_ref().map(|bucket| bucket.load(Relaxed));
        let bounds = BOUNDS.into_iter().chain([f64::INFINITY]);
        let buckets: Vec<_> = bounds.zip(counts).collect();
        let sum = Duration::from_nanos(self.sum_ns.load(Relaxed)).as_secs_f64();
        encoder.encode_histogram::<NoLabelSet>(sum, counts.iter().sum(), &buckets, None)
    }
}

impl Cell for Reading {
    const EMPTY: Self = Self(AtomicU64::new(0));

    fn is_empty(&self) -> bool {
        self.0.load(Relaxed) == 0
    }

    fn encode(&self, kind: MetricType, encoder: &mut MetricEncoder<'_>) -> fmt::Result {
        let value = f64::from_bits(self.0.load(Relaxed));
        match kind {
            MetricType::Counter => encoder.encode_counter::<NoLabelSet, _, f64>(&value, None),
            _ => encoder.encode_gauge(&value),
        }
    }
}
