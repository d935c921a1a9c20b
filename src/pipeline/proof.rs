//! Whether a picture that somebody wants kept can be decoded from its beginning to its end.

use super::inputs::Input;
use super::job::JobError;
use super::thread::on_thread;
use super::{Pipeline, Place};
use crate::cancel::CancelToken;
use crate::codec::{self, DecodeOptions, SourceInfo};
use crate::error::{Error, SharedError};
use crate::loader::Original;
use bytes::Bytes;

/// Memory of a decoded pixel with what decoders need beside it.
const BYTES_PER_PX: u64 = 8;
/// Rows that decoders hold whose rows come in bands.
const ROWS_HELD: u64 = 64;

impl Pipeline {
    /// What the header of a file says, if it is one that could be a source.
    ///
    /// # Errors
    /// Those of a source that is no picture, cannot be read or is too large.
    pub async fn probe(&self, file: Bytes) -> Result<SourceInfo, Error> {
        Ok(Input::read(Original::from(file), None, &self.limits).await?.info)
    }

    /// Decodes all frames of a file that would be used, and forgets them.
    ///
    /// # Errors
    /// Those of a source that is broken, and those of a server that has no time.
    pub async fn prove(&self, place: Place, file: Bytes) -> Result<(), SharedError> {
        let ticket = place.0.holding(file.len()).map_err(Error::from)?;
        let input = Input::read(Original::from(file), None, &self.limits).await?;
        let permit = ticket.start(memory_bytes(&input.info)).await.map_err(Error::from)?;
        let max_frames = self.limits.max_frames;
        let work = move |cancel: &CancelToken| decode(&input, max_frames, cancel);
        on_thread(permit, self.render_timeout, work).await?;
        Ok(())
    }
}

fn memory_bytes(info: &SourceInfo) -> u64 {
    let area_px = info.size.area_px();
    let held_px = if info.rows_stream { area_px.min(u64::from(info.size.width) * ROWS_HELD) } else { area_px };
    held_px * BYTES_PER_PX
}

fn decode(input: &Input, max_frames: u32, cancel: &CancelToken) -> Result<(), JobError> {
    let mut decoder = codec::open(&input.body, &input.info, DecodeOptions { shrink: 1, rgb: false })?;
    for _ in 0..max_frames {
        if decoder.next_frame()?.is_none() {
            break;
        }
        while decoder.next_band()?.is_some() {
            cancel.check()?;
        }
    }
    Ok(())
}
