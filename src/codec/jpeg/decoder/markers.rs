//! The marker layer: segments, and where the coded data between them ends (T.81, annex B).

use super::Error;

/// SOF0, SOF1: sequential Huffman coding.
pub(in crate::codec) const BASELINE: u8 = 0xC0;
/// SOF2: progressive Huffman coding.
pub(in crate::codec) const PROGRESSIVE: u8 = 0xC2;
/// DHT: Huffman tables.
pub(super) const HUFFMAN_TABLES: u8 = 0xC4;
/// RST0, the first of eight.
pub(super) const FIRST_RESTART: u8 = 0xD0;
/// RST7.
pub(super) const LAST_RESTART: u8 = 0xD7;
/// SOI.
pub(in crate::codec) const START_OF_IMAGE: u8 = 0xD8;
/// EOI.
pub(in crate::codec) const END_OF_IMAGE: u8 = 0xD9;
/// SOS.
pub(in crate::codec) const START_OF_SCAN: u8 = 0xDA;
/// DQT: quantization tables.
pub(super) const QUANTIZATION_TABLES: u8 = 0xDB;
/// DNL: the number of lines, after the first scan.
pub(super) const NUMBER_OF_LINES: u8 = 0xDC;
/// DRI: MCUs between restart markers.
pub(super) const RESTART_INTERVAL: u8 = 0xDD;
/// APP0, JFIF's.
pub(super) const APP0: u8 = 0xE0;
/// APP14, Adobe's.
pub(super) const APP14: u8 = 0xEE;

/// Steps from segment to segment.
#[derive(Clone, Debug)]
pub(in crate::codec) struct Markers<'a> {
    data: &'a [u8],
    at: usize,
}

impl<'a> Markers<'a> {
    /// At the first marker after the start of image.
    ///
    /// # Errors
    /// [`Error::Broken`] for data that starts with something else.
    pub(in crate::codec) fn new(data: &'a [u8]) -> Result<Self, Error> {
        if !data.starts_with(&[0xFF, START_OF_IMAGE]) {
            return Err(Error::broken("does not start with a JPEG marker"));
        }
        Ok(Self { data, at: 2 })
    }

    /// The next marker and what belongs to it; junk and fill bytes before it are skipped, as libjpeg does.
    ///
    /// # Errors
    /// [`Error::Broken`] at the end of the image or of the data, and for segments that are cut short.
    pub(in crate::codec) fn next_segment(&mut self) -> Result<(u8, &'a [u8]), Error> {
        loop {
            let marker = self.next_marker().ok_or_else(|| Error::broken("ends before the image data"))?;
            match marker {
                0x01 | FIRST_RESTART..=LAST_RESTART => {}
                START_OF_IMAGE => return Err(Error::broken("a second picture starts in the header")),
                END_OF_IMAGE => return Err(Error::broken("no image data")),
                0x02..=0xBF => return Err(Error::broken(format!("unknown marker `{marker:#04x}`"))),
                _ => {
                    let body = self.segment_body().ok_or_else(|| Error::broken("a segment is longer than the file"))?;
                    return Ok((marker, body));
                }
            }
        }
    }

    /// Goes beyond the coded data that starts here, to the next marker that is not part of it.
    pub(super) fn skip_coded_data(&mut self) {
        while let Some(found) = position_of_ff(self.rest()) {
            self.at += found;
            match self.data.get(self.at + 1) {
                None => break,
                Some(0 | FIRST_RESTART..=LAST_RESTART) => self.at += 2,
                Some(0xFF) => self.at += 1,
                Some(_) => return,
            }
        }
        self.at = self.data.len();
    }

    /// Whether what was read last, or tried to, is the end of the image.
    pub(super) fn is_at_end_of_image(&self) -> bool {
        self.data[..self.at].ends_with(&[0xFF, END_OF_IMAGE])
    }

    /// Index of the first byte after the last segment read.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// What comes after the last segment read.
    pub(in crate::codec) fn rest(&self) -> &'a [u8] {
        &self.data[self.at..]
    }

    fn next_marker(&mut self) -> Option<u8> {
        loop {
            self.at += position_of_ff(self.rest())?;
            let fill = self.rest().iter().position(|&byte| byte != 0xFF)?;
            self.at += fill + 1;
            let marker = self.data[self.at - 1];
            if marker != 0 {
                return Some(marker);
            }
        }
    }

    /// The bytes that the two length bytes at the current place speak of.
    fn segment_body(&mut self) -> Option<&'a [u8]> {
        let (length, _) = self.rest().split_first_chunk()?;
        let end = usize::from(u16::from_be_bytes(*length));
        let body = self.rest().get(2..end)?;
        self.at += end;
        Some(body)
    }
}

/// Index of the first 0xFF. Looks at blocks first, which compiles to vector instructions.
pub(super) fn position_of_ff(data: &[u8]) -> Option<usize> {
    const BLOCK: usize = 32;
    let is_ff = |&byte: &u8| byte == 0xFF;
    let without = data.chunks_exact(BLOCK).take_while(|block| !block.iter().fold(false, |any, byte| any | is_ff(byte)));
    let start = without.count() * BLOCK;
    data[start..].iter().position(is_ff).map(|position| start + position)
}
