//! What was written in a URL: Thumbor's path grammar both ways, its signature, and the `Accept` header.
//!
//! [`parse`] reads the raw path, `Display` writes the canonical one, and reading that gives the same request.
//! This room does not know what a filter means, which formats are on offer or how large the picture is.

mod accept;
mod callback;
mod canonical;
mod compose;
pub mod edits;
mod encoding;
mod filter_call;
mod image_id;
mod parse;
mod preset;
#[cfg(test)]
mod properties;
pub mod rewrite;
mod scan;
mod segment;
mod signature;

pub use accept::Accept;
pub use callback::{callback, is_function_name};
pub use compose::{ComposeError, PathOptions};
pub use filter_call::FilterCall;
pub use image_id::ImageId;
pub use parse::{parse, parse_bare};
pub use preset::{AskedSize, PresetError, Presets, Restrictions};
pub use signature::{Digest, Keys, Scheme, SignatureError, sign};

use crate::geometry::{Align, FitIn, Rect, Request, Upright};
use std::fmt;

/// One request for a picture, as its path says it.
///
/// Spellings that mean the same are the same value: `0x0` and no size, `center` and no alignment, `0x0:0x0` and no
/// crop, an encoded and a plain character.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a word of the grammar")]
pub struct ImageRequest {
    /// By what right it is asked.
    pub access: Access,
    /// `preset:name`: the transformation of this name, see [`Presets::expand`].
    pub preset: Option<String>,
    /// `debug`: show focal points instead of resizing.
    pub debug: bool,
    /// `meta`: answer what would be done, as JSON.
    pub meta: bool,
    /// `trim`: cut away a border of one color.
    pub trim: Option<Trim>,
    /// The manual crop in pixels; at least one edge is not 0. It may be empty, inverted or outside the picture.
    pub crop: Option<Rect<Upright>>,
    /// `fit-in` and its kin; `None` crops to the ratio instead.
    pub fit: Option<FitIn>,
    /// Width and height.
    pub size: Request,
    /// A minus before the width: mirror left to right.
    pub flip_x: bool,
    /// A minus before the height: mirror top to bottom.
    pub flip_y: bool,
    /// What to keep when cropping to the ratio.
    pub align: Align,
    /// `smart`: look for what matters.
    pub smart: bool,
    /// Filter calls in URL order, also those that no filter will understand.
    pub filters: Vec<FilterCall>,
    /// Which picture.
    pub image: ImageId,
}

impl ImageRequest {
    /// The picture as it is: no option at all.
    pub fn new(access: Access, image: ImageId) -> Self {
        Self {
            access,
            preset: None,
            debug: false,
            meta: false,
            trim: None,
            crop: None,
            fit: None,
            size: Request::default(),
            flip_x: false,
            flip_y: false,
            align: Align::default(),
            smart: false,
            filters: Vec::new(),
            image,
        }
    }
}

/// The first segment of a path.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Access {
    /// `unsafe`: not signed.
    Unsafe,
    /// What should be a signature, percent-decoded; not checked yet, see [`Keys::verify`].
    Signed(String),
    /// There is none: whoever made the path vouches for it.
    Vouched,
}

/// Cutting away a border of one color.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Trim {
    /// The pixel that has the border's color.
    pub corner: Corner,
    /// How far a color of the border may lie from it: Euclidean distance over all channels, 0 for not at all.
    pub tolerance: u32,
}

/// A corner that gives the border's color.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Corner {
    /// Top left.
    #[default]
    TopLeft,
    /// Bottom right.
    BottomRight,
}

/// A path that cannot be read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RequestError {
    /// The first segment is missing, so there is neither `unsafe` nor a signature.
    #[error("the path has neither `unsafe` nor a signature before the image")]
    NoAccess,
    /// Nothing follows the first segment.
    #[error("the path names no image")]
    EmptyImage,
    /// Text where only options may stand.
    #[error("`{text}` is no option")]
    NoOption {
        /// The text.
        text: String,
    },
    /// A raw space, control character or non-ASCII character.
    #[error("the path holds {found:?} at byte {at}, which has to be percent-encoded")]
    NotEncoded {
        /// The character.
        found: char,
        /// Where, counted in bytes.
        at: usize,
    },
    /// Percent-decoded bytes that are no text.
    #[error("the {part} is not UTF-8 when percent-decoded")]
    NotUtf8 {
        /// Where.
        part: Part,
    },
    /// `%00`, which no file or object name can hold.
    #[error("the {part} holds a NUL character")]
    Nul {
        /// Where.
        part: Part,
    },
    /// A callback that could be more than the name of a function.
    #[error("the callback is not the name of a function")]
    Callback,
    /// A width or height beyond 32 bits.
    #[error("`{digits}` is too large a number of pixels")]
    NumberTooLarge {
        /// The number as written, shortened where it is long.
        digits: String,
    },
}

/// A part of the path that is percent-decoded.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Part {
    /// The first segment.
    Signature,
    /// The filter calls.
    Filters,
    /// The image.
    Image,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Signature => "signature",
            Self::Filters => "filter text",
            Self::Image => "image",
        })
    }
}
