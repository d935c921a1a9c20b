//! Settings of the server as a function of AWS Lambda.

use std::time::Duration;

/// The server as a function of AWS Lambda.
#[derive(Clone, Debug, PartialEq)]
pub struct LambdaConfig {
    /// `LAMBDA_LARGE_BODY`: what becomes of answers that are larger than a function may return at once.
    pub large_body: LargeBody,
    /// `LAMBDA_LINK_AGE`: how long links to large answers are good.
    pub link_age: Duration,
    /// `LAMBDA_DEADLINE_MARGIN`: what is left of an invocation's time when a request without an answer is given up.
    pub deadline_margin: Duration,
}

/// What becomes of an answer that is larger than a function may return at once.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum LargeBody {
    /// It is made again at a lower quality.
    #[default]
    Shrink,
    /// All answers are streamed, where whoever carries them can do that.
    Stream,
    /// It is put into the bucket of results, and the client sent there.
    Redirect,
    /// It is refused.
    Error,
}

impl Default for LambdaConfig {
    fn default() -> Self {
        Self {
            large_body: LargeBody::default(),
            link_age: Duration::from_mins(5),
            deadline_margin: Duration::from_secs(1),
        }
    }
}
