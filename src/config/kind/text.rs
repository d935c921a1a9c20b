//! Texts with a form, and lists.

use super::{Given, Kind, is_none, quoted};
use crate::config::Secret;
use crate::request::AskedSize;
use ipnet::IpNet;
use std::marker::PhantomData;
use std::net::IpAddr;
use std::path::PathBuf;

/// A text that an HTTP header can carry.
pub(in crate::config) struct HeaderText;

impl Kind for HeaderText {
    type Out = String;

    fn expected() -> String {
        "a text of plain ASCII characters".into()
    }

    fn parse(given: &Given) -> Option<String> {
        let text = given.one()?;
        let plain = !text.is_empty() && text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        plain.then(|| text.to_owned())
    }

    fn show(out: &String) -> String {
        quoted(out)
    }
}

/// The name of a header of HTTP, in lower case.
pub(in crate::config) struct HeaderName;

impl Kind for HeaderName {
    type Out = String;

    fn expected() -> String {
        "the name of a header such as X-Tenant".into()
    }

    fn parse(given: &Given) -> Option<String> {
        Some(given.one()?.parse::<reqwest::header::HeaderName>().ok()?.as_str().to_owned())
    }

    fn show(out: &String) -> String {
        quoted(out)
    }
}

/// An address that begins with its scheme, and has no path of its own.
pub(in crate::config) struct HttpUrl;

impl Kind for HttpUrl {
    type Out = String;

    fn expected() -> String {
        "an address such as https://objects.example.com or http://127.0.0.1:9000".into()
    }

    fn parse(given: &Given) -> Option<String> {
        let text = given.one()?.trim_end_matches('/');
        let url = reqwest::Url::parse(text).ok()?;
        let plain = matches!(url.scheme(), "http" | "https") && url.has_host() && url.query().is_none();
        plain.then(|| text.to_owned())
    }

    fn show(out: &String) -> String {
        quoted(out)
    }
}

/// Any text, also none; spaces around it do not count.
pub(in crate::config) struct Text;

impl Kind for Text {
    type Out = String;

    fn expected() -> String {
        "a text".into()
    }

    fn parse(given: &Given) -> Option<String> {
        given.one().map(ToOwned::to_owned)
    }

    fn show(out: &String) -> String {
        quoted(out)
    }
}

/// A size as it stands in a URL.
pub(in crate::config) struct AllowedSize;

impl Kind for AllowedSize {
    type Out = AskedSize;

    fn expected() -> String {
        "a size such as 300x200, 600x0 or 0x0".into()
    }

    fn parse(given: &Given) -> Option<AskedSize> {
        AskedSize::read(given.one()?)
    }

    fn show(out: &AskedSize) -> String {
        quoted(&out.to_string())
    }
}

/// A regular expression of the `regex` crate.
pub(in crate::config) struct Pattern;

impl Kind for Pattern {
    type Out = String;

    fn expected() -> String {
        "a regular expression".into()
    }

    fn parse(given: &Given) -> Option<String> {
        let text = given.one()?;
        (!text.is_empty() && regex::Regex::new(text).is_ok()).then(|| text.to_owned())
    }

    fn show(out: &String) -> String {
        quoted(out)
    }
}

/// The value of a header, or `false` for none.
pub(in crate::config) struct MaybeHeader;

impl Kind for MaybeHeader {
    type Out = Option<String>;

    fn expected() -> String {
        format!("{} or false", HeaderText::expected())
    }

    fn parse(given: &Given) -> Option<Self::Out> {
        let off = |text: &str| is_none(text) || text.eq_ignore_ascii_case("false");
        if given.one().is_some_and(off) { Some(None) } else { HeaderText::parse(given).map(Some) }
    }

    fn show(out: &Self::Out) -> String {
        out.as_deref().map_or_else(|| "false".into(), quoted)
    }
}

/// A word that CDNs know pictures by.
pub(in crate::config) struct CacheTag;

impl Kind for CacheTag {
    type Out = String;

    fn expected() -> String {
        "a word of at most 128 plain ASCII characters without spaces and commas".into()
    }

    fn parse(given: &Given) -> Option<String> {
        let tag = given.one()?;
        let plain = tag.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',');
        (plain && (1..=128).contains(&tag.len())).then(|| tag.to_owned())
    }

    fn show(out: &String) -> String {
        quoted(out)
    }
}

/// A path of URLs, in plain characters; slashes around it do not count.
pub(in crate::config) struct UrlPath;

impl Kind for UrlPath {
    type Out = String;

    fn expected() -> String {
        "a path of letters, digits, -, _, . and /".into()
    }

    fn parse(given: &Given) -> Option<String> {
        let path = given.one()?.trim_matches('/');
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
        let taken = matches!(path.split('/').next(), Some("" | "-" | "blacklist" | "healthcheck" | "image" | "unsafe"));
        (path.bytes().all(plain) && !taken).then(|| path.to_owned())
    }

    fn show(out: &String) -> String {
        quoted(out)
    }
}

/// A path of the file system, relative to the working directory.
pub(in crate::config) struct Path;

impl Kind for Path {
    type Out = PathBuf;

    fn expected() -> String {
        "a path".into()
    }

    fn parse(given: &Given) -> Option<PathBuf> {
        given.one().filter(|text| !text.is_empty()).map(PathBuf::from)
    }

    fn show(out: &PathBuf) -> String {
        quoted(&out.to_string_lossy())
    }
}

/// An IP address.
pub(in crate::config) struct Address;

impl Kind for Address {
    type Out = IpAddr;

    fn expected() -> String {
        "an IP address such as 0.0.0.0 or ::1".into()
    }

    fn parse(given: &Given) -> Option<IpAddr> {
        match given.one()? {
            "localhost" => Some(IpAddr::from([127, 0, 0, 1])),
            text => text.trim_start_matches('[').trim_end_matches(']').parse().ok(),
        }
    }

    fn show(out: &IpAddr) -> String {
        quoted(&out.to_string())
    }
}

/// The name of a function in JavaScript.
pub(in crate::config) struct FunctionName;

impl Kind for FunctionName {
    type Out = String;

    fn expected() -> String {
        "the name of a function".into()
    }

    fn parse(given: &Given) -> Option<String> {
        given.one().filter(|name| crate::request::is_function_name(name)).map(ToOwned::to_owned)
    }

    fn show(out: &String) -> String {
        quoted(out)
    }
}

/// A list of something, as a TOML array or separated by commas.
pub(in crate::config) struct List<K>(PhantomData<K>);

impl<K: Kind> Kind for List<K> {
    type Out = Vec<K::Out>;
    const SECRET: bool = K::SECRET;

    fn expected() -> String {
        format!("a list, each {}", K::expected())
    }

    fn parse(given: &Given) -> Option<Self::Out> {
        let items = match given {
            Given::Many(items) => items.clone(),
            Given::One(text) => split(text),
        };
        items.into_iter().map(|item| K::parse(&Given::One(item))).collect()
    }

    fn show(out: &Self::Out) -> String {
        format!("[{}]", out.iter().map(K::show).collect::<Vec<_>>().join(", "))
    }
}

/// The items of a list in text: `a, b`, and also as Python and JSON write it, `['a', "b"]`. Commas in quotes stay.
fn split(text: &str) -> Vec<String> {
    let text = text.trim();
    let inner = |open, close| text.strip_prefix(open)?.strip_suffix(close).map(str::trim);
    let is_list =
        |inner: &&str| inner.is_empty() || ["'", "\"", "r'", "r\""].iter().any(|open| inner.starts_with(open));
    let text = inner('[', ']').or_else(|| inner('(', ')')).filter(is_list).unwrap_or(text);
    let (mut items, mut item, mut quote) = (Vec::new(), String::new(), None);
    for c in text.chars() {
        match quote {
            Some(open) if open == c => quote = None,
            // Python's raw texts are taken as they are, and so are all others.
            None if matches!(c, '\'' | '"') && matches!(item.trim(), "" | "r") => {
                item.clear();
                quote = Some(c);
            }
            None if c == ',' => items.push(std::mem::take(&mut item)),
            _ => item.push(c),
        }
    }
    items.push(item);
    items.into_iter().map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect()
}

/// A list of names, or Python's `False` for an empty one.
pub(in crate::config) struct Buckets;

impl Kind for Buckets {
    type Out = Vec<String>;

    fn expected() -> String {
        "a list of names of buckets".into()
    }

    fn parse(given: &Given) -> Option<Self::Out> {
        let none = |text: &str| is_none(text) || text.eq_ignore_ascii_case("false");
        if given.one().is_some_and(none) { Some(Vec::new()) } else { List::<Text>::parse(given) }
    }

    fn show(out: &Self::Out) -> String {
        List::<Text>::show(out)
    }
}

/// A text that never shows.
pub(in crate::config) struct Hidden;

impl Kind for Hidden {
    type Out = Secret;
    const SECRET: bool = true;

    fn expected() -> String {
        "a text".into()
    }

    fn parse(given: &Given) -> Option<Secret> {
        match given {
            Given::One(text) => Some(Secret::new(text)),
            Given::Many(_) => None,
        }
    }

    fn show(out: &Secret) -> String {
        quoted(if out.reveal().is_empty() { "" } else { "***" })
    }
}

/// A network in CIDR notation, or one address.
pub(in crate::config) struct Network;

impl Kind for Network {
    type Out = IpNet;

    fn expected() -> String {
        "a network such as 10.0.0.0/8 or fd00::/8, or an address".into()
    }

    fn parse(given: &Given) -> Option<IpNet> {
        let text = given.one()?;
        text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
    }

    fn show(out: &IpNet) -> String {
        quoted(&out.to_string())
    }
}

/// A color as six hexadecimal digits.
pub(in crate::config) struct HexColor;

impl Kind for HexColor {
    type Out = [u8; 3];

    fn expected() -> String {
        "a color as six hexadecimal digits, such as ffffff".into()
    }

    fn parse(given: &Given) -> Option<[u8; 3]> {
        let digits = given.one()?.trim_start_matches('#');
        let valid = digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let [_, red, green, blue] = u32::from_str_radix(digits, 16).ok().filter(|_| valid)?.to_be_bytes();
        Some([red, green, blue])
    }

    fn show([red, green, blue]: &[u8; 3]) -> String {
        quoted(&format!("{red:02x}{green:02x}{blue:02x}"))
    }
}
