//! One question asked between steps of work: is anybody still waiting for this?

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// A flag and a deadline shared by whoever waits for a job and the thread that does it.
///
/// Clones share the flag. Asked between frames, bands and encode attempts, never inside a row kernel.
#[derive(Clone, Debug)]
pub struct CancelToken {
    cancelled: Arc<AtomicBool>,
    deadline: Option<Instant>,
}

/// Why a job should stop.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Cancelled {
    /// Everybody who waited has gone.
    #[error("nobody waits for the result any more")]
    Abandoned,
    /// The time given to the job is over.
    #[error("the time given to the job is over")]
    OutOfTime,
}

impl Default for CancelToken {
    fn default() -> Self {
        Self::never()
    }
}

impl CancelToken {
    /// A token that runs out at `deadline`, or never.
    pub fn new(deadline: Option<Instant>) -> Self {
        Self { cancelled: Arc::new(AtomicBool::new(false)), deadline }
    }

    /// A token that nobody will ever cancel: for tests, benches and tools.
    pub fn never() -> Self {
        Self::new(None)
    }

    /// Tells every clone to stop.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// Goes on, or says why not.
    ///
    /// # Errors
    /// [`Cancelled`] when the token was cancelled or its deadline has passed.
    pub fn check(&self) -> Result<(), Cancelled> {
        if self.cancelled.load(Ordering::Relaxed) {
            return Err(Cancelled::Abandoned);
        }
        match self.deadline {
            Some(deadline) if Instant::now() >= deadline => Err(Cancelled::OutOfTime),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cancelling_one_clone_stops_all() {
        let token = CancelToken::never();
        let other = token.clone();
        assert_eq!(other.check(), Ok(()));
        token.cancel();
        assert_eq!(other.check(), Err(Cancelled::Abandoned));
    }

    #[test]
    fn a_passed_deadline_stops() {
        assert_eq!(CancelToken::new(Some(Instant::now())).check(), Err(Cancelled::OutOfTime));
    }
}
