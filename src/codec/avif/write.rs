//! The boxes around AV1, written: one picture item, and where there are any its alpha plane and its EXIF block.

use super::obu::Sequence;

/// What goes into a file.
pub(super) struct Parts<'a> {
    /// Width and height.
    pub(super) size: (u32, u32),
    /// AV1 of the picture and what its sequence header says.
    pub(super) color: (&'a [u8], Sequence),
    /// The same of its alpha plane.
    pub(super) alpha: Option<(&'a [u8], Sequence)>,
    /// Luma only.
    pub(super) gray: bool,
    /// ICC profile.
    pub(super) icc: Option<&'a [u8]>,
    /// EXIF block, starting with the TIFF header.
    pub(super) exif: Option<&'a [u8]>,
}

/// The identity of the alpha plane.
const ALPHA: &[u8] = b"\0\0\0\0urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0";

/// sRGB primaries and transfer, BT.601 matrix, full range.
const COLORS: &[u8] = &[0, 1, 0, 13, 0, 6, 0x80];

/// A file; `None` if it would be larger than offsets of 4 bytes can tell.
pub(super) fn file(parts: &Parts) -> Option<Vec<u8>> {
    let exif = parts.exif.map(|exif| [&[0; 4], exif].concat());
    let mut items: Vec<Item> = vec![Item { kind: b"av01", data: parts.color.0, reference: None }];
    items.extend(parts.alpha.iter().map(|(data, _)| Item { kind: b"av01", data, reference: Some(b"auxl") }));
    items.extend(exif.iter().map(|data| Item { kind: b"Exif", data, reference: Some(b"cdsc") }));

    let head = boxed(*b"ftyp", &[b"avif\0\0\0\0avifmif1miafMA1B"]);
    // Offsets do not change the length of what they stand in.
    let metadata_bytes = metadata(parts, &items, 0)?.len();
    let start = u32::try_from(head.len() + metadata_bytes + 8).ok()?;
    let data: Vec<&[u8]> = items.iter().map(|item| item.data).collect();
    u32::try_from(data.iter().map(|part| part.len()).sum::<usize>()).ok()?.checked_add(start)?;
    Some([head, metadata(parts, &items, start)?, boxed(*b"mdat", &data)].concat())
}

/// An item. The first one is the picture; the others refer to it.
struct Item<'a> {
    kind: &'static [u8; 4],
    data: &'a [u8],
    reference: Option<&'static [u8; 4]>,
}

fn metadata(parts: &Parts, items: &[Item], mut start: u32) -> Option<Vec<u8>> {
    let count = u16::try_from(items.len()).ok()?.to_be_bytes();
    let (mut places, mut infos, mut references) = (Vec::new(), Vec::new(), Vec::new());
    for (id, item) in (1_u16..).zip(items) {
        let (id, length) = (id.to_be_bytes(), u32::try_from(item.data.len()).ok()?);
        // No data reference, one part.
        places.push([&id[..], &[0, 0, 0, 1], &start.to_be_bytes(), &length.to_be_bytes()].concat());
        infos.push(boxed(*b"infe", &[&[2, 0, 0, 0], &id, &[0, 0], item.kind, b"\0"]));
        references.extend(item.reference.map(|kind| boxed(*kind, &[&id, &[0, 1, 0, 1]])));
        start = start.checked_add(length)?;
    }
    let mut inner = vec![
        boxed(*b"hdlr", &[&[0; 8], b"pict", &[0; 13]]),
        boxed(*b"pitm", &[&[0, 0, 0, 0, 0, 1]]),
        boxed(*b"iloc", &[&[0, 0, 0, 0, 0x44, 0], &count, &places.concat()]),
        boxed(*b"iinf", &[&[0; 4], &count, &infos.concat()]),
    ];
    if !references.is_empty() {
        inner.push(boxed(*b"iref", &[&[0; 4], &references.concat()]));
    }
    inner.push(properties(parts));
    Some(boxed(*b"meta", &[&[0; 4], &inner.concat()]))
}

/// Each item's properties; those that a reader must know are marked by the highest bit.
fn properties(parts: &Parts) -> Vec<u8> {
    let (width, height) = parts.size;
    let depth = |channels: u8| boxed(*b"pixi", &[&[0, 0, 0, 0, channels], &vec![8; channels.into()]]);
    let mut all = vec![
        boxed(*b"ispe", &[&[0; 4], &width.to_be_bytes(), &height.to_be_bytes()]),
        depth(if parts.gray { 1 } else { 3 }),
        configuration(parts.color.1, parts.gray),
        boxed(*b"colr", &[b"nclx", COLORS]),
    ];
    let mut picture = vec![1, 2, 3 | 0x80, 4];
    if let Some(icc) = parts.icc {
        all.push(boxed(*b"colr", &[b"prof", icc]));
        picture.push(5);
    }
    let mut associations = vec![associated(1, &picture)];
    if let Some((_, sequence)) = parts.alpha {
        let first = u8::try_from(all.len() + 1).unwrap_or(0x7f); // at most 6
        all.extend([depth(1), configuration(sequence, true), boxed(*b"auxC", &[ALPHA])]);
        associations.push(associated(2, &[1, first, (first + 1) | 0x80, first + 2]));
    }
    let count = if parts.alpha.is_some() { 2 } else { 1 };
    let associations = boxed(*b"ipma", &[&[0, 0, 0, 0, 0, 0, 0, count], &associations.concat()]);
    boxed(*b"iprp", &[&boxed(*b"ipco", &[&all.concat()]), &associations])
}

fn associated(item: u8, properties: &[u8]) -> Vec<u8> {
    let count = u8::try_from(properties.len()).unwrap_or(u8::MAX); // at most 5
    [&[0, item, count], properties].concat()
}

/// 8 bit, 4:2:0 or gray, which counts as 4:2:0.
fn configuration(sequence: Sequence, gray: bool) -> Vec<u8> {
    let kind = 0b1100 | u8::from(gray) << 4;
    boxed(*b"av1C", &[&[0x81, sequence.profile << 5 | sequence.level, kind, 0]])
}

/// A box of a type and its contents.
pub(super) fn boxed(kind: [u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let length = 8 + parts.iter().map(|part| part.len()).sum::<usize>();
    let mut bytes = Vec::with_capacity(length);
    bytes.extend(u32::try_from(length).unwrap_or(0).to_be_bytes()); // 0: up to the end of the file
    bytes.extend(kind);
    for part in parts {
        bytes.extend_from_slice(part);
    }
    bytes
}
