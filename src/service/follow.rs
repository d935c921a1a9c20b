//! Settings that change while the service runs: on SIGHUP, and with their files.

use super::Service;
use crate::config::{Loaded, Sources};
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::time::Duration;
use tokio::signal::unix::Signal;
use tokio::time::{MissedTickBehavior, interval};
use tracing::{error, info, warn};

/// How often files are looked at. Asking for a change is cheap, and works on network drives and in containers.
const LOOKS: Duration = Duration::from_secs(1);

/// Reads the settings anew with every hangup, and with every change of their files where `RELOAD_ON_CHANGE` says so.
/// Never ends. `adopted` is told of all settings that come into force.
///
/// Settings that are wrong are refused as a whole: their problems go to the log, and the former stay.
pub async fn follow(
    mut service: Service,
    sources: Sources,
    mut hangups: Signal,
    adopted: impl Fn(&Loaded) + Send + Sync + 'static,
) {
    let mut looks = interval(LOOKS);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut watch = Watch::default();
    watch.look(&files(&service, &sources)).await;
    loop {
        tokio::select! {
            hangup = hangups.recv() => match hangup {
                Some(()) => info!("hangup received, reading the settings"),
                None => return std::future::pending().await,
            },
            _ = looks.tick(), if service.config().server.reload_on_change => {
                if !watch.look(&files(&service, &sources)).await {
                    continue;
                }
                info!("files have changed, reading the settings");
            }
        }
        let reading = sources.clone();
        // Reading of files must not hold up requests.
        let read = tokio::task::spawn_blocking(move || {
            let outcome = read(&mut service, &reading);
            (service, outcome)
        });
        let Ok((back, outcome)) = read.await else {
            error!("reading the settings panicked; they are not read any more");
            return std::future::pending().await;
        };
        service = back;
        match outcome {
            Ok(()) => adopted(&service.loaded),
            Err(problems) => {
                for problem in problems.lines() {
                    error!("{problem}");
                }
                error!("the settings are refused, the former stay in force");
            }
        }
    }
}

/// Reads the settings and lets the service take them; all that is wrong with them, one line each.
fn read(service: &mut Service, sources: &Sources) -> Result<(), String> {
    let loaded = sources.load().map_err(|problems| problems.to_string())?;
    for notice in &loaded.notices {
        warn!("{notice}");
    }
    let kept = service.take(loaded).map_err(|error| error.to_string())?;
    for key in kept {
        warn!("{key}: the new value counts from the next start on");
    }
    info!("settings exchanged");
    Ok(())
}

/// Files whose change is one of settings.
fn files(service: &Service, sources: &Sources) -> Vec<PathBuf> {
    let mut files = sources.files();
    files.extend(service.config().security.key_file.clone());
    files
}

/// What files looked like.
#[derive(Default)]
struct Watch {
    read: Vec<Option<Looks>>,
    last: Vec<Option<Looks>>,
}

#[derive(Clone, Copy, Eq, PartialEq)]
struct Looks {
    inode: u64,
    bytes: u64,
    seconds: i64,
    nanoseconds: i64,
}

impl Watch {
    /// Looks at the files. Whether they should be read: they differ from what was read, and lie still since last time,
    /// so that nobody is writing.
    async fn look(&mut self, files: &[PathBuf]) -> bool {
        let mut now = Vec::new();
        for file in files {
            now.push(tokio::fs::metadata(file).await.ok().map(|found| Looks::of(&found)));
        }
        let first = self.last.is_empty();
        let still = now == self.last;
        self.last = now;
        if first || (still && self.read != self.last) {
            self.read.clone_from(&self.last);
            return !first;
        }
        false
    }
}

impl Looks {
    fn of(found: &Metadata) -> Self {
        Self { inode: found.ino(), bytes: found.len(), seconds: found.mtime(), nanoseconds: found.mtime_nsec() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn files_are_read_once_they_lie_still() {
        let folder = tempfile::tempdir().unwrap();
        let files = [folder.path().join("a"), folder.path().join("b")];
        std::fs::write(&files[0], "1").unwrap();
        let mut watch = Watch::default();
        assert!(!watch.look(&files).await, "seen for the first time");
        assert!(!watch.look(&files).await);
        std::fs::write(&files[0], "12").unwrap();
        assert!(!watch.look(&files).await, "may still be written");
        assert!(watch.look(&files).await);
        assert!(!watch.look(&files).await);
        std::fs::write(&files[1], "").unwrap();
        assert!(!watch.look(&files).await && watch.look(&files).await, "there is another file");
        std::fs::remove_file(&files[0]).unwrap();
        assert!(!watch.look(&files).await && watch.look(&files).await, "a file is gone");
    }
}
