//! Coalescing: whoever asks for what is already being made waits for that instead of making it again.
//!
//! A flight is a task of its own, so it belongs to the server and to no client. Each client that waits holds a
//! [`Passenger`]. A flight goes on as long as one of them is left, whoever came first; when the last one leaves, the
//! task is dropped in the middle of what it does. What it does on other threads it has to stop itself when dropped.

use crate::trace;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;
use tokio::task::AbortHandle;

/// What is being made at the moment, by key.
#[derive(Debug)]
pub(crate) struct Flights<K: Eq + Hash, V> {
    board: Arc<Board<K, V>>,
}

impl<K: Eq + Hash, V> Default for Flights<K, V> {
    fn default() -> Self {
        Self { board: Arc::new(Board(Mutex::new(HashMap::new()))) }
    }
}

/// How a flight ended for one of its passengers.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Landing<V> {
    /// What all passengers get, or `None` when the task panicked or the server went away.
    pub(crate) outcome: Option<V>,
    /// Whether this passenger joined a flight that was under way.
    pub(crate) joined: bool,
}

impl<K: Clone + Eq + Hash + Send + 'static, V: Clone + Send + Sync + 'static> Flights<K, V> {
    /// Waits for the flight under `key`, after starting it with `work` if there is none.
    ///
    /// Dropping the future leaves the flight. No lock is held while waiting.
    pub(crate) async fn join<F>(&self, key: K, work: impl FnOnce(K) -> F) -> Landing<V>
    where
        F: Future<Output = V> + Send + 'static,
    {
        let (mut passenger, joined) = self.board_flight(key, work);
        Landing { outcome: passenger.landed().await, joined }
    }

    /// Passengers of all flights at the moment.
    pub(crate) fn passengers(&self) -> usize {
        self.board.lock().values().map(|flight| flight.passengers).sum()
    }

    fn board_flight<F>(&self, key: K, work: impl FnOnce(K) -> F) -> (Passenger<K, V>, bool)
    where
        F: Future<Output = V> + Send + 'static,
    {
        let (announce, arrival) = match self.board.lock().entry(key.clone()) {
            Entry::Occupied(mut flight) => {
                flight.get_mut().passengers += 1;
                (None, flight.get().arrival.clone())
            }
            Entry::Vacant(place) => {
                let (announce, arrival) = watch::channel(None);
                place.insert(Flight { passengers: 1, arrival: arrival.clone(), task: None });
                (Some(announce), arrival)
            }
        };
        let passenger = Passenger { board: Arc::clone(&self.board), key, arrival };
        let Some(announce) = announce else { return (passenger, true) };
        // Without the lock: a runtime that shuts down drops the task here and now, and that takes the lock.
        // The passenger is aboard, so nobody ends the flight in the meantime.
        let (key, arrival) = (&passenger.key, &passenger.arrival);
        let work = work(key.clone());
        let entry = OffTheBoard { board: Arc::clone(&self.board), key: key.clone(), arrival: arrival.clone() };
        let task = tokio::spawn(trace::carried(async move {
            let entry = entry; // dropped however the task ends
            let outcome = work.await;
            drop(entry);
            announce.send_replace(Some(outcome));
        }));
        self.board.update(key, arrival, |flight| {
            flight.task = Some(task.abort_handle());
            false
        });
        (passenger, false)
    }
}

/// The flights and the lock around them, held for a few instructions at a time.
#[derive(Debug)]
struct Board<K: Eq + Hash, V>(Mutex<HashMap<K, Flight<V>>>);

#[derive(Debug)]
struct Flight<V> {
    passengers: usize,
    arrival: watch::Receiver<Option<V>>,
    /// `None` for the moment before it starts.
    task: Option<AbortHandle>,
}

impl<K: Eq + Hash, V> Board<K, V> {
    fn lock(&self) -> MutexGuard<'_, HashMap<K, Flight<V>>> {
        // Nothing below can panic half way through a change.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Applies `change` to the flight that announces on `arrival`, and takes it off the board if `change` says so.
    ///
    /// A later flight under the same key is another one and is left alone.
    fn update(&self, key: &K, arrival: &watch::Receiver<Option<V>>, change: impl FnOnce(&mut Flight<V>) -> bool) {
        let mut board = self.lock();
        let Some(flight) = board.get_mut(key).filter(|flight| flight.arrival.same_channel(arrival)) else { return };
        if change(flight) {
            board.remove(key);
        }
    }
}

/// Somebody who waits for a flight; leaves it when dropped.
struct Passenger<K: Eq + Hash, V> {
    board: Arc<Board<K, V>>,
    key: K,
    arrival: watch::Receiver<Option<V>>,
}

impl<K: Eq + Hash, V: Clone> Passenger<K, V> {
    async fn landed(&mut self) -> Option<V> {
        self.arrival.wait_for(Option::is_some).await.ok().and_then(|outcome| outcome.clone())
    }
}

impl<K: Eq + Hash, V> Drop for Passenger<K, V> {
    fn drop(&mut self) {
        self.board.update(&self.key, &self.arrival, |flight| {
            flight.passengers -= 1;
            let empty = flight.passengers == 0;
            if let (true, Some(task)) = (empty, &flight.task) {
                task.abort();
            }
            empty
        });
    }
}

/// Held by a flight's task: takes the flight off the board when the task is done, panics or is aborted.
struct OffTheBoard<K: Eq + Hash, V> {
    board: Arc<Board<K, V>>,
    key: K,
    arrival: watch::Receiver<Option<V>>,
}

impl<K: Eq + Hash, V> Drop for OffTheBoard<K, V> {
    fn drop(&mut self) {
        self.board.update(&self.key, &self.arrival, |_| true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::pending;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::sync::oneshot;
    use tokio::task::yield_now;

    /// Polls `future` once: the passenger is aboard afterwards.
    async fn step_in<T>(future: &mut (impl Future<Output = T> + Unpin)) {
        assert!(futures_util::poll!(future).is_pending());
    }

    #[tokio::test]
    async fn all_passengers_get_what_one_flight_brings() {
        let flights = Flights::default();
        let started = AtomicUsize::new(0);
        let (land, landing) = oneshot::channel::<()>();
        let mut landing = Some(landing);
        let mut work = |key: u8| {
            started.fetch_add(1, Ordering::Relaxed);
            let landing = landing.take();
            async move {
                landing.unwrap().await.unwrap();
                u32::from(key) * 10
            }
        };
        let mut first = Box::pin(flights.join(7, &mut work));
        step_in(&mut first).await;
        let mut second = Box::pin(flights.join(7, |_| async { 0 }));
        step_in(&mut second).await;
        assert_eq!(flights.passengers(), 2);
        land.send(()).unwrap();
        assert_eq!(first.await, Landing { outcome: Some(70), joined: false });
        assert_eq!(second.await, Landing { outcome: Some(70), joined: true });
        assert_eq!(started.load(Ordering::Relaxed), 1);
        assert_eq!(flights.passengers(), 0);
    }

    /// Tells when it is dropped.
    struct Tell(Option<oneshot::Sender<()>>);
    impl Drop for Tell {
        fn drop(&mut self) {
            self.0.take().unwrap().send(()).ok();
        }
    }

    #[tokio::test]
    async fn the_last_passenger_leaving_drops_the_work() {
        let flights: Flights<u8, u32> = Flights::default();
        let (tell, mut told) = oneshot::channel();
        let tell = Tell(Some(tell));
        let mut leader = Box::pin(flights.join(1, |_| async move {
            let _tell = tell;
            pending().await
        }));
        step_in(&mut leader).await;
        let mut other = Box::pin(flights.join(1, |_| async { 0 }));
        step_in(&mut other).await;
        yield_now().await;
        drop(leader);
        yield_now().await;
        assert!(told.try_recv().is_err(), "a passenger is left");
        drop(other);
        told.await.unwrap();
        assert_eq!(flights.passengers(), 0);
    }

    #[test]
    fn a_runtime_that_shuts_down_is_waited_for_by_nobody() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let handle = runtime.handle().clone();
        runtime.shutdown_background();
        let _inside = handle.enter();
        let flights: Flights<u8, u32> = Flights::default();
        let mut late = Box::pin(flights.join(1, |_| async { 1 }));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        let landed = late.as_mut().poll(&mut context);
        assert_eq!(landed, std::task::Poll::Ready(Landing { outcome: None, joined: false }));
    }

    #[tokio::test]
    async fn a_panic_wakes_all_and_the_next_flight_flies() {
        let flights: Flights<u8, u32> = Flights::default();
        let mut leader = Box::pin(flights.join(1, |_| async { panic!("drawn by a test") }));
        step_in(&mut leader).await;
        let other = flights.join(1, |_| async { 0 });
        let (leader, other) = tokio::join!(leader, other);
        assert_eq!((leader.outcome, other.outcome), (None, None));
        assert_eq!(flights.join(1, |_| async { 5 }).await.outcome, Some(5));
    }

    #[tokio::test]
    async fn leaving_late_does_not_disturb_the_next_flight() {
        let flights: Flights<u8, u32> = Flights::default();
        let mut first = Box::pin(flights.join(1, |_| async { 1 }));
        step_in(&mut first).await;
        yield_now().await; // the flight has landed, its passenger has not looked yet
        let mut second = Box::pin(flights.join(1, |_| pending()));
        step_in(&mut second).await;
        drop(first);
        assert_eq!(flights.passengers(), 1);
    }
}
