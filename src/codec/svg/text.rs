//! The text of a drawing: unpacked, and refused if it is a bomb.

use super::{broken, refused};
use crate::codec::CodecError;
use flate2::read::GzDecoder;
use resvg::usvg::roxmltree::{Document, Node, ParsingOptions};
use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Read;

/// Most bytes of text after unpacking.
const MAX_BYTES: usize = 16 << 20;

/// Bytes in which the first element must stand.
const HEAD_BYTES: usize = 64 << 10;

/// Most bytes that entities can add, whatever refers to them.
const MAX_ENTITY_BYTES: usize = 4 << 20;

/// Most elements and texts as written.
const MAX_NODES: u32 = 250_000;

/// Most elements once everything that is used again and again stands where it is used.
const MAX_USES: u64 = 500_000;

/// Deepest nesting of elements, those inside of what they refer to included. Well over what drawing programs write, and
/// little enough for the stack of whoever draws.
const MAX_DEPTH: u32 = 200;

/// Most steps of matching rules of style with elements.
const MAX_STYLE_STEPS: usize = 20_000_000;

/// The first bytes of the text, unpacked if need be.
pub(super) fn beginning(file: &[u8]) -> Cow<'_, [u8]> {
    if !is_packed(file) {
        return Cow::Borrowed(&file[..file.len().min(HEAD_BYTES)]);
    }
    let mut text = Vec::new();
    // What is unpacked up to a fault counts: only the beginning is looked at.
    let _ = GzDecoder::new(file).take(HEAD_BYTES as u64).read_to_end(&mut text);
    Cow::Owned(text)
}

/// The whole text.
///
/// # Errors
/// If it is too long, broken, or not in UTF-8.
pub(super) fn whole(file: &[u8]) -> Result<Cow<'_, str>, CodecError> {
    let bytes = if is_packed(file) {
        let mut text = Vec::new();
        let read = GzDecoder::new(file).take(MAX_BYTES as u64 + 1).read_to_end(&mut text);
        read.map_err(|error| broken(format!("it cannot be unpacked: {error}")))?;
        Cow::Owned(text)
    } else {
        Cow::Borrowed(file)
    };
    if bytes.len() > MAX_BYTES {
        return Err(refused(format!("more than {MAX_BYTES} bytes of text")));
    }
    let not_utf8 = |_| broken("its text is not in UTF-8");
    Ok(match bytes {
        Cow::Borrowed(bytes) => Cow::Borrowed(std::str::from_utf8(bytes).map_err(not_utf8)?),
        Cow::Owned(bytes) => Cow::Owned(String::from_utf8(bytes).map_err(|error| not_utf8(error.utf8_error()))?),
    })
}

fn is_packed(file: &[u8]) -> bool {
    file.starts_with(&[0x1f, 0x8b])
}

/// The elements of a drawing, once they are known to be few enough.
///
/// # Errors
/// For text that is no XML, and for bombs: entities in entities or too much made of them, deep nesting, elements that
/// multiply by being used, more rules of style than can be matched.
pub(super) fn parse(text: &str) -> Result<Document<'_>, CodecError> {
    check_entities(text)?;
    let options = ParsingOptions { allow_dtd: true, nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).map_err(|error| broken(error.to_string()))?;
    check_references(&document)?;
    check_styles(&document)?;
    Ok(document)
}

/// Entities are replaced wherever a `&` stands: there may be few of the one or little of the other.
fn check_entities(text: &str) -> Result<(), CodecError> {
    if !text.contains("<!ENTITY") {
        return Ok(());
    }
    let found =
        super::head::prolog(text.as_bytes()).ok_or_else(|| broken("no end of what stands before the drawing"))?;
    let declared = found.doctype;
    if declared.windows(2).any(|pair| pair[0] == b'&' && pair[1] != b'#') {
        return Err(refused("entities inside of entities"));
    }
    let references = found.root.split(|byte| *byte == b'&').count() - 1;
    if references.saturating_mul(declared.len()) > MAX_ENTITY_BYTES {
        return Err(refused(format!("{references} references to entities")));
    }
    Ok(())
}

/// Rules are matched with every element.
fn check_styles(document: &Document) -> Result<(), CodecError> {
    let styles = document.descendants().filter(|node| node.has_tag_name("style") || node.tag_name().name() == "style");
    let rules: usize = styles.filter_map(|node| node.text()).map(|text| text.matches(['{', ',']).count()).sum();
    let elements = document.descendants().filter(Node::is_element).count();
    if rules.saturating_mul(elements) > MAX_STYLE_STEPS {
        return Err(refused(format!("{rules} rules of style for {elements} elements")));
    }
    Ok(())
}

/// What is known of an element.
#[derive(Clone, Copy)]
enum Weight {
    /// It is being weighed: whoever refers to it now makes a circle, which the renderer leaves out.
    Open,
    /// Levels and elements of it and everything inside.
    Known(u32, u64),
}

/// Weighs every element with what it holds and what it refers to.
fn check_references(document: &Document) -> Result<(), CodecError> {
    let named: HashMap<&str, Node> =
        document.descendants().filter_map(|node| node.attribute("id").map(|id| (id, node))).collect();
    let mut weights: HashMap<_, Weight> = HashMap::new();
    // Without recursion: what there is to look at in each element, and its weight so far.
    let mut stack = vec![(document.root(), inside(document.root(), &named), 0_u32, 1_u64)];
    weights.insert(document.root().id(), Weight::Open);
    while let Some((node, rest, depth, count)) = stack.last_mut() {
        let node = node.id();
        if let Some(next) = rest.pop() {
            match weights.get(&next.id()) {
                Some(Weight::Open) => {}
                Some(&Weight::Known(levels, elements)) => {
                    *depth = (*depth).max(levels);
                    *count = count.saturating_add(elements);
                }
                None => {
                    weights.insert(next.id(), Weight::Open);
                    stack.push((next, inside(next, &named), 0, 1));
                }
            }
            continue;
        }
        let (depth, count) = (*depth + 1, *count);
        if depth > MAX_DEPTH || count > MAX_USES {
            return Err(refused(format!("elements nested {depth} deep and used {count} times")));
        }
        weights.insert(node, Weight::Known(depth, count));
        stack.pop();
        if let Some((_, _, outer_depth, outer_count)) = stack.last_mut() {
            *outer_depth = (*outer_depth).max(depth);
            *outer_count = outer_count.saturating_add(count);
        }
    }
    Ok(())
}

/// An element's children and all elements that its attributes name.
fn inside<'a, 'input>(node: Node<'a, 'input>, named: &HashMap<&str, Node<'a, 'input>>) -> Vec<Node<'a, 'input>> {
    let mut found: Vec<_> = node.children().filter(Node::is_element).collect();
    for attribute in node.attributes() {
        // `#name` in links, `url(#name)` in everything else.
        for part in attribute.value().split('#').skip(1).take(16) {
            let name = part.split([')', '"', '\'', ' ']).next().unwrap_or(part);
            found.extend(named.get(name).copied());
        }
    }
    found
}
