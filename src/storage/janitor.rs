//! Holds a folder of stored files under a size and an age, while it is in use.

use super::Shelf;
use super::file::{self, UNFINISHED, beside};
use super::layout::{self, Note};
use super::sidecar::{SUFFIX, Sidecar};
use crate::config::JanitorConfig;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::task::AbortHandle;
use tracing::{info, warn};

/// The word of an entry that no janitor removes: there is nowhere to get it from again.
pub(crate) const PINNED: &str = "pinned";
/// After it was over its size a folder is left with this part of it free, in percent, so that it is not over it again at
/// once.
const FREED_PERCENT: u64 = 10;
/// Files that nobody has finished writing for this long, nobody will.
const FORGOTTEN: Duration = Duration::from_hours(1);

/// Removes what was not used for longest from a folder over its size, and what is too old.
///
/// Touches only files that lie and are named as the hashed layout has them: a folder that holds something else loses
/// nothing. Knows how much lies there, not what: memory does not grow with the number of files.
#[derive(Clone, Debug)]
pub struct Janitor {
    root: PathBuf,
    config: JanitorConfig,
}

/// What a round through the folder came to.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Swept {
    /// Bytes found, sidecars included.
    pub found_bytes: u64,
    /// Bytes left.
    pub left_bytes: u64,
    /// Entries removed.
    pub removed: u64,
}

/// A stored file with what stands beside it.
struct Found<'a> {
    path: &'a Path,
    bytes: u64,
    stored_at: SystemTime,
    used_at: SystemTime,
}

/// Ends the janitor's rounds when dropped.
#[derive(Debug)]
pub struct Rounds(AbortHandle);

impl Drop for Rounds {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Janitor {
    /// A janitor for `root`.
    pub fn new(root: &Path, config: &JanitorConfig) -> Self {
        Self { root: root.to_owned(), config: config.clone() }
    }

    /// Makes rounds: at the start, every now and then, and when much was stored in the meantime.
    pub fn start(self, written: Arc<Shelf>) -> Rounds {
        // Between two rounds a folder may be over its size by what it was left free of.
        let much = (self.config.max_bytes / 100 * FREED_PERCENT).max(1);
        let rounds = tokio::spawn(async move {
            loop {
                let this = self.clone();
                match tokio::task::spawn_blocking(move || this.sweep(SystemTime::now())).await {
                    Ok(Ok(swept)) if swept.removed > 0 => {
                        info!(folder = %self.root.display(), removed = swept.removed, left_bytes = swept.left_bytes, "tidied up");
                    }
                    Ok(Err(error)) => warn!(folder = %self.root.display(), %error, "tidying up failed"),
                    Ok(Ok(_)) | Err(_) => {}
                }
                let grown = async {
                    match self.config.max_bytes {
                        0 => std::future::pending().await,
                        _ => written.has_grown_by(much).await,
                    }
                };
                // Whether time or growth ended the wait makes no difference.
                tokio::time::timeout(self.config.interval, grown).await.ok();
            }
        });
        Rounds(rounds.abort_handle())
    }

    /// One round. Blocks.
    ///
    /// # Errors
    /// When the folder cannot be read. Files that cannot be removed are passed over.
    pub fn sweep(&self, now: SystemTime) -> io::Result<Swept> {
        self.sweep_unfinished(now)?;
        let mut swept = Swept::default();
        let mut by_age: BTreeMap<u64, u64> = BTreeMap::new();
        self.each(|found| {
            swept.found_bytes += found.bytes;
            if self.is_too_old(found, now) && remove(found) {
                swept.removed += 1;
            } else {
                *by_age.entry(step(found.used_at, now)).or_default() += found.bytes;
                swept.left_bytes += found.bytes;
            }
        })?;
        if self.config.max_bytes > 0 && swept.left_bytes > self.config.max_bytes {
            let goal = self.config.max_bytes - self.config.max_bytes / 100 * FREED_PERCENT;
            let mut cut = Cut::to(goal, &by_age);
            self.each(|found| {
                if cut.takes(step(found.used_at, now), found.bytes) && remove(found) {
                    swept.left_bytes = swept.left_bytes.saturating_sub(found.bytes);
                    swept.removed += 1;
                }
            })?;
        }
        self.sweep_leads(now)?;
        Ok(swept)
    }

    /// Visits all entries.
    fn each(&self, mut visit: impl FnMut(&Found<'_>)) -> io::Result<()> {
        file::walk(&self.root, &mut |path| {
            let relative = path.strip_prefix(&self.root).ok().and_then(Path::to_str);
            if !relative.is_some_and(layout::is_hashed) {
                return true;
            }
            let Ok(about) = fs::metadata(path) else { return true }; // gone meanwhile
            let Ok(stored_at) = about.modified() else { return true };
            let sidecar_bytes = fs::metadata(beside(path)).map_or(0, |about| about.len());
            visit(&Found {
                path,
                bytes: about.len() + sidecar_bytes,
                stored_at,
                used_at: about.accessed().map_or(stored_at, |used_at| used_at.max(stored_at)),
            });
            true
        })
        .map(drop)
    }

    fn is_too_old(&self, found: &Found<'_>, now: SystemTime) -> bool {
        // What others have stored may be all that there is of an upload.
        let is_ours = || beside(found.path).exists();
        self.config.max_age.is_some_and(|max_age| is_older(found.stored_at, now, max_age)) && is_ours()
    }

    /// Removes what processes have left that were ended while they wrote.
    fn sweep_unfinished(&self, now: SystemTime) -> io::Result<()> {
        file::walk(&self.root.join(UNFINISHED), &mut |path| {
            remove_if_forgotten(path, now);
            true
        })
        .map(drop)
    }

    /// Removes what leads to results that are gone, and sidecars without their file.
    fn sweep_leads(&self, now: SystemTime) -> io::Result<()> {
        file::walk(&self.root, &mut |path| {
            let relative = path.strip_prefix(&self.root).ok().and_then(Path::to_str).unwrap_or_default();
            let of_sidecar = || relative.strip_suffix(SUFFIX).filter(|file| layout::is_hashed(file)).map(str::to_owned);
            let target = layout::target_of_lead(relative).or_else(of_sidecar);
            if target.is_some_and(|target| !self.root.join(target).exists()) {
                remove_if_forgotten(path, now);
            }
            true
        })
        .map(drop)
    }
}

/// Removes an entry with what stands beside it, unless it is pinned; whether it is gone.
fn remove(found: &Found<'_>) -> bool {
    let sidecar = fs::read(beside(found.path)).ok().and_then(|json| Sidecar::parse(&json).ok());
    if sidecar.is_some_and(|sidecar| sidecar.meta().contains_key(PINNED)) {
        return false;
    }
    let mut note = found.path.as_os_str().to_owned();
    note.push(Note::Detectors.suffix());
    fs::remove_file(note).ok(); // hardly ever there
    file::remove(found.path).is_ok()
}

/// Removes a file that was written long ago. What is young may be in the middle of something.
fn remove_if_forgotten(path: &Path, now: SystemTime) {
    let written = fs::metadata(path).and_then(|about| about.modified());
    if written.is_ok_and(|at| is_older(at, now, FORGOTTEN)) {
        fs::remove_file(path).ok(); // the next round tries again
    }
}

fn is_older(at: SystemTime, now: SystemTime, age: Duration) -> bool {
    now.duration_since(at).is_ok_and(|since| since > age)
}

/// How long ago, in steps that grow with time, so that there are few of them: seconds for an hour, minutes for a week,
/// then hours.
fn step(at: SystemTime, now: SystemTime) -> u64 {
    const HOUR: u64 = 60 * 60;
    const WEEK: u64 = 7 * 24 * HOUR;
    let age_s = now.duration_since(at).map_or(0, |age| age.as_secs());
    age_s.min(HOUR) + (age_s.clamp(HOUR, WEEK) - HOUR) / 60 + (age_s.max(WEEK) - WEEK) / HOUR
}

/// What has to go: all that is older than a step, and so many bytes of that step.
#[derive(Debug, Eq, PartialEq)]
struct Cut {
    step: u64,
    bytes_of_step: u64,
}

impl Cut {
    /// Keeps the youngest `goal` bytes.
    fn to(goal: u64, by_age: &BTreeMap<u64, u64>) -> Self {
        let mut kept = 0;
        for (&step, &bytes) in by_age {
            kept += bytes;
            if kept > goal {
                return Self { step, bytes_of_step: kept - goal };
            }
        }
        Self { step: u64::MAX, bytes_of_step: 0 }
    }

    fn takes(&mut self, step: u64, bytes: u64) -> bool {
        if step == self.step && self.bytes_of_step > 0 {
            self.bytes_of_step = self.bytes_of_step.saturating_sub(bytes);
            return true;
        }
        step > self.step
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::{FileStorage, Meta, Storage as _};
    use std::fs::{File, FileTimes};

    const DAY: Duration = Duration::from_hours(24);

    struct Room {
        folder: tempfile::TempDir,
        storage: FileStorage,
        now: SystemTime,
    }

    fn key(number: u32) -> String {
        format!("default/{:02x}/{:02x}/{:036x}", number % 256, number / 256, number)
    }

    impl Room {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let storage = FileStorage::new(folder.path());
            Self { folder, storage, now: SystemTime::now() }
        }

        async fn put(&self, key: &str, bytes: usize, age: Duration, word: &str) {
            let meta = Meta::from([(word.to_owned(), String::new())]);
            self.storage.put(key, vec![1; bytes].into(), &meta).await.unwrap();
            self.used(key, age);
        }

        fn used(&self, name: &str, ago: Duration) {
            let times = FileTimes::new().set_accessed(self.now - ago).set_modified(self.now - ago);
            File::open(self.folder.path().join(name)).unwrap().set_times(times).unwrap();
        }

        fn sweep(&self, max_bytes: u64, max_age: Option<Duration>) -> Swept {
            let config = JanitorConfig { max_bytes, max_age, interval: DAY };
            Janitor::new(self.folder.path(), &config).sweep(self.now).unwrap()
        }

        fn has(&self, name: &str) -> bool {
            self.folder.path().join(name).exists()
        }
    }

    #[tokio::test]
    async fn what_was_not_used_for_longest_goes_first() {
        let room = Room::new();
        for number in 0..100 {
            room.put(&key(number), 1000, Duration::from_secs(u64::from(number) * 50), "w").await;
        }
        let all = room.sweep(0, None);
        assert_eq!((all.removed, all.found_bytes), (0, all.left_bytes));
        let each = all.found_bytes / 100;
        let swept = room.sweep(each * 50, None);
        assert!(swept.left_bytes <= each * 45 + 45 && swept.left_bytes > each * 44, "{swept:?}");
        let left = (0..100).filter(|&number| room.has(&key(number))).collect::<Vec<_>>();
        assert_eq!(left, (0..u32::try_from(left.len()).unwrap()).collect::<Vec<_>>());
        assert_eq!(left.len() as u64 + swept.removed, 100);
        assert!(!room.has(&format!("{}.meta", key(99))), "sidecars go too");
        assert_eq!(room.sweep(each * 50, None).removed, 0);
    }

    #[tokio::test]
    async fn what_is_too_old_goes_unless_it_is_pinned_or_of_others() {
        let room = Room::new();
        room.put(&key(1), 10, DAY, "w").await;
        room.put(&key(2), 10, 3 * DAY, "w").await;
        room.put(&key(3), 10, 3 * DAY, PINNED).await;
        room.storage.put(&key(4), "bytes".into(), &Meta::new()).await.unwrap();
        room.used(&key(4), 3 * DAY);
        assert_eq!(room.sweep(0, Some(2 * DAY)).removed, 1);
        assert_eq!([1, 2, 3, 4].map(|number| room.has(&key(number))), [true, false, true, true]);
        room.sweep(1, None);
        assert_eq!([1, 2, 3, 4].map(|number| room.has(&key(number))), [false, false, true, false]);
    }

    #[tokio::test]
    async fn nothing_is_touched_that_does_not_look_stored() {
        let room = Room::new();
        let others = ["photo.jpg", "ab/photo.jpg", "default/ab/cd/short", "home/user/.bashrc", "ab/cd/ef.meta"];
        for name in others {
            let path = room.folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, "precious").unwrap();
            room.used(name, 100 * DAY);
        }
        room.sweep(1, Some(DAY));
        assert_eq!(others.map(|name| room.has(name)), [true; 5]);
    }

    #[tokio::test]
    async fn what_leads_nowhere_and_what_nobody_finished_goes_after_a_while() {
        let room = Room::new();
        room.put(&key(1), 10, DAY, "w").await;
        let lead = |number| layout::Layout::Hashed.by_source("a.jpg", &key(number));
        room.put(&lead(1), 10, DAY, "w").await;
        room.put(&lead(2), 10, DAY, "w").await;
        room.put(&lead(3), 10, Duration::ZERO, "w").await;
        let unfinished = [".unfinished/1-1", ".unfinished/1-2"];
        for (name, age) in unfinished.into_iter().zip([Duration::ZERO, DAY]) {
            fs::write(room.folder.path().join(name), "half").unwrap();
            room.used(name, age);
        }
        room.sweep(0, None);
        assert_eq!([1, 2, 3].map(|number| room.has(&lead(number))), [true, false, true]);
        assert_eq!(unfinished.map(|name| room.has(name)), [true, false]);
    }

    #[test]
    fn steps_grow_with_time_and_never_go_back() {
        let now = SystemTime::now();
        let at = |age_s| step(now - Duration::from_secs(age_s), now);
        assert_eq!([0, 1, 3600, 3659, 3660].map(at), [0, 1, 3600, 3600, 3601]);
        assert!((0..20 * 24 * 3600).step_by(977).map(at).is_sorted());
        assert!(at(10 * 365 * 24 * 3600) < 102_000);
        assert_eq!(step(now + DAY, now), 0);
    }

    #[test]
    fn a_cut_takes_no_more_than_it_must() {
        let by_age = BTreeMap::from([(1, 10), (5, 10), (9, 10)]);
        assert_eq!(Cut::to(30, &by_age), Cut { step: u64::MAX, bytes_of_step: 0 });
        assert_eq!(Cut::to(15, &by_age), Cut { step: 5, bytes_of_step: 5 });
        let mut cut = Cut::to(15, &by_age);
        assert_eq!(
            [(1, 10), (9, 10), (5, 5), (5, 5)].map(|(step, bytes)| cut.takes(step, bytes)),
            [false, true, true, false]
        );
    }
}
