//! Who may start: a bounded line that refuses at once, then memory and slots that are waited for in order.
//!
//! A request stands in line from [`Admission::enter`] until it has a slot, so while it fetches its source and while it
//! waits. The slot is taken after the fetch: a slow origin never idles a core. Memory is taken before the slot, so that
//! nobody holds a slot who still waits.

use crate::config::AdmissionConfig;
use crate::loader::{Budget, Share};
use futures_util::FutureExt as _;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};

/// How long nobody may have come for it to count as a rest.
const REST: Duration = Duration::from_secs(2);

/// The line, the slots and the memory that sources and rendering may take.
#[derive(Debug)]
pub(super) struct Admission {
    places: usize,
    workers: usize,
    line: Arc<Semaphore>,
    slots: Arc<Semaphore>,
    sources: Budget,
    memory: RenderBudget,
    ended: Arc<Notify>,
    queue_timeout: Duration,
}

/// A place in line.
#[derive(Debug)]
pub(super) struct Ticket {
    _place: OwnedSemaphorePermit,
    slots: Arc<Semaphore>,
    sources: Budget,
    memory: RenderBudget,
    ended: Arc<Notify>,
    held: Option<Share>,
    queue_timeout: Duration,
}

/// The right to keep one thread busy, the memory for it and that of the source it works on.
///
/// Belongs into the closure that does the work: a dropped future must not free a slot whose thread still works.
#[derive(Debug)]
pub(super) struct Permit {
    _slot: OwnedSemaphorePermit,
    _memory: OwnedSemaphorePermit,
    _held: Option<Share>,
    _ended: NotifyOnDrop,
}

/// Tells that some work has ended.
#[derive(Debug)]
struct NotifyOnDrop(Arc<Notify>);

impl Drop for NotifyOnDrop {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

/// Who is there at a moment, and how much of what is in use.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Crowd {
    /// Requests in line.
    pub waiting: usize,
    /// How many there may be.
    pub places: usize,
    /// Slots in use.
    pub busy: usize,
    /// Slots.
    pub workers: usize,
    /// Bytes of sources that are held.
    pub source_bytes: u64,
    /// How many may be.
    pub source_limit_bytes: u64,
    /// Bytes that rendering may need at the moment, in whole pieces.
    pub render_bytes: u64,
    /// How many it may need.
    pub render_limit_bytes: u64,
}

/// The server has more to do than it takes on.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Busy {
    /// The line is full.
    #[error("too many requests are waiting")]
    LineFull,
    /// The sources of requests in line take all the memory they may.
    #[error("waiting requests hold too many bytes of sources")]
    MemoryFull,
    /// No slot came free in time.
    #[error("waited too long for a slot")]
    WaitedTooLong,
}

impl Admission {
    /// Opens the gates; a line or a number of slots of 0 would let nothing through and counts as 1.
    pub(super) fn new(config: &AdmissionConfig) -> Self {
        let places = config.max_queue.clamp(1, Semaphore::MAX_PERMITS);
        let workers = config.workers.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            places,
            workers,
            line: Arc::new(Semaphore::new(places)),
            slots: Arc::new(Semaphore::new(workers)),
            sources: Budget::new(config.max_fetch_bytes),
            memory: RenderBudget::new(config.max_render_bytes),
            ended: Arc::default(),
            queue_timeout: config.queue_timeout,
        }
    }

    /// Takes a place in line, or is told at once that there is none.
    pub(super) fn enter(&self) -> Result<Ticket, Busy> {
        let place = Arc::clone(&self.line).try_acquire_owned().map_err(|_| Busy::LineFull)?;
        if self.sources.is_full() {
            return Err(Busy::MemoryFull);
        }
        Ok(Ticket {
            _place: place,
            slots: Arc::clone(&self.slots),
            sources: self.sources.clone(),
            memory: self.memory.clone(),
            ended: Arc::clone(&self.ended),
            held: None,
            queue_timeout: self.queue_timeout,
        })
    }

    /// Waits for so much memory and a slot without a place in line: for who has one already.
    pub(super) async fn start(&self, memory_bytes: u64) -> Result<Permit, Busy> {
        let ended = NotifyOnDrop(Arc::clone(&self.ended));
        take_both(&self.memory, &self.slots, memory_bytes, self.queue_timeout, None, ended).await
    }

    /// Waits until some work has been done and nobody works or waits any more, for some seconds.
    pub(super) async fn rest(&self) {
        self.ended.notified().await;
        loop {
            sleep(REST).await;
            if self.waiting() == 0 && self.memory.is_free() {
                let _ = self.ended.notified().now_or_never(); // what ended meanwhile is part of this rest
                return;
            }
        }
    }

    /// The memory that sources may take.
    pub(super) fn sources(&self) -> &Budget {
        &self.sources
    }

    /// Requests in line at the moment.
    pub(super) fn waiting(&self) -> usize {
        self.places - self.line.available_permits()
    }

    /// Who is there, and how much of what is in use.
    pub(super) fn crowd(&self) -> Crowd {
        let Self { sources, memory, .. } = self;
        Crowd {
            waiting: self.waiting(),
            places: self.places,
            busy: self.workers - self.slots.available_permits(),
            workers: self.workers,
            source_bytes: sources.held_bytes(),
            source_limit_bytes: sources.limit_bytes(),
            render_bytes: RenderBudget::bytes(memory.all as usize - memory.pieces.available_permits()),
            render_limit_bytes: RenderBudget::bytes(memory.all as usize),
        }
    }
}

impl Ticket {
    /// The memory that sources may take.
    pub(super) fn sources(&self) -> &Budget {
        &self.sources
    }

    /// Counts a fetched source against the memory that sources may take, until the work is done or given up.
    ///
    /// A source of any size is taken on when no other is held.
    pub(super) fn holding(self, bytes: usize) -> Result<Self, Busy> {
        let mut held = self.sources.share();
        if !held.grow(bytes as u64) {
            return Err(Busy::MemoryFull);
        }
        Ok(Self { held: Some(held), ..self })
    }

    /// Waits for so much memory and a slot, first come first served, and leaves the line for them.
    pub(super) async fn start(self, memory_bytes: u64) -> Result<Permit, Busy> {
        let ended = NotifyOnDrop(self.ended);
        take_both(&self.memory, &self.slots, memory_bytes, self.queue_timeout, self.held, ended).await
    }
}

async fn take_both(
    memory: &RenderBudget,
    slots: &Arc<Semaphore>,
    memory_bytes: u64,
    queue_timeout: Duration,
    held: Option<Share>,
    ended: NotifyOnDrop,
) -> Result<Permit, Busy> {
    let both = async { (memory.take(memory_bytes).await, Arc::clone(slots).acquire_owned().await) };
    let (memory, slot) = timeout(queue_timeout, both).await.map_err(|_| Busy::WaitedTooLong)?;
    Ok(Permit { _slot: slot.expect("the slots are never closed"), _memory: memory, _held: held, _ended: ended })
}

/// Memory for rendering, in pieces that are waited for in order.
#[derive(Clone, Debug)]
struct RenderBudget {
    pieces: Arc<Semaphore>,
    all: u32,
}

impl RenderBudget {
    /// A piece in bytes. Less than that is not worth counting.
    const PIECE: u64 = 64 << 10;

    fn new(bytes: u64) -> Self {
        let most = u32::try_from(Semaphore::MAX_PERMITS).unwrap_or(u32::MAX);
        let all = u32::try_from(bytes / Self::PIECE).unwrap_or(most).clamp(1, most);
        Self { pieces: Arc::new(Semaphore::new(all as usize)), all }
    }

    fn bytes(pieces: usize) -> u64 {
        pieces as u64 * Self::PIECE
    }

    /// Whether nobody has any of it.
    fn is_free(&self) -> bool {
        self.pieces.available_permits() == self.all as usize
    }

    /// Waits for so many bytes; who wants more than there are gets all.
    async fn take(&self, bytes: u64) -> OwnedSemaphorePermit {
        let wanted = u32::try_from(bytes.div_ceil(Self::PIECE)).map_or(self.all, |pieces| pieces.min(self.all));
        let pieces = Arc::clone(&self.pieces).acquire_many_owned(wanted).await;
        pieces.expect("the budget is never closed")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admission(max_queue: usize, workers: usize, max_fetch_bytes: u64) -> Admission {
        let queue_timeout = Duration::from_secs(5);
        Admission::new(&AdmissionConfig { workers, max_queue, queue_timeout, max_fetch_bytes, ..Default::default() })
    }

    #[tokio::test]
    async fn a_full_line_refuses_until_somebody_leaves_it() {
        let admission = admission(2, 1, 100);
        let first = admission.enter().unwrap();
        let second = admission.enter().unwrap();
        assert_eq!(admission.enter().unwrap_err(), Busy::LineFull);
        drop(first);
        let third = admission.enter().unwrap();
        assert_eq!(admission.enter().unwrap_err(), Busy::LineFull);
        let _permit = second.start(0).await.unwrap(); // works now and stands in line no more
        assert!(admission.enter().is_ok());
        drop(third);
    }

    #[tokio::test(start_paused = true)]
    async fn slots_are_given_in_order_and_not_for_ever_waited_for() {
        let admission = admission(9, 1, 100);
        let permit = admission.enter().unwrap().start(0).await.unwrap();
        let mut first = Box::pin(admission.enter().unwrap().start(0));
        let mut second = Box::pin(admission.enter().unwrap().start(0));
        assert!(futures_util::poll!(&mut first).is_pending());
        assert!(futures_util::poll!(&mut second).is_pending());
        drop(permit);
        assert!(futures_util::poll!(&mut second).is_pending());
        let _permit = first.await.unwrap();
        assert_eq!(second.await.unwrap_err(), Busy::WaitedTooLong);
    }

    #[tokio::test]
    async fn memory_for_rendering_is_waited_for_and_the_greedy_work_alone() {
        let config = AdmissionConfig { workers: 9, max_render_bytes: 1 << 20, ..Default::default() };
        let admission = Admission::new(&config);
        let start = |bytes| Box::pin(admission.enter().unwrap().start(bytes));
        let half = start(512 << 10).await.unwrap();
        let mut greedy = start(1 << 40);
        assert!(futures_util::poll!(&mut greedy).is_pending());
        let mut small = start(1);
        assert!(futures_util::poll!(&mut small).is_pending(), "nobody overtakes");
        drop(half);
        let alone = greedy.await.unwrap();
        assert!(futures_util::poll!(&mut small).is_pending());
        drop(alone);
        small.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_rest_begins_once_the_last_work_has_ended() {
        let admission = admission(9, 9, 100);
        let mut rest = Box::pin(admission.rest());
        assert!(timeout(REST * 9, &mut rest).await.is_err(), "nothing was done yet");
        let (short, long) = (admission.start(1).await.unwrap(), admission.start(1).await.unwrap());
        drop(short);
        assert!(timeout(REST * 9, &mut rest).await.is_err(), "somebody still works");
        drop(long);
        rest.await;
        assert!(timeout(REST * 9, admission.rest()).await.is_err(), "nothing was done since");
    }

    #[tokio::test]
    async fn sources_in_memory_are_bounded_until_their_work_ends() {
        let admission = admission(9, 1, 100);
        let large = admission.enter().unwrap().holding(1000).unwrap(); // nothing else is held
        assert_eq!(admission.enter().unwrap_err(), Busy::MemoryFull);
        drop(large);
        let ticket = admission.enter().unwrap();
        let permit = admission.enter().unwrap().holding(60).unwrap().start(0).await.unwrap();
        assert_eq!(ticket.holding(41).unwrap_err(), Busy::MemoryFull);
        let ticket = admission.enter().unwrap();
        drop(permit);
        assert!(ticket.holding(41).is_ok());
    }
}
