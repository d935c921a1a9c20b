//! Settings as written, before those that act together are joined.

use super::kind::AutoFormat;
use super::storage::OriginalStorage;
use super::{Config, Problem, Profile, Secret, StorageKind, StoragePlace, UploadAccess};
use crate::filter;
use crate::machine::Machine;
use crate::recipe::Policy;
use std::path::PathBuf;

/// The key in Thumbor's documentation and examples.
const PUBLIC_KEY: &str = "MY_SECURE_KEY";

/// The optimizer that makes videos of GIFs.
const VIDEOS: &str = "gifv";
/// An optimizer of Thumbor that has nothing left to do: JPEGs are written as it would make them.
const JPEGTRAN: &str = "jpegtran";
/// libaom has no speed beyond; Thumbor's settings go up to 10.
const FASTEST_AVIF: u8 = 9;

/// One field for each key: those of [`Config`], and those that only exist together with others.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Written {
    pub(super) config: Config,
    pub(super) key: Secret,
    pub(super) older_keys: Vec<Secret>,
    pub(super) allow_default_key: bool,
    pub(super) follow_redirects: bool,
    pub(super) alpha_background: [u8; 3],
    pub(super) compat_alpha: bool,
    pub(super) optimizers: Vec<String>,
    pub(super) ffmpeg: Option<PathBuf>,
    pub(super) avif_speed: Option<u8>,
    pub(super) png_level: Option<u8>,
    pub(super) auto_heif: bool,
    pub(super) auto_preference: Vec<AutoFormat>,
    pub(super) sih_fallback: bool,
    pub(super) sih_fallback_key: Option<String>,
    pub(super) storage: OriginalStorage,
    pub(super) mixed_file_storage: StorageKind,
    pub(super) mixed_detector_storage: StorageKind,
    /// What `WORKERS = 0` stands for.
    pub(super) slots: usize,
}

impl Default for Written {
    fn default() -> Self {
        let mut config = Config::default();
        let (avif_speed, png_level) = (Some(config.policy.avif_speed), Some(config.policy.png_level));
        config.loader.user_agent = "tintype/{version}".into();
        config.admission.workers = 0;
        Self {
            config,
            key: Secret::new(""),
            older_keys: Vec::new(),
            allow_default_key: false,
            follow_redirects: true,
            alpha_background: [255, 255, 255],
            compat_alpha: false,
            optimizers: Vec::new(),
            ffmpeg: None,
            avif_speed,
            png_level,
            auto_heif: false,
            auto_preference: Vec::new(),
            sih_fallback: false,
            sih_fallback_key: None,
            storage: OriginalStorage::One(StorageKind::None),
            mixed_file_storage: StorageKind::None,
            mixed_detector_storage: StorageKind::None,
            slots: Machine::default().slots(),
        }
    }
}

impl Written {
    /// The settings meant. Judges none of them.
    pub(super) fn join(&self) -> Config {
        let mut config = self.config.clone();
        let keys = std::iter::once(&self.key).chain(&self.older_keys);
        config.security.keys = keys.filter(|key| !key.reveal().is_empty()).cloned().collect();
        config.security.tokens.retain(|token| !token.reveal().is_empty());
        config.policy.flatten = (!self.compat_alpha).then_some(self.alpha_background);
        config.video.ffmpeg = self.ffmpeg.clone().filter(|_| self.wants_videos());
        config.policy.videos = config.video.ffmpeg.is_some();
        let defaults = Policy::default();
        config.policy.avif_speed = self.avif_speed.unwrap_or(defaults.avif_speed).min(FASTEST_AVIF);
        config.policy.png_level = self.png_level.unwrap_or(defaults.png_level);
        config.policy.auto_preference = self.auto_preference.iter().filter_map(|auto| auto.format()).collect();
        if !self.follow_redirects {
            config.loader.max_redirects = 0;
        }
        config.loader.user_agent = config.loader.user_agent.replace("{version}", env!("CARGO_PKG_VERSION"));
        let (of_originals, of_notes) = match self.storage {
            OriginalStorage::One(kind) => (kind, kind),
            OriginalStorage::Mixed => (self.mixed_file_storage, self.mixed_detector_storage),
        };
        let originals = &mut config.originals;
        originals.place.kind = of_originals;
        originals.notes = StoragePlace { kind: of_notes, ..originals.place.clone() };
        originals.remote = config.loader.is_remote();
        config.results.expiration = config.results.expiration.filter(|expiration| !expiration.is_zero());
        if self.sih_fallback && config.fallback.image.is_none() {
            config.fallback.image.clone_from(&self.sih_fallback_key);
        }
        config.loader.bucket.connect_timeout = config.loader.connect_timeout;
        config.loader.bucket.request_timeout = config.loader.request_timeout;
        if config.admission.workers == 0 {
            config.admission.workers = self.slots;
        }
        config
    }

    /// Takes the secret out of its file, if there is one; what is wrong with that file.
    pub(super) fn read_key_file(&mut self) -> Option<Problem> {
        let path = self.config.security.key_file.as_ref()?;
        let reason = match std::fs::read_to_string(path) {
            Ok(text) if text.trim().is_empty() => "holds no secret".to_owned(),
            Ok(text) => {
                self.key = Secret::new(text.trim());
                return None;
            }
            Err(error) => format!("cannot be read: {error}"),
        };
        Some(Problem::File { origin: format!("SECURITY_KEY_FILE `{}`", path.display()), reason })
    }

    /// What must not be together, or must not be missing together, in a server that is not a demonstration.
    pub(super) fn problems(&self) -> Vec<Problem> {
        let keys = self.join().security.keys;
        let mut problems = Vec::new();
        if keys.iter().any(|key| key.reveal() == PUBLIC_KEY) && !self.allow_default_key {
            problems.push(Problem::PublicKey);
        }
        if keys.is_empty() && !self.config.security.allow_unsafe {
            problems.push(Problem::NoWayIn);
        }
        if self.wants_videos() && self.ffmpeg.is_none() {
            problems.push(Problem::Needed { key: "FFMPEG_PATH", of: "gifv among OPTIMIZERS" });
        }
        if self.config.security.query_signatures && keys.is_empty() {
            problems.push(Problem::Needed { key: "SECURITY_KEY", of: "ENABLE_SIGNATURE" });
        }
        if self.config.security.query_signatures && self.config.profile != Profile::Sih7 {
            problems.push(Problem::Needed { key: "PROFILE = sih7", of: "ENABLE_SIGNATURE" });
        }
        let Config { rewrite, policy, server, .. } = &self.config;
        problems.extend(rewrite.problems(policy, server.max_url_bytes));
        problems.extend(self.missing_buckets());
        problems
    }

    /// What is given and comes to something else than somebody may think.
    fn surprises(&self) -> Vec<String> {
        let quoted = |key: &&Secret| {
            let text = key.reveal();
            text.len() > 1 && ['"', '\''].into_iter().any(|quote| text.starts_with(quote) && text.ends_with(quote))
        };
        let mut notices = Vec::new();
        if std::iter::once(&self.key).chain(&self.older_keys).any(|key| quoted(&key)) {
            notices.push(
                "SECURITY_KEY: a secret has quotes around it, which count as a part of it; leave them out unless whoever \
                 signs has them, too"
                    .to_owned(),
            );
        }
        if self.auto_heif || self.auto_preference.contains(&AutoFormat::Heif) {
            notices.push("AUTO_HEIF, AUTO_IMAGE_FORMAT_PREFERENCE: HEIC is not written, other formats are".to_owned());
        }
        let usage = &self.config.usage;
        if usage.send && usage.endpoint.is_none() {
            notices.push("SEND_ANONYMOUS_DATA: nothing is sent, ANONYMOUS_DATA_ENDPOINT is not set".to_owned());
        }
        notices
    }

    /// Storages in buckets that are not named.
    fn missing_buckets(&self) -> Vec<Problem> {
        let config = self.join();
        let (originals, results) = (&config.originals, &config.results);
        let uploads = &StoragePlace { kind: config.uploads.storage, ..originals.place.clone() };
        let places = [
            ("TC_AWS_STORAGE_BUCKET", "STORAGE", &originals.place),
            ("TC_AWS_STORAGE_BUCKET", "MIXED_STORAGE_DETECTOR_STORAGE", &originals.notes),
            ("TC_AWS_STORAGE_BUCKET", "UPLOAD_PHOTO_STORAGE", uploads),
            ("TC_AWS_RESULT_STORAGE_BUCKET", "RESULT_STORAGE", &results.place),
        ];
        let nameless = |place: &StoragePlace| place.kind.is_bucket() && place.bucket.is_empty();
        let mut missing: Vec<_> = places.into_iter().filter(|(_, _, place)| nameless(place)).collect();
        missing.dedup_by_key(|(key, _, _)| *key);
        missing.into_iter().map(|(key, of, _)| Problem::Needed { key, of }).collect()
    }

    /// What is accepted and does nothing yet.
    pub(super) fn notices(&self) -> Vec<String> {
        let unknown = filter::unknown_names(&self.config.policy.filters);
        let filters = unknown.map(|name| format!("FILTERS: `{name}` is not a filter of this version"));
        let uploads = &self.config.uploads;
        let closed = self.join().security.tokens.is_empty()
            && (uploads.blacklist || (uploads.enabled && uploads.access != UploadAccess::Open));
        let closed = closed.then(|| "API_TOKENS is not set, so that nobody may upload or blacklist".to_owned());
        let remote = self.config.detection.detectors.iter().any(|name| name.is_queued());
        let looking = remote.then(|| "DETECTORS: no queue is used, the server looks itself and at once".to_owned());
        let others = self.optimizers.iter().filter(|name| *name != VIDEOS && *name != JPEGTRAN);
        let optimizers = others.map(|name| format!("OPTIMIZERS: `{name}` is not an optimizer of this version"));
        filters.chain(optimizers).chain(closed).chain(self.surprises()).chain(looking).collect()
    }

    fn wants_videos(&self) -> bool {
        self.optimizers.iter().any(|name| name == VIDEOS)
    }
}
