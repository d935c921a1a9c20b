//! Settings of sharing between sites.

/// Which sites may use answers.
#[derive(Clone, Debug, PartialEq)]
pub struct CorsConfig {
    /// `ENABLE_CORS`.
    pub enabled: bool,
    /// `CORS_ORIGIN`: `*`, or origins as browsers send them.
    pub origins: Vec<String>,
}

impl Default for CorsConfig {
    fn default() -> Self {
        Self { enabled: false, origins: vec!["*".into()] }
    }
}
