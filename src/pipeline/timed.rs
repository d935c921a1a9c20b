//! How long decoding takes, which happens band by band between the steps that use the bands.

use crate::codec::{CodecError, Decoder};
use crate::geometry::{Decoded, Rect, Size};
use crate::raster::{Band, PixelFormat};
use std::time::{Duration, Instant};

/// A decoder with a clock that runs while it decodes.
pub(super) struct Timed<'a> {
    decoder: Box<dyn Decoder + 'a>,
    spent: Duration,
}

impl<'a> Timed<'a> {
    /// The same decoder; so long it took to open.
    pub(super) fn new(decoder: Box<dyn Decoder + 'a>, opened_in: Duration) -> Self {
        Self { decoder, spent: opened_in }
    }

    /// Time spent so far.
    pub(super) fn spent(&self) -> Duration {
        self.spent
    }
}

#[deny(clippy::missing_trait_methods)]
impl Decoder for Timed<'_> {
    fn size(&self) -> Size<Decoded> {
        self.decoder.size()
    }

    fn format(&self) -> PixelFormat {
        self.decoder.format()
    }

    fn look_at(&mut self, part: Rect<Decoded>) {
        self.decoder.look_at(part);
    }

    fn next_frame(&mut self) -> Result<Option<u32>, CodecError> {
        let start = Instant::now();
        let frame = self.decoder.next_frame();
        self.spent += start.elapsed();
        frame
    }

    fn next_band(&mut self) -> Result<Option<Band<'_>>, CodecError> {
        let start = Instant::now();
        let band = self.decoder.next_band();
        self.spent += start.elapsed();
        band
    }
}
