//! Steps through the blocks of a file without decompressing any.

use super::broken;
use crate::codec::CodecError;
use crate::geometry::{Size, Stored};
use crate::raster::{Loops, PixelFormat};

/// The head of a file and where its frames begin.
#[derive(Clone, Debug)]
pub(super) struct Gif<'a> {
    /// The logical screen, enlarged to hold the first frame.
    pub(super) size: Size<Stored>,
    /// Colors of frames that have none of their own, three bytes each.
    pub(super) palette: Option<&'a [u8]>,
    /// As often as the Netscape extension says; once without one.
    pub(super) loops: Loops,
    /// The frames from the first one on.
    pub(super) frames: Frames<'a>,
}

/// A frame as stored.
#[derive(Clone, Copy, Debug)]
pub(super) struct StoredFrame<'a> {
    pub(super) left: u16,
    pub(super) top: u16,
    pub(super) width: u16,
    pub(super) height: u16,
    pub(super) interlaced: bool,
    pub(super) palette: Option<&'a [u8]>,
    /// Index of the pixels that leave what is below.
    pub(super) transparent: Option<u8>,
    pub(super) disposal: Disposal,
    /// In hundredths of a second.
    pub(super) delay: u16,
    /// Bits of the first LZW codes.
    pub(super) code_bits: u8,
    /// The LZW stream in sub-blocks, see [`sub_blocks`].
    pub(super) data: &'a [u8],
    /// Whether the stream's end is there.
    complete: bool,
}

/// What becomes of a frame before the next one is drawn.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Disposal {
    Keep,
    /// Its rectangle becomes transparent.
    Clear,
    /// Its rectangle becomes what it was before.
    Restore,
}

/// The frames of a file. Ends at the trailer, at what is no block, or at a frame (not the first) that is cut.
#[derive(Clone, Debug)]
pub(super) struct Frames<'a> {
    rest: &'a [u8],
    loops: Option<Loops>,
    some_seen: bool,
}

impl<'a> Gif<'a> {
    /// Reads the head and the first frame's head.
    ///
    /// # Errors
    /// If there is no frame with any data, or no pixel to show.
    pub(super) fn read(file: &'a [u8]) -> Result<Self, CodecError> {
        let head = file.strip_prefix(b"GIF8").and_then(|rest| rest.split_first_chunk());
        let (&[_, _, w0, w1, h0, h1, flags, _, _], rest) = head.ok_or_else(|| broken("no complete header"))?;
        let (palette, rest) = color_table(flags, rest).ok_or_else(|| broken("no complete header"))?;
        let frames = Frames { rest, loops: None, some_seen: false };

        let mut ahead = frames.clone();
        let first = ahead.next().ok_or_else(|| broken("no frame"))?;
        let right = u32::from(first.left) + u32::from(first.width);
        let bottom = u32::from(first.top) + u32::from(first.height);
        let size =
            Size::new(right.max(u16::from_le_bytes([w0, w1]).into()), bottom.max(u16::from_le_bytes([h0, h1]).into()));
        if size.area_px() == 0 {
            return Err(broken("no pixels"));
        }
        // The extension should come first, but some files have it behind the first frame.
        let loops = ahead.loops.or_else(|| ahead.by_ref().last().and(ahead.loops)).unwrap_or(Loops::Times(1));
        Ok(Self { size, palette, loops, frames })
    }

    /// At least one.
    pub(super) fn frame_count(&self) -> u32 {
        u32::try_from(self.frames.clone().count()).unwrap_or(u32::MAX)
    }

    /// RGBA unless there is one frame without holes that covers everything.
    pub(super) fn pixels(&self) -> PixelFormat {
        let mut frames = self.frames.clone();
        let opaque = frames.next().is_some_and(|frame| {
            let size = Size::new(frame.width.into(), frame.height.into());
            frame.transparent.is_none() && (frame.left, frame.top, size) == (0, 0, self.size)
        });
        if opaque && frames.next().is_none() { PixelFormat::Rgb } else { PixelFormat::Rgba }
    }
}

impl<'a> Iterator for Frames<'a> {
    type Item = StoredFrame<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let (mut disposal, mut delay, mut transparent) = (Disposal::Keep, 0, None);
        loop {
            let (&introducer, rest) = self.rest.split_first()?;
            self.rest = rest;
            match introducer {
                0x2c => break,
                0x21 => {
                    let (&label, rest) = rest.split_first()?;
                    let mut blocks = sub_blocks(rest);
                    match (label, blocks.next()) {
                        (0xf9, Some(&[flags, d0, d1, index, ..])) => {
                            disposal = Disposal::from_flags(flags);
                            delay = u16::from_le_bytes([d0, d1]);
                            transparent = (flags & 1 == 1).then_some(index);
                        }
                        (0xff, Some(b"NETSCAPE2.0" | b"ANIMEXTS1.0")) => {
                            if let Some(&[1, n0, n1]) = blocks.next() {
                                let times = u16::from_le_bytes([n0, n1]);
                                let loops = if times == 0 { Loops::Forever } else { Loops::Times(times) };
                                self.loops.get_or_insert(loops);
                            }
                        }
                        _ => {}
                    }
                    (self.rest, _) = skip_sub_blocks(rest);
                }
                0 => {} // some writers fill up with zeros
                _ => self.rest = &[],
            }
        }
        let (&[l0, l1, t0, t1, w0, w1, h0, h1, flags], rest) = self.rest.split_first_chunk()?;
        let (palette, rest) = color_table(flags, rest)?;
        let (&code_bits, data) = rest.split_first()?;
        let complete;
        (self.rest, complete) = skip_sub_blocks(data);
        let frame = StoredFrame {
            left: u16::from_le_bytes([l0, l1]),
            top: u16::from_le_bytes([t0, t1]),
            width: u16::from_le_bytes([w0, w1]),
            height: u16::from_le_bytes([h0, h1]),
            interlaced: flags & 0x40 != 0,
            palette,
            transparent,
            disposal,
            delay,
            code_bits,
            data,
            complete,
        };
        let usable = frame.complete || !std::mem::replace(&mut self.some_seen, true);
        self.some_seen = true;
        usable.then_some(frame)
    }
}

impl Disposal {
    fn from_flags(flags: u8) -> Self {
        match flags >> 2 & 7 {
            2 => Self::Clear,
            3 => Self::Restore,
            _ => Self::Keep,
        }
    }
}

/// The color table that `flags` announce, if any, and what follows; `None` if it is cut.
fn color_table(flags: u8, bytes: &[u8]) -> Option<(Option<&[u8]>, &[u8])> {
    if flags & 0x80 == 0 {
        return Some((None, bytes));
    }
    let (table, rest) = bytes.split_at_checked(3 << ((flags & 7) + 1))?;
    Some((Some(table), rest))
}

/// The contents of sub-blocks up to the empty one that ends them. The last may be cut.
pub(super) fn sub_blocks(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let (&length, after) = rest.split_first()?;
        let (block, after) = after.split_at(usize::from(length).min(after.len()));
        rest = after;
        (!block.is_empty()).then_some(block)
    })
}

/// What follows the empty sub-block, and whether there is one.
fn skip_sub_blocks(bytes: &[u8]) -> (&[u8], bool) {
    let mut rest = bytes;
    while let Some((&length, after)) = rest.split_first() {
        if length == 0 {
            return (after, true);
        }
        rest = after.get(usize::from(length)..).unwrap_or_default();
    }
    (&[], false)
}
