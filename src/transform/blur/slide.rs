//! Sums under cosines that slide along lines.
//!
//! With C(i) the sum of cos(wx) s(i + x) over x from -r to r,
//!
//! ```text
//! C(i+1) = 2 cos(w) C(i) - C(i-1) + cos(wr) (s(i+r+1) + s(i-r-1)) - cos(w(r+1)) (s(i+r) + s(i-r))
//! ```
//!
//! which follows from cos(a + w) + cos(a - w) = 2 cos(a) cos(w). In double precision the errors of some thousand such
//! steps stay far below what bytes show. A line runs across many samples: eight side by side are carried along at once.

use super::cosines::Cosines;
use crate::cancel::CancelToken;
use crate::geometry::Canvas;
use crate::raster::PixelBuffer;
use crate::transform::weigh::cut;
use multiversion::multiversion;
use std::ops::Range;

/// Samples that are carried along at once.
const LANES: usize = 8;

/// Samples of the lines that are worked on together.
const LINE: usize = 64;

/// Lines that are done before sums begin anew, so that what is worked on stays in the cache.
const SEGMENT: usize = 4096;

/// Makes whole sums survive the errors of the sliding.
const HAIR: f64 = 1.0 / 65_536.0;

/// The pass along rows: some rows at a time are turned, so that each of their columns becomes a line.
pub(super) fn rows(from: &PixelBuffer<Canvas>, to: &mut PixelBuffer<Canvas>, cosines: &Cosines, cancel: &CancelToken) {
    match from.format().channels() {
        1 => rows_of::<1>(from, to, cosines, cancel),
        2 => rows_of::<2>(from, to, cosines, cancel),
        3 => rows_of::<3>(from, to, cosines, cancel),
        _ => rows_of::<4>(from, to, cosines, cancel),
    }
}

fn rows_of<const CHANNELS: usize>(
    from: &PixelBuffer<Canvas>,
    to: &mut PixelBuffer<Canvas>,
    cosines: &Cosines,
    cancel: &CancelToken,
) {
    let stride = from.first().stride;
    let strip = LINE / CHANNELS * stride;
    let mut slider = Slider::new(cosines);
    for (from, to) in from.first().data.chunks(strip).zip(to.first_mut().data.chunks_mut(strip)) {
        let line = (from.len() / stride * CHANNELS).next_multiple_of(LANES);
        for done in segments(stride / CHANNELS) {
            if cancel.check().is_err() {
                return;
            }
            let seen = slider.begin(done.clone(), stride / CHANNELS, line);
            for (row, place) in from.chunks_exact(stride).zip((0..).step_by(CHANNELS)) {
                let pixels = &row.as_chunks::<CHANNELS>().0[seen.clone()];
                for (line, pixel) in slider.seen.chunks_exact_mut(line).zip(pixels) {
                    line[place..place + CHANNELS].copy_from_slice(pixel);
                }
            }
            slider.slide(line);
            for (row, place) in to.chunks_exact_mut(stride).zip((0..).step_by(CHANNELS)) {
                let pixels = &mut row.as_chunks_mut::<CHANNELS>().0[done.clone()];
                for (line, pixel) in slider.done.chunks_exact(line).zip(pixels) {
                    pixel.copy_from_slice(&line[place..place + CHANNELS]);
                }
            }
        }
    }
}

/// The pass along columns, some of them at a time.
pub(super) fn columns(
    from: &PixelBuffer<Canvas>,
    to: &mut PixelBuffer<Canvas>,
    cosines: &Cosines,
    cancel: &CancelToken,
) {
    let (from, to) = (from.first(), to.first_mut());
    let stride = from.stride;
    let mut slider = Slider::new(cosines);
    for left in (0..stride).step_by(LINE) {
        let columns = left..(left + LINE).min(stride);
        let line = columns.len().next_multiple_of(LANES);
        for done in segments(from.rows().len()) {
            if cancel.check().is_err() {
                return;
            }
            let seen = slider.begin(done.clone(), from.rows().len(), line);
            for (line, y) in slider.seen.chunks_exact_mut(line).zip(seen) {
                line[..columns.len()].copy_from_slice(&from.row(y)[columns.clone()]);
            }
            slider.slide(line);
            for (line, y) in slider.done.chunks_exact(line).zip(done) {
                to.data[y * stride..][columns.clone()].copy_from_slice(&line[..columns.len()]);
            }
        }
    }
}

fn segments(lines: usize) -> impl Iterator<Item = Range<usize>> {
    (0..lines).step_by(SEGMENT).map(move |start| start..(start + SEGMENT).min(lines))
}

/// Lines as they are and as they become.
struct Slider<'a> {
    cosines: &'a Cosines,
    /// The lines worked on and those around them that their sums see.
    seen: Vec<u8>,
    /// The lines worked on when they are done.
    done: Vec<u8>,
    /// The first line worked on is so many lines below the first seen.
    skipped: usize,
}

impl<'a> Slider<'a> {
    fn new(cosines: &'a Cosines) -> Self {
        Self { cosines, seen: Vec::new(), done: Vec::new(), skipped: 0 }
    }

    /// Makes room for the lines `wanted` of `lines`, each of `line` bytes, and says which ones it needs to see.
    fn begin(&mut self, wanted: Range<usize>, lines: usize, line: usize) -> Range<usize> {
        let reach = self.cosines.radius() + 1;
        let seen = wanted.start.saturating_sub(reach)..(wanted.end + reach).min(lines);
        self.skipped = wanted.start - seen.start;
        self.seen.resize(seen.len() * line, 0);
        self.done.resize(wanted.len() * line, 0);
        seen
    }

    fn slide(&mut self, line: usize) {
        match self.cosines.count() {
            1 => slide::<1>(self.cosines, &self.seen, &mut self.done, self.skipped, line),
            2 => slide::<2>(self.cosines, &self.seen, &mut self.done, self.skipped, line),
            3 => slide::<3>(self.cosines, &self.seen, &mut self.done, self.skipped, line),
            4 => slide::<4>(self.cosines, &self.seen, &mut self.done, self.skipped, line),
            5 => slide::<5>(self.cosines, &self.seen, &mut self.done, self.skipped, line),
            6 => slide::<6>(self.cosines, &self.seen, &mut self.done, self.skipped, line),
            other => unreachable!("{other} cosines"),
        }
    }
}

/// The sums of the lines that are worked on, as bytes. `seen` and `done` are lines of `line` samples; the first one of
/// `done` is that after the first `skipped` of `seen`.
#[multiversion(targets("x86_64+avx2"))]
fn slide<const COUNT: usize>(cosines: &Cosines, seen: &[u8], done: &mut [u8], skipped: usize, line: usize) {
    let radius = cosines.radius();
    let terms = cosines.terms();
    let [twice, in_reach, beyond, share]: [[f64; COUNT]; 4] = [
        std::array::from_fn(|k| 2.0 * terms[k].frequency.cos()),
        std::array::from_fn(|k| cosines.cosine(k, radius)),
        std::array::from_fn(|k| cosines.cosine(k, radius + 1)),
        std::array::from_fn(|k| terms[k].share),
    ];
    let constant = cosines.constant();
    let lines = seen.len() / line;
    let last = lines - 1;
    let [first_weights, weights_before] = [0, 1].map(|back| weights_at::<COUNT>(cosines, lines, skipped, back));
    for lane in (0..line).step_by(LANES) {
        let at = |index: usize| -> &[u8; LANES] {
            seen[index * line + lane..].first_chunk().expect("lines are a multiple of lanes")
        };
        let mut state = State::<COUNT>::default();
        for (index, (now, before)) in first_weights.iter().zip(&weights_before).enumerate() {
            state.add(*at(index), now, before);
        }
        for (index, done) in (skipped..).zip(done.chunks_exact_mut(line)) {
            let done = done[lane..].first_chunk_mut::<LANES>().expect("lines are a multiple of lanes");
            for (l, byte) in done.iter_mut().enumerate() {
                let mut sum = constant * f64::from(state.plain[l]);
                for (share, now) in share.iter().zip(&state.now) {
                    sum += share * now[l];
                }
                *byte = cut(sum + HAIR);
            }
            let before_all = at(index.saturating_sub(radius + 1));
            let first = at(index.saturating_sub(radius));
            let final_ = at((index + radius).min(last));
            let after_all = at((index + radius + 1).min(last));
            for l in 0..LANES {
                let comes = f64::from(i32::from(after_all[l]) + i32::from(before_all[l]));
                let ends = f64::from(i32::from(final_[l]) + i32::from(first[l]));
                state.plain[l] += i32::from(after_all[l]) - i32::from(first[l]);
                for k in 0..COUNT {
                    // What does not need the sum of the line before is ready when that comes.
                    let rest = in_reach[k] * comes - beyond[k] * ends - state.before[k][l];
                    let next = twice[k] * state.now[k][l] + rest;
                    state.before[k][l] = state.now[k][l];
                    state.now[k][l] = next;
                }
            }
        }
    }
}

/// The sums of some samples side by side.
struct State<const COUNT: usize> {
    plain: [i32; LANES],
    /// Under each cosine.
    now: [[f64; LANES]; COUNT],
    /// The same, one line earlier.
    before: [[f64; LANES]; COUNT],
}

impl<const COUNT: usize> Default for State<COUNT> {
    fn default() -> Self {
        Self { plain: [0; LANES], now: [[0.0; LANES]; COUNT], before: [[0.0; LANES]; COUNT] }
    }
}

/// How often a line counts in the first sum, and how much under each cosine.
type First<const COUNT: usize> = (i32, [f64; COUNT]);

impl<const COUNT: usize> State<COUNT> {
    fn add(&mut self, samples: [u8; LANES], now: &First<COUNT>, before: &First<COUNT>) {
        for (l, sample) in samples.iter().enumerate() {
            self.plain[l] += now.0 * i32::from(*sample);
            for k in 0..COUNT {
                self.now[k][l] += now.1[k] * f64::from(*sample);
                self.before[k][l] += before.1[k] * f64::from(*sample);
            }
        }
    }
}

/// What the lines from the first seen count in the sums of the line `back` before line `index`.
fn weights_at<const COUNT: usize>(cosines: &Cosines, lines: usize, index: usize, back: usize) -> Vec<First<COUNT>> {
    let radius = cosines.radius();
    let mut weights = vec![(0, [0.0; COUNT]); lines.min(index + radius + 1)];
    for place in 0..=2 * radius {
        // The line is `index - back - radius + place`, held to those that are there.
        let line = (index + place).saturating_sub(back + radius).min(lines - 1);
        let (times, under) = &mut weights[line];
        *times += 1;
        for (k, weight) in under.iter_mut().enumerate() {
            *weight += cosines.cosine(k, place.abs_diff(radius));
        }
    }
    weights
}
