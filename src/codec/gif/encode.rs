//! Makes files: each frame with a palette of its own, and only what changed where that can be said.
//!
//! What is shown, and when, stays the same; frames that change nothing become a longer time.

use crate::cancel::CancelToken;
use crate::codec::palette::{self, Indexed};
use crate::codec::{CodecError, EncodeOptions, Format};
use crate::raster::{Frame, Image, Loops};
use gif::{DisposalMethod, Repeat};

/// A transparent pixel, and in a frame on top of another one also a pixel that stays as it is.
const HOLE: [u8; 4] = [0; 4];

/// Pixels are opaque or transparent in a GIF file; they are opaque from an alpha of 128 on.
pub(super) fn encode(image: &Image, _: &EncodeOptions, cancel: &CancelToken) -> Result<Vec<u8>, CodecError> {
    let size = image.first().size();
    let (Ok(width), Ok(height)) = (u16::try_from(size.width), u16::try_from(size.height)) else {
        return Err(cannot(format!("{size} is more than {} pixels", u16::MAX)));
    };
    let mut writer = Writer::new(width, height, image);
    let mut delays = Delays::default();
    // What is on the canvas when a frame is drawn.
    let mut below = vec![HOLE; usize::from(width) * usize::from(height)];
    let mut pictures = Pictures { frames: image.frames.iter(), next: None };
    let mut next = pictures.advance()?;
    while let Some((pixels, delay_ms)) = next.take() {
        cancel.check()?;
        next = pictures.advance()?;
        // Nothing drawn later makes a pixel transparent again, so the canvas must be cleared before that.
        let clears = next
            .as_ref()
            .is_some_and(|(next, _)| pixels.iter().zip(next).any(|(now, next)| *now != HOLE && *next == HOLE));
        // Many readers take a file for opaque whose first frame does not name a transparent color.
        let shows_holes = writer.is_empty() && pixels.contains(&HOLE);
        let whole = clears || shows_holes;
        let area = if whole { Area::whole(width, height) } else { Area::changed(&below, &pixels, width) };
        let mut stored = area.indexed(&below, &pixels, width);
        stored.delay = delays.centiseconds(delay_ms);
        stored.dispose = if clears { DisposalMethod::Background } else { DisposalMethod::Keep };
        writer.write(stored)?;
        if clears {
            below.fill(HOLE);
        } else {
            below = pixels;
        }
    }
    writer.finish()
}

fn cannot(reason: String) -> CodecError {
    CodecError::Encode { format: Format::Gif, reason }
}

/// Longest time that a frame can be shown.
const MAX_DELAY_MS: u32 = 10 * u16::MAX as u32;

/// Pixels and how many milliseconds they are shown.
type Picture = (Vec<[u8; 4]>, u32);

/// The frames of an animation, successive ones that look the same as one with their times added.
struct Pictures<'a> {
    frames: std::slice::Iter<'a, Frame>,
    /// The first frame that looked different.
    next: Option<Picture>,
}

impl Pictures<'_> {
    /// The next picture; `None` after the last.
    fn advance(&mut self) -> Result<Option<Picture>, CodecError> {
        let mut now = self.next.take();
        for frame in self.frames.by_ref() {
            let pixels = keyed(frame)?;
            match &mut now {
                None => now = Some((pixels, frame.delay_ms)),
                Some((same, delay_ms))
                    if *same == pixels && frame.delay_ms <= MAX_DELAY_MS.saturating_sub(*delay_ms) =>
                {
                    *delay_ms += frame.delay_ms;
                }
                Some(_) => {
                    self.next = Some((pixels, frame.delay_ms));
                    break;
                }
            }
        }
        Ok(now)
    }
}

/// Pixels that are either opaque or [`HOLE`].
fn keyed(frame: &Frame) -> Result<Vec<[u8; 4]>, CodecError> {
    let mut pixels =
        palette::rgba(&frame.pixels).ok_or_else(|| cannot(format!("pixels are {:?}", frame.pixels.format())))?;
    for pixel in &mut pixels {
        if pixel[3] < 128 {
            *pixel = HOLE;
        } else {
            pixel[3] = 255;
        }
    }
    Ok(pixels)
}

/// Milliseconds to hundredths of a second, with what rounding took or gave carried on to the next frame.
#[derive(Default)]
struct Delays {
    sum_ms: u64,
    written: u64,
}

impl Delays {
    fn centiseconds(&mut self, delay_ms: u32) -> u16 {
        self.sum_ms += u64::from(delay_ms);
        let delay = u16::try_from(((self.sum_ms + 5) / 10).saturating_sub(self.written)).unwrap_or(u16::MAX);
        self.written += u64::from(delay);
        delay
    }
}

/// A part of the canvas, never empty.
struct Area {
    left: u16,
    top: u16,
    width: u16,
    height: u16,
}

impl Area {
    fn whole(width: u16, height: u16) -> Self {
        Self { left: 0, top: 0, width, height }
    }

    /// The smallest area with all differences; one pixel if there are none.
    fn changed(below: &[[u8; 4]], pixels: &[[u8; 4]], width: u16) -> Self {
        let (mut left, mut right, mut top, mut bottom) = (u16::MAX, 0, u16::MAX, 0);
        let rows = below.chunks_exact(width.into()).zip(pixels.chunks_exact(width.into()));
        for (y, (below, row)) in (0..).zip(rows) {
            let differs = |(below, pixel): (&[u8; 4], &[u8; 4])| below != pixel;
            let Some(first) = below.iter().zip(row).position(differs) else { continue };
            let last = below.iter().zip(row).rposition(differs).unwrap_or(first);
            left = left.min(u16::try_from(first).unwrap_or(u16::MAX));
            right = right.max(u16::try_from(last).unwrap_or(u16::MAX));
            top = top.min(y);
            bottom = y;
        }
        if top > bottom {
            return Self::whole(1, 1);
        }
        Self { left, top, width: right - left + 1, height: bottom - top + 1 }
    }

    /// This part of the picture as a frame that is drawn over `below`.
    fn indexed(&self, below: &[[u8; 4]], pixels: &[[u8; 4]], width: u16) -> gif::Frame<'static> {
        let mut part = Vec::with_capacity(usize::from(self.width) * usize::from(self.height));
        let mut changes = Vec::with_capacity(part.capacity());
        for y in usize::from(self.top)..usize::from(self.top) + usize::from(self.height) {
            let start = y * usize::from(width) + usize::from(self.left);
            let row = start..start + usize::from(self.width);
            part.extend_from_slice(&pixels[row.clone()]);
            let change = |(pixel, below): (&[u8; 4], &[u8; 4])| if pixel == below { HOLE } else { *pixel };
            changes.extend(pixels[row.clone()].iter().zip(&below[row]).map(change));
        }
        // Long runs of holes compress well, but must not be what makes the colors too many.
        let Indexed { palette, indices } =
            palette::exact(&changes, 256).or_else(|| palette::exact(&part, 256)).unwrap_or_else(|| {
                let most = if changes.contains(&HOLE) { 255 } else { 256 };
                palette::quantized(&changes, self.width.into(), self.height.into(), most)
            });
        let transparent = palette.iter().position(|color| *color == HOLE);
        gif::Frame {
            left: self.left,
            top: self.top,
            width: self.width,
            height: self.height,
            transparent: transparent.and_then(|index| u8::try_from(index).ok()),
            palette: Some(palette.iter().flat_map(|color| &color[..3]).copied().collect()),
            buffer: indices.into(),
            ..gif::Frame::default()
        }
    }
}

/// Writes frames; the first one's palette serves the whole file.
struct Writer {
    width: u16,
    height: u16,
    repeat: Option<Repeat>,
    encoder: Option<gif::Encoder<Vec<u8>>>,
    palette: Vec<u8>,
}

impl Writer {
    fn new(width: u16, height: u16, image: &Image) -> Self {
        // A still needs no word about loops, and playing once is what files without one do.
        let repeat = match image.loops {
            _ if !image.is_animated() => None,
            Loops::Forever => Some(Repeat::Infinite),
            Loops::Times(0 | 1) => None,
            Loops::Times(times) => Some(Repeat::Finite(times)),
        };
        Self { width, height, repeat, encoder: None, palette: Vec::new() }
    }

    /// Whether no frame was written yet.
    fn is_empty(&self) -> bool {
        self.encoder.is_none()
    }

    fn write(&mut self, mut frame: gif::Frame<'static>) -> Result<(), CodecError> {
        let palette = frame.palette.take().unwrap_or_default();
        let encoder = match &mut self.encoder {
            Some(encoder) => {
                frame.palette = (palette != self.palette).then_some(palette);
                encoder
            }
            none => {
                let file = Vec::with_capacity(frame.buffer.len());
                let mut encoder = gif::Encoder::new(file, self.width, self.height, &palette).map_err(failed)?;
                if let Some(repeat) = self.repeat {
                    encoder.set_repeat(repeat).map_err(failed)?;
                }
                self.palette = palette;
                none.insert(encoder)
            }
        };
        encoder.write_frame(&frame).map_err(failed)
    }

    fn finish(self) -> Result<Vec<u8>, CodecError> {
        let encoder = self.encoder.ok_or_else(|| cannot("there is no frame".into()))?;
        encoder.into_inner().map_err(failed)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn failed(error: gif::EncodingError) -> CodecError {
    cannot(error.to_string())
}
