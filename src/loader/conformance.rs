//! What every loader must do, whatever it reads from.

use super::{Conditions, LoadError, Loaded, Loader, Validators};
use bytes::Bytes;
use std::time::SystemTime;

/// Most bytes that the loader under test may give.
pub(crate) const LIMIT_BYTES: u64 = 1000;

/// Names and bodies that the loader under test must hold.
pub(crate) fn originals() -> Vec<(String, Bytes)> {
    let named = |name: &str| (name.to_owned(), Bytes::from(format!("body of {name}")));
    let sized = |name: &str, len: usize| (name.to_owned(), Bytes::from(vec![7; len]));
    vec![
        named("photo.jpg"),
        named("no-extension"),
        named("UPPER.JPG"),
        named("folder/a b.jpg"),
        named("maracujá.jpg"),
        named("日本/写真.png"),
        named("100%.jpg"),
        named("a%20b.jpg"),
        named("a,b;c=d.jpg"),
        named("amp&q.jpg"),
        named("paren(1).jpg"),
        named("it's \"here\" #1?.jpg"),
        named("plus+sign.jpg"),
        named("~tilde_-.jpg"),
        sized("full.bin", 1000),
        sized("large.bin", 1001),
    ]
}

/// Ids of files outside of the root, or of nothing at all, in every spelling that a URL can bring.
pub(crate) const OUTSIDE: &[&str] = &[
    "..",
    "../",
    "../secret.txt",
    "../../secret.txt",
    "../../../../../../../../etc/passwd",
    "folder/../../secret.txt",
    "folder/../../../../../../etc/passwd",
    "./../secret.txt",
    "/../secret.txt",
    "//../secret.txt",
    "..//secret.txt",
    "../sibling/secret.txt",
    "../root-sibling/secret.txt",
    "/etc/passwd",
    "//etc/passwd",
    "%2Fetc/passwd",
    "%2Fetc%2Fpasswd",
    "..%2Fsecret.txt",
    "..%2fsecret.txt",
    "%2E%2E/secret.txt",
    "%2e%2e/secret.txt",
    "%2e%2e%2fsecret.txt",
    ".%2e/secret.txt",
    "%252e%252e%252fsecret.txt",
    "%252E%252E/secret.txt",
    "..%252fsecret.txt",
    "%25252e%25252e/secret.txt",
    "..%5Csecret.txt",
    "..\\secret.txt",
    "%5C..%5Csecret.txt",
    "folder%5C..%5C..%5Csecret.txt",
    "%5Cetc%5Cpasswd",
    "..%C0%AFsecret.txt",
    "%C0%AE%C0%AE/secret.txt",
    "%E0%80%AE%E0%80%AE/secret.txt",
    "..%E2%88%95secret.txt",
    "%EF%BC%8E%EF%BC%8E/secret.txt",
    "....//secret.txt",
    "..../secret.txt",
    "..%3B/secret.txt",
    "..%00/secret.txt",
    "photo.jpg%00",
    "%00",
    "%00photo.jpg",
    "photo.jpg%00.png",
    "..%0A/secret.txt",
    "..%0D%0A/secret.txt",
    "..%09/secret.txt",
    ".. /secret.txt",
    "..%20/secret.txt",
    "...",
    "file%3A///etc/passwd",
    "file%3A//localhost/etc/passwd",
    "C%3A/windows/win.ini",
    "C%3A%5Cwindows%5Cwin.ini",
    "%5C%5Cserver%5Cshare%5Cfile",
    "~/secret.txt",
    "~root/secret.txt",
    "$HOME/secret.txt",
    "%24%7BHOME%7D/secret.txt",
    "/proc/self/environ",
    "proc/self/environ",
    "/dev/zero",
    "dev/stdin",
];

/// Runs the contract. `id_of` makes an id of a name; `prefix` stands before what is an id already, as
/// `http%3A//host/` does for an HTTP loader.
///
/// # Panics
/// When the loader breaks it.
pub(crate) async fn run(loader: &dyn Loader, prefix: &str, id_of: impl Fn(&str) -> String) {
    for (name, body) in originals() {
        let id = id_of(&name);
        match loader.load(&id, &Conditions::default()).await.and_then(Loaded::whole) {
            Ok(original) => {
                assert!(body.len() as u64 <= LIMIT_BYTES, "{loader} gave `{id}`, which is too large");
                assert_eq!(original.body, body, "{loader} gave another body for `{id}`");
                assert!(!original.facts.no_store, "{loader} forbids keeping `{id}`");
                check_conditions(loader, &id, original.facts.validators, &body).await;
            }
            Err(LoadError::TooLarge { limit_bytes: LIMIT_BYTES }) => {
                assert!(body.len() as u64 > LIMIT_BYTES, "{loader} found `{id}` too large");
            }
            Err(error) => panic!("{loader} failed for `{id}`: {error:?}"),
        }
    }
    let missing =
        ["missing.jpg", "photo.jpg/x", "photo", "PHOTO.JPG", "folder/missing.jpg", "a%2520b.png", "photo.jpg%20"];
    for id in missing.iter().chain(OUTSIDE).map(|id| format!("{prefix}{id}")) {
        match loader.load(&id, &Conditions::default()).await {
            Err(LoadError::NotFound | LoadError::InvalidId { .. }) => {}
            other => panic!("{loader} answered `{id}` with {other:?}"),
        }
    }
    assert!(!loader.to_string().is_empty());
}

/// Who knows the original is told that it is unchanged; who knows another one gets it.
async fn check_conditions(loader: &dyn Loader, id: &str, validators: Validators, body: &Bytes) {
    assert!(!validators.is_empty(), "{loader} tells nothing that `{id}` could be asked for again with");
    let load = async |known: Validators| loader.load(id, &Conditions { known, ..Conditions::default() }).await;
    let only_tag = Validators { last_modified: None, ..validators.clone() };
    let only_time = Validators { etag: None, ..validators.clone() };
    for known in [validators.clone(), only_tag, only_time].into_iter().filter(|known| !known.is_empty()) {
        let again = load(known.clone()).await;
        assert!(matches!(again, Ok(Loaded::Unchanged(_))), "{loader}: `{id}` known as {known:?}: {again:?}");
    }
    let other_tag = Validators { etag: Some("\"another\"".into()), last_modified: None };
    let long_ago = Validators { etag: None, last_modified: Some(SystemTime::UNIX_EPOCH) };
    for known in [other_tag, long_ago] {
        let again = load(known.clone()).await.and_then(Loaded::whole);
        assert_eq!(&again.expect("is there").body, body, "{loader}: `{id}` known as {known:?}");
    }
}

/// What a loader gives who knows nothing.
pub(crate) async fn body(loader: &dyn Loader, id: &str) -> Result<Bytes, LoadError> {
    Ok(loader.load(id, &Conditions::default()).await?.whole()?.body)
}

/// The name as an id.
pub(crate) fn quote(name: &str) -> String {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    const SAFE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b'.').remove(b'-').remove(b'~').remove(b'/');
    utf8_percent_encode(name, SAFE).to_string()
}
