//! Settings as written, before those that act together are joined.

use super::kind::StorageKind;
use super::{Config, Problem, Secret};
use crate::filter;

/// The key in Thumbor's documentation and examples.
const PUBLIC_KEY: &str = "MY_SECURE_KEY";

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
    pub(super) storage: StorageKind,
    pub(super) result_storage: StorageKind,
}

impl Default for Written {
    fn default() -> Self {
        let mut config = Config::default();
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
        if !self.follow_redirects {
            config.loader.max_redirects = 0;
        }
        config.loader.user_agent = config.loader.user_agent.replace("{version}", env!("CARGO_PKG_VERSION"));
        if config.admission.workers == 0 {
            config.admission.workers = std::thread::available_parallelism().map_or(1, usize::from);
        }
        config
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
        let Config { rewrite, policy, server, .. } = &self.config;
        problems.extend(rewrite.problems(policy, server.max_url_bytes));
        problems
    }

    /// What is accepted and does nothing yet.
    pub(super) fn notices(&self) -> Vec<String> {
        let kinds = [("STORAGE", self.storage), ("RESULT_STORAGE", self.result_storage)];
        let files = kinds.into_iter().filter(|(_, kind)| *kind == StorageKind::File);
        let storages = files.map(|(name, _)| format!("{name}: `file` is not in this version yet, nothing is stored"));
        let unknown = filter::unknown_names(&self.config.policy.filters);
        let filters = unknown.map(|name| format!("FILTERS: `{name}` is not a filter of this version"));
        storages.chain(filters).chain(self.config.rewrite.notices()).collect()
    }
}
