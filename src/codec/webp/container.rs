//! The RIFF container: what its chunks tell, and how metadata get into it.
//!
//! Layout after Google's "WebP Container Specification" and, for the two frame headers, RFC 6386 and RFC 9649.

use super::{broken, ffi, refused};
use crate::codec::CodecError;
use crate::geometry::{Size, Stored};
use crate::raster::Loops;
use std::borrow::Cow;

const ICC_FLAG: u8 = 0x20;
const ALPHA_FLAG: u8 = 0x10;
const EXIF_FLAG: u8 = 0x08;
const ANIMATION_FLAG: u8 = 0x02;

/// Largest width and height of an animation's canvas by the format.
const MAX_CANVAS_SIDE: u32 = 1 << 24;

/// What the chunks of a file tell, without a pixel decoded.
#[derive(Debug)]
pub(super) struct Container<'a> {
    /// Of the picture or of the animation's canvas.
    pub(super) size: Size<Stored>,
    /// Whether a still has an alpha channel; of animations the header's word.
    pub(super) alpha: bool,
    /// Whether this is an animation, be it of one frame.
    pub(super) animated: bool,
    /// Number of frames that are there as a whole; 1 for a still.
    pub(super) frames: u32,
    /// How often an animation plays.
    pub(super) loops: Loops,
    /// ICC profile.
    pub(super) icc: Option<&'a [u8]>,
    /// EXIF block, starting with the TIFF header.
    pub(super) exif: Option<&'a [u8]>,
    /// Where the last whole chunk ends.
    whole_end: usize,
    /// Whether the file ends before its header says so.
    cut: bool,
}

impl Container<'_> {
    /// The file itself, or of one that was cut off what a strict reader takes: its whole chunks with a header that
    /// knows how many they are.
    pub(super) fn mended<'f>(&self, file: &'f [u8]) -> Cow<'f, [u8]> {
        if !self.cut {
            return Cow::Borrowed(file);
        }
        let mut mended = file[..self.whole_end].to_vec();
        mended.resize(mended.len().next_multiple_of(2), 0);
        let size = u32::try_from(mended.len() - 8).expect("a RIFF file is shorter than 4 GiB");
        mended[4..8].copy_from_slice(&size.to_le_bytes());
        Cow::Owned(mended)
    }
}

/// Reads the chunks of `file`, which may be cut off anywhere behind the header that tells its size.
///
/// # Errors
/// [`CodecError::Broken`] if the size is not to be found or impossible, or an animation has no whole frame.
pub(super) fn parse(file: &[u8]) -> Result<Container<'_>, CodecError> {
    let mut chunks = Chunks::of(file).ok_or_else(|| broken("no RIFF header"))?;
    let first = chunks.next().ok_or_else(|| broken("ends before its first chunk"))?;
    let head = head(&first).ok_or_else(|| broken("no size in its first chunk"))?;
    let mut found = Container {
        size: head.size,
        alpha: head.alpha,
        animated: head.animated,
        frames: u32::from(!head.animated),
        loops: Loops::Forever,
        icc: None,
        exif: None,
        whole_end: if first.whole { first.end } else { 12 },
        cut: chunks.riff_end > file.len(),
    };
    let max_side = if head.animated { MAX_CANVAS_SIDE } else { ffi::MAX_SIDE };
    if ![found.size.width, found.size.height].iter().all(|side| (1..=max_side).contains(side)) {
        return Err(broken(format!("impossible size `{}`", found.size)));
    }
    if head.extended {
        found.read_extended(chunks)?;
    }
    Ok(found)
}

impl<'a> Container<'a> {
    fn read_extended(&mut self, chunks: Chunks<'a>) -> Result<(), CodecError> {
        let mut alpha_chunk = false;
        let mut duration_ms = 0_u64;
        for chunk in chunks {
            match &chunk.tag {
                b"ALPH" => alpha_chunk = true,
                b"VP8 " if !self.animated => self.alpha = alpha_chunk,
                b"VP8L" if !self.animated => self.alpha = head(&chunk).is_some_and(|head| head.alpha),
                b"ANIM" if self.animated => self.loops = loops(chunk.body),
                b"ANMF" if self.animated && chunk.whole => {
                    self.frames += 1;
                    duration_ms += chunk.body.get(12..15).map_or(0, |bytes| u64::from(u24(bytes)));
                }
                b"ICCP" if chunk.whole => self.icc = self.icc.or(Some(chunk.body)),
                b"EXIF" if chunk.whole => {
                    let tiff = chunk.body.strip_prefix(b"Exif\0\0").unwrap_or(chunk.body);
                    self.exif = self.exif.or(Some(tiff));
                }
                _ => {}
            }
            if chunk.whole {
                self.whole_end = chunk.end;
            }
        }
        if self.frames == 0 {
            return Err(broken("animation without a whole frame"));
        }
        // libwebp adds the times up in an `int`.
        if i32::try_from(duration_ms).is_err() {
            return Err(broken("animation of more than 24 days"));
        }
        Ok(())
    }
}

fn loops(anim: &[u8]) -> Loops {
    match anim.get(4..6) {
        Some(&[0, 0]) | None => Loops::Forever,
        Some(times) => Loops::Times(u16::from_le_bytes([times[0], times[1]])),
    }
}

/// What the first chunk, or the frame of a still, tells.
struct Head {
    size: Size<Stored>,
    alpha: bool,
    animated: bool,
    extended: bool,
}

fn head(chunk: &Chunk<'_>) -> Option<Head> {
    let still = |width, height, alpha| Head { size: Size::new(width, height), alpha, animated: false, extended: false };
    match (&chunk.tag, chunk.body) {
        // Frame tag whose lowest bit is clear for a key frame, start code, two sides of 14 bits below 2 of scale.
        (b"VP8 ", &[tag, _, _, 0x9d, 0x01, 0x2a, w0, w1, h0, h1, ..]) if tag & 1 == 0 => {
            let side = |low, high| u32::from(u16::from_le_bytes([low, high]) & 0x3fff);
            Some(still(side(w0, w1), side(h0, h1), false))
        }
        // Signature, two sides less 1 of 14 bits, alpha bit, version of 3 bits.
        (b"VP8L", &[0x2f, b0, b1, b2, b3, ..]) => {
            let bits = u32::from_le_bytes([b0, b1, b2, b3]);
            let side = |bits| (bits & 0x3fff) + 1;
            (bits >> 29 == 0).then(|| still(side(bits), side(bits >> 14), bits >> 28 & 1 == 1))
        }
        // Flags, reserved, two sides less 1 of 24 bits.
        (b"VP8X", &[flags, _, _, _, w0, w1, w2, h0, h1, h2, ..]) => Some(Head {
            size: Size::new(u24(&[w0, w1, w2]) + 1, u24(&[h0, h1, h2]) + 1),
            alpha: flags & ALPHA_FLAG != 0,
            animated: flags & ANIMATION_FLAG != 0,
            extended: true,
        }),
        _ => None,
    }
}

fn u24(bytes: &[u8]) -> u32 {
    bytes.iter().rev().fold(0, |number, &byte| number << 8 | u32::from(byte))
}

/// One chunk, or as much of it as there is.
struct Chunk<'a> {
    tag: [u8; 4],
    body: &'a [u8],
    whole: bool,
    end: usize,
}

/// The chunks of a file from the start.
struct Chunks<'a> {
    file: &'a [u8],
    at: usize,
    riff_end: usize,
}

impl<'a> Chunks<'a> {
    fn of(file: &'a [u8]) -> Option<Self> {
        match file {
            [b'R', b'I', b'F', b'F', s0, s1, s2, s3, b'W', b'E', b'B', b'P', ..] => {
                let riff_end = (u32::from_le_bytes([*s0, *s1, *s2, *s3]) as usize).saturating_add(8);
                Some(Self { file: &file[..riff_end.clamp(12, file.len())], at: 12, riff_end })
            }
            _ => None,
        }
    }
}

impl<'a> Iterator for Chunks<'a> {
    type Item = Chunk<'a>;

    fn next(&mut self) -> Option<Chunk<'a>> {
        let (header, rest) = self.file.get(self.at..)?.split_at_checked(8)?;
        let tag = [header[0], header[1], header[2], header[3]];
        let bytes = u32::from_le_bytes([header[4], header[5], header[6], header[7]]) as usize;
        let body = &rest[..bytes.min(rest.len())];
        // Bodies are padded to an even number of bytes.
        let end = self.at.saturating_add(8).saturating_add(bytes).saturating_add(bytes % 2);
        self.at = end;
        // Some writers leave the last padding byte out.
        Some(Chunk { tag, body, whole: body.len() == bytes, end: end.min(self.file.len()) })
    }
}

/// `file` with these metadata added.
///
/// # Errors
/// [`CodecError::Encode`] if the result is larger than the format can be.
pub(super) fn embed(file: Vec<u8>, icc: Option<&[u8]>, exif: Option<&[u8]>) -> Result<Vec<u8>, CodecError> {
    let icc = icc.filter(|icc| !icc.is_empty());
    let exif = exif.filter(|exif| !exif.is_empty());
    if icc.is_none() && exif.is_none() {
        return Ok(file);
    }
    let found = parse(&file)?;
    let chunks = Chunks::of(&file).ok_or_else(|| broken("no RIFF header"))?;

    let mut flags = 0;
    for (flag, set) in [
        (ICC_FLAG, icc.is_some()),
        (EXIF_FLAG, exif.is_some()),
        (ALPHA_FLAG, found.alpha),
        (ANIMATION_FLAG, found.animated),
    ] {
        flags |= if set { flag } else { 0 };
    }
    let mut header = vec![flags, 0, 0, 0];
    header.extend(&(found.size.width - 1).to_le_bytes()[..3]);
    header.extend(&(found.size.height - 1).to_le_bytes()[..3]);

    let metadata_bytes = icc.map_or(0, <[u8]>::len) + exif.map_or(0, <[u8]>::len);
    let mut body = Vec::with_capacity(file.len() + metadata_bytes + 64);
    body.extend(b"WEBP");
    push(&mut body, *b"VP8X", &header)?;
    if let Some(icc) = icc {
        push(&mut body, *b"ICCP", icc)?;
    }
    for chunk in chunks.filter(|chunk| &chunk.tag != b"VP8X") {
        push(&mut body, chunk.tag, chunk.body)?;
    }
    if let Some(exif) = exif {
        push(&mut body, *b"EXIF", exif)?;
    }
    let mut result = Vec::with_capacity(body.len() + 8);
    push(&mut result, *b"RIFF", &body)?;
    Ok(result)
}

fn push(file: &mut Vec<u8>, tag: [u8; 4], body: &[u8]) -> Result<(), CodecError> {
    let bytes = u32::try_from(body.len()).map_err(|_| refused("more than 4 GiB"))?;
    file.extend(tag);
    file.extend(bytes.to_le_bytes());
    file.extend(body);
    file.extend(&[0][..body.len() % 2]);
    Ok(())
}
