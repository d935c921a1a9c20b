//! Settings of what is shown where there is no source.

/// What is shown where there is no source.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FallbackConfig {
    /// `FALLBACK_IMAGE`: name or address of the picture, in plain text.
    pub image: Option<String>,
    /// `FALLBACK_STATUS`: `None` is the status of the error.
    pub status: Option<u16>,
    /// `FALLBACK_MAX_AGE`: seconds that the answer may be kept; 0 = not at all.
    pub max_age_s: u32,
}
