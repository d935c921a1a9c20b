//! What the Serverless Image Handler has and Thumbor has not.

use super::{Key, key};
use crate::config::kind::{Flag, HeaderText, HttpUrl, List, Maybe, Text};

pub(super) const KEYS: &[Key] = &[
    key!(
        "ENABLE_CORS",
        Flag,
        config.cors.enabled,
        "Say to browsers on every answer, errors too, which sites may use it, and answer OPTIONS. Also CORS_ENABLED.\n\
         ACCESS_CONTROL_ALLOW_ORIGIN_HEADER does not count then."
    ),
    key!(
        "CORS_ORIGIN",
        List<HeaderText>,
        config.cors.origins,
        "Sites that may: \"*\" for all, one such as \"https://example.com\", or several, of which the one that asks is named."
    ),
    key!(
        "SEND_ANONYMOUS_DATA",
        Flag,
        config.usage.send,
        "Post a record of each request to ANONYMOUS_DATA_ENDPOINT. Without that address nothing ever leaves the server."
    ),
    key!(
        "ANONYMOUS_DATA_ENDPOINT",
        Maybe<HttpUrl>,
        config.usage.endpoint,
        "Your own collector of such records. docs/configuration.md shows one."
    ),
    key!("UUID", Text, config.usage.uuid, "What this server is called in such records."),
];
