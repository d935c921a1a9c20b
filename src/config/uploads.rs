//! Settings of originals that clients bring, and of those that are not shown.

use super::StorageKind;

/// Originals that clients bring, and those that are not shown.
#[derive(Clone, Debug, PartialEq)]
pub struct UploadConfig {
    /// `UPLOAD_ENABLED`: whether there is `/image`.
    pub enabled: bool,
    /// `UPLOAD_PUT_ALLOWED`.
    pub put_allowed: bool,
    /// `UPLOAD_DELETE_ALLOWED`.
    pub delete_allowed: bool,
    /// `UPLOAD_ACCESS`.
    pub access: UploadAccess,
    /// `RENDER_OPEN`: whether everybody may have bodies rendered.
    pub render_open: bool,
    /// `UPLOAD_PHOTO_STORAGE`: where they are kept; `None` = where all originals are.
    pub storage: StorageKind,
    /// `UPLOAD_MAX_SIZE`: most bytes of an original; 0 = as many as any may have.
    pub max_bytes: u64,
    /// `UPLOAD_DEFAULT_FILENAME`: name of an original that comes without one.
    pub default_name: String,
    /// `MIN_WIDTH`, in pixels.
    pub min_width: u32,
    /// `MIN_HEIGHT`, in pixels.
    pub min_height: u32,
    /// `MAX_ID_LENGTH`: whether URLs may name an upload by its id with any text behind.
    pub any_name: bool,
    /// `USE_BLACKLIST`: whether there is `/blacklist`, and what it lists is not shown.
    pub blacklist: bool,
    /// `BLACKLIST_MODE`.
    pub blacklist_mode: BlacklistMode,
    /// `BLACKLIST_MAX_BYTES`: how long the list may become.
    pub blacklist_max_bytes: u64,
}

/// Who may use `/image`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum UploadAccess {
    /// Whoever shows a token.
    #[default]
    Token,
    /// Everybody may read, whoever shows a token may write.
    Read,
    /// Everybody.
    Open,
}

/// What of a list makes a picture blacklisted.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum BlacklistMode {
    /// A line that is its name.
    #[default]
    Exact,
    /// Its name anywhere in the text of the list, as in Thumbor: `a.jpg` is in a list that has `ba.jpg`.
    Substring,
}

impl Default for UploadConfig {
    fn default() -> Self {
        Self {
            enabled: false,
            put_allowed: false,
            delete_allowed: false,
            access: UploadAccess::Token,
            render_open: false,
            storage: StorageKind::None,
            max_bytes: 0,
            default_name: "image".into(),
            min_width: 1,
            min_height: 1,
            any_name: true,
            blacklist: false,
            blacklist_mode: BlacklistMode::Exact,
            blacklist_max_bytes: 1 << 20,
        }
    }
}
