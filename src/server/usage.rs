//! Records of use for a collector of the operator's own, where one is set. Nobody ever waits for them.

use super::gate::names_access;
use crate::config::UsageConfig;
use crate::geometry::Dimension;
use crate::request;
use axum::body::HttpBody as _;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use serde::Serialize;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::mpsc;
use tracing::{debug, warn};

/// Records that may wait to be posted; further ones are dropped.
const WAITING: usize = 1024;
/// Longest time that a collector is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where records are handed in. The post office closes with the last clone.
#[derive(Clone, Debug)]
pub(super) struct Records {
    uuid: String,
    post: mpsc::Sender<Record>,
}

/// What is told of a request: the Serverless Image Handler's form. Neither picture nor client are named.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Record {
    /// What the Serverless Image Handler is called at its maker's.
    solution: &'static str,
    #[serde(rename = "UUID")]
    uuid: String,
    time_stamp: String,
    data: Data,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Data {
    version: &'static str,
    options: Option<Options>,
    status_code: u16,
    size_bytes: Option<u64>,
    duration_ms: u64,
}

/// What a URL asks for besides the picture.
#[derive(Debug, Serialize)]
struct Options {
    meta: bool,
    trim: bool,
    crop: bool,
    fit_in: bool,
    smart: bool,
    flip: bool,
    width: String,
    height: String,
    /// Names only: arguments may name pictures.
    filters: Vec<String>,
}

impl Records {
    /// Opens the post office, if records go anywhere. Needs a runtime then.
    pub(super) fn start(config: &UsageConfig) -> Option<Self> {
        let target = config.target()?.to_owned();
        let client = reqwest::Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none()).build();
        let client = client.map_err(|error| warn!(%error, "records of use cannot be posted")).ok()?;
        let (post, mut records) = mpsc::channel::<Record>(WAITING);
        tokio::spawn(async move {
            while let Some(record) = records.recv().await {
                let body = serde_json::to_vec(&record).expect("plain values always serialize");
                let request = client.post(&target).header("content-type", "application/json").body(body);
                match request.send().await.and_then(reqwest::Response::error_for_status) {
                    Ok(_) => {}
                    Err(error) => debug!(%error, "a record of use was not taken"),
                }
            }
        });
        Some(Self { uuid: config.uuid.clone(), post })
    }
}

/// Hands a record in once the answer is there. Where too many wait already, it is dropped.
pub(super) async fn record(State(records): State<Records>, request: Request, next: Next) -> Response {
    let start = Instant::now();
    let path = request.uri().path().to_owned();
    let counts = !path.starts_with("/-/") && *request.method() != Method::OPTIONS;
    let response = next.run(request).await;
    if counts {
        let data = Data {
            version: env!("CARGO_PKG_VERSION"),
            options: Options::of(&path),
            status_code: response.status().as_u16(),
            size_bytes: response.body().size_hint().exact(),
            duration_ms: u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX),
        };
        let time_stamp = rfc3339(SystemTime::now());
        let record = Record { solution: "SO0023", uuid: records.uuid.clone(), time_stamp, data };
        if records.post.try_send(record).is_err() {
            debug!("a record of use was dropped, too many wait");
        }
    }
    response
}

impl Options {
    fn of(path: &str) -> Option<Self> {
        let complete = if names_access(path) { path.into() } else { format!("/unsafe{path}") };
        let request = request::parse(&complete).ok()?;
        Some(Self {
            meta: request.meta,
            trim: request.trim.is_some(),
            crop: request.crop.is_some(),
            fit_in: request.fit.is_some(),
            smart: request.smart,
            flip: request.flip_x || request.flip_y,
            width: side(request.size.width),
            height: side(request.size.height),
            filters: request.filters.iter().map(|call| call.name.clone()).collect(),
        })
    }
}

/// A width or height as URLs have it.
fn side(side: Dimension) -> String {
    match side {
        Dimension::Auto => "0".into(),
        Dimension::Px(px) => px.to_string(),
        Dimension::Original => "orig".into(),
    }
}

/// Seconds of a time in UTC, as `2026-01-31T12:00:00Z`.
fn rfc3339(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    // Years begin in March here, so that the odd day comes last; 400 of them have 146,097 days.
    let day = days + 719_468;
    let (era, day) = (day / 146_097, day % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let date = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{date:02}T{:02}:{:02}:{:02}Z", second / 3600, second / 60 % 60, second % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_everybody_does() {
        let check = |seconds, expected: &str| assert_eq!(rfc3339(UNIX_EPOCH + Duration::from_secs(seconds)), expected);
        check(0, "1970-01-01T00:00:00Z");
        check(951_782_399, "2000-02-28T23:59:59Z");
        check(951_782_400, "2000-02-29T00:00:00Z");
        check(1_709_210_096, "2024-02-29T12:34:56Z");
        check(4_107_542_400, "2100-03-01T00:00:00Z");
    }

    #[test]
    fn a_record_names_neither_picture_nor_client() {
        for access in ["/unsafe", ""] {
            let path =
                format!("{access}/fit-in/300x0/filters:watermark(secret/logo.png,0,0,0):blur(2)/secret/face.jpg");
            let json = serde_json::to_value(Options::of(&path).unwrap()).unwrap();
            assert_eq!((&json["fit_in"], &json["width"]), (&true.into(), &"300".into()));
            assert_eq!(json["filters"], serde_json::json!(["watermark", "blur"]));
            assert!(!json.to_string().contains("secret"), "{json}");
        }
    }
}
