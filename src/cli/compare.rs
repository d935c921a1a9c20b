//! `compare`: an old and a new server asked for the same URLs.

use clap::Args;
use std::fs::{self, File};
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use tintype::compare::{self, AskError, Bounds, Options, Progress, Server, UrlList};

/// How often the bar is drawn anew.
const REDRAW: Duration = Duration::from_millis(100);
/// Pairs that a page shows.
const PAIRS_ON_PAGE: usize = 20;

/// Which servers, which URLs, and what counts as different.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CompareArgs {
    /// Base of the old server, such as `http://thumbor.internal:8888`
    old: String,
    /// Base of the new server
    new: String,
    /// Paths or URLs, of which the server's part does not count, or files with such lines
    urls: Vec<String>,
    /// Access log (common or combined, of `CloudFront`, of an AWS load balancer, Thumbor's own) or list of URLs, packed by gzip or not; - for
    /// standard input; may be given several times
    #[arg(long, value_name = "FILE")]
    log: Vec<PathBuf>,
    /// URLs asked for at most, the most requested first
    #[arg(long, value_name = "COUNT", default_value_t = 1000)]
    limit: usize,
    /// SSIMULACRA2 score below which pictures count as different: 100 is equal, 90 cannot be told apart
    #[arg(long, value_name = "SCORE", default_value_t = 50.0, allow_hyphen_values = true)]
    threshold: f64,
    /// URLs that may differ without failing
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    allow: usize,
    /// Pairs asked for at a time
    #[arg(long, value_name = "COUNT", default_value_t = 2)]
    concurrency: usize,
    /// Pairs asked for a second [default: as fast as they come]
    #[arg(long, value_name = "COUNT")]
    rate: Option<f64>,
    /// Header for both servers, as "Name: value"; may be given several times
    #[arg(short = 'H', long = "header", value_name = "HEADER")]
    headers: Vec<String>,
    /// Header for the old server only
    #[arg(long, value_name = "HEADER")]
    old_header: Vec<String>,
    /// Header for the new server only
    #[arg(long, value_name = "HEADER")]
    new_header: Vec<String>,
    /// Seconds for one answer
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    timeout: u64,
    /// Seconds for all
    #[arg(long, value_name = "SECONDS", default_value_t = 3600)]
    deadline: u64,
    /// Bytes of one answer
    #[arg(long, value_name = "BYTES", default_value_t = 64 << 20)]
    max_bytes: u64,
    /// Write everything as JSON; - for standard output
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write a page with the worst pairs side by side
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  tintype compare http://thumbor:8888 http://127.0.0.1:8000 /unsafe/300x200/photo.jpg
  tintype compare http://thumbor:8888 http://127.0.0.1:8000 --log access.log.gz --html report.html
  tintype compare https://d1.cloudfront.net http://127.0.0.1:8000 --log E1.2026-11-24.gz --rate 5 -H 'Accept: image/webp'

Ends with 0 if nothing (or no more than --allow) differs, with 1 if something does, and with 2 if there was nothing to
compare: a server that cannot be reached, no URLs, a file that cannot be read or written.";

/// Why nothing was compared.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CompareError {
    #[error("{side} server: {error}")]
    Server { side: &'static str, error: AskError },
    #[error("`{0}` is neither a path of a URL, nor a URL, nor a file")]
    Url(String),
    #[error("no URLs: give some, or --log FILE")]
    NoUrls,
    #[error("{path}: {source}")]
    File { path: PathBuf, source: io::Error },
    #[error("--{0} must be more than 0")]
    NotPositive(&'static str),
    #[error(transparent)]
    Output(#[from] io::Error),
}

impl CompareArgs {
    /// Asks, prints, and says by its code how it went.
    ///
    /// # Errors
    /// [`CompareError`].
    pub(crate) fn run(self) -> Result<ExitCode, CompareError> {
        self.judge_numbers()?;
        let bounds = Bounds { max_bytes: self.max_bytes, timeout: Duration::from_secs(self.timeout) };
        let server = |side, base: &str, own: &[String]| {
            let headers = [self.headers.as_slice(), own].concat();
            Server::new(base, &headers, bounds).map_err(|error| CompareError::Server { side, error })
        };
        let old = server("old", &self.old, &self.old_header)?;
        let new = server("new", &self.new, &self.new_header)?;
        let urls = self.urls()?;
        let options = Options {
            concurrency: self.concurrency,
            rate: self.rate,
            deadline: Duration::from_secs(self.deadline),
            threshold: self.threshold,
            keep_pairs: if self.html.is_some() { PAIRS_ON_PAGE } else { 0 },
        };
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let report = runtime.block_on(async {
            for (side, server) in [("old", &old), ("new", &new)] {
                server.greet().await.map_err(|error| CompareError::Server { side, error })?;
            }
            let mut bar = Bar::new();
            let report = compare::run(&old, &new, urls, &options, |progress| bar.draw(progress)).await;
            bar.clear();
            Ok::<_, CompareError>(report)
        })?;
        let json_is_output = self.json.as_deref() == Some(Path::new("-"));
        if let Some(path) = &self.json {
            write(path, &report.json())?;
        }
        if let Some(path) = &self.html {
            write(path, &report.html())?;
        }
        if !json_is_output {
            io::stdout().write_all(report.to_string().as_bytes())?;
        }
        let complete = report.not_asked.is_none();
        Ok(if complete && report.different() <= self.allow { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    fn judge_numbers(&self) -> Result<(), CompareError> {
        let numbers = [
            ("limit", self.limit > 0),
            ("concurrency", self.concurrency > 0),
            ("rate", self.rate.is_none_or(|rate| rate.is_finite() && rate > 0.0)),
            ("timeout", self.timeout > 0),
            ("deadline", self.deadline > 0),
            ("max-bytes", self.max_bytes > 0),
        ];
        let wrong = numbers.into_iter().find(|(_, good)| !good);
        wrong.map_or(Ok(()), |(name, _)| Err(CompareError::NotPositive(name)))
    }

    /// All URLs, and a word on lines that gave none.
    fn urls(&self) -> Result<Vec<(String, u64)>, CompareError> {
        let mut list = UrlList::default();
        let mut logs = self.log.clone();
        for url in &self.urls {
            if !url.contains("://") && Path::new(url).is_file() {
                logs.push(url.into());
            } else {
                list.add(url).map_err(CompareError::Url)?;
            }
        }
        for path in logs {
            let failed = |source| CompareError::File { path: path.clone(), source };
            if path == Path::new("-") {
                list.read(io::stdin()).map_err(failed)?;
            } else {
                list.read(File::open(&path).map_err(failed)?).map_err(failed)?;
            }
        }
        let left_out = list.left_out();
        if left_out != compare::LeftOut::default() {
            io::stderr().write_all(format!("{left_out}\n").as_bytes())?;
        }
        if list.is_empty() {
            return Err(CompareError::NoUrls);
        }
        if list.len() > self.limit {
            let text = format!("{} different URLs; the {} most requested are asked for\n", list.len(), self.limit);
            io::stderr().write_all(text.as_bytes())?;
        }
        Ok(list.most_requested(self.limit))
    }
}

fn write(path: &Path, text: &str) -> Result<(), CompareError> {
    if path == Path::new("-") {
        return Ok(io::stdout().write_all(text.as_bytes())?);
    }
    fs::write(path, text).map_err(|source| CompareError::File { path: path.to_owned(), source })
}

/// A bar on a terminal; nothing elsewhere.
struct Bar {
    on_terminal: bool,
    drawn: Option<Instant>,
}

impl Bar {
    const WIDTH: usize = 30;

    fn new() -> Self {
        Self { on_terminal: io::stderr().is_terminal(), drawn: None }
    }

    fn draw(&mut self, Progress { done, all, different }: Progress) {
        let fresh = self.drawn.is_some_and(|drawn| drawn.elapsed() < REDRAW) && done < all;
        if !self.on_terminal || fresh {
            return;
        }
        self.drawn = Some(Instant::now());
        let filled = Self::WIDTH * done / all.max(1);
        let bar = format!("{}{}", "#".repeat(filled), "-".repeat(Self::WIDTH - filled));
        // A bar that cannot be drawn is no reason to stop.
        let _ = io::stderr().write_all(format!("\r[{bar}] {done}/{all}, {different} different\x1b[K").as_bytes());
    }

    fn clear(&self) {
        if self.drawn.is_some() {
            let _ = io::stderr().write_all(b"\r\x1b[K");
        }
    }
}
