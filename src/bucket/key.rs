//! What objects and buckets are called.

use object_store::path::Path;

/// The object that a name stands for below `root`, which may be empty. `index` is appended to names that end in a
/// slash, unless it is empty too.
///
/// `None` for what cannot be one object's one name: no name, `.`, `..` and empty parts, control characters, a slash at
/// the end without an `index`. Slashes at the beginning say nothing.
pub fn of_name(root: &str, name: &str, index: &str) -> Option<Path> {
    let name = name.trim_start_matches('/');
    if name.is_empty() || name.ends_with('/') && index.is_empty() {
        return None;
    }
    let index = if name.ends_with('/') { index } else { "" };
    let root = root.trim_matches('/');
    let slash = if root.is_empty() { "" } else { "/" };
    Path::parse(format!("{root}{slash}{name}{index}")).ok()
}

/// Whether a text can be a bucket's name, at the most liberal of the services. What is not must never become part
/// of a URL.
pub fn is_bucket_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let starts = name.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric);
    starts && (3..=255).contains(&name.len()) && name.bytes().all(plain) && !name.contains("..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_keys_below_their_root() {
        let check = |root: &str, name: &str, index: &str, expected: Option<&str>| {
            let key = of_name(root, name, index);
            assert_eq!(key.as_ref().map(AsRef::as_ref), expected, "{root:?} {name:?} {index:?}");
        };
        check("", "a.jpg", "", Some("a.jpg"));
        check("", "/a.jpg", "", Some("a.jpg"));
        check("", "//a.jpg", "", Some("a.jpg"));
        check("", "folder/ä b%20~.jpg", "", Some("folder/ä b%20~.jpg"));
        check("pictures", "a.jpg", "", Some("pictures/a.jpg"));
        check("/pictures/2024/", "a.jpg", "", Some("pictures/2024/a.jpg"));
        check("", "folder/", "", None);
        check("", "folder/", "index.jpg", Some("folder/index.jpg"));
        check("", "folder/a.jpg", "index.jpg", Some("folder/a.jpg"));
        for name in ["", "/", "..", ".", "../a", "a/../b", "a/./b", "a//b", "a\0b", "a\nb", "a/..", "./a"] {
            check("root", name, "", None);
        }
    }

    #[test]
    fn only_bucket_names_are_bucket_names() {
        for name in ["abc", "my-bucket", "my.bucket.example", "a1_b", "1ab", "ABC"] {
            assert!(is_bucket_name(name), "{name}");
        }
        for name in ["", "ab", "..", ".ab", "-ab", "a/b", "a..b", "a b", "a%2fb", "a?b", "a@b", "ä-ö", &"a".repeat(256)]
        {
            assert!(!is_bucket_name(name), "{name}");
        }
    }
}
