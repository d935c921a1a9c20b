//! Where originals come from.

use super::{Key, key};
use crate::config::LoaderKind;
use crate::config::kind::{Bytes, Choice, Flag, HeaderText, List, Network, Path, Time, Whole};

pub(super) const KEYS: &[Key] = &[
    key!(
        "LOADER",
        Choice<LoaderKind>,
        config.loader.kind,
        "file, http, https (the same with https:// as the default scheme), file_http (files, and what is not there over\n\
         HTTP) or samples (pictures that come with the program). Thumbor's module names are good, too."
    ),
    key!(
        "FILE_LOADER_ROOT_PATH",
        Path,
        config.loader.file_root,
        "Folder with the originals. Nothing outside is served."
    ),
    key!("MAX_SOURCE_BYTES", Bytes<1>, config.loader.max_bytes, "Larger originals are refused. Bytes."),
    key!(
        "ALLOWED_SOURCES",
        List<HeaderText>,
        config.loader.allowed_sources,
        "Host names that originals may come from; an entry with any of \\^$*+?{}[]()| is a regular expression for the\n\
         whole name. Empty: all hosts on the public internet."
    ),
    key!(
        "ALLOW_PRIVATE_SOURCES",
        List<Network>,
        config.loader.allow_private,
        "Networks that originals may come from although they are not public, such as \"10.0.0.0/8\"."
    ),
    key!("HTTP_LOADER_CONNECT_TIMEOUT", Time<1>, config.loader.connect_timeout, "Time for a connection to an origin."),
    key!(
        "HTTP_LOADER_REQUEST_TIMEOUT",
        Time<1>,
        config.loader.request_timeout,
        "Time for an original in all, the wait for a free client included."
    ),
    key!(
        "HTTP_LOADER_FOLLOW_REDIRECTS",
        Flag,
        follow_redirects,
        "Follow redirects. Every hop is judged like the first."
    ),
    key!("HTTP_LOADER_MAX_REDIRECTS", Whole<usize, 0, 20>, config.loader.max_redirects, "Hops followed."),
    key!("HTTP_LOADER_MAX_CLIENTS", Whole<usize, 1, 65536>, config.loader.max_clients, "Originals fetched at a time."),
    key!(
        "HTTP_LOADER_DEFAULT_USER_AGENT",
        HeaderText,
        config.loader.user_agent,
        "What origins are told; {version} is replaced."
    ),
];
