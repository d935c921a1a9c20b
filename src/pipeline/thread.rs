//! Work that keeps a core busy, on a thread where that is allowed.

use super::admission::Permit;
use super::job::JobError;
use crate::cancel::{CancelToken, Cancelled};
use crate::error::Error;
use std::time::{Duration, Instant};

/// Does `work` on a thread that may block, for at most `limit`. Dropping the future tells the work to stop; until it
/// does, it keeps its permit, which comes back with the outcome.
pub(super) async fn on_thread<T: Send + 'static>(
    permit: Permit,
    limit: Duration,
    work: impl FnOnce(&CancelToken) -> Result<T, JobError> + Send + 'static,
) -> Result<(T, Permit), Error> {
    let cancel = CancelToken::new(Instant::now().checked_add(limit));
    let _stop = CancelOnDrop(cancel.clone());
    let thread = tokio::task::spawn_blocking(move || work(&cancel).map(|outcome| (outcome, permit)));
    match tokio::time::timeout(limit, thread).await {
        Ok(Ok(outcome)) => Ok(outcome?),
        Ok(Err(_panic)) => Err(Error::Bug("a job panicked")),
        Err(_elapsed) => Err(Cancelled::OutOfTime.into()),
    }
}

/// Ends the work on another thread together with the future that waits for it.
struct CancelOnDrop(CancelToken);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}
