//! Entries as files below a folder, the words about them beside.

use super::sidecar::{self, Sidecar};
use super::{Entry, Meta, Storage, StorageError, checked};
use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt as _};
use std::fmt;
use std::fs::{self, File, FileTimes, OpenOptions};
use std::hash::{BuildHasher as _, DefaultHasher, Hash as _, Hasher as _, RandomState};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};
use tokio::sync::mpsc;

/// Where files are written before they get their names.
pub(super) const UNFINISHED: &str = ".unfinished";
/// A use is noted in a file's time of access unless the last one was noted within this time.
const NOTED_EVERY: Duration = Duration::from_mins(1);
/// Keys listed ahead of whoever takes them.
const LISTED_AHEAD: usize = 64;
/// How often a file is looked at that does not belong to its sidecar: both may be exchanged in between.
const LOOKS: usize = 3;
/// Locks of those who write; files share them.
const WRITERS: usize = 16;

/// Files below one folder, which is made when something is stored.
///
/// A file and its sidecar are written under other names and then renamed, the sidecar first, which tells of the file
/// before as well: whenever somebody reads, and whenever the process ends, a file under its own name is whole and has a
/// sidecar that knows it. One that is not known counts as absent. Files without sidecar are somebody else's, such as
/// Thumbor's, and are taken as they are unless they are empty.
#[derive(Clone, Debug)]
pub struct FileStorage {
    root: Arc<Path>,
    /// Distinguishes unfinished files of this process.
    counter: Arc<AtomicU64>,
    /// Of two writers of one file in this process one waits, so that their files and sidecars do not mix.
    writers: Arc<[Mutex<()>; WRITERS]>,
}

impl FileStorage {
    /// Files below `root`. Touches nothing: a folder that cannot be used shows when it is used.
    pub fn new(root: &Path) -> Self {
        Self { root: root.into(), counter: Arc::default(), writers: Arc::default() }
    }

    fn path(&self, key: &str) -> Result<PathBuf, StorageError> {
        Ok(self.root.join(checked(key)?))
    }

    /// Does something with the file system on a thread that may block.
    async fn blocking<T: Send + 'static>(
        &self,
        key: &str,
        work: impl FnOnce(&Self, &Path) -> io::Result<T> + Send + 'static,
    ) -> Result<T, StorageError> {
        let (this, path) = (self.clone(), self.path(key)?);
        let shown = path.display().to_string();
        let done = tokio::task::spawn_blocking(move || work(&this, &path)).await;
        done.unwrap_or_else(|gone| Err(io::Error::other(gone)))
            .map_err(|source| StorageError::File { path: shown, source })
    }

    /// The right to change a file and its sidecar.
    fn alone(&self, path: &Path) -> MutexGuard<'_, ()> {
        let mut hasher = DefaultHasher::new();
        path.hash(&mut hasher);
        let writer = usize::try_from(hasher.finish() % WRITERS as u64).expect("less than there are writers");
        self.writers[writer].lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_sidecar(&self, path: &Path, body: &[u8], meta: &Meta) -> io::Result<()> {
        if meta.is_empty() {
            return unlink(&beside(path)).map(drop);
        }
        let sidecar = Sidecar::of(body, meta).in_place_of(sidecar_of(path)?.and_then(Result::ok));
        self.write(&beside(path), &sidecar.to_json())
    }

    /// Writes a file under another name, then gives it its own.
    fn write(&self, path: &Path, content: &[u8]) -> io::Result<()> {
        // Servers that share a folder may have the same process number, each in its container.
        let chance = RandomState::new().build_hasher().finish();
        let name = format!("{chance:016x}-{}", self.counter.fetch_add(1, Ordering::Relaxed));
        let unfinished = self.root.join(UNFINISHED).join(name);
        let written = in_folder(&unfinished, |unfinished| File::create_new(unfinished))
            .and_then(|mut file| file.write_all(content))
            .and_then(|()| in_folder(path, |path| fs::rename(&unfinished, path)));
        if written.is_err() {
            fs::remove_file(&unfinished).ok(); // its failure matters less than the one there is
        }
        written
    }
}

#[async_trait]
impl Storage for FileStorage {
    async fn get(&self, key: &str) -> Result<Option<Entry>, StorageError> {
        self.blocking(key, |_, path| read(path)).await
    }

    async fn head(&self, key: &str) -> Result<Option<Meta>, StorageError> {
        self.blocking(key, |_, path| {
            let Some(file) = open(path)? else { return Ok(None) };
            Ok(match sidecar_of(path)? {
                Some(sidecar) => sidecar.ok().map(|sidecar| sidecar.meta().clone()),
                None => (file.metadata()?.len() > 0).then(Meta::new),
            })
        })
        .await
    }

    async fn put(&self, key: &str, body: Bytes, meta: &Meta) -> Result<(), StorageError> {
        let meta = meta.clone();
        self.blocking(key, move |this, path| {
            let _alone = this.alone(path);
            this.write_sidecar(path, &body, &meta)?;
            this.write(path, &body)
        })
        .await
    }

    async fn remove(&self, key: &str) -> Result<bool, StorageError> {
        self.blocking(key, |this, path| {
            let _alone = this.alone(path);
            remove(path)
        })
        .await
    }

    fn list(&self, prefix: &str) -> BoxStream<'static, Result<String, StorageError>> {
        let (send, receive) = mpsc::channel(LISTED_AHEAD);
        let (root, prefix) = (Arc::clone(&self.root), prefix.to_owned());
        tokio::task::spawn_blocking(move || {
            let folder = prefix.rsplit_once('/').map_or("", |(folder, _)| folder);
            let listed = walk(&root.join(folder), &mut |path| {
                let key = path.strip_prefix(&root).ok().and_then(Path::to_str);
                let listed = key.filter(|key| key.starts_with(&prefix) && !key.ends_with(sidecar::SUFFIX));
                // Whoever asked may have gone, which ends the walk.
                listed.is_none_or(|key| send.blocking_send(Ok(key.to_owned())).is_ok())
            });
            if let Err(source) = listed {
                let path = root.display().to_string();
                send.blocking_send(Err(StorageError::File { path, source })).ok();
            }
        });
        let next = |mut receive: mpsc::Receiver<_>| async move { receive.recv().await.map(|item| (item, receive)) };
        stream::unfold(receive, next).boxed()
    }
}

impl fmt::Display for FileStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "files in `{}`", self.root.display())
    }
}

/// The sidecar of a file.
pub(super) fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(sidecar::SUFFIX);
    name.into()
}

/// Removes a file and its sidecar; whether there was a file.
pub(super) fn remove(path: &Path) -> io::Result<bool> {
    let removed = unlink(path)?; // first: a file without sidecar would pass for somebody else's
    unlink(&beside(path))?;
    Ok(removed)
}

/// Calls `visit` for each plain file below `folder` until it says no; whether it never did. Folders that are not there
/// or vanish meanwhile are empty, and unfinished files are not there.
pub(super) fn walk(folder: &Path, visit: &mut dyn FnMut(&Path) -> bool) -> io::Result<bool> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if is_absence(&error) => return Ok(true),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        let (kind, path) = (entry.file_type()?, entry.path());
        let goes_on = if kind.is_dir() && entry.file_name() != UNFINISHED {
            walk(&path, visit)?
        } else {
            !kind.is_file() || visit(&path)
        };
        if !goes_on {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The entry in a file, if it is whole. Blocks.
fn read(path: &Path) -> io::Result<Option<Entry>> {
    for _ in 0..LOOKS {
        let Some(mut file) = open(path)? else { return Ok(None) };
        let about = file.metadata()?;
        let body = all_of(&mut file)?;
        let meta = match sidecar_of(path)? {
            None => (!body.is_empty()).then(Meta::new),
            Some(sidecar) => sidecar.ok().and_then(|sidecar| sidecar.words_about(&body)),
        };
        if let Some(meta) = meta {
            note_use(&file, &about);
            return Ok(Some(Entry { body: body.into(), meta, stored_at: about.modified()? }));
        }
    }
    tracing::warn!(path = %path.display(), "a stored file is damaged and counts as absent");
    Ok(None)
}

/// The sidecar of a file, if there is one. Blocks.
fn sidecar_of(path: &Path) -> io::Result<Option<serde_json::Result<Sidecar>>> {
    let json = open(&beside(path))?.map(|mut file| all_of(&mut file)).transpose()?;
    Ok(json.map(|json| Sidecar::parse(&json)))
}

/// Opens a plain file; `None` when there is none.
fn open(path: &Path) -> io::Result<Option<File>> {
    // A FIFO without a writer would otherwise block the open itself.
    let file = match OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY).open(path) {
        Ok(file) => file,
        Err(error) if is_absence(&error) => return Ok(None),
        Err(error) => return Err(error),
    };
    Ok(file.metadata()?.is_file().then_some(file))
}

fn all_of(file: &mut File) -> io::Result<Vec<u8>> {
    let mut content = Vec::with_capacity(usize::try_from(file.metadata()?.len()).unwrap_or(0));
    file.read_to_end(&mut content)?;
    Ok(content)
}

/// Notes in the time of access that a file was of use, for the janitor: most systems do so once a day or never.
fn note_use(file: &File, about: &fs::Metadata) {
    let now = SystemTime::now();
    let noted = about.accessed().ok().and_then(|at| now.duration_since(at).ok());
    if noted.is_none_or(|ago| ago >= NOTED_EVERY) {
        file.set_times(FileTimes::new().set_accessed(now)).ok(); // files of others stay as they are
    }
}

/// Removes a file; whether there was one.
fn unlink(path: &Path) -> io::Result<bool> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if is_absence(&error) => Ok(false),
        Err(error) => Err(error),
    }
}

fn is_absence(error: &io::Error) -> bool {
    error.kind() == ErrorKind::NotFound
}

/// Does something that needs the folder of `path`, and once more after making the folder if it was not there.
fn in_folder<T>(path: &Path, act: impl Fn(&Path) -> io::Result<T>) -> io::Result<T> {
    match act(path) {
        Err(error) if is_absence(&error) => {
            fs::create_dir_all(path.parent().unwrap_or(path))?;
            act(path)
        }
        done => done,
    }
}

#[cfg(test)]
mod tests;
