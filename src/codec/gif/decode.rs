//! Frames drawn one over the other.

use super::blocks::{Disposal, Gif, StoredFrame, sub_blocks};
use super::broken;
use crate::codec::{CodecError, Decoder, Format};
use crate::geometry::{Decoded, Size};
use crate::raster::{Band, BandPlane, PixelFormat};
use weezl::decode::Configuration;
use weezl::{BitOrder, LzwStatus};

/// Frames of more pixels than this are not decoded if they are also larger than the picture.
const MAX_STRAY_PX: usize = 1 << 20;

/// Larger pictures are refused: the canvas must be held as a whole.
const MAX_CANVAS_PX: u64 = 1 << 30;

/// A GIF file being decoded: memory for one picture, and for a second one where frames are restored.
///
/// A frame that is broken is shown as far as it goes and ends the animation.
pub(super) struct GifDecoder<'a> {
    gif: Gif<'a>,
    pixels: PixelFormat,
    canvas: Vec<[u8; 4]>,
    /// What the canvas was before the frame that is on it, if that must be restored.
    before: Vec<[u8; 4]>,
    /// The frame on the canvas.
    shown: Option<StoredFrame<'a>>,
    /// The canvas without alpha.
    out: Vec<u8>,
    ended: bool,
    band_pending: bool,
}

impl<'a> GifDecoder<'a> {
    /// # Errors
    /// If the picture is too large for memory to be set aside.
    pub(super) fn new(gif: Gif<'a>) -> Result<Self, CodecError> {
        if gif.size.area_px() > MAX_CANVAS_PX {
            let feature = format!("a size of `{}`", gif.size);
            return Err(CodecError::Unsupported { format: Format::Gif, feature });
        }
        let pixels = gif.pixels();
        let (canvas, before, out) = (Vec::new(), Vec::new(), Vec::new());
        Ok(Self { gif, pixels, canvas, before, shown: None, out, ended: false, band_pending: false })
    }

    fn width(&self) -> usize {
        self.gif.size.width as usize
    }

    /// Undoes the frame on the canvas as it asks for.
    fn dispose(&mut self) {
        let Some(frame) = self.shown.take() else { return };
        let (columns, rows) = self.covered(&frame);
        let width = self.width();
        for y in rows {
            let place = y * width + columns.start..y * width + columns.end;
            match frame.disposal {
                Disposal::Keep => return,
                Disposal::Clear => self.canvas[place].fill([0; 4]),
                Disposal::Restore => self.canvas[place.clone()].copy_from_slice(&self.before[place]),
            }
        }
    }

    /// Columns and rows of the canvas that lie under the frame.
    fn covered(&self, frame: &StoredFrame<'_>) -> (std::ops::Range<usize>, std::ops::Range<usize>) {
        let range = |start: u16, length: u16, most: u32| {
            let end = (usize::from(start) + usize::from(length)).min(most as usize);
            usize::from(start).min(end)..end
        };
        let size = self.gif.size;
        (range(frame.left, frame.width, size.width), range(frame.top, frame.height, size.height))
    }

    fn draw(&mut self, frame: &StoredFrame<'_>, indices: &[u8]) {
        let colors = self.colors(frame);
        let (columns, rows) = self.covered(frame);
        let width = self.width();
        if columns.is_empty() {
            return;
        }
        for (y, indices) in row_order(frame).zip(indices.chunks_exact(frame.width.into())) {
            let y = usize::from(frame.top) + y;
            if !rows.contains(&y) {
                continue;
            }
            let below = &mut self.canvas[y * width..][columns.clone()];
            for (below, index) in below.iter_mut().zip(indices) {
                if Some(*index) != frame.transparent {
                    *below = colors[usize::from(*index)];
                }
            }
        }
    }

    /// Colors by index: black beyond the table, grays without one.
    fn colors(&self, frame: &StoredFrame<'_>) -> [[u8; 4]; 256] {
        let Some(palette) = frame.palette.or(self.gif.palette) else {
            return std::array::from_fn(|index| {
                let gray = index.to_le_bytes()[0];
                [gray, gray, gray, 255]
            });
        };
        let mut colors = [[0, 0, 0, 255]; 256];
        for (color, [red, green, blue]) in colors.iter_mut().zip(palette.as_chunks().0) {
            *color = [*red, *green, *blue, 255];
        }
        colors
    }
}

/// Rows of a frame in the order in which they are stored.
fn row_order(frame: &StoredFrame<'_>) -> impl Iterator<Item = usize> + use<> {
    /// First row of each pass and the step to the next one.
    const INTERLACED: &[(usize, usize)] = &[(0, 8), (4, 8), (2, 4), (1, 2)];

    let passes = if frame.interlaced { INTERLACED } else { &[(0, 1)] };
    let height = usize::from(frame.height);
    passes.iter().flat_map(move |&(first, step)| (first..height).step_by(step))
}

/// The indices of a frame's pixels as stored, and whether all are there. Missing ones are transparent if the frame
/// knows that, else 0. `None` if nothing can be decoded.
fn decompress(frame: &StoredFrame<'_>) -> Option<(Vec<u8>, bool)> {
    let mut indices = vec![frame.transparent.unwrap_or(0); usize::from(frame.width) * usize::from(frame.height)];
    if indices.is_empty() {
        return Some((indices, true));
    }
    if !(1..12).contains(&frame.code_bits) {
        return None;
    }
    // Without yielding, a code for more pixels than are left is an error.
    let mut decoder = Configuration::new(BitOrder::Lsb, frame.code_bits).with_yield_on_full_buffer(true).build();
    let mut found = 0;
    'blocks: for mut block in sub_blocks(frame.data) {
        // The decoder takes more than it needs at once, so it is asked until it has nothing left to give.
        loop {
            let result = decoder.decode_bytes(block, &mut indices[found..]);
            found += result.consumed_out;
            block = &block[result.consumed_in..];
            match result.status {
                Ok(LzwStatus::Ok | LzwStatus::NoProgress) if found < indices.len() => {}
                _ => break 'blocks,
            }
            if (result.consumed_in, result.consumed_out) == (0, 0) {
                break;
            }
        }
    }
    let complete = found == indices.len();
    (found > 0).then_some((indices, complete))
}

impl Decoder for GifDecoder<'_> {
    fn size(&self) -> Size<Decoded> {
        self.gif.size.into_space()
    }

    fn format(&self) -> PixelFormat {
        self.pixels
    }

    fn next_frame(&mut self) -> Result<Option<u32>, CodecError> {
        let area = self.width() * self.gif.size.height as usize;
        let is_first = self.canvas.is_empty();
        if is_first {
            self.canvas = vec![[0; 4]; area];
        }
        self.band_pending = false;
        if self.ended {
            return Ok(None);
        }
        let sane =
            |frame: &StoredFrame<'_>| usize::from(frame.width) * usize::from(frame.height) <= area.max(MAX_STRAY_PX);
        let decompressed = self.gif.frames.next().filter(sane).and_then(|frame| Some((frame, decompress(&frame)?)));
        let (frame, indices) = match decompressed {
            Some((frame, (indices, complete))) => {
                self.ended = !complete;
                (frame, indices)
            }
            None if is_first => return Err(broken("nothing can be decoded")),
            _ => {
                self.ended = true;
                return Ok(None);
            }
        };
        self.dispose();
        if frame.disposal == Disposal::Restore {
            self.before.clone_from(&self.canvas);
        }
        self.draw(&frame, &indices);
        self.shown = Some(frame);
        self.band_pending = true;
        Ok(Some(u32::from(frame.delay) * 10))
    }

    fn next_band(&mut self) -> Result<Option<Band<'_>>, CodecError> {
        if !std::mem::take(&mut self.band_pending) {
            return Ok(None);
        }
        let data = if self.pixels == PixelFormat::Rgb {
            self.out.clear();
            self.out.extend(self.canvas.iter().flat_map(|pixel| &pixel[..3]));
            &self.out
        } else {
            self.canvas.as_flattened()
        };
        Ok(Some(Band::new(vec![BandPlane::new(data, self.gif.size.width as usize * self.pixels.channels())])))
    }
}
