//! Inflates the picture data of a file, some rows at a time.

use super::chunks::Data;
use fdeflate::Decompressor;

/// How far back a deflate stream may refer.
const HISTORY_BYTES: usize = 32 << 10;
/// Bytes asked of the decompressor at once. It does not tell how far it came when it meets an error, so this is
/// also how much good data a broken file can lose.
const STEP_BYTES: usize = 16 << 10;

/// A sliding window over the inflated data.
pub(super) struct Inflater<'a> {
    data: Data<'a>,
    /// What is left of the current chunk.
    input: &'a [u8],
    decompressor: Box<Decompressor>,
    window: Vec<u8>,
    /// What has been inflated but not handed out is `window[start..end]`.
    start: usize,
    end: usize,
    done: bool,
}

impl<'a> Inflater<'a> {
    /// Starts at the first byte; no more than `most_bytes` will be asked for at once.
    pub(super) fn new(data: Data<'a>, most_bytes: usize) -> Self {
        let mut decompressor = Box::new(Decompressor::new());
        decompressor.ignore_adler32();
        // Room for a second helping makes moving the history rare.
        let window = vec![0; HISTORY_BYTES + 2 * most_bytes];
        Self { data, input: &[], decompressor, window, start: 0, end: 0, done: false }
    }

    /// The next `count` rows of `row_bytes`, fewer (but whole ones) only when the data ends or is broken.
    pub(super) fn rows(&mut self, count: usize, row_bytes: usize) -> &[u8] {
        let wanted = count * row_bytes;
        if self.start + wanted > self.window.len() {
            self.slide();
        }
        while self.end - self.start < wanted && !self.done {
            self.inflate();
        }
        let ready = (self.end - self.start).min(wanted) / row_bytes * row_bytes;
        self.start += ready;
        &self.window[self.start - ready..self.start]
    }

    /// Nothing more will be handed out.
    pub(super) fn stop(&mut self) {
        self.done = true;
        self.start = self.end;
    }

    /// Moves history and what is not handed out to the front.
    fn slide(&mut self) {
        let kept = self.start.min(self.end.saturating_sub(HISTORY_BYTES));
        self.window.copy_within(kept..self.end, 0);
        self.start -= kept;
        self.end -= kept;
    }

    fn inflate(&mut self) {
        if self.input.is_empty() {
            // Without input the decompressor still gives what it holds back.
            self.input = self.data.find(|chunk| !chunk.is_empty()).unwrap_or_default();
        }
        let limit = self.window.len().min(self.end + STEP_BYTES);
        match self.decompressor.read(self.input, &mut self.window[..limit], self.end, false) {
            Ok((taken, given)) => {
                self.input = &self.input[taken..];
                self.end += given;
                self.done = self.decompressor.is_done() || (taken, given) == (0, 0);
            }
            Err(_) => self.done = true,
        }
    }
}
