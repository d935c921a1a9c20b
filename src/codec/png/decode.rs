//! Rows out of the picture data.

use super::chunks::{Chunks, Header};
use super::expand::Expansion;
use super::inflate::Inflater;
use super::unfilter::unfilter;
use crate::codec::{CodecError, Decoder, Format};
use crate::geometry::{Decoded, Size};
use crate::raster::{Band, BandPlane, PixelFormat};

/// Stored bytes to have at hand at once: a band and the window it comes from stay in the processor's second cache.
const BAND_BYTES: usize = 128 << 10;
/// Wider rows are refused; a million pixels of 64 bits fit.
const MAX_ROW_BYTES: u64 = 8 << 20;
/// Larger interlaced pictures, which must be held as a whole, are refused.
const MAX_WHOLE_BYTES: u64 = 4 << 30;

/// A PNG file being decoded. Files that end early leave their last rows zero.
pub(super) struct PngDecoder<'a> {
    header: Header,
    pixels: PixelFormat,
    expansion: Expansion,
    inflater: Inflater<'a>,
    /// Stored rows: the last one of the band before, then those of this band.
    stored: Vec<u8>,
    /// Pixels as handed out, unless the stored ones are.
    out: Vec<u8>,
    band_rows: usize,
    next_row: usize,
    started: bool,
}

impl<'a> PngDecoder<'a> {
    /// # Errors
    /// If the picture is too large for memory to be set aside.
    pub(super) fn new(chunks: &Chunks<'a>) -> Result<Self, CodecError> {
        let header = chunks.header;
        let pixels = chunks.pixels();
        let whole_bytes = header.size.area_px().saturating_mul(pixels.channels() as u64);
        let row_bytes = u64::from(header.size.width) * header.bits().div_ceil(8) as u64;
        if row_bytes > MAX_ROW_BYTES || header.interlaced && whole_bytes > MAX_WHOLE_BYTES {
            let feature = format!("a size of `{}`", header.size);
            return Err(CodecError::Unsupported { format: Format::Png, feature });
        }
        let row_bytes = stored_bytes(header.size.width as usize, header);
        // A multiple of four rows is what the Paeth filter likes.
        let band_rows = (BAND_BYTES / row_bytes).clamp(4, 64) & !3;
        Ok(Self {
            header,
            pixels,
            expansion: Expansion::new(chunks),
            inflater: Inflater::new(chunks.data.clone(), band_rows * (row_bytes + 1)),
            stored: vec![0; (band_rows + 1) * row_bytes],
            out: Vec::new(),
            band_rows,
            next_row: 0,
            started: false,
        })
    }

    fn width(&self) -> usize {
        self.header.size.width as usize
    }

    fn height(&self) -> usize {
        self.header.size.height as usize
    }

    /// Inflates and unfilters the next `count` rows of `row_bytes` to behind the row before; tells how many there are.
    fn fill(&mut self, count: usize, row_bytes: usize) -> usize {
        let filtered = self.inflater.rows(count, row_bytes + 1);
        let pixel_bytes = self.header.bits().div_ceil(8);
        let found = unfilter(filtered, row_bytes, pixel_bytes, &mut self.stored);
        if found < count {
            self.inflater.stop();
        }
        found
    }

    /// The next rows of a picture that is stored from top to bottom.
    fn rows(&mut self) -> Band<'_> {
        let count = self.band_rows.min(self.height() - self.next_row);
        let row_bytes = stored_bytes(self.width(), self.header);
        let out_bytes = self.width() * self.pixels.channels();
        if self.next_row > 0 {
            self.stored.copy_within(self.band_rows * row_bytes.., 0);
        }
        let found = self.fill(count, row_bytes);
        self.next_row += count;

        let stored = &mut self.stored[row_bytes..][..count * row_bytes];
        if let Expansion::Same = self.expansion {
            stored[found * row_bytes..].fill(0);
            return Band::new(vec![BandPlane::new(stored, row_bytes)]);
        }
        self.out.resize(count * out_bytes, 0);
        let (good, missing) = self.out.split_at_mut(found * out_bytes);
        missing.fill(0);
        for (stored, out) in stored.chunks_exact(row_bytes).zip(good.chunks_exact_mut(out_bytes)) {
            self.expansion.row(stored, out);
        }
        Band::new(vec![BandPlane::new(&self.out, out_bytes)])
    }

    /// The whole picture out of the seven passes of Adam7.
    fn interlaced(&mut self) -> Band<'_> {
        /// First column and row of each pass and the steps to the next ones.
        const PASSES: [(usize, usize, usize, usize); 7] =
            [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

        let channels = self.pixels.channels();
        let out_bytes = self.width() * channels;
        let mut picture = vec![0; out_bytes * self.height()];
        let mut line = vec![0; out_bytes];
        'passes: for (left, top, step_x, step_y) in PASSES {
            let width = self.width().saturating_sub(left).div_ceil(step_x);
            if width == 0 {
                continue;
            }
            let row_bytes = stored_bytes(width, self.header);
            let line = &mut line[..width * channels];
            self.stored[..row_bytes].fill(0);
            for out in picture.chunks_exact_mut(out_bytes).skip(top).step_by(step_y) {
                if self.fill(1, row_bytes) == 0 {
                    break 'passes;
                }
                self.stored.copy_within(row_bytes..2 * row_bytes, 0);
                self.expansion.row(&self.stored[..row_bytes], line);
                let places = out.chunks_exact_mut(channels).skip(left).step_by(step_x);
                for (out, pixel) in places.zip(line.chunks_exact(channels)) {
                    out.copy_from_slice(pixel);
                }
            }
        }
        self.next_row = self.height();
        self.out = picture;
        Band::new(vec![BandPlane::new(&self.out, out_bytes)])
    }
}

impl Decoder for PngDecoder<'_> {
    fn size(&self) -> Size<Decoded> {
        self.header.size.into_space()
    }

    fn format(&self) -> PixelFormat {
        self.pixels
    }

    fn next_frame(&mut self) -> Result<Option<u32>, CodecError> {
        Ok((!std::mem::replace(&mut self.started, true)).then_some(0))
    }

    fn next_band(&mut self) -> Result<Option<Band<'_>>, CodecError> {
        if self.next_row >= self.height() {
            return Ok(None);
        }
        Ok(Some(if self.header.interlaced { self.interlaced() } else { self.rows() }))
    }
}

/// Bytes of a stored row of `width` pixels, without the byte that names its filter.
fn stored_bytes(width: usize, header: Header) -> usize {
    (width * header.bits()).div_ceil(8)
}
