//! The server as a function of AWS Lambda.

use super::{Key, key};
use crate::config::LargeBody;
use crate::config::kind::{Choice, Time};

pub(super) const KEYS: &[Key] = &[
    key!(
        "LAMBDA_LARGE_BODY",
        Choice<LargeBody>,
        config.lambda.large_body,
        "What becomes of answers that are larger than a function may return (4.7 MB; behind a load balancer 0.7 MB):\n\
         shrink (made again at a lower quality), redirect (to a link into the bucket of RESULT_STORAGE), error (413),\n\
         stream (every answer of a function URL or REST API is streamed, which has to be set there, too)."
    ),
    key!(
        "LAMBDA_LINK_AGE",
        Time<2000>,
        config.lambda.link_age,
        "How long such a link is good; the answer that leads there is kept for half of it. At least 2 seconds."
    ),
    key!(
        "LAMBDA_DEADLINE_MARGIN",
        Time,
        config.lambda.deadline_margin,
        "What is left of an invocation's time when a request without an answer is given up with 503."
    ),
];
