//! A metadata view as a call of a function in somebody's page.

use crate::pipeline::{Rendition, Served};
use bytes::Bytes;
use std::sync::Arc;

const SCRIPT: &str = "text/javascript";

/// The answer as the argument of the function `name`, which is the name of a function.
pub(super) fn handed_to(name: &str, served: Served) -> Served {
    let rendition = &served.rendition;
    let body = [name.as_bytes(), b"(", &rendition.body, b");"].concat();
    // Its own tag: it is not the answer that others get.
    let tag = rendition.etag.strip_suffix(b"\"").unwrap_or(&rendition.etag);
    let etag = Bytes::from([tag, b"-", name.as_bytes(), b"\""].concat());
    let called = Rendition { body: body.into(), mime: SCRIPT, etag, ..Rendition::clone(rendition) };
    Served { rendition: Arc::new(called), ..served }
}
