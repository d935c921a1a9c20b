//! Picture files: what they are, what they hold, and how pixels get out of and into them.
//!
//! One file (or folder) a format with its [`CodecDef`], one line in [`CODECS`]. Nobody outside this room
//! asks which [`Format`] it is to learn what it can do: that is data in its definition.
//! This room decides nothing: scale, frames and quality are told to it.

#[cfg(feature = "avif")]
mod avif;
mod bitmap;
mod ffi;
mod gif;
mod jpeg;
mod metadata;
mod palette;
mod png;
mod svg;
mod tiff;
mod webp;

pub use ffi::malloc as allocator;
pub use metadata::{copyright_only, exif_facts, without_orientation};

use crate::cancel::{CancelToken, Cancelled};
use crate::geometry::{Decoded, Orientation, Rect, Size, Stored};
use crate::raster::{Band, Image, Loops, PixelFormat, Subsampling};

/// All formats. Where several claim the same first bytes the first one gets them.
pub const CODECS: &[&CodecDef] = &[
    &jpeg::DEF,
    &png::DEF,
    &webp::DEF,
    &gif::DEF,
    #[cfg(feature = "avif")]
    &avif::DEF,
    &tiff::DEF,
    &bitmap::BMP,
    &bitmap::ICO,
    &svg::DEF,
];

/// A picture file format.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Format {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// WebP.
    WebP,
    /// GIF.
    Gif,
    /// AVIF.
    Avif,
    /// TIFF.
    Tiff,
    /// Windows bitmap.
    Bmp,
    /// Windows icon.
    Ico,
    /// SVG.
    Svg,
}

/// What starts decoding a file of a format that was probed.
pub type Open = for<'a> fn(&'a [u8], &SourceInfo, DecodeOptions) -> Result<Box<dyn Decoder + 'a>, CodecError>;

/// Everything the rest of the program knows about a format.
#[derive(Debug)]
pub struct CodecDef {
    /// Which format this is.
    pub format: Format,
    /// What its pictures become where nothing else is asked for: itself, or another format if we only read this one.
    pub answered_as: Format,
    /// Names it goes by in `format(...)`, the first one preferred; none if we only read it.
    pub names: &'static [&'static str],
    /// Content type of its files.
    pub mime: &'static str,
    /// What the format and our code for it can do.
    pub abilities: Abilities,
    /// Whether these are the first bytes of such a file.
    pub sniff: fn(&[u8]) -> bool,
    /// Reads the header only; no pixel exists afterwards.
    pub probe: fn(&[u8]) -> Result<SourceInfo, CodecError>,
    /// Starts decoding.
    pub open: Open,
    /// Makes a file, or refuses to if we only read the format.
    pub encode: fn(&Image, &EncodeOptions, &CancelToken) -> Result<Vec<u8>, CodecError>,
}

/// The definition of `format`.
///
/// # Panics
/// If the format is not part of this build; neither [`probe`] nor [`by_name`] tell of such a one.
pub fn of(format: Format) -> &'static CodecDef {
    CODECS.iter().find(|def| def.format == format).expect("every format is defined")
}

/// The format of this build that is meant, if it is part of it.
pub fn if_built(format: Format) -> Option<Format> {
    CODECS.iter().any(|def| def.format == format).then_some(format)
}

/// The format that goes by `name` (lower case), if any.
pub fn by_name(name: &str) -> Option<&'static CodecDef> {
    CODECS.iter().find(|def| def.names.contains(&name)).copied()
}

/// What the header of a file tells, whatever its format; no pixel exists afterwards.
///
/// # Errors
/// [`CodecError::Unknown`] for bytes that are no picture, otherwise what its format finds wrong.
pub fn probe(file: &[u8]) -> Result<SourceInfo, CodecError> {
    let def = CODECS.iter().find(|def| (def.sniff)(file)).ok_or(CodecError::Unknown)?;
    (def.probe)(file)
}

/// Starts decoding a file that was probed as `info`.
pub fn open<'a>(
    file: &'a [u8],
    info: &SourceInfo,
    options: DecodeOptions,
) -> Result<Box<dyn Decoder + 'a>, CodecError> {
    (of(info.format).open)(file, info, options)
}

/// The IPTC records of a file that was probed as `info`, if its format is one that we know them in: JPEG.
pub fn iptc(file: &[u8], info: &SourceInfo) -> Option<Vec<u8>> {
    if info.format == Format::Jpeg { jpeg::iptc::read(file) } else { None }
}

/// The encoder of formats that are only read.
fn read_only(format: Format) -> CodecError {
    CodecError::Encode { format, reason: "files of this format are only read".into() }
}

/// What a format and our code for it can do.
#[derive(Clone, Copy, Debug)]
pub struct Abilities {
    /// Keeps transparency.
    pub alpha: bool,
    /// Keeps gray pictures as one channel.
    pub gray: bool,
    /// Holds several frames.
    pub animation: bool,
    /// Takes YCbCr planes with this chroma subsampling as they are.
    pub planar: Option<Subsampling>,
    /// Carries an ICC profile.
    pub icc: bool,
    /// Files become smaller with a lower quality.
    pub lossy: bool,
    /// Has no pixels of its own: decoders draw it at whatever size [`SourceInfo::size`] is set to.
    pub vector: bool,
    /// Largest width and height that can be written.
    pub max_side: u32,
    /// Divisors of width and height that the decoder can reduce by, in less time or memory, ascending; empty for none.
    pub shrinks: &'static [u32],
    /// Whether a reduced pixel stands for exactly that many stored ones on each axis, so that the last one of a side
    /// may reach beyond it; otherwise the whole is fitted into the rounded size.
    pub shrinks_by_blocks: bool,
}

/// What a file's header tells.
#[derive(Clone, Debug)]
pub struct SourceInfo {
    /// The file's format.
    pub format: Format,
    /// Width and height as stored.
    pub size: Size<Stored>,
    /// Number of frames, 1 for a still. Counted without decoding; never 0.
    pub frames: u32,
    /// How often an animation plays.
    pub loops: Loops,
    /// From the EXIF block; upright if there is none.
    pub orientation: Orientation,
    /// What [`Decoder`]s hand out unless told otherwise.
    pub pixels: PixelFormat,
    /// Stored as a palette (of any size) or as single bits.
    pub indexed: bool,
    /// ICC profile, whatever its color space.
    pub icc: Option<Vec<u8>>,
    /// EXIF block, starting with the TIFF header.
    pub exif: Option<Vec<u8>>,
    /// Its rows come in bands; otherwise a frame exists as a whole while it is decoded.
    pub rows_stream: bool,
}

/// What a decoder is asked to do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DecodeOptions {
    /// Divisor of width and height, 1 or one of the format's [`Abilities::shrinks`].
    /// The decoded size is the stored one divided and rounded up.
    pub shrink: u32,
    /// Turn YCbCr planes into RGB; other layouts stay as [`SourceInfo::pixels`] says.
    pub rgb: bool,
}

/// A file being decoded, frame by frame, band by band.
///
/// The order of calls: `look_at` if at all, `next_frame`, then `next_band` until it gives `None`, then the next frame. A frame may be
/// left unread. After an error nothing more may be asked.
pub trait Decoder {
    /// Size of every frame as handed out, after shrinking.
    fn size(&self) -> Size<Decoded>;

    /// Layout of every frame as handed out.
    fn format(&self) -> PixelFormat;

    /// Says which part of the frames will be looked at. Pixels outside of it may then be anything, and the rows below
    /// may not come; decoders that would gain nothing from that go on as they do.
    fn look_at(&mut self, _part: Rect<Decoded>) {}

    /// Goes to the next frame and tells its delay in milliseconds; `None` after the last.
    fn next_frame(&mut self) -> Result<Option<u32>, CodecError>;

    /// The next rows of the frame; `None` when all have been handed out.
    ///
    /// A file that ends early gives rows as far as it goes and what the format leaves for the rest.
    fn next_band(&mut self) -> Result<Option<Band<'_>>, CodecError>;
}

/// What an encoder is told. Fields that a format has no use for are ignored by it.
#[derive(Clone, Copy, Debug)]
pub struct EncodeOptions<'a> {
    /// 0 (worst) to 100.
    pub quality: u8,
    /// Progressive JPEG.
    pub progressive: bool,
    /// How coarse color becomes in JPEG where pixels are RGB.
    pub chroma: Subsampling,
    /// At most 256 colors in PNG; GIF always has.
    pub indexed: bool,
    /// zlib level 0..=9 of PNG.
    pub png_level: u8,
    /// Effort of WebP, 0 (quick) to 6.
    pub webp_method: u8,
    /// Speed of AVIF, 0 (slow, small) to 9 (quick).
    pub avif_speed: u8,
    /// ICC profile to embed.
    pub icc: Option<&'a [u8]>,
    /// EXIF block to embed, starting with the TIFF header.
    pub exif: Option<&'a [u8]>,
    /// IPTC records to embed in JPEG.
    pub iptc: Option<&'a [u8]>,
}

impl Default for EncodeOptions<'_> {
    /// What the server does when nothing is said, in one scan.
    fn default() -> Self {
        Self {
            quality: 80,
            progressive: false,
            chroma: Subsampling::HALF,
            indexed: false,
            png_level: 6,
            webp_method: 2,
            avif_speed: 8,
            icc: None,
            exif: None,
            iptc: None,
        }
    }
}

/// What goes wrong with picture files.
#[derive(Debug, thiserror::Error)]
pub enum CodecError {
    /// No codec knows these first bytes.
    #[error("not a picture of a known format")]
    Unknown,
    /// The header or the data make no sense.
    #[error("broken {format:?} file: {reason}")]
    Broken {
        /// The format its first bytes promise.
        format: Format,
        /// What is wrong, in words.
        reason: String,
    },
    /// A kind of file that we do not decode.
    #[error("{format:?} file with {feature} cannot be decoded")]
    Unsupported {
        /// The format.
        format: Format,
        /// What it uses.
        feature: String,
    },
    /// The picture cannot be written in this format.
    #[error("cannot be written as {format:?}: {reason}")]
    Encode {
        /// The format asked for.
        format: Format,
        /// Why not.
        reason: String,
    },
    /// Somebody wants the work to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

#[cfg(test)]
mod conformance;
