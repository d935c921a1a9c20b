//! A storage as those see it who must not suffer from its faults.

use super::{Entry, Meta, Storage, StorageError};
use crate::config::ShelfConfig;
use crate::metrics::STAGE_SECONDS;
use bytes::Bytes;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, Semaphore};
use tokio::time::timeout;
use tracing::warn;

/// Writes that are under way at a time; others wait in the queue.
const WRITERS: usize = 8;
/// What a queued entry takes beside its bytes.
const PARCEL_OVERHEAD_BYTES: usize = 1024;
/// Failures in a row after which a storage is left alone for a while.
const PATIENCE: u64 = 3;
/// For how long.
const REST: Duration = Duration::from_secs(5);
/// The log tells of failures no more often than this.
const TOLD_EVERY: Duration = Duration::from_secs(10);

/// A storage whose faults cost time, not answers: they are counted, logged now and then, and count as absence.
///
/// Reading has a time limit. Writing happens later, in a queue with a limit; what does not fit is not stored. A storage
/// that fails again and again is left alone for some seconds.
#[derive(Debug)]
pub struct Shelf {
    storage: Arc<dyn Storage>,
    timeout: Duration,
    max_queue_bytes: usize,
    queue: Mutex<Queue>,
    writers: Semaphore,
    settled: Notify,
    health: Mutex<Health>,
    tallies: Tallies,
    written_bytes: AtomicU64,
    written: Notify,
}

/// What happened to a storage so far.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Counts {
    /// Entries found.
    pub hits: u64,
    /// Entries not found, or damaged.
    pub misses: u64,
    /// Entries stored.
    pub stored: u64,
    /// Entries not stored because too many others were waiting to be.
    pub skipped: u64,
    /// Reads and writes that failed, those not even tried while the storage rested excepted.
    pub failures: u64,
}

/// An entry on its way to a shelf: its key, its bytes, words about it.
pub type Parcel = (String, Bytes, Meta);

#[derive(Debug, Default)]
struct Tallies {
    hits: AtomicU64,
    misses: AtomicU64,
    stored: AtomicU64,
    skipped: AtomicU64,
    failures: AtomicU64,
}

impl Shelf {
    /// A shelf before this storage.
    pub fn new(storage: Arc<dyn Storage>, config: &ShelfConfig) -> Self {
        Self {
            storage,
            timeout: config.timeout,
            max_queue_bytes: usize::try_from(config.max_queue_bytes).unwrap_or(usize::MAX),
            queue: Mutex::default(),
            writers: Semaphore::new(WRITERS),
            settled: Notify::new(),
            health: Mutex::default(),
            tallies: Tallies::default(),
            written_bytes: AtomicU64::new(0),
            written: Notify::new(),
        }
    }

    /// The storage itself, for those who want to know its faults.
    pub fn storage(&self) -> &dyn Storage {
        &*self.storage
    }

    /// The entry under `key`. Faults count as absence.
    pub async fn get(&self, key: &str) -> Option<Entry> {
        let found = self.attempt("reading", self.storage.get(key)).await.flatten();
        let tally = if found.is_some() { &self.tallies.hits } else { &self.tallies.misses };
        tally.fetch_add(1, Ordering::Relaxed);
        found
    }

    /// Stores entries later, one after the other, so that none is there without those before it. Returns at once.
    pub fn put_later(self: &Arc<Self>, entries: Vec<Parcel>) {
        let bytes = entries.iter().map(|(_, body, _)| body.len() + PARCEL_OVERHEAD_BYTES).sum();
        let Some(number) = self.queue(|queue| queue.take_on(bytes, self.max_queue_bytes)) else {
            self.tallies.skipped.fetch_add(1, Ordering::Relaxed);
            return;
        };
        let waiting = Queued { shelf: Arc::clone(self), number, bytes };
        tokio::spawn(async move {
            let this = &waiting.shelf;
            let _writer = this.writers.acquire().await;
            for (key, body, meta) in entries {
                let (len, start) = (body.len() as u64, Instant::now());
                if this.attempt("writing", this.storage.put(&key, body, &meta)).await.is_none() {
                    return;
                }
                STAGE_SECONDS.of("store").observe(start.elapsed());
                this.written_bytes.fetch_add(len, Ordering::Relaxed);
                this.written.notify_one();
            }
            this.tallies.stored.fetch_add(1, Ordering::Relaxed);
        });
    }

    /// Waits until about `bytes` were stored since the last time.
    pub(super) async fn has_grown_by(&self, bytes: u64) {
        while self.written_bytes.load(Ordering::Relaxed) < bytes {
            self.written.notified().await;
        }
        self.written_bytes.store(0, Ordering::Relaxed);
    }

    /// Removes an entry, waiting for it; whether there was one.
    ///
    /// # Errors
    /// The storage's, since whoever wants something gone has to know that it is still there.
    pub async fn remove(&self, key: &str) -> Result<bool, StorageError> {
        timeout(self.timeout, self.storage.remove(key)).await.unwrap_or(Err(StorageError::Timeout))
    }

    /// What is said about the entry under `key`.
    ///
    /// # Errors
    /// As [`Shelf::remove`].
    pub async fn head(&self, key: &str) -> Result<Option<Meta>, StorageError> {
        timeout(self.timeout, self.storage.head(key)).await.unwrap_or(Err(StorageError::Timeout))
    }

    /// Waits until all is stored that is to be by now; what comes later is not waited for.
    pub async fn settle(&self) {
        let end = self.queue(|queue| queue.next);
        loop {
            let settled = self.settled.notified();
            if self.queue(|queue| queue.numbers.first().is_none_or(|first| *first >= end)) {
                return;
            }
            settled.await;
        }
    }

    /// What happened so far.
    pub fn counts(&self) -> Counts {
        let of = |tally: &AtomicU64| tally.load(Ordering::Relaxed);
        let Tallies { hits, misses, stored, skipped, failures } = &self.tallies;
        Counts { hits: of(hits), misses: of(misses), stored: of(stored), skipped: of(skipped), failures: of(failures) }
    }

    /// What the storage gives, in time and while it is well.
    async fn attempt<T>(&self, what: &str, work: impl Future<Output = Result<T, StorageError>>) -> Option<T> {
        if self.health(|health| health.rests()) {
            return None;
        }
        match timeout(self.timeout, work).await.unwrap_or(Err(StorageError::Timeout)) {
            Ok(done) => {
                self.health(Health::recover);
                Some(done)
            }
            // Such keys come from URLs and say nothing about the storage.
            Err(StorageError::Key { .. }) => None,
            Err(error) => {
                let failures = self.tallies.failures.fetch_add(1, Ordering::Relaxed) + 1;
                if self.health(Health::fail) {
                    warn!(storage = %self.storage, %error, failures, "{what} failed; requests go on without it");
                }
                None
            }
        }
    }

    fn queue<T>(&self, ask: impl FnOnce(&mut Queue) -> T) -> T {
        ask(&mut self.queue.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn health<T>(&self, ask: impl FnOnce(&mut Health) -> T) -> T {
        ask(&mut self.health.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What waits to be stored.
#[derive(Debug, Default)]
struct Queue {
    next: u64,
    numbers: BTreeSet<u64>,
    bytes: usize,
}

impl Queue {
    /// The number of an entry that is taken on; one of any size is when nothing else waits.
    fn take_on(&mut self, bytes: usize, max_bytes: usize) -> Option<u64> {
        if !self.numbers.is_empty() && self.bytes + bytes > max_bytes {
            return None;
        }
        let number = self.next;
        self.next += 1;
        self.bytes += bytes;
        self.numbers.insert(number);
        Some(number)
    }
}

/// Held by entries that wait to be stored.
struct Queued {
    shelf: Arc<Shelf>,
    number: u64,
    bytes: usize,
}

impl Drop for Queued {
    fn drop(&mut self) {
        self.shelf.queue(|queue| {
            queue.numbers.remove(&self.number);
            queue.bytes -= self.bytes;
        });
        self.shelf.settled.notify_waiters();
    }
}

/// How a storage does.
#[derive(Debug, Default)]
struct Health {
    failures_in_a_row: u64,
    rests_until: Option<Instant>,
    told: Option<Instant>,
}

impl Health {
    fn rests(&self) -> bool {
        self.rests_until.is_some_and(|until| Instant::now() < until)
    }

    fn recover(&mut self) {
        (self.failures_in_a_row, self.rests_until) = (0, None);
    }

    /// Notes a failure; whether it is time to tell of it.
    fn fail(&mut self) -> bool {
        let now = Instant::now();
        self.failures_in_a_row += 1;
        if self.failures_in_a_row >= PATIENCE {
            self.rests_until = Some(now + REST);
        }
        let tell = self.told.is_none_or(|told| now.duration_since(told) >= TOLD_EVERY);
        if tell {
            self.told = Some(now);
        }
        tell
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::{FileStorage, MemoryStorage};

    fn shelf(storage: impl Storage + 'static, max_queue_bytes: u64) -> Arc<Shelf> {
        let config = ShelfConfig { timeout: Duration::from_secs(5), max_queue_bytes };
        Arc::new(Shelf::new(Arc::new(storage), &config))
    }

    fn parcel(key: &str, bytes: usize) -> Parcel {
        (key.to_owned(), Bytes::from(vec![1; bytes]), Meta::new())
    }

    #[tokio::test]
    async fn what_is_put_is_there_when_the_queue_has_settled() {
        let shelf = shelf(MemoryStorage::default(), 1 << 20);
        for number in 0..20 {
            shelf.put_later(vec![parcel(&format!("k{number}"), 10), parcel(&format!("l{number}"), 10)]);
        }
        shelf.settle().await;
        for number in 0..20 {
            assert!(
                shelf.get(&format!("k{number}")).await.is_some() && shelf.get(&format!("l{number}")).await.is_some()
            );
        }
        assert!(shelf.get("none").await.is_none());
        assert_eq!(shelf.counts(), Counts { hits: 40, misses: 1, stored: 20, ..Counts::default() });
    }

    #[tokio::test]
    async fn what_does_not_fit_into_the_queue_is_not_stored() {
        let shelf = shelf(MemoryStorage::default(), 5_000);
        shelf.put_later(vec![parcel("huge", 1 << 20)]); // alone
        shelf.put_later(vec![parcel("late", 1)]);
        shelf.settle().await;
        shelf.put_later(vec![parcel("small", 2_000)]);
        shelf.put_later(vec![parcel("smaller", 900)]);
        shelf.settle().await;
        for (key, stored) in [("huge", true), ("late", false), ("small", true), ("smaller", true)] {
            assert_eq!(shelf.get(key).await.is_some(), stored, "{key}");
        }
        assert_eq!(shelf.counts().skipped, 1);
    }

    #[tokio::test]
    async fn a_broken_storage_is_counted_and_left_alone_for_a_while() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let shelf = shelf(FileStorage::new(file.path()), 1 << 20);
        for _ in 0..2 {
            assert!(shelf.get("a/b").await.is_none());
        }
        shelf.put_later(vec![parcel("a/b", 1)]);
        shelf.settle().await;
        assert_eq!(shelf.counts().failures, 3);
        assert!(shelf.get("a/b").await.is_none());
        assert_eq!(shelf.counts().failures, 3, "it rests");
        assert!(shelf.remove("a/b").await.is_err(), "who removes is told");
    }
}
