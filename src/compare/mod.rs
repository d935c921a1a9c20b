//! Two servers asked for the same pictures: what a team runs before it lets a new server take over.
//!
//! [`urls`](UrlList) come from a list or an access log; [`run()`] asks both servers and judges each pair; [`Report`] tells
//! it as text, JSON or a page. Both servers are the operator's own choice, so none of the guards for sources are here,
//! but everything has a bound: URLs, bytes and time of an answer, time of all, pictures kept for the page.

mod ask;
mod json;
mod judge;
mod log;
mod page;
mod picture;
mod report;
mod run;
mod table;
mod urls;

pub use ask::{AskError, Bounds, Server};
pub use report::{Report, Row, Side, Verdict};
pub use run::{Options, Progress, run};
pub use urls::{LeftOut, UrlList};
