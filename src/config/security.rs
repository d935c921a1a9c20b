//! Settings of who may ask for what.

/// Who may ask for what.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SecurityConfig {
    /// `SECURITY_KEY` and `SECURITY_KEYS`, the signing one first.
    pub keys: Vec<Secret>,
    /// `ALLOW_UNSAFE_URL`.
    pub allow_unsafe: bool,
    /// `API_TOKENS`: whoever shows one of them may change things. None: nobody may.
    pub tokens: Vec<Secret>,
}

/// Text that never prints.
#[derive(Clone, PartialEq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for whoever needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}
