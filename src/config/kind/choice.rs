//! Words of a fixed set, and filters of the log.

use super::{Given, Kind, quoted};
use crate::codec::Format;
use crate::config::{LoaderKind, LogFormat};
use crate::raster::Subsampling;
use crate::recipe::Chroma;
use crate::transform::Kernel;
use std::marker::PhantomData;

/// One of several words; the first spelling of each is the one written.
pub(in crate::config) trait Words: Sized + Copy + PartialEq + 'static {
    /// Spellings in lower case.
    const WORDS: &'static [(&'static str, Self)];
}

/// A word of a fixed set, in any case.
pub(in crate::config) struct Choice<T>(PhantomData<T>);

impl<T: Words> Kind for Choice<T> {
    type Out = T;

    fn expected() -> String {
        let first =
            T::WORDS.iter().enumerate().filter(|(at, (_, value))| T::WORDS[..*at].iter().all(|(_, v)| v != value));
        format!("one of {}", first.map(|(_, (word, _))| *word).collect::<Vec<_>>().join(", "))
    }

    fn parse(given: &Given) -> Option<T> {
        let text = given.one()?.to_ascii_lowercase();
        T::WORDS.iter().find(|(word, _)| *word == text).map(|(_, value)| *value)
    }

    fn show(out: &T) -> String {
        quoted(T::WORDS.iter().find(|(_, value)| value == out).map_or("", |(word, _)| word))
    }
}

impl Words for LoaderKind {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("file", Self::File),
        ("http", Self::Http),
        ("https", Self::Https),
        ("file_http", Self::FileHttp),
        ("samples", Self::Samples),
        ("thumbor.loaders.file_loader", Self::File),
        ("thumbor.loaders.http_loader", Self::Http),
        ("thumbor.loaders.https_loader", Self::Https),
        ("thumbor.loaders.file_loader_http_fallback", Self::FileHttp),
    ];
}

impl Words for Kernel {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("lanczos", Self::Lanczos),
        ("bicubic", Self::Bicubic),
        ("hamming", Self::Hamming),
        ("bilinear", Self::Bilinear),
        ("nearest", Self::Nearest),
        ("antialias", Self::Lanczos),
    ];
}

/// A format that may be chosen for clients that accept it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::config) enum AutoFormat {
    /// One that is written.
    Written(Format),
    /// HEIC, which is not.
    Heif,
}

impl AutoFormat {
    /// The format, if it is written.
    pub(in crate::config) fn format(self) -> Option<Format> {
        match self {
            Self::Written(format) => Some(format),
            Self::Heif => None,
        }
    }
}

impl Words for AutoFormat {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("webp", Self::Written(Format::WebP)),
        ("avif", Self::Written(Format::Avif)),
        ("jpg", Self::Written(Format::Jpeg)),
        ("jpeg", Self::Written(Format::Jpeg)),
        ("png", Self::Written(Format::Png)),
        ("heif", Self::Heif),
    ];
}

impl Words for Chroma {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("4:2:0", Self::Fixed(Subsampling::HALF)),
        ("4:2:2", Self::Fixed(Subsampling { x: 2, y: 1 })),
        ("4:4:4", Self::Fixed(Subsampling::NONE)),
        ("keep", Self::Keep),
        ("0", Self::Fixed(Subsampling::NONE)),
        ("1", Self::Fixed(Subsampling { x: 2, y: 1 })),
        ("2", Self::Fixed(Subsampling::HALF)),
        ("none", Self::Fixed(Subsampling::HALF)),
        ("-1", Self::Fixed(Subsampling::HALF)),
        ("4:1:1", Self::Fixed(Subsampling::HALF)), // Pillow's older name for it
    ];
}

impl Words for LogFormat {
    const WORDS: &'static [(&'static str, Self)] = &[("text", Self::Text), ("json", Self::Json)];
}

/// Where originals or results are kept besides memory.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(in crate::config) enum StorageKind {
    /// Nowhere.
    #[default]
    None,
    /// In files.
    File,
}

impl Words for StorageKind {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("none", Self::None),
        ("file", Self::File),
        ("no", Self::None),
        ("", Self::None),
        ("thumbor.storages.no_storage", Self::None),
        ("thumbor.storages.file_storage", Self::File),
        ("thumbor.result_storages.no_storage", Self::None),
        ("thumbor.result_storages.file_storage", Self::File),
    ];
}

/// What is logged: a level, or a filter of `tracing`.
pub(in crate::config) struct LogFilter;

impl Kind for LogFilter {
    type Out = String;

    fn expected() -> String {
        "error, warn, info, debug, trace, off, or a filter such as `info,tintype::loader=debug`".into()
    }

    /// Python's names of levels count as well.
    fn parse(given: &Given) -> Option<String> {
        let text = given.one()?.to_ascii_lowercase();
        let filter = match text.as_str() {
            "warning" => "warn",
            "critical" | "fatal" => "error",
            "notset" => "trace",
            other => other,
        };
        let bare_word =
            !filter.contains(['=', ',']) && filter.parse::<tracing_subscriber::filter::LevelFilter>().is_err();
        let valid = !filter.is_empty() && !bare_word && tracing_subscriber::EnvFilter::builder().parse(filter).is_ok();
        valid.then(|| filter.to_owned())
    }

    fn show(out: &String) -> String {
        quoted(out)
    }
}
