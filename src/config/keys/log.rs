//! The log.

use super::{Key, key};
use crate::config::LogFormat;
use crate::config::kind::{Choice, LogFilter};

pub(super) const KEYS: &[Key] = &[
    key!(
        "LOG_LEVEL",
        LogFilter,
        config.log.filter,
        "error, warn, info, debug, trace, off, or a filter such as \"info,tintype::loader=debug\"."
    ),
    key!("LOG_FORMAT", Choice<LogFormat>, config.log.format, "text or json (one object per line)."),
];
