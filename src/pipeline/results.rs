//! Renditions kept outside of memory: where each of them lies, how it is written, and what leads from a source to it.

use super::entity::fingerprint;
use super::{CacheKey, Rendition};
use crate::codec::{self, Format};
use crate::config::Config;
use crate::metrics;
use crate::originals::Pick;
use crate::recipe::{OutputSpec, Video};
use crate::request::{self, Access, ImageRequest};
use crate::storage::{CONTENT_TYPE, Counts, Entry, Meta, StorageError, Store, Variant};
use bytes::Bytes;
use futures_util::stream::TryStreamExt as _;
use serde::{Deserialize, Serialize};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const ETAG: &str = "etag";
const MADE_AT: &str = "made";
const MAX_AGE: &str = "max-age";
const NEGOTIATED: &str = "negotiated";
const IGNORED_FILTERS: &str = "ignored-filters";
const SETTINGS: &str = "settings";

/// The result storage.
#[derive(Debug)]
pub(super) struct Results {
    store: Store,
    stores_unsafe: bool,
    expiration: Option<Duration>,
    /// How long after that a result may stand in for one whose source fails.
    stale_if_error: Duration,
    /// What results made under other settings do not have.
    settings: String,
    namespaces: Namespaces,
}

/// The path that names a request's result.
///
/// Storages of Thumbor take the escapes off such paths. A request that would then read as another one, such as that for
/// an image named `100x100/a.jpg`, gets a name that no path of a request begins with.
fn path_of(request: &ImageRequest) -> String {
    let path = request.to_string();
    let means_the_same = request::parse(&unescaped(&path)).is_ok_and(|read| read.to_string() == path);
    if means_the_same { format!("/{path}") } else { format!("/-/escaped/{}", path.replace('%', "%25")) }
}

/// The path with plain characters in place of their escapes, as far as a path may hold them.
fn unescaped(path: &str) -> String {
    let mut parts = path.split('%');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) if byte.is_ascii_graphic() && byte != b'%' => {
                text.push(byte.into());
                text.push_str(&part[2..]);
            }
            _ => text.extend(["%", part]),
        }
    }
    text
}

/// Where a rendition lies.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Shelfmark {
    key: String,
    /// The id of its source.
    image: String,
}

/// What is kept below a source's hash for each of its results.
#[derive(Debug, Deserialize, Serialize)]
struct Lead {
    image: String,
    result: String,
}

/// How clients are told apart that get different answers for one URL.
#[derive(Clone, Copy, Debug)]
struct Namespaces {
    negotiates: bool,
    webp_alone: bool,
    png_to_jpg: bool,
}

impl Results {
    pub(super) fn new(store: Store, config: &Config) -> Self {
        let policy = &config.policy;
        let webp_alone =
            policy.auto_preference.is_empty() && policy.auto_formats().iter().all(|auto| *auto == Format::WebP);
        let namespaces = Namespaces {
            negotiates: policy.negotiates(),
            webp_alone: webp_alone && !policy.auto_png_to_jpg,
            png_to_jpg: policy.auto_png_to_jpg,
        };
        Self {
            store,
            stores_unsafe: config.results.stores_unsafe,
            expiration: config.results.expiration,
            stale_if_error: config.originals.stale_if_error,
            settings: fingerprint(config),
            namespaces,
        }
    }

    /// Where the rendition of a request lies; `None` if it is not to be stored.
    pub(super) fn mark(&self, request: &ImageRequest, key: &CacheKey, output: &OutputSpec) -> Option<Shelfmark> {
        let refused = request.access == Access::Unsafe && !self.stores_unsafe;
        if refused || request.meta || !key.forwarded.is_empty() {
            return None;
        }
        let accepted = accepted(&output.offered);
        let variant = Variant {
            namespace: &self.namespaces.of(&accepted),
            suffix: (!accepted.is_empty()).then_some(accepted.as_str()),
        };
        let key = self.store.layout.result(&path_of(request), variant);
        Some(Shelfmark { key, image: request.image.as_str().to_owned() })
    }

    /// The rendition that lies there, if there is one that has not expired.
    pub(super) async fn get(&self, mark: &Shelfmark) -> Option<Rendition> {
        self.read(mark, self.expiration).await
    }

    /// The rendition that lies there although it has expired, unless that was too long ago to use it even where its
    /// source fails.
    pub(super) async fn spare(&self, mark: &Shelfmark) -> Option<Rendition> {
        let until = self.expiration?.saturating_add(self.stale_if_error);
        Some(Rendition { stale: true, ..self.read(mark, Some(until)).await? })
    }

    async fn read(&self, mark: &Shelfmark, max_age: Option<Duration>) -> Option<Rendition> {
        let entry = self.store.shelf.get(&mark.key).await?;
        let age = SystemTime::now().duration_since(entry.stored_at).unwrap_or_default();
        if max_age.is_some_and(|max_age| age > max_age) {
            return None;
        }
        if entry.meta.get(SETTINGS).is_some_and(|settings| *settings != self.settings) {
            return None;
        }
        if entry.meta.contains_key(MADE_AT) {
            written(entry, &mark.image)
        } else {
            found(entry, &mark.image, self.namespaces.negotiates)
        }
    }

    /// Stores a rendition later.
    pub(super) fn put_later(&self, mark: Shelfmark, rendition: &Rendition) {
        let lead = self.store.layout.by_source(&mark.image, &mark.key);
        let to = Lead { image: mark.image, result: mark.key.clone() };
        let to = serde_json::to_vec(&to).expect("plain values always serialize");
        let words = words(rendition, &self.settings);
        metrics::result_written(rendition.body.len() as u64);
        // The lead first: no result is ever there that a purge does not find.
        self.store.shelf.put_later(vec![(lead, to.into(), Meta::new()), (mark.key, rendition.body.clone(), words)]);
    }

    /// Removes all results of these sources; how many there were.
    ///
    /// # Errors
    /// The storage's.
    pub(super) async fn forget(&self, pick: &Pick) -> Result<usize, StorageError> {
        let Store { shelf: kept, layout, .. } = &self.store;
        let leads = match pick {
            Pick::Image(id) => Some(layout.all_by_source(Some(id))),
            Pick::Prefix(_) => Some(layout.all_by_source(None)),
            Pick::Tag(tag) => layout.by_tag(tag),
        };
        let Some(leads) = leads else { return Ok(0) };
        kept.settle().await; // what was kept before this is there to be found
        let mut leads = kept.storage().list(&leads);
        let mut removed = 0;
        while let Some(lead) = leads.try_next().await? {
            let Some(entry) = kept.storage().get(&lead).await? else { continue };
            let Ok(to) = serde_json::from_slice::<Lead>(&entry.body) else { continue };
            if pick.takes(&to.image) {
                removed += usize::from(kept.remove(&to.result).await?);
                kept.remove(&lead).await?;
            }
        }
        Ok(removed)
    }

    /// What happened to the storage so far.
    pub(super) fn counts(&self) -> Counts {
        self.store.shelf.counts()
    }

    /// Waits until all that has to be stored is.
    pub(super) async fn settle(&self) {
        self.store.shelf.settle().await;
    }
}

impl Namespaces {
    /// Thumbor's folder for clients that accept these formats.
    fn of(self, accepted: &str) -> String {
        match (accepted, self.webp_alone) {
            ("", true) => "default".into(),
            (_, true) => "auto_webp".into(),
            (_, false) => {
                let png = if self.png_to_jpg { "png_to_jpg" } else { "preserve" };
                format!("auto_format_v1_flags_{png}_{}", if accepted.is_empty() { "default" } else { accepted })
            }
        }
    }
}

/// Names of formats, joined as Thumbor joins them.
fn accepted(offered: &[Format]) -> String {
    let name = |format: &Format| codec::of(*format).names.first().copied().unwrap_or("other");
    offered.iter().map(name).collect::<Vec<_>>().join("-")
}

/// What belongs to a rendition beside its bytes.
fn words(rendition: &Rendition, settings: &str) -> Meta {
    let text = |bytes: &Bytes| String::from_utf8_lossy(bytes).into_owned();
    let ignored = &rendition.ignored_filters;
    let made_at = rendition.made_at.duration_since(UNIX_EPOCH).unwrap_or_default();
    let words = [
        (CONTENT_TYPE, Some(rendition.mime.to_owned())),
        (ETAG, Some(text(&rendition.etag))),
        (MADE_AT, Some(made_at.as_secs().to_string())),
        (MAX_AGE, rendition.max_age_s.map(|seconds| seconds.to_string())),
        (NEGOTIATED, rendition.negotiated.then(String::new)),
        (SETTINGS, Some(settings.to_owned())),
        (IGNORED_FILTERS, (!ignored.is_empty()).then(|| serde_json::Value::from(ignored.clone()).to_string())),
    ];
    words.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// A rendition that was written here; `None` if what is said beside it makes no sense.
fn written(entry: Entry, image: &str) -> Option<Rendition> {
    let word = |name| entry.meta.get(name).map(String::as_str);
    let videos = [Video::Mp4, Video::WebM].map(Video::mime);
    let mime = codec::CODECS.iter().map(|def| def.mime).chain(videos).find(|mime| Some(*mime) == word(CONTENT_TYPE))?;
    let ignored_filters = word(IGNORED_FILTERS).map_or(Some(Vec::new()), |json| serde_json::from_str(json).ok())?;
    let etag = word(ETAG)?.to_owned().into();
    Some(Rendition {
        etag,
        max_age_s: word(MAX_AGE).map_or(Some(None), |text| text.parse().ok().map(Some))?,
        negotiated: word(NEGOTIATED).is_some(),
        ignored_filters,
        made_at: UNIX_EPOCH + Duration::from_secs(word(MADE_AT)?.parse().ok()?),
        ..Rendition::found(entry.body, mime, entry.stored_at, image)
    })
}

/// A rendition that Thumbor or `tc_aws` have stored, which say nothing or little of it.
fn found(entry: Entry, image: &str, negotiates: bool) -> Option<Rendition> {
    let mime = codec::CODECS.iter().find(|def| (def.sniff)(&entry.body))?.mime;
    Some(Rendition { negotiated: negotiates, ..Rendition::found(entry.body, mime, entry.stored_at, image) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::StoragesConfig;
    use crate::recipe::Policy;
    use crate::request::parse;
    use crate::storage::{Layout, MemoryStorage};
    use std::sync::Arc;

    fn results(layout: Layout, policy: &Policy) -> Results {
        let store = Store::new(Arc::new(MemoryStorage::default()), layout, &StoragesConfig::default());
        let mut config = Config { policy: policy.clone(), ..Config::default() };
        config.results.stores_unsafe = true;
        Results::new(store, &config)
    }

    fn key(results: &Results, path: &str, offered: &[Format]) -> Option<String> {
        let (request, output) =
            (parse(path).unwrap(), OutputSpec { offered: offered.to_vec(), ..OutputSpec::default() });
        let key = CacheKey::of(&request, &output, crate::loader::Forwarded::default());
        results.mark(&request, &key, &output).map(|mark| mark.key)
    }

    #[test]
    fn requests_that_read_alike_without_escapes_lie_apart() {
        let results = results(Layout::Hashed, &Policy::default());
        let key = |path: &str| key(&results, path, &[]).unwrap();
        for (plain, escaped) in [
            ("/unsafe/100x100/a.jpg", "/unsafe/100%78100/a.jpg"),
            ("/unsafe/smart/a.jpg", "/unsafe/s%6Dart/a.jpg"),
            ("/unsafe/filters:f(a)/b)/i.jpg", "/unsafe/filters:f(a%29/b)/i.jpg"),
            ("/unsafe/100%2578100/a.jpg", "/unsafe/100%78100/a.jpg"),
        ] {
            assert_ne!(key(plain), key(escaped), "{escaped}");
        }
        assert_eq!(key("/unsafe/9x9/a%20b.jpg"), key("/unsafe/9x9/%61%20b.jpg"));
        let of_thumbor = results.store.layout.result("/unsafe/9x9/http%3A//h/\u{e9} b.jpg", variant());
        assert_eq!(key("/unsafe/9x9/http%3A//h/%C3%A9%20b.jpg"), of_thumbor);
    }

    fn variant() -> Variant<'static> {
        Variant { namespace: "default", suffix: None }
    }

    #[test]
    fn clients_are_told_apart_as_thumbor_does() {
        let check = |policy: Policy, offered: &[Format], namespace: &str| {
            let key = key(&results(Layout::Hashed, &policy), "/unsafe/a.jpg", offered).unwrap();
            assert_eq!(key.split('/').next(), Some(namespace), "{policy:?}");
        };
        let (webp, avif) =
            (Policy { auto_webp: true, ..Policy::default() }, Policy { auto_avif: true, ..Policy::default() });
        let png_to_jpg = Policy { auto_png_to_jpg: true, ..Policy::default() };
        check(Policy::default(), &[], "default");
        check(webp.clone(), &[], "default");
        check(webp.clone(), &[Format::WebP], "auto_webp");
        check(avif.clone(), &[], "auto_format_v1_flags_preserve_default");
        check(avif, &[Format::Avif], "auto_format_v1_flags_preserve_avif");
        check(
            Policy { auto_avif: true, ..webp.clone() },
            &[Format::WebP, Format::Avif],
            "auto_format_v1_flags_preserve_webp-avif",
        );
        check(png_to_jpg, &[], "auto_format_v1_flags_png_to_jpg_default");
    }

    #[test]
    fn keys_come_from_the_one_spelling_of_a_request() {
        let hashed = results(Layout::Hashed, &Policy::default());
        let of = |path| key(&hashed, path, &[]);
        assert_eq!(
            of("/unsafe/300x200/http://h/a%20b.jpg"),
            of("/unsafe/300x200/center/middle/http%3A%2F%2Fh/a%20b.jpg")
        );
        assert_ne!(of("/unsafe/300x200/a.jpg"), of("/unsafe/300x201/a.jpg"));
        assert_eq!(of("/unsafe/meta/300x200/a.jpg"), None);
        let named = results(Layout::Named { root: "r".into(), randomized: false }, &Policy::default());
        assert_eq!(key(&named, "/unsafe/300x200/a%20b.jpg", &[]).unwrap(), "r/unsafe/300x200/a%20b.jpg");
        assert_eq!(key(&named, "/unsafe/a.jpg", &[Format::WebP]).unwrap(), "r/unsafe/a.jpg/webp");
    }

    #[test]
    fn a_rendition_comes_back_as_it_was() {
        let made_at = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        let rendition = Rendition {
            etag: "\"tag\"".into(),
            max_age_s: Some(0),
            negotiated: true,
            ignored_filters: vec!["a,b".into(), "grün".into()],
            ..Rendition::found("bytes".into(), "image/webp", made_at, "a.jpg")
        };
        let entry = Entry {
            body: rendition.body.clone(),
            meta: words(&rendition, "fingerprint"),
            stored_at: SystemTime::now(),
        };
        let back = written(entry.clone(), "a.jpg").unwrap();
        assert_eq!(format!("{back:?}"), format!("{rendition:?}"));
        for (word, nonsense) in [(CONTENT_TYPE, "text/html"), (MAX_AGE, "x"), (MADE_AT, ""), (IGNORED_FILTERS, "a")] {
            let mut entry = entry.clone();
            entry.meta.insert(word.into(), nonsense.into());
            assert!(written(entry, "a.jpg").is_none(), "{word}");
        }
        let unknown = Entry { body: "no picture".into(), meta: Meta::new(), stored_at: made_at };
        assert!(found(unknown, "a.jpg", false).is_none());
    }
}
