//! How many originals may be fetched at a time: in all, and from one place, so that one place that does not answer
//! leaves slots for the others.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Slots for fetching.
#[derive(Debug)]
pub(super) struct Slots {
    all: Arc<Semaphore>,
    by_place: Arc<Places>,
    for_one: usize,
}

/// The places that somebody asks or waits for, and nothing else, so that the map does not grow.
type Places = Mutex<HashMap<String, Arc<Semaphore>>>;

/// A slot in use. Dropping it frees the place's slot as well as the general one.
#[derive(Debug)]
pub(super) struct Slot {
    // Dropped in this order; the entry looks at who is left.
    _general: OwnedSemaphorePermit,
    _of_place: OwnedSemaphorePermit,
    _entry: Entry,
}

/// Somebody's interest in a place.
#[derive(Debug)]
struct Entry {
    places: Arc<Places>,
    place: String,
    semaphore: Option<Arc<Semaphore>>,
}

impl Slots {
    /// `all` slots together, of which `for_one` place may have at most so many; at least one of each.
    pub(super) fn new(all: usize, for_one: usize) -> Self {
        let for_one = for_one.min(all).clamp(1, Semaphore::MAX_PERMITS);
        Self { all: Arc::new(Semaphore::new(all.clamp(1, Semaphore::MAX_PERMITS))), by_place: Arc::default(), for_one }
    }

    /// Waits for a slot. Whoever waits for a slot of a place holds no general one.
    pub(super) async fn take(&self, place: &str) -> Slot {
        let entry = self.enter(place);
        let semaphore = entry.semaphore.clone().expect("set until the entry is dropped");
        let of_place = semaphore.acquire_owned().await.expect("the semaphore is never closed");
        let general = Arc::clone(&self.all).acquire_owned().await.expect("the semaphore is never closed");
        Slot { _general: general, _of_place: of_place, _entry: entry }
    }

    fn enter(&self, place: &str) -> Entry {
        let mut places = lock(&self.by_place);
        let new = || Arc::new(Semaphore::new(self.for_one));
        let semaphore = Arc::clone(places.entry(place.to_owned()).or_insert_with(new));
        Entry { places: Arc::clone(&self.by_place), place: place.to_owned(), semaphore: Some(semaphore) }
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let mut places = lock(&self.places);
        self.semaphore = None;
        if places.get(&self.place).is_some_and(|semaphore| Arc::strong_count(semaphore) == 1) {
            places.remove(&self.place);
        }
    }
}

fn lock(places: &Places) -> MutexGuard<'_, HashMap<String, Arc<Semaphore>>> {
    places.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;

    #[tokio::test]
    async fn one_place_leaves_slots_for_others() {
        let slots = Slots::new(3, 2);
        let first = slots.take("dead").await;
        let _second = slots.take("dead").await;
        let mut waiting = Box::pin(slots.take("dead"));
        assert!(waiting.as_mut().now_or_never().is_none());
        let other = slots.take("alive").now_or_never().expect("a slot is left");
        drop(first);
        // The place has a slot again, but `alive` and the second hold two of three, so there is a general one too.
        let third = waiting.now_or_never().expect("a slot of the place is free");
        assert!(slots.take("another").now_or_never().is_none());
        drop((third, other));
        assert!(slots.take("another").now_or_never().is_some());
    }

    #[tokio::test]
    async fn places_that_nobody_needs_are_forgotten() {
        let slots = Slots::new(1, 1);
        let held = slots.take("a").await;
        let waiting = slots.take("b").now_or_never();
        assert!(waiting.is_none());
        assert_eq!(lock(&slots.by_place).len(), 1);
        drop(held);
        assert_eq!(lock(&slots.by_place).len(), 0);
        assert!(slots.take("b").now_or_never().is_some());
        assert_eq!(lock(&slots.by_place).len(), 0);
    }
}
