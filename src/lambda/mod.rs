//! The server as a function of AWS Lambda: invocations in place of sockets, the same router behind them.
//!
//! Events of REST APIs, HTTP APIs, function URLs and load balancers are read as the requests that they were
//! (`event`), answered as any other, and the answers written as whoever sent the event expects them (`answer`).
//! Answers that are larger than a function may return are the business of `large`. What speaks with Lambda is `runtime`.
//!
//! Nothing here is about pictures. Invocations come one after the other; Lambda starts more processes for more of them.

mod answer;
mod event;
mod large;
mod runtime;

pub use runtime::{Runtime, RuntimeError};

use self::event::{Asked, EventError};
use self::large::Links;
use self::runtime::Invocation;
use crate::bucket::BucketError;
use crate::config::{Config, LargeBody};
use crate::pipeline::Pipeline;
use crate::server::{self, Bounds, Live};
use arc_swap::ArcSwap;
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http_body_util::BodyExt as _;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout_at;
use tracing::{info, warn};

/// The server as a function.
#[derive(Debug)]
pub struct Function {
    live: Live,
    pipeline: Arc<ArcSwap<Pipeline>>,
    large: Large,
    margin: Duration,
}

/// What becomes of large answers.
#[derive(Debug)]
enum Large {
    Shrink,
    Stream,
    Redirect(Links),
    Error,
}

/// What an invocation comes to.
enum Reply {
    /// The document that stands for an answer.
    Document(Bytes),
    /// An answer that is sent as it is.
    Stream(Response),
}

/// Why an invocation has no answer.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// Its event is no request.
    #[error(transparent)]
    Event(#[from] EventError),
    /// The answer broke off.
    #[error("the answer broke off: {0}")]
    BrokenOff(#[from] axum::Error),
}

impl Failure {
    /// A word for Lambda.
    fn name(&self) -> &'static str {
        match self {
            Self::Event(_) => "Runtime.NoRequest",
            Self::BrokenOff(_) => answer::BROKEN_OFF,
        }
    }
}

/// Why there can be no function, or not any longer.
#[derive(Debug, thiserror::Error)]
pub enum FunctionError {
    /// Lambda cannot be spoken with.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// There is no bucket to put large answers into.
    #[error("LAMBDA_LARGE_BODY: redirect needs a bucket for results: RESULT_STORAGE = s3, gcs or azure")]
    NoBucket,
    /// There is no way into the bucket.
    #[error(transparent)]
    Bucket(#[from] BucketError),
}

impl Function {
    /// A function that answers as `live` does.
    ///
    /// # Errors
    /// [`FunctionError::NoBucket`] and [`FunctionError::Bucket`] where large answers go into a bucket.
    pub fn new(live: Live, pipeline: Arc<ArcSwap<Pipeline>>, config: &Config) -> Result<Self, FunctionError> {
        let large = match config.lambda.large_body {
            LargeBody::Shrink => Large::Shrink,
            LargeBody::Stream => Large::Stream,
            LargeBody::Redirect => Large::Redirect(Links::open(config)?),
            LargeBody::Error => Large::Error,
        };
        Ok(Self { live, pipeline, large, margin: config.lambda.deadline_margin })
    }

    /// Answers invocations until `stop`, the last one to its end.
    ///
    /// # Errors
    /// [`FunctionError::Runtime`] when Lambda cannot be spoken with any more.
    pub async fn serve(&self, runtime: &Runtime, stop: impl Future<Output = ()>) -> Result<(), FunctionError> {
        let mut stop = pin!(stop);
        loop {
            let invocation = tokio::select! {
                invocation = runtime.next() => invocation?,
                () = &mut stop => return Ok(()),
            };
            match self.reply(&invocation).await {
                Ok(Reply::Document(document)) => runtime.respond(&invocation, document).await?,
                Ok(Reply::Stream(response)) => runtime.stream(&invocation, answer::stream(response)).await?,
                Err(failure) => {
                    warn!(id = invocation.id, error = %failure, "no answer to an invocation");
                    runtime.fail(&invocation, failure.name(), &failure).await?;
                }
            }
            // From the next question on the process may be frozen, so what is to be stored has to be stored now.
            self.pipeline.load_full().settle_by(invocation.deadline).await;
        }
    }

    async fn reply(&self, invocation: &Invocation) -> Result<Reply, Failure> {
        let asked = event::read(&invocation.event, &invocation.id)?;
        let limit = answer::max_body_bytes(asked.front);
        let streams = matches!(self.large, Large::Stream) && asked.front.streams();
        let refuses = matches!(self.large, Large::Stream | Large::Error) && !streams;
        let bounds = Bounds {
            deadline: invocation.deadline.checked_sub(self.margin).unwrap_or(invocation.deadline),
            shrink_to_bytes: None,
            max_bytes: refuses.then_some(limit),
        };
        let Ok(response) = self.live.answer(asked.request(bounds)).await;
        if streams {
            return Ok(Reply::Stream(response));
        }
        let mut answer = gathered(response).await?;
        if answer.body().len() as u64 > limit {
            answer = self.carried(&asked, bounds, limit, answer).await?;
        }
        Ok(Reply::Document(answer::document(&answer, asked.front)))
    }

    /// What can be sent in place of an answer that is too large.
    async fn carried(
        &self,
        asked: &Asked,
        bounds: Bounds,
        limit: u64,
        answer: Response<Bytes>,
    ) -> Result<Response<Bytes>, axum::Error> {
        if let Large::Redirect(links) = &self.large {
            match timeout_at(bounds.deadline, links.put(&answer)).await {
                Ok(Ok(link)) => {
                    return gathered(server::moved(answer.map(Body::from), link.as_str(), links.max_age())).await;
                }
                Ok(Err(error)) => warn!(%error, "a large answer was not stored"),
                Err(_late) => warn!("a large answer was not stored in time"),
            }
        }
        info!(bytes = answer.body().len(), limit, "made again: too large for a function");
        let bounds = Bounds { shrink_to_bytes: Some(limit), max_bytes: Some(limit), ..bounds };
        let Ok(smaller) = self.live.answer(asked.request(bounds)).await;
        gathered(smaller).await
    }
}

/// The answer with its whole body.
async fn gathered(answer: Response) -> Result<Response<Bytes>, axum::Error> {
    let (head, body) = answer.into_parts();
    Ok(Response::from_parts(head, body.collect().await?.to_bytes()))
}
