//! Originals: one is read, by the same way as for a request.

use super::Diagnosis;
use crate::codec;
use crate::config::{Config, LoaderKind};
use crate::loader::{self, Conditions, LoadError, Loaded};
use crate::request::ImageId;
use std::collections::VecDeque;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Entries of folders that are looked at in search of a picture.
const MAX_ENTRIES: usize = 5000;
/// Endings of picture files.
const ENDINGS: &[&str] = &["jpg", "jpeg", "png", "webp", "gif", "avif", "tif", "tiff", "bmp", "svg"];

/// Builds the loader and reads `image`, or the first picture found where originals are files.
pub(super) async fn check(config: &Config, image: Option<&str>, diagnosis: &mut Diagnosis) {
    let loader = match loader::from_config(&config.loader) {
        Ok(loader) => loader,
        Err(error) => {
            diagnosis.fail("source", error.to_string(), "the server does not start before this is mended");
            return;
        }
    };
    let is_local = matches!(config.loader.kind, LoaderKind::File | LoaderKind::FileHttp);
    let found =
        image.map(str::to_owned).or_else(|| if is_local { first_picture(&config.loader.file_root) } else { None });
    let found = found.or_else(|| (config.loader.kind == LoaderKind::Samples).then(|| "photo.jpg".to_owned()));
    let Some(name) = found else {
        diagnosis.warn(
            "source",
            format!("{loader}: nothing was read"),
            "name an original: tintype doctor --image NAME-OR-URL",
        );
        return;
    };
    let start = Instant::now();
    let asked = Conditions::default();
    match loader.load(ImageId::of(&name).as_str(), &asked).await.and_then(Loaded::whole) {
        Ok(original) => match codec::probe(&original.body) {
            Ok(info) => {
                let (bytes, ms) = (original.body.len(), start.elapsed().as_millis());
                let mime = codec::of(info.format).mime;
                diagnosis.ok(
                    "source",
                    format!("{loader}: `{name}` is {mime} of {}, {bytes} bytes, read in {ms} ms", info.size),
                );
            }
            Err(error) => diagnosis.fail(
                "source",
                format!("`{name}`: {error}"),
                "name a picture with --image, or convert this one",
            ),
        },
        Err(error) => diagnosis.fail("source", format!("{loader}: `{name}`: {}", words(&error)), fix(&error, config)),
    }
}

/// The error and its causes.
fn words(error: &LoadError) -> String {
    let causes = std::iter::successors(error.source(), |&error| error.source()).map(|cause| format!(": {cause}"));
    format!("{error}{}", causes.collect::<String>())
}

fn fix(error: &LoadError, config: &Config) -> String {
    match error {
        LoadError::NotFound | LoadError::InvalidId { .. } => {
            format!("is the name right? Files are looked for below {}", config.loader.file_root.display())
        }
        LoadError::NotAllowed { .. } => {
            "add the host to ALLOWED_SOURCES, and its network to ALLOW_PRIVATE_SOURCES if it is private".into()
        }
        LoadError::TooLarge { .. } => "raise MAX_SOURCE_BYTES".into(),
        LoadError::Timeout => "raise HTTP_LOADER_REQUEST_TIMEOUT, or look why the origin is slow".into(),
        LoadError::Io(_) => "give this user the right to read it".into(),
        _ => "look whether the origin is up and can be reached from this machine, through its firewall".into(),
    }
}

/// The name of a picture below `root`, the nearest to it; a search of bounded length.
fn first_picture(root: &Path) -> Option<String> {
    let mut folders = VecDeque::from([PathBuf::new()]);
    let mut seen = 0;
    while let Some(folder) = folders.pop_front() {
        let Ok(entries) = std::fs::read_dir(root.join(&folder)) else { continue };
        for entry in entries.flatten() {
            seen += 1;
            if seen > MAX_ENTRIES {
                return None;
            }
            let path = folder.join(entry.file_name());
            let Ok(kind) = entry.file_type() else { continue };
            let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
            if kind.is_dir() {
                folders.push_back(path);
            } else if kind.is_file() && ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str())) {
                return path.to_str().map(str::to_owned);
            }
        }
    }
    None
}
