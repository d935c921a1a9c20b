//! `Server-Timing`: how an answer was come by.

use super::access::UNCHANGED;
use crate::pipeline::{StageTimes, Via};
use axum::http::HeaderValue;
use std::fmt::Write as _;
use std::time::Duration;

/// The header of a picture. Stages are told only of work that was done for this answer.
pub(super) fn header(via: Via, times: &StageTimes) -> HeaderValue {
    if via == Via::Cache {
        return HeaderValue::from_static("cache;desc=hit");
    }
    text(via.name(), &times.in_order())
}

/// The header of an answer that ended after fetching.
pub(super) fn unchanged(fetch: Duration) -> HeaderValue {
    text(UNCHANGED, &[("fetch", fetch)])
}

fn text(cache: &str, stages: &[(&str, Duration)]) -> HeaderValue {
    let mut text = String::new();
    // Nearly nobody has detectors look.
    for (name, time) in stages.iter().filter(|(name, time)| *name != "detect" || !time.is_zero()) {
        write!(text, "{name};dur={:.1}, ", time.as_secs_f64() * 1e3).expect("a string takes any text");
    }
    write!(text, "cache;desc={cache}").expect("a string takes any text");
    HeaderValue::try_from(text).expect("made of visible ASCII and spaces")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_told_in_milliseconds_where_there_were_any() {
        let ms = Duration::from_micros;
        let times = StageTimes {
            fetch: ms(1_250),
            render: ms(30_000),
            decode: ms(10_000),
            encode: ms(9_960),
            ..StageTimes::default()
        };
        let check = |header: HeaderValue, expected: &str| assert_eq!(header.to_str().unwrap(), expected);
        check(header(Via::Cache, &times), "cache;desc=hit");
        let stages = "fetch;dur=1.2, queue;dur=0.0, render;dur=30.0, encode;dur=10.0";
        check(header(Via::Made, &times), &format!("{stages}, cache;desc=miss"));
        check(header(Via::Joined, &times), &format!("{stages}, cache;desc=coalesced"));
        let seen = StageTimes { detect: ms(5_000), ..times };
        check(
            header(Via::Made, &seen),
            &format!("{}, cache;desc=miss", stages.replace("queue", "detect;dur=5.0, queue")),
        );
        check(unchanged(ms(2_000)), "fetch;dur=2.0, cache;desc=unchanged");
    }
}
