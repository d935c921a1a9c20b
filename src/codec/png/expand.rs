//! Turns pixels of the file into pixels of 8-bit samples.

use super::chunks::{Chunks, Color};

/// How stored pixels become those that are handed out.
pub(super) enum Expansion {
    /// They are the same.
    Same,
    /// One sample of up to 8 bits stands for a pixel of `channels` bytes.
    Lookup { depth: u8, channels: usize, table: Box<[[u8; 4]; 256]> },
    /// Samples of one or two bytes of which the high one is kept; alpha is added if a color is `transparent`.
    Samples { sample_bytes: usize, samples: usize, transparent: Option<Vec<u8>> },
}

impl Expansion {
    pub(super) fn new(chunks: &Chunks<'_>) -> Self {
        let header = chunks.header;
        let samples = header.color.samples();
        match (header.color, header.depth, chunks.transparency) {
            (Color::Palette, depth, transparency) => {
                let channels = if transparency.is_some() { 4 } else { 3 };
                Self::Lookup { depth, channels, table: palette(chunks.palette, transparency.unwrap_or_default()) }
            }
            (_, 8, None) => Self::Same,
            (Color::Gray, depth @ ..=8, transparency) => {
                let transparent = transparency.map(|bytes| bytes[1]);
                Self::Lookup { depth, channels: chunks.pixels().channels(), table: grays(depth, transparent) }
            }
            (_, depth, transparency) => {
                let sample_bytes = usize::from(depth) / 8;
                // The chunk holds two bytes a sample whatever the depth.
                let transparent = transparency.map(|bytes| {
                    bytes
                        .chunks_exact(2)
                        .take(samples)
                        .flat_map(|sample| &sample[2 - sample_bytes..])
                        .copied()
                        .collect()
                });
                Self::Samples { sample_bytes, samples, transparent }
            }
        }
    }

    /// One row; `stored` may have spare bits at its end.
    pub(super) fn row(&self, stored: &[u8], out: &mut [u8]) {
        match self {
            Self::Same => out.copy_from_slice(stored),
            Self::Lookup { depth, channels, table } => match channels {
                1 => look_up::<1>(*depth, stored, table, out),
                2 => look_up::<2>(*depth, stored, table, out),
                3 => look_up::<3>(*depth, stored, table, out),
                _ => look_up::<4>(*depth, stored, table, out),
            },
            Self::Samples { sample_bytes, samples, transparent: None } => {
                debug_assert!(out.len().is_multiple_of(*samples), "whole pixels");
                for (out, sample) in out.iter_mut().zip(stored.chunks_exact(*sample_bytes)) {
                    *out = sample[0];
                }
            }
            Self::Samples { sample_bytes, samples, transparent: Some(transparent) } => {
                let pixels = stored.chunks_exact(sample_bytes * samples);
                for (out, pixel) in out.chunks_exact_mut(samples + 1).zip(pixels) {
                    for (out, sample) in out.iter_mut().zip(pixel.chunks_exact(*sample_bytes)) {
                        *out = sample[0];
                    }
                    out[*samples] = if pixel == transparent { 0 } else { 255 };
                }
            }
        }
    }
}

/// Colors by index; those that the file does not have are black.
fn palette(colors: &[u8], alphas: &[u8]) -> Box<[[u8; 4]; 256]> {
    let mut table = Box::new([[0, 0, 0, 255]; 256]);
    for (entry, color) in table.iter_mut().zip(colors.as_chunks::<3>().0) {
        entry[..3].copy_from_slice(color);
    }
    for (entry, alpha) in table.iter_mut().zip(alphas) {
        entry[3] = *alpha;
    }
    table
}

/// Gray and alpha by sample.
fn grays(depth: u8, transparent: Option<u8>) -> Box<[[u8; 4]; 256]> {
    let most = u8::MAX >> (8 - depth);
    let mut table = Box::new([[0; 4]; 256]);
    for (sample, entry) in (0..=most).zip(table.iter_mut()) {
        let alpha = if transparent == Some(sample) { 0 } else { 255 };
        *entry = [sample * (255 / most), alpha, 0, 0];
    }
    table
}

fn look_up<const CHANNELS: usize>(depth: u8, stored: &[u8], table: &[[u8; 4]; 256], out: &mut [u8]) {
    let pixel = |sample: u8| -> [u8; CHANNELS] {
        let entry = table[usize::from(sample)];
        std::array::from_fn(|channel| entry[channel])
    };
    let out = out.as_chunks_mut::<CHANNELS>().0;
    if depth == 8 {
        for (out, sample) in out.iter_mut().zip(stored) {
            *out = pixel(*sample);
        }
        return;
    }
    let mask = u8::MAX >> (8 - depth);
    for (out, byte) in out.chunks_mut(usize::from(8 / depth)).zip(stored) {
        let mut rest = *byte;
        for out in out {
            rest = rest.rotate_left(u32::from(depth)); // the first pixel is in the highest bits
            *out = pixel(rest & mask);
        }
    }
}
