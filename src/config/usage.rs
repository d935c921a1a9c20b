//! Settings of records of use.

/// Whether records of use are posted, and where.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UsageConfig {
    /// `SEND_ANONYMOUS_DATA`.
    pub send: bool,
    /// `ANONYMOUS_DATA_ENDPOINT`; without it nothing is posted.
    pub endpoint: Option<String>,
    /// `UUID`.
    pub uuid: String,
}

impl UsageConfig {
    /// Where records go, if they go anywhere.
    pub fn target(&self) -> Option<&str> {
        self.endpoint.as_deref().filter(|_| self.send)
    }
}
