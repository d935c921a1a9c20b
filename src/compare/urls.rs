//! Which URLs are asked for: each once, those first that were requested most.

use super::log::{Form, Found};
use flate2::read::MultiGzDecoder;
use std::collections::HashMap;
use std::fmt;
use std::io::{self, BufRead, BufReader, Read};

/// Longest line that is read; the rest of longer ones is passed over.
const MAX_LINE_BYTES: u64 = 64 << 10;
/// Bytes of different URLs that are kept; further new ones are only counted.
const MAX_KEPT_BYTES: usize = 256 << 20;
/// First bytes of a gzip file.
const GZIP: &[u8] = &[0x1f, 0x8b];

/// URLs without the server's part, and how often each was requested.
#[derive(Debug, Default)]
pub struct UrlList {
    requests: HashMap<String, Requests>,
    kept_bytes: usize,
    left_out: LeftOut,
}

#[derive(Clone, Copy, Debug)]
struct Requests {
    count: u64,
    first: usize,
}

/// Lines that gave no URL.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct LeftOut {
    /// Neither a URL nor a line of a known log.
    pub unreadable: u64,
    /// The first of them, counted from 1 within its file.
    pub first_unreadable: Option<u64>,
    /// Requests by other methods than GET and HEAD.
    pub other_methods: u64,
    /// Requests that were answered with an error.
    pub errors: u64,
    /// New URLs after the memory for them was used up.
    pub surplus: u64,
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.first_unreadable.map(|line| format!(" (line {line} is the first)")).unwrap_or_default();
        let counts = [
            (self.unreadable, format!("in no known form{first}")),
            (self.other_methods, "with other methods than GET and HEAD".to_owned()),
            (self.errors, "that were answered with an error".to_owned()),
            (self.surplus, "with new URLs beyond what is kept".to_owned()),
        ];
        let words = counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
        write!(f, "lines left out: {}", words.collect::<Vec<_>>().join(", "))
    }
}

impl UrlList {
    /// Adds a URL or a path, once.
    ///
    /// # Errors
    /// The text, if it is neither.
    pub fn add(&mut self, url: &str) -> Result<(), String> {
        let path = super::log::path(url).ok_or_else(|| url.to_owned())?;
        self.count(path);
        Ok(())
    }

    /// Adds what a list of URLs or an access log holds, packed by gzip or not.
    ///
    /// # Errors
    /// When reading fails.
    pub fn read(&mut self, source: impl Read) -> io::Result<()> {
        let mut source = BufReader::new(source);
        if source.fill_buf()?.starts_with(GZIP) {
            self.read_lines(BufReader::new(MultiGzDecoder::new(source)))
        } else {
            self.read_lines(source)
        }
    }

    /// Lines that gave no URL so far.
    pub fn left_out(&self) -> LeftOut {
        self.left_out
    }

    /// How many different URLs there are.
    pub fn len(&self) -> usize {
        self.requests.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.requests.is_empty()
    }

    /// At most `limit` URLs with the number of their requests, the most requested first, as they came otherwise.
    pub fn most_requested(self, limit: usize) -> Vec<(String, u64)> {
        let mut all: Vec<_> = self.requests.into_iter().collect();
        all.sort_unstable_by_key(|(_, requests)| (std::cmp::Reverse(requests.count), requests.first));
        all.truncate(limit);
        all.into_iter().map(|(url, requests)| (url, requests.count)).collect()
    }

    fn read_lines(&mut self, mut source: impl BufRead) -> io::Result<()> {
        let mut form = Form::default();
        let mut line = Vec::new();
        for number in 1_u64.. {
            line.clear();
            if source.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut line)? == 0 {
                break;
            }
            if line.last() != Some(&b'\n') && line.len() as u64 == MAX_LINE_BYTES {
                skip_line(&mut source)?;
            }
            match form.read(&String::from_utf8_lossy(&line)) {
                Found::Url(path) => self.count(path),
                Found::Nothing => {}
                Found::OtherMethod => self.left_out.other_methods += 1,
                Found::Error => self.left_out.errors += 1,
                Found::Unreadable => {
                    self.left_out.unreadable += 1;
                    self.left_out.first_unreadable.get_or_insert(number);
                }
            }
        }
        Ok(())
    }

    fn count(&mut self, path: String) {
        let first = self.requests.len();
        if let Some(requests) = self.requests.get_mut(&path) {
            requests.count += 1;
        } else if self.kept_bytes + path.len() > MAX_KEPT_BYTES {
            self.left_out.surplus += 1;
        } else {
            self.kept_bytes += path.len();
            self.requests.insert(path, Requests { count: 1, first });
        }
    }
}

fn skip_line(source: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffer = source.fill_buf()?;
        let (used, done) = match buffer.iter().position(|byte| *byte == b'\n') {
            Some(at) => (at + 1, true),
            None => (buffer.len(), buffer.is_empty()),
        };
        source.consume(used);
        if done {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    #[test]
    fn the_most_requested_come_first_and_each_once() {
        let mut list = UrlList::default();
        list.read("/a\n/b\n/c\n/b\n".as_bytes()).unwrap();
        list.add("http://old.example/c").unwrap();
        assert_eq!(list.add("what").unwrap_err(), "what");
        assert_eq!(list.len(), 3);
        assert_eq!(list.most_requested(2), [("/b".to_owned(), 2), ("/c".to_owned(), 2)]);
    }

    #[test]
    fn packed_logs_are_unpacked_also_when_several_were_joined() {
        let pack = |text: &str| {
            let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            packed.write_all(text.as_bytes()).unwrap();
            packed.finish().unwrap()
        };
        let mut list = UrlList::default();
        list.read([pack("/a\n"), pack("/b\n")].concat().as_slice()).unwrap();
        assert_eq!(list.most_requested(9).len(), 2);
    }

    #[test]
    fn a_line_without_end_costs_no_memory_and_no_other_line() {
        let long = "x".repeat(3 << 16);
        let mut list = UrlList::default();
        list.read(format!("/a\n{long}\n/b").as_bytes()).unwrap();
        let left_out = list.left_out();
        assert_eq!((left_out.unreadable, left_out.first_unreadable), (1, Some(2)));
        assert_eq!(list.most_requested(9).len(), 2);
    }
}
