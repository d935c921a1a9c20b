//! Paths of the file system as texts, as `os.path` treats them. Nothing is looked up.

use super::Unclear;
use super::value::Value;

/// `os.path.join`: an absolute part begins anew.
pub(super) fn join(parts: &[Value]) -> Result<String, Unclear> {
    let mut path = String::new();
    for part in parts {
        let part = part.text()?;
        if part.starts_with('/') {
            path.clear();
        } else if !path.is_empty() && !path.ends_with('/') {
            path.push('/');
        }
        path.push_str(part);
    }
    Ok(path)
}

/// `os.path.dirname`.
pub(super) fn parent(path: &str) -> String {
    let (parent, _) = path.rsplit_once('/').unwrap_or(("", path));
    let bare = parent.trim_end_matches('/');
    if bare.is_empty() && path.starts_with('/') { "/".into() } else { bare.into() }
}

/// `os.path.normpath`: no `.`, no double slash, `..` taken back where that is possible.
pub(super) fn normal(path: &str) -> String {
    let root = if path.starts_with('/') { "/" } else { "" };
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
        let climbs = part == "..";
        match parts.last() {
            Some(&last) if climbs && last != ".." => {
                parts.pop();
            }
            None if climbs && !root.is_empty() => {}
            _ => parts.push(part),
        }
    }
    let path = format!("{root}{}", parts.join("/"));
    if path.is_empty() { ".".into() } else { path }
}
