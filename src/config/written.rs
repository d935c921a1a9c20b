//! Settings as written, before those that act together are joined.

use super::kind::{AutoFormat, StorageKind};
use super::{Config, Problem, Secret};
use crate::filter;
use crate::recipe::Policy;

/// The key in Thumbor's documentation and examples.
const PUBLIC_KEY: &str = "MY_SECURE_KEY";

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
    pub(super) avif_speed: Option<u8>,
    pub(super) png_level: Option<u8>,
    pub(super) auto_heif: bool,
    pub(super) auto_preference: Vec<AutoFormat>,
    pub(super) storage: StorageKind,
    pub(super) result_storage: StorageKind,
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
            avif_speed,
            png_level,
            auto_heif: false,
            auto_preference: Vec::new(),
            storage: StorageKind::None,
            result_storage: StorageKind::None,
        }
    }
}

impl Written {
    /// The settings meant. Judges none of them.
    pub(super) fn join(&self) -> Config {
        let mut config = self.config.clone();
        let keys = std::iter::once(&self.key).chain(&self.older_keys);
        config.security.keys = keys.filter(|key| !key.reveal().is_empty()).cloned().collect();
        config.policy.flatten = (!self.compat_alpha).then_some(self.alpha_background);
        let defaults = Policy::default();
        config.policy.avif_speed = self.avif_speed.unwrap_or(defaults.avif_speed).min(FASTEST_AVIF);
        config.policy.png_level = self.png_level.unwrap_or(defaults.png_level);
        config.policy.auto_preference = self.auto_preference.iter().filter_map(|auto| auto.format()).collect();
        if !self.follow_redirects {
            config.loader.max_redirects = 0;
        }
        config.loader.user_agent = config.loader.user_agent.replace("{version}", env!("CARGO_PKG_VERSION"));
        if config.admission.workers == 0 {
            config.admission.workers = std::thread::available_parallelism().map_or(1, usize::from);
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
        problems
    }

    /// What is wanted of pictures and cannot be done.
    fn unwritten(&self) -> impl Iterator<Item = String> {
        let heif = self.auto_heif || self.auto_preference.contains(&AutoFormat::Heif);
        heif.then(|| "AUTO_HEIF, AUTO_IMAGE_FORMAT_PREFERENCE: HEIC is not written, other formats are".to_owned())
            .into_iter()
    }

    /// Records of use that go nowhere.
    fn usage(&self) -> impl Iterator<Item = String> {
        let usage = &self.config.usage;
        (usage.send && usage.endpoint.is_none())
            .then(|| "SEND_ANONYMOUS_DATA: nothing is sent, ANONYMOUS_DATA_ENDPOINT is not set".to_owned())
            .into_iter()
    }

    /// What is accepted and does nothing yet.
    pub(super) fn notices(&self) -> Vec<String> {
        let quoted = |key: &&Secret| {
            let text = key.reveal();
            text.len() > 1 && ['"', '\''].into_iter().any(|quote| text.starts_with(quote) && text.ends_with(quote))
        };
        let keys = std::iter::once(&self.key).chain(&self.older_keys).filter(quoted).map(|_| {
            "SECURITY_KEY: a secret has quotes around it, which count as a part of it; leave them out unless whoever signs \
             has them, too"
                .to_owned()
        });
        let kinds = [("STORAGE", self.storage), ("RESULT_STORAGE", self.result_storage)];
        let files = kinds.into_iter().filter(|(_, kind)| *kind == StorageKind::File);
        let storages = files.map(|(name, _)| format!("{name}: `file` is not in this version yet, nothing is stored"));
        let unknown = filter::unknown_names(&self.config.policy.filters);
        let filters = unknown.map(|name| format!("FILTERS: `{name}` is not a filter of this version"));
        storages.chain(filters).chain(keys).chain(self.unwritten()).chain(self.usage()).collect()
    }
}
