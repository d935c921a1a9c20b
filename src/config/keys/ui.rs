//! The page on which people try URLs.

use super::{Key, key};
use crate::config::kind::{Flag, List, Maybe, Text, UrlPath};

pub(super) const KEYS: &[Key] = &[
    key!(
        "UI_ENABLED",
        Flag,
        config.ui.enabled,
        "Serve the page at /-/ui/ and lead there from /. It asks the server for what anybody may ask for."
    ),
    key!(
        "UI_PREFIX",
        Maybe<UrlPath>,
        config.ui.prefix,
        "An older path that leads to the page, such as serverless-image-handler-ui. none: no further path."
    ),
    key!("UI_GALLERY", List<Text>, config.ui.gallery, "Pictures of the source that the page offers."),
];
