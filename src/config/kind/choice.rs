//! Words of a fixed set, and filters of the log.

use super::{Given, Kind, quoted};
use crate::codec::Format;
use crate::config::storage::OriginalStorage;
use crate::config::{
    BlacklistMode, DetectorName, Disposition, ErrorFormat, LargeBody, LoaderKind, LogFormat, RewriteSignature,
    StorageKind, UploadAccess,
};
use crate::raster::Subsampling;
use crate::recipe::{Chroma, SmartCrop};
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
        ("strict_https", Self::StrictHttps),
        ("file_http", Self::FileHttp),
        ("s3", Self::S3),
        ("gcs", Self::Gcs),
        ("azure", Self::Azure),
        ("samples", Self::Samples),
        ("thumbor.loaders.file_loader", Self::File),
        ("thumbor.loaders.http_loader", Self::Http),
        ("thumbor.loaders.https_loader", Self::Https),
        ("thumbor.loaders.strict_https_loader", Self::StrictHttps),
        ("thumbor.loaders.file_loader_http_fallback", Self::FileHttp),
        ("tc_aws.loaders.s3_loader", Self::S3),
        ("tc_aws.loaders.presigning_loader", Self::S3),
        ("thumbor_aws.loader", Self::S3),
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

impl Words for RewriteSignature {
    const WORDS: &'static [(&'static str, Self)] =
        &[("after", Self::After), ("before", Self::Before), ("trusted", Self::Trusted)];
}

impl Words for DetectorName {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("face", Self::Face),
        ("profile", Self::Profile),
        ("glasses", Self::Glasses),
        ("feature", Self::Feature),
        ("attention", Self::Attention),
        ("rekognition", Self::Rekognition),
        ("thumbor_rekognition", Self::Rekognition),
        ("thumbor.detectors.face_detector", Self::Face),
        ("thumbor.detectors.profile_detector", Self::Profile),
        ("thumbor.detectors.glasses_detector", Self::Glasses),
        ("thumbor.detectors.feature_detector", Self::Feature),
        ("thumbor.detectors.queued_detector.queued_complete_detector", Self::Queued),
        ("thumbor.detectors.queued_detector.queued_face_detector", Self::QueuedFace),
        ("thumbor.detectors.queued_detector.queued_feature_detector", Self::QueuedFeature),
        ("thumbor.detectors.queued_sqs_detector", Self::Queued),
        ("thumbor.detectors.queued_sqs_detector.queued_complete_detector", Self::Queued),
        ("thumbor.detectors.queued_sqs_detector.queued_face_detector", Self::QueuedFace),
        ("thumbor.detectors.queued_sqs_detector.queued_feature_detector", Self::QueuedFeature),
    ];
}

impl Words for SmartCrop {
    const WORDS: &'static [(&'static str, Self)] = &[("mean", Self::Mean), ("keep", Self::Keep)];
}

impl Words for LogFormat {
    const WORDS: &'static [(&'static str, Self)] = &[("text", Self::Text), ("json", Self::Json)];
}

impl Words for ErrorFormat {
    const WORDS: &'static [(&'static str, Self)] = &[("text", Self::Text), ("json", Self::Json)];
}

impl Words for LargeBody {
    const WORDS: &'static [(&'static str, Self)] =
        &[("shrink", Self::Shrink), ("stream", Self::Stream), ("redirect", Self::Redirect), ("error", Self::Error)];
}

impl Words for UploadAccess {
    const WORDS: &'static [(&'static str, Self)] =
        &[("token", Self::Token), ("read", Self::Read), ("open", Self::Open)];
}

impl Words for BlacklistMode {
    const WORDS: &'static [(&'static str, Self)] = &[("exact", Self::Exact), ("substring", Self::Substring)];
}

impl Words for Disposition {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("inline", Self::Inline),
        ("attachment", Self::Attachment),
        ("off", Self::Off),
        ("none", Self::Off),
        ("false", Self::Off),
    ];
}

impl Words for StorageKind {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("none", Self::None),
        ("file", Self::File),
        ("s3", Self::S3),
        ("gcs", Self::Gcs),
        ("azure", Self::Azure),
        ("no", Self::None),
        ("", Self::None),
        ("thumbor.storages.no_storage", Self::None),
        ("thumbor.storages.file_storage", Self::File),
        ("tc_aws.storages.s3_storage", Self::S3),
        ("thumbor.result_storages.no_storage", Self::None),
        ("thumbor.result_storages.file_storage", Self::File),
        ("tc_aws.result_storages.s3_storage", Self::S3),
    ];
}

impl Words for OriginalStorage {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("none", Self::One(StorageKind::None)),
        ("file", Self::One(StorageKind::File)),
        ("s3", Self::One(StorageKind::S3)),
        ("gcs", Self::One(StorageKind::Gcs)),
        ("azure", Self::One(StorageKind::Azure)),
        ("mixed", Self::Mixed),
        ("no", Self::One(StorageKind::None)),
        ("", Self::One(StorageKind::None)),
        ("thumbor.storages.no_storage", Self::One(StorageKind::None)),
        ("thumbor.storages.file_storage", Self::One(StorageKind::File)),
        ("tc_aws.storages.s3_storage", Self::One(StorageKind::S3)),
        ("thumbor.storages.mixed_storage", Self::Mixed),
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
