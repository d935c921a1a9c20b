//! Settings of the page on which people try URLs.

/// The page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UiConfig {
    /// `UI_ENABLED`: whether there is one, at `/-/ui/`, with a redirect from `/`.
    pub enabled: bool,
    /// `UI_PREFIX`: an older path that leads there, too.
    pub prefix: Option<String>,
    /// `UI_GALLERY`: names of the pictures it offers.
    pub gallery: Vec<String>,
}
