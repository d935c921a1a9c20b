//! Videos made of finished GIFs, by an ffmpeg that runs beside the server.
//!
//! It never sees what a stranger has made: its input is a GIF that this server has just written, its output a file of
//! ours that nobody else can open. It gets one thread, as the job has whose slot it works under, and is killed as soon
//! as nobody waits for it.

use super::admission::Permit;
use super::rendition::{Rendition, StageTimes};
use super::{Pipeline, entity};
use crate::cancel::Cancelled;
use crate::config::VideoConfig;
use crate::error::Error;
use crate::recipe::Video;
use rustix::process::{Pid, Signal, kill_process_group};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Instant;
use tempfile::NamedTempFile;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};
use tracing::warn;

/// Complaints of ffmpeg are kept up to here, for the log.
const MAX_COMPLAINT_BYTES: u64 = 1000;

/// A GIF of one pixel, to try an ffmpeg with.
const TRIAL: &[u8] =
    b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\0\x0a\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";

/// Planes of 4:2:0 have even sides: a line is cut off an odd one, and a single one comes twice. The last picture comes once
/// more at the end, since ffmpeg would otherwise forget how long it is shown.
const FILTERS: &str = "scale='max(2,iw)':'max(2,ih)':flags=neighbor,crop='trunc(iw/2)*2':'trunc(ih/2)*2':0:0,\
                       tpad=stop=1:stop_mode=clone";

/// Makes videos of GIFs.
#[derive(Debug)]
pub(super) struct Videos {
    ffmpeg: PathBuf,
    max_bytes: u64,
}

/// Why there is no video.
#[derive(Debug, thiserror::Error)]
pub enum VideoError {
    /// There is no such program, or it may not be run.
    #[error("FFMPEG_PATH = `{path}` cannot be run: {reason}")]
    Start {
        /// The program.
        path: String,
        /// What the system says.
        reason: io::Error,
    },
    /// It ran and made no video.
    #[error("FFMPEG_PATH = `{path}` makes no {}: {complaint}", kind.mime())]
    Failed {
        /// The program.
        path: String,
        /// What it should have made.
        kind: Video,
        /// What it says.
        complaint: String,
    },
    /// The video is too large.
    #[error("the video exceeds MAX_VIDEO_BYTES = {limit_bytes}")]
    TooLarge {
        /// Most bytes allowed.
        limit_bytes: u64,
    },
    /// There is no place for it on disk.
    #[error("no temporary file for a video: {0}")]
    NoFile(io::Error),
}

impl Pipeline {
    /// The rendition as the video that it is to become. The process has as long as the job had, whose slot it keeps.
    ///
    /// # Errors
    /// If time runs out.
    pub(super) async fn filmed(
        &self,
        gif: Rendition,
        video: Option<Video>,
        _permit: Permit,
    ) -> Result<Rendition, Error> {
        let (Some(videos), Some(video)) = (&self.videos, video) else { return Ok(gif) };
        let replaced = tokio::time::timeout(self.render_timeout, videos.replace(gif, video));
        replaced.await.map_err(|_elapsed| Cancelled::OutOfTime.into())
    }

    /// Tries what it needs besides itself, so that a server can say at its start what does not work.
    ///
    /// # Errors
    /// If videos are to be made and none can be.
    pub async fn try_out(&self) -> Result<(), VideoError> {
        match &self.videos {
            Some(videos) => videos.try_out().await,
            None => Ok(()),
        }
    }
}

impl Videos {
    /// What the settings ask for; `None` if there are to be no videos.
    pub(super) fn new(config: &VideoConfig) -> Option<Self> {
        let ffmpeg = config.ffmpeg.clone()?;
        Some(Self { ffmpeg, max_bytes: config.max_bytes })
    }

    /// Makes a video of each kind, to learn at once whether that works.
    ///
    /// # Errors
    /// What would otherwise befall the first request for a video.
    pub(super) async fn try_out(&self) -> Result<(), VideoError> {
        for kind in [Video::Mp4, Video::WebM] {
            self.make(TRIAL, kind).await?;
        }
        Ok(())
    }

    /// The rendition as a video. If there can be none it stays a GIF, as in Thumbor, and says that `gifv` was skipped.
    pub(super) async fn replace(&self, mut gif: Rendition, kind: Video) -> Rendition {
        let start = Instant::now();
        match self.make(&gif.body, kind).await {
            Ok(video) => {
                let times = StageTimes { encode: gif.times.encode + start.elapsed(), ..gif.times };
                Rendition { body: video.into(), mime: kind.mime(), times, ..gif }
            }
            Err(error) => {
                warn!(%error, "a GIF stays a GIF");
                gif.ignored_filters.push("gifv".into());
                // It has another name than the video, which may be made the next time.
                Rendition { etag: entity::tag_of_file(&gif.body), provisional: true, ..gif }
            }
        }
    }

    /// The video of a GIF in which nothing is transparent. Dropping the future kills the process.
    async fn make(&self, gif: &[u8], kind: Video) -> Result<Vec<u8>, VideoError> {
        let file = NamedTempFile::new().map_err(VideoError::NoFile)?;
        let child = self.start(kind, file.path())?;
        let complaint = run(child, gif).await.map_err(|reason| self.unable(reason))?;
        if let Some(complaint) = complaint {
            let path = self.ffmpeg.display().to_string();
            return Err(VideoError::Failed { path, kind, complaint });
        }
        let limit_bytes = self.max_bytes;
        let read = tokio::task::spawn_blocking(move || {
            // ffmpeg ends a file that reaches the limit there and then, as if it were whole.
            if file.as_file().metadata()?.len() >= limit_bytes {
                return Ok(None);
            }
            std::fs::read(file.path()).map(Some)
        });
        let video = read.await.map_err(io::Error::other).flatten().map_err(VideoError::NoFile)?;
        video.ok_or(VideoError::TooLarge { limit_bytes })
    }

    /// Starts ffmpeg, which reads a GIF from its standard input. It gets none of our environment but where to find
    /// itself: there are secrets in it.
    fn start(&self, kind: Video, output: &Path) -> Result<Child, VideoError> {
        let mut command = Command::new(&self.ffmpeg);
        command.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        command.args(["-hide_banner", "-loglevel", "error", "-f", "gif", "-i", "pipe:0", "-an", "-vf", FILTERS]);
        // GIFs count time in hundredths of a second; pictures keep theirs instead of being repeated at a fixed rate.
        command.args(["-fps_mode", "vfr", "-r", "100", "-pix_fmt", "yuv420p", "-threads", "1", "-crf", "23"]);
        match kind {
            Video::Mp4 => command.args(["-c:v", "libx264", "-profile:v", "baseline", "-maxrate", "500k"]).args([
                "-bufsize",
                "1000k",
                "-movflags",
                "+faststart",
                "-f",
                "mp4",
            ]),
            Video::WebM => command.args(["-c:v", "libvpx", "-b:v", "500k", "-f", "webm"]),
        };
        command.arg("-fs").arg(self.max_bytes.to_string()).arg("-y").arg(output);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        command.kill_on_drop(true).process_group(0).spawn().map_err(|reason| self.unable(reason))
    }

    fn unable(&self, reason: io::Error) -> VideoError {
        VideoError::Start { path: self.ffmpeg.display().to_string(), reason }
    }
}

/// Feeds a process and waits for its end; what it complains of if it fails.
async fn run(mut child: Child, input: &[u8]) -> io::Result<Option<String>> {
    let mut group = Group(child.id());
    let (mut stdin, stderr) = (child.stdin.take().expect("it is piped"), child.stderr.take().expect("it is piped"));
    let feed = async move {
        // A process that does not want all of it says why on its own.
        stdin.write_all(input).await.ok();
    };
    let ((), complaint, status) = tokio::join!(feed, hear(stderr), child.wait());
    group.0 = None;
    Ok((!status?.success()).then_some(complaint))
}

/// A process and all that it has started, if it may still run; dropping this kills them. Whoever names a script as
/// ffmpeg would otherwise leave behind what that has called.
struct Group(Option<u32>);

impl Drop for Group {
    fn drop(&mut self) {
        let leader = self.0.and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        if let Some(leader) = leader {
            // It may have come to its end by itself.
            kill_process_group(leader, Signal::KILL).ok();
        }
    }
}

/// The first words of a process in one line; then nobody listens any more.
async fn hear(words: impl AsyncRead + Unpin) -> String {
    let mut first = Vec::new();
    words.take(MAX_COMPLAINT_BYTES).read_to_end(&mut first).await.ok();
    String::from_utf8_lossy(&first).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A program of a few words of shell in place of ffmpeg, whose last argument is the file to write.
    fn videos(shell: &str, max_bytes: u64) -> (tempfile::TempDir, Videos) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ffmpeg");
        let text = format!("#!/bin/sh\nfor output; do :; done\n{shell}\n");
        // Another process writes it: what is open for writing here could not be run while other tests start theirs.
        let write = "printf %s \"$1\" >\"$2\" && chmod 755 \"$2\"";
        let written = std::process::Command::new("sh").args(["-c", write, "sh", &text]).arg(&path).status();
        assert!(written.unwrap().success());
        (folder, Videos { ffmpeg: path, max_bytes })
    }

    #[tokio::test]
    async fn a_program_gets_the_gif_and_no_secrets_and_what_it_writes_is_the_video() {
        let (_folder, videos) =
            videos("env | grep -vE '^(PATH|PWD|SHLVL|_|OLDPWD)=' >&2 && exit 1; cat >\"$output\"", 100);
        assert_eq!(videos.make(b"pictures", Video::Mp4).await.unwrap(), b"pictures");
    }

    #[tokio::test]
    async fn a_video_that_reaches_the_limit_is_none() {
        let (_folder, videos) = videos("cat >\"$output\"", 8);
        assert!(videos.make(b"picture", Video::Mp4).await.is_ok());
        let error = videos.make(b"pictures", Video::Mp4).await.unwrap_err();
        assert_eq!(error.to_string(), "the video exceeds MAX_VIDEO_BYTES = 8");
    }

    #[tokio::test]
    async fn a_program_that_fails_is_quoted_in_one_short_line() {
        let (_folder, videos) = videos("echo 'Unknown\n encoder' >&2; yes | head -c 1000000 >&2; exit 3", 100);
        let error = videos.make(&vec![7; 1 << 20], Video::WebM).await.unwrap_err().to_string();
        assert!(error.contains("makes no video/webm: Unknown encoder y y"), "{error}");
        assert!(error.len() < 1200);
    }

    #[tokio::test]
    async fn a_program_that_is_not_there_is_named() {
        let videos = Videos { ffmpeg: "/no/such/ffmpeg".into(), max_bytes: 100 };
        let error = videos.try_out().await.unwrap_err().to_string();
        assert!(error.starts_with("FFMPEG_PATH = `/no/such/ffmpeg` cannot be run: "), "{error}");
    }
}
