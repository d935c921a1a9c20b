//! The boxes around AV1: ISO/IEC 14496-12 (files), 23008-12 (HEIF) and AVIF, as far as stills need them.
//!
//! Everything read is a slice of the file, so that no number in it makes memory grow beyond the file's own size.

use super::broken;
use crate::codec::CodecError;
use crate::geometry::{Size, Stored};
use std::borrow::Cow;

/// References looked at. One picture has a handful; more would only be there to keep us busy.
const MAX_REFERENCES: usize = 64;

/// What the metadata of a file say about its primary picture.
#[derive(Debug)]
pub(super) struct Found<'a> {
    /// Width and height.
    pub(super) size: Size<Stored>,
    /// AV1 of the picture.
    pub(super) color: Cow<'a, [u8]>,
    /// AV1 of its alpha plane.
    pub(super) alpha: Option<Cow<'a, [u8]>>,
    /// Colors have been multiplied by alpha.
    pub(super) premultiplied: bool,
    /// Luma only.
    pub(super) gray: bool,
    /// Divisors of the chroma planes' width and height.
    pub(super) chroma: (u8, u8),
    /// ICC profile.
    pub(super) icc: Option<&'a [u8]>,
    /// Color code points, if the boxes tell them.
    pub(super) colors: Option<Colors>,
    /// Quarter turns against the clock.
    pub(super) turns: Option<u8>,
    /// Mirrored after turning: 0 top to bottom, 1 left to right.
    pub(super) mirror: Option<u8>,
    /// EXIF block, starting with the TIFF header.
    pub(super) exif: Option<Cow<'a, [u8]>>,
}

/// Code points of ITU-T H.273.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Colors {
    /// Color primaries.
    pub(super) primaries: u16,
    /// Transfer characteristics.
    pub(super) transfer: u16,
    /// Matrix coefficients.
    pub(super) matrix: u16,
    /// Samples use all values.
    pub(super) full_range: bool,
}

/// Whether the file calls itself AVIF.
pub(super) fn sniff(file: &[u8]) -> bool {
    let Some((kind, brands, _)) = split(file).filter(|(kind, ..)| kind == b"ftyp") else { return false };
    debug_assert_eq!(&kind, b"ftyp");
    // The second word is a version number.
    let mut words = brands.chunks_exact(4).enumerate().filter(|(index, _)| *index != 1);
    words.any(|(_, brand)| matches!(brand, b"avif" | b"avis"))
}

/// Finds the primary picture and all that belongs to it.
///
/// # Errors
/// [`CodecError::Broken`] if something it needs is missing, lies or points outside the file;
/// [`CodecError::Unsupported`] for pictures made of tiles.
pub(super) fn parse(file: &[u8]) -> Result<Found<'_>, CodecError> {
    let meta = boxes(file).find_map(|(kind, body)| (kind == *b"meta").then_some(body));
    let meta = Meta::new(file, meta.and_then(|body| body.get(4..)).ok_or_else(|| broken("no metadata"))?)?;
    let primary = meta.primary.ok_or_else(|| broken("no primary item"))?;
    match meta.kind(primary) {
        Some(b"av01") => {}
        Some(b"grid") => return Err(super::unsupported("a picture made of tiles")),
        _ => return Err(broken("primary item is no AV1")),
    }
    let mut found = Found {
        size: Size::new(0, 0),
        color: meta.data(primary)?,
        alpha: None,
        premultiplied: false,
        gray: false,
        chroma: (1, 1),
        icc: None,
        colors: None,
        turns: None,
        mirror: None,
        exif: None,
    };
    let mut configured = false;
    for (kind, body) in meta.properties(primary) {
        match &kind {
            b"ispe" => found.size = size(body).ok_or_else(|| broken("picture size cut short"))?,
            b"av1C" => {
                let flags = *body.get(2).ok_or_else(|| broken("AV1 configuration cut short"))?;
                found.gray = flags & 16 != 0;
                found.chroma = (1 + (flags >> 3 & 1), 1 + (flags >> 2 & 1));
                configured = true;
            }
            b"colr" => match body.split_first_chunk::<4>() {
                Some((b"nclx", points)) => found.colors = found.colors.or(colors(points)),
                Some((b"prof" | b"rICC", icc)) => found.icc = found.icc.or(Some(icc)),
                _ => {}
            },
            b"irot" => found.turns = body.first().map(|turns| turns & 3),
            b"imir" => found.mirror = body.first().map(|axis| axis & 1),
            _ => {}
        }
    }
    if found.size.area_px() == 0 || !configured {
        return Err(broken("size or AV1 configuration of the picture is missing"));
    }
    if found.gray {
        found.chroma = (1, 1);
    }
    if let Some(alpha) = meta.references_to(*b"auxl", primary).find(|item| meta.is_alpha(*item)) {
        found.alpha = Some(meta.data(alpha)?);
        found.premultiplied = meta.references_to(*b"prem", alpha).any(|item| item == primary);
    }
    if let Some(item) = meta.references_to(*b"cdsc", primary).find(|item| meta.kind(*item) == Some(b"Exif")) {
        found.exif = meta.data(item).ok().and_then(tiff_of);
    }
    Ok(found)
}

/// An EXIF item without the offset before the TIFF header.
fn tiff_of(item: Cow<'_, [u8]>) -> Option<Cow<'_, [u8]>> {
    let start = 4 + u32_at(&item, 0)? as usize;
    if start >= item.len() {
        return None;
    }
    Some(match item {
        Cow::Borrowed(bytes) => Cow::Borrowed(&bytes[start..]),
        Cow::Owned(bytes) => Cow::Owned(bytes[start..].to_vec()),
    })
}

fn size(body: &[u8]) -> Option<Size<Stored>> {
    Some(Size::new(u32_at(body, 4)?, u32_at(body, 8)?))
}

fn colors(points: &[u8]) -> Option<Colors> {
    Some(Colors {
        primaries: u16_at(points, 0)?,
        transfer: u16_at(points, 2)?,
        matrix: u16_at(points, 4)?,
        full_range: points.get(6)? & 0x80 != 0,
    })
}

/// The boxes inside the `meta` box that are of use; empty where there is none.
struct Meta<'a> {
    file: &'a [u8],
    primary: Option<u32>,
    locations: &'a [u8],
    infos: &'a [u8],
    references: &'a [u8],
    properties: &'a [u8],
    associations: &'a [u8],
    inner: &'a [u8],
}

impl<'a> Meta<'a> {
    fn new(file: &'a [u8], body: &'a [u8]) -> Result<Self, CodecError> {
        let mut meta = Self {
            file,
            primary: None,
            locations: &[],
            infos: &[],
            references: &[],
            properties: &[],
            associations: &[],
            inner: &[],
        };
        for (kind, body) in boxes(body) {
            match &kind {
                b"pitm" => meta.primary = number(body, 4, if body.first() == Some(&0) { 2 } else { 4 }),
                b"iloc" => meta.locations = body,
                b"iinf" => meta.infos = body,
                b"iref" => meta.references = body,
                b"idat" => meta.inner = body,
                b"iprp" => {
                    for (kind, body) in boxes(body) {
                        match &kind {
                            b"ipco" => meta.properties = body,
                            b"ipma" => meta.associations = body,
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
        if meta.locations.is_empty() || meta.associations.is_empty() {
            return Err(broken("metadata without items"));
        }
        Ok(meta)
    }

    /// The type of an item.
    fn kind(&self, item: u32) -> Option<&'a [u8; 4]> {
        let start = if self.infos.first()? == &0 { 6 } else { 8 };
        let mut infos = boxes(self.infos.get(start..)?).filter(|(kind, _)| kind == b"infe");
        infos.find_map(|(_, body)| {
            let id_bytes = match body.first()? {
                2 => 2,
                3 => 4,
                _ => return None,
            };
            let is_it = number(body, 4, id_bytes)? == item;
            // A protection index stands between.
            is_it.then(|| body.get(4 + id_bytes + 2..)?.first_chunk()).flatten()
        })
    }

    /// Items with a reference of `kind` to `item`.
    fn references_to(&self, kind: [u8; 4], item: u32) -> impl Iterator<Item = u32> {
        let id_bytes = if self.references.first() == Some(&0) { 2 } else { 4 };
        let all = boxes(self.references.get(4..).unwrap_or_default()).take(MAX_REFERENCES);
        all.filter(move |(found, _)| *found == kind).filter_map(move |(_, body)| {
            let from = number(body, 0, id_bytes)?;
            let to = body.get(id_bytes + 2..)?;
            to.chunks_exact(id_bytes).any(|id| number(id, 0, id_bytes) == Some(item)).then_some(from)
        })
    }

    /// Types and contents of an item's properties.
    fn properties(&self, item: u32) -> impl Iterator<Item = ([u8; 4], &'a [u8])> {
        let indexes = self.property_indexes(item).unwrap_or_default();
        indexes.into_iter().filter_map(|index| boxes(self.properties).nth(index.checked_sub(1)?))
    }

    fn property_indexes(&self, item: u32) -> Option<Vec<usize>> {
        let (version, flags) = (self.associations.first()?, self.associations.get(3)?);
        let id_bytes = if *version == 0 { 2 } else { 4 };
        let index_bytes = if flags & 1 == 0 { 1 } else { 2 };
        let mut rest = self.associations.get(8..)?;
        for _ in 0..u32_at(self.associations, 4)? {
            let id = number(rest, 0, id_bytes)?;
            let count = usize::from(*rest.get(id_bytes)?);
            let (indexes, after) = rest.get(id_bytes + 1..)?.split_at_checked(count * index_bytes)?;
            if id == item {
                // The highest bit says that a reader must know the property.
                let index = |bytes: &[u8]| match *bytes {
                    [index] => usize::from(index & 0x7f),
                    [high, low] => usize::from(u16::from_be_bytes([high & 0x7f, low])),
                    _ => 0,
                };
                return Some(indexes.chunks_exact(index_bytes).map(index).collect());
            }
            rest = after;
        }
        None
    }

    fn is_alpha(&self, item: u32) -> bool {
        const NAMES: [&[u8]; 2] = [b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0", b"urn:mpeg:hevc:2015:auxid:1\0"];
        let mut properties = self.properties(item);
        let named = |body: &[u8]| NAMES.iter().any(|name| body.get(4..).is_some_and(|text| text.starts_with(name)));
        self.kind(item) == Some(b"av01") && properties.any(|(kind, body)| kind == *b"auxC" && named(body))
    }

    /// The bytes of an item, joined if they lie apart.
    fn data(&self, item: u32) -> Result<Cow<'a, [u8]>, CodecError> {
        let (source, extents) = self.extents(item).ok_or_else(|| broken("an item has no place in the file"))?;
        let mut data = Cow::Borrowed(&[][..]);
        for (start, length) in extents {
            let rest = source.get(start..).ok_or_else(|| broken("an item lies outside the file"))?;
            let part = if length == 0 { Some(rest) } else { rest.get(..length) };
            let part = part.ok_or_else(|| broken("an item reaches beyond the file"))?;
            if data.is_empty() {
                data = Cow::Borrowed(part);
            } else if data.len() + part.len() <= self.file.len() {
                data.to_mut().extend_from_slice(part);
            } else {
                return Err(broken("parts of an item overlap"));
            }
        }
        if data.is_empty() { Err(broken("an item is empty")) } else { Ok(data) }
    }

    /// Where an item lies: in which bytes, and there the start and length of each part; a length of 0 is the rest.
    fn extents(&self, item: u32) -> Option<Place<'a>> {
        let version = *self.locations.first()?;
        let sizes = self.locations.get(4..6)?;
        let (offset_bytes, length_bytes) = (usize::from(sizes[0] >> 4), usize::from(sizes[0] & 15));
        let base_bytes = usize::from(sizes[1] >> 4);
        let index_bytes = if version == 0 { 0 } else { usize::from(sizes[1] & 15) };
        let id_bytes = if version < 2 { 2 } else { 4 };
        let mut reader = Reader { rest: self.locations.get(6..)? };
        for _ in 0..reader.take(id_bytes)? {
            let id = reader.take(id_bytes)?;
            let method = if version == 0 { 0 } else { reader.take(2)? & 15 };
            reader.take(2)?; // a data reference; 0, this file, is all there is
            let base = reader.take(base_bytes)?;
            let mut extents = Vec::new();
            for _ in 0..reader.take(2)? {
                reader.take(index_bytes)?;
                let (offset, length) = (reader.take(offset_bytes)?, reader.take(length_bytes)?);
                if id == u64::from(item) {
                    extents.push((usize::try_from(base.checked_add(offset)?).ok()?, usize::try_from(length).ok()?));
                }
            }
            if id == u64::from(item) {
                let source = match method {
                    0 => self.file,
                    1 => self.inner,
                    _ => return None,
                };
                return Some((source, extents));
            }
        }
        None
    }
}

/// Bytes, and in them the start and length of each part.
type Place<'a> = (&'a [u8], Vec<(usize, usize)>);

/// Numbers one after the other.
struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    /// A number of so many bytes, at most 8; 0 of none.
    fn take(&mut self, bytes: usize) -> Option<u64> {
        let (number, rest) = self.rest.split_at_checked(bytes).filter(|_| bytes <= 8)?;
        self.rest = rest;
        Some(number.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
    }
}

/// All boxes in a row, up to the first that reaches beyond the end.
fn boxes(bytes: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let (kind, body, after) = split(rest)?;
        rest = after;
        Some((kind, body))
    })
}

/// The first box: its type, what is in it, what follows it.
fn split(bytes: &[u8]) -> Option<([u8; 4], &[u8], &[u8])> {
    let kind = *bytes.get(4..8)?.first_chunk()?;
    let (head, length) = match u32_at(bytes, 0)? {
        0 => (8, bytes.len()),
        1 => (16, usize::try_from(u64::from_be_bytes(*bytes.get(8..16)?.first_chunk()?)).ok()?),
        length => (8, length as usize),
    };
    let (this, after) = bytes.split_at_checked(length)?;
    Some((kind, this.get(head..)?, after))
}

/// A number of 2 or 4 bytes.
fn number(bytes: &[u8], at: usize, length: usize) -> Option<u32> {
    if length == 2 { u16_at(bytes, at).map(u32::from) } else { u32_at(bytes, at) }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().copied().map(u16::from_be_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().copied().map(u32::from_be_bytes)
}
