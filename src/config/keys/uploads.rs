//! Originals that clients bring, and those that are not shown.

use super::{Key, key};
use crate::config::kind::{Bytes, Choice, Flag, HeaderText, Time, UploadedIds, Whole};
use crate::config::{BlacklistMode, StorageKind, UploadAccess};

pub(super) const KEYS: &[Key] = &[
    key!(
        "UPLOAD_ENABLED",
        Flag,
        config.uploads.enabled,
        "POST /image stores an original, GET /image/<id> gives it back. It does not expire."
    ),
    key!(
        "UPLOAD_PHOTO_STORAGE",
        Choice<StorageKind>,
        config.uploads.storage,
        "Where uploads are kept: none (where STORAGE says, or in FILE_STORAGE_ROOT_PATH if that is none, too), file, s3,\n\
         gcs or azure, in the folder or bucket that STORAGE would use."
    ),
    key!("UPLOAD_PUT_ALLOWED", Flag, config.uploads.put_allowed, "PUT /image/<id> replaces an original."),
    key!("UPLOAD_DELETE_ALLOWED", Flag, config.uploads.delete_allowed, "DELETE /image/<id> removes an original."),
    key!(
        "UPLOAD_ACCESS",
        Choice<UploadAccess>,
        config.uploads.access,
        "Who may use /image: token (whoever shows one of API_TOKENS), read (everybody may read, tokens write) or open\n\
         (everybody may do everything, as in Thumbor)."
    ),
    key!(
        "RENDER_OPEN",
        Flag,
        config.uploads.render_open,
        "POST /-/render/<options> gives back the picture in its body, for everybody and not only for API_TOKENS."
    ),
    key!("UPLOAD_MAX_SIZE", Bytes, config.uploads.max_bytes, "Larger uploads are refused. Bytes; 0: MAX_SOURCE_BYTES."),
    key!("UPLOAD_DEFAULT_FILENAME", HeaderText, config.uploads.default_name, "Name of uploads that come without one."),
    key!("MIN_WIDTH", Whole<u32>, config.uploads.min_width, "Narrower uploads are refused. Pixels."),
    key!("MIN_HEIGHT", Whole<u32>, config.uploads.min_height, "Lower uploads are refused. Pixels."),
    key!(
        "MAX_ID_LENGTH",
        UploadedIds,
        config.uploads.any_name,
        "32: URLs may name an upload by its id with any text behind, as in <id>/photo.jpg. 0: only by its id."
    ),
    key!(
        "BODY_TIMEOUT",
        Time<1>,
        config.server.body_timeout,
        "Time for a client to send the body of a request, then 408."
    ),
    key!(
        "USE_BLACKLIST",
        Flag,
        config.uploads.blacklist,
        "PUT /blacklist?<picture> forbids a picture, GET /blacklist gives the list; both need a token, and a STORAGE."
    ),
    key!(
        "BLACKLIST_MODE",
        Choice<BlacklistMode>,
        config.uploads.blacklist_mode,
        "exact: a line of the list is the picture's name. substring: its name is anywhere in the list, as in Thumbor."
    ),
    key!("BLACKLIST_MAX_BYTES", Bytes<1>, config.uploads.blacklist_max_bytes, "Length that the list may have. Bytes."),
];
