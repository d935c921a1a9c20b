//! Jobs in place of rendering: they finish at once, or when a test lets them.

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;
use tintype::cancel::CancelToken;
use tintype::pipeline::job::{Job, JobError, Rendered};

/// What every job here answers.
pub(crate) const BODY: &[u8] = b"a picture, says the test";

/// A finished picture with this body.
pub(crate) fn rendered(body: impl Into<Vec<u8>>) -> Rendered {
    Rendered {
        body: body.into(),
        mime: "image/png",
        negotiated: false,
        provisional: false,
        video: None,
        render: Duration::ZERO,
        decode: Duration::ZERO,
        encode: Duration::ZERO,
    }
}

/// Finishes at once.
#[expect(clippy::unnecessary_wraps, reason = "it is a job")]
pub(crate) fn at_once(_: &Job<'_>, _: &CancelToken) -> Result<Rendered, JobError> {
    Ok(rendered(BODY))
}

/// Holds jobs back until it is opened, and counts them.
#[derive(Clone, Default)]
pub(crate) struct Gate {
    state: Arc<(Mutex<State>, Condvar)>,
    stubborn: bool,
}

#[derive(Default)]
struct State {
    open: bool,
    started: usize,
    cancelled: usize,
}

impl Gate {
    /// A closed gate; jobs behind it stop when they are told to.
    pub(crate) fn closed() -> Self {
        Self::default()
    }

    /// A closed gate; jobs behind it do not listen.
    pub(crate) fn stubborn() -> Self {
        Self { state: Arc::default(), stubborn: true }
    }

    /// A gate that only counts.
    pub(crate) fn open_wide() -> Self {
        let gate = Self::default();
        gate.open();
        gate
    }

    /// Lets all jobs finish, those to come too.
    pub(crate) fn open(&self) {
        self.state.0.lock().unwrap().open = true;
        self.state.1.notify_all();
    }

    /// Holds back jobs from now on.
    pub(crate) fn close(&self) {
        self.state.0.lock().unwrap().open = false;
    }

    /// Whether its jobs stop when they are told to.
    pub(crate) fn listens(&self) -> bool {
        !self.stubborn
    }

    /// Jobs that have begun so far.
    pub(crate) fn started(&self) -> usize {
        self.state.0.lock().unwrap().started
    }

    /// Jobs that were stopped so far.
    pub(crate) fn cancelled(&self) -> usize {
        self.state.0.lock().unwrap().cancelled
    }

    /// The job.
    pub(crate) fn work(&self) -> impl Fn(&Job<'_>, &CancelToken) -> Result<Rendered, JobError> + Send + Sync + use<> {
        let gate = self.clone();
        move |_, cancel| gate.pass(cancel)
    }

    fn pass(&self, cancel: &CancelToken) -> Result<Rendered, JobError> {
        let (state, changed) = &*self.state;
        let mut state = state.lock().unwrap();
        state.started += 1;
        while !state.open {
            if let (false, Err(cancelled)) = (self.stubborn, cancel.check()) {
                state.cancelled += 1;
                return Err(cancelled.into());
            }
            state = changed.wait_timeout(state, Duration::from_millis(1)).unwrap().0;
        }
        Ok(rendered(BODY))
    }
}

impl Drop for Gate {
    /// A test that fails does not leave threads behind that the runtime waits for.
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.open();
        }
    }
}
