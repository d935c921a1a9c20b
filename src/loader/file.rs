//! Originals in a folder, and nothing outside of it.

use super::{Conditions, LoadError, Loaded, Loader, OriginFacts, Original, SetupError, Validators, unquote};
use crate::config::Symlinks;
use async_trait::async_trait;
use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions};
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use std::ffi::OsString;
use std::fmt;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// Files below one folder.
///
/// The folder is opened once; every file is found from there, so that neither a name nor a link leads out, unless
/// links may.
#[derive(Clone, Debug)]
pub struct FileLoader {
    folder: Arc<Folder>,
    max_bytes: u64,
}

#[derive(Debug)]
struct Folder {
    root: Dir,
    path: PathBuf,
    symlinks: Symlinks,
}

impl FileLoader {
    /// Opens the folder. Files of more than `max_bytes` will be refused.
    ///
    /// # Errors
    /// [`SetupError::Root`] when it is not there, not a folder, or closed to this process.
    pub fn open(path: &Path, symlinks: Symlinks, max_bytes: u64) -> Result<Self, SetupError> {
        let root = Dir::open_ambient_dir(path, ambient_authority())
            .map_err(|source| SetupError::Root { path: path.to_owned(), source })?;
        Ok(Self { folder: Arc::new(Folder { root, path: path.to_owned(), symlinks }), max_bytes })
    }
}

impl Folder {
    /// Opens a file for reading. Blocks.
    fn open(&self, path: &Path) -> io::Result<File> {
        // A FIFO without a writer would otherwise block the open itself, and a terminal would become ours.
        const FLAGS: i32 = libc::O_NONBLOCK | libc::O_NOCTTY;
        if self.symlinks == Symlinks::Outside {
            return File::options().read(true).custom_flags(FLAGS).open(self.path.join(path));
        }
        if self.symlinks == Symlinks::None && self.has_link(path)? {
            return Err(io::ErrorKind::NotFound.into());
        }
        let mut options = OpenOptions::new();
        cap_std::fs::OpenOptionsExt::custom_flags(options.read(true), FLAGS);
        Ok(self.root.open_with(path, &options)?.into_std())
    }

    /// Whether any part of the path is a link. One that is made right after the look is followed, inside of the root.
    fn has_link(&self, path: &Path) -> io::Result<bool> {
        for part in path.ancestors().filter(|part| !part.as_os_str().is_empty()) {
            if self.root.symlink_metadata(part)?.is_symlink() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

#[async_trait]
impl Loader for FileLoader {
    /// Tries the name that the id stands for, with its accents composed and decomposed, then the id itself, as Thumbor
    /// does.
    async fn load(&self, id: &str, asked: &Conditions) -> Result<Loaded, LoadError> {
        let names = names(id);
        let (folder, max_bytes, asked) = (Arc::clone(&self.folder), self.max_bytes, asked.clone());
        let read = move || {
            let mut found = Err(LoadError::NotFound);
            for name in names {
                found = read(&folder, &name, max_bytes, &asked);
                if !matches!(found, Err(LoadError::NotFound)) {
                    break;
                }
            }
            found
        };
        tokio::task::spawn_blocking(read).await.map_err(io::Error::other)?
    }
}

impl fmt::Display for FileLoader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "files in `{}`", self.folder.path.display())
    }
}

/// The paths below the root that an id may stand for, the likeliest first. Other systems than this one write accents in
/// other ways, and neither those who type a name nor those who read it see a difference.
fn names(id: &str) -> Vec<PathBuf> {
    let plain = unquote(id);
    let other_spellings = std::str::from_utf8(&plain).ok().filter(|plain| !plain.is_ascii()).map(|plain| {
        let composed = ComposingNormalizerBorrowed::new_nfc().normalize(plain);
        let decomposed = DecomposingNormalizerBorrowed::new_nfd().normalize(plain);
        [composed, decomposed].map(|name| name.into_owned().into_bytes())
    });
    let literal = id.as_bytes().to_vec();
    let candidates = std::iter::once(plain.clone()).chain(other_spellings.into_iter().flatten()).chain([literal]);
    let mut names: Vec<PathBuf> = Vec::new();
    for name in candidates.filter_map(relative) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The path below the root that a name stands for; `None` if it cannot be one.
///
/// The root itself is enforced when the file is opened. Refusing `..` here as well keeps every picture under one name.
fn relative(mut name: Vec<u8>) -> Option<PathBuf> {
    let leading = name.iter().take_while(|&&byte| byte == b'/').count();
    name.drain(..leading);
    if name.is_empty() || name.iter().any(|byte| matches!(byte, 0 | b'\\')) {
        return None;
    }
    let path = PathBuf::from(OsString::from_vec(name));
    let stays = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
    path.components().all(stays).then_some(path)
}

/// The whole file, unless it is known. Blocks.
fn read(folder: &Folder, path: &Path, max_bytes: u64, asked: &Conditions) -> Result<Loaded, LoadError> {
    let file = folder.open(path).map_err(absent_or_unreadable)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(LoadError::NotFound);
    }
    let validators = validators(&metadata);
    let unchanged = validators.are_known(&asked.known);
    let facts = OriginFacts { validators, ..OriginFacts::default() };
    if unchanged {
        return Ok(Loaded::Unchanged(facts));
    }
    let too_large = LoadError::TooLarge { limit_bytes: max_bytes };
    if metadata.len() > max_bytes {
        return Err(too_large);
    }
    let Ok(len) = usize::try_from(metadata.len()) else { return Err(too_large) };
    let mut share = asked.budget.share();
    if !share.grow(metadata.len()) {
        return Err(LoadError::NoRoom);
    }
    // A file that grows meanwhile is read as long as it was, which keeps both the limit and the one allocation.
    let mut body = Vec::with_capacity(len);
    file.take(metadata.len()).read_to_end(&mut body)?;
    Ok(Loaded::Original(Original { body: body.into(), facts }))
}

/// Time of change and size. The tag has both, so that a file that was changed back in time is noticed as well.
fn validators(metadata: &Metadata) -> Validators {
    let last_modified = metadata.modified().ok();
    let since_epoch = last_modified.and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
    let nanos = since_epoch.map_or(0, |time| time.as_nanos());
    Validators { etag: Some(format!("\"{nanos:x}-{:x}\"", metadata.len())), last_modified }
}

/// What a failed open means. Whatever is not ours to give is not there.
fn absent_or_unreadable(error: io::Error) -> LoadError {
    let absent = match error.kind() {
        io::ErrorKind::NotFound
        | io::ErrorKind::NotADirectory
        | io::ErrorKind::IsADirectory
        | io::ErrorKind::InvalidInput
        | io::ErrorKind::InvalidFilename
        | io::ErrorKind::PermissionDenied => true,
        _ => matches!(error.raw_os_error(), Some(libc::ELOOP | libc::ENXIO | libc::ENODEV | libc::EXDEV)),
    };
    if error.raw_os_error() == Some(libc::EACCES) {
        tracing::warn!(%error, "an original is closed to this process and is answered as missing");
    }
    if absent { LoadError::NotFound } else { error.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loader::conformance::{self, LIMIT_BYTES};
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;
    use std::time::Duration;

    /// A folder `root` with all originals, and files beside it that must never be given.
    struct Tree(tempfile::TempDir);

    impl Tree {
        fn new() -> Self {
            let tree = Self(tempfile::tempdir().unwrap());
            for (name, body) in conformance::originals() {
                let path = tree.root().join(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, body).unwrap();
            }
            for outside in ["secret.txt", "sibling/secret.txt", "root-sibling/secret.txt"] {
                let path = tree.0.path().join(outside);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, "secret").unwrap();
            }
            tree
        }

        fn root(&self) -> PathBuf {
            self.0.path().join("root")
        }

        fn loader(&self) -> FileLoader {
            FileLoader::open(&self.root(), Symlinks::Inside, LIMIT_BYTES).unwrap()
        }
    }

    async fn check_missing(loader: &FileLoader, id: &str) {
        let load = conformance::body(loader, id);
        let answer = tokio::time::timeout(Duration::from_secs(2), load).await;
        assert!(matches!(answer, Ok(Err(LoadError::NotFound))), "`{id}`: {answer:?}");
    }

    #[tokio::test]
    async fn keeps_the_loader_contract() {
        let tree = Tree::new();
        conformance::run(&tree.loader(), "", conformance::quote).await;
        conformance::run(&tree.loader(), "/", |name| format!("/{}", conformance::quote(name))).await;
    }

    #[tokio::test]
    async fn a_name_that_is_encoded_on_disk_is_found_too() {
        let tree = Tree::new();
        fs::write(tree.root().join("http%3A"), "encoded").unwrap();
        assert_eq!(conformance::body(&tree.loader(), "http%3A").await.unwrap(), "encoded");
        fs::write(tree.root().join("http:"), "plain").unwrap();
        assert_eq!(conformance::body(&tree.loader(), "http%3A").await.unwrap(), "plain");
    }

    #[tokio::test]
    async fn links_lead_anywhere_inside_and_nowhere_outside() {
        let tree = Tree::new();
        let link = |target: &str, name: &str| symlink(target, tree.root().join(name)).unwrap();
        let secret = tree.0.path().join("secret.txt");
        link("photo.jpg", "inside.jpg");
        link("folder", "inside-folder");
        link(secret.to_str().unwrap(), "absolute.txt");
        link("../secret.txt", "relative.txt");
        link("folder/../../secret.txt", "winding.txt");
        link("../sibling", "sibling");
        link("/", "slash");
        link("relative.txt", "chain.txt");
        link("loop", "loop");
        link("missing", "dangling");
        let loader = tree.loader();
        assert_eq!(conformance::body(&loader, "inside.jpg").await.unwrap(), "body of photo.jpg");
        let inside = conformance::body(&loader, "inside-folder/a%20b.jpg").await;
        assert_eq!(inside.unwrap(), "body of folder/a b.jpg");
        for id in ["absolute.txt", "relative.txt", "winding.txt", "sibling/secret.txt", "slash/etc/passwd"] {
            check_missing(&loader, id).await;
        }
        for id in ["chain.txt", "loop", "loop/x", "dangling"] {
            check_missing(&loader, id).await;
        }
    }

    #[tokio::test]
    async fn settings_tell_how_far_links_lead() {
        let tree = Tree::new();
        let link = |target: &str, name: &str| symlink(target, tree.root().join(name)).unwrap();
        link("photo.jpg", "inside.jpg");
        link("folder", "inside-folder");
        link("../secret.txt", "outside.txt");
        link("../sibling", "sibling");
        let ids = ["inside.jpg", "inside-folder/a%20b.jpg", "outside.txt", "sibling/secret.txt"];
        for (symlinks, served) in [(Symlinks::None, 0), (Symlinks::Inside, 2), (Symlinks::Outside, 4)] {
            let loader = FileLoader::open(&tree.root(), symlinks, LIMIT_BYTES).unwrap();
            conformance::run(&loader, "", conformance::quote).await;
            for (at, id) in ids.into_iter().enumerate() {
                let found = conformance::body(&loader, id).await;
                assert_eq!(found.is_ok(), at < served, "{symlinks:?} {id}: {found:?}");
            }
        }
    }

    #[tokio::test]
    async fn accents_are_found_however_they_are_written() {
        let tree = Tree::new();
        let (composed, decomposed) = ("caf\u{e9}/n\u{e4}he.jpg", "cafe\u{301}/na\u{308}he.jpg");
        for (on_disk, asked) in [(composed, decomposed), (decomposed, composed), (composed, composed)] {
            let path = tree.root().join(on_disk);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, "accents").unwrap();
            assert_eq!(conformance::body(&tree.loader(), &conformance::quote(asked)).await.unwrap(), "accents");
            fs::remove_dir_all(path.parent().unwrap()).unwrap();
        }
        // Where both are there, the one that was written is given.
        for (name, body) in [(composed, "composed"), (decomposed, "decomposed")] {
            let path = tree.root().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, body).unwrap();
        }
        for (name, body) in [(composed, "composed"), (decomposed, "decomposed")] {
            assert_eq!(conformance::body(&tree.loader(), &conformance::quote(name)).await.unwrap(), body);
        }
    }

    #[tokio::test]
    async fn what_is_no_plain_file_is_missing_at_once() {
        let tree = Tree::new();
        let made = std::process::Command::new("mkfifo").arg(tree.root().join("fifo")).status().unwrap();
        assert!(made.success());
        let _listener = UnixListener::bind(tree.root().join("socket")).unwrap();
        let loader = tree.loader();
        for id in ["fifo", "socket", "folder", "folder/", ".", "", "/"] {
            check_missing(&loader, id).await;
        }
        let devices = FileLoader::open(Path::new("/dev"), Symlinks::Outside, LIMIT_BYTES).unwrap();
        for id in ["zero", "null", "tty", "stdin"] {
            check_missing(&devices, id).await;
        }
    }

    #[tokio::test]
    async fn an_overlong_name_is_missing() {
        let tree = Tree::new();
        check_missing(&tree.loader(), &"a".repeat(300)).await;
        check_missing(&tree.loader(), &"a/".repeat(4000)).await;
    }

    #[test]
    fn a_root_that_is_not_there_is_told_by_its_key() {
        let error = FileLoader::open(Path::new("/no/such/folder"), Symlinks::Inside, 1).unwrap_err().to_string();
        assert!(error.starts_with("FILE_LOADER_ROOT_PATH: folder `/no/such/folder`"), "{error}");
    }
}
