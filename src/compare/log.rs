//! Lines of access logs, and of plain lists of URLs.

use percent_encoding::percent_decode_str;

/// First words of lines of AWS's Application Load Balancer.
const BALANCER: &[&str] = &["http", "https", "h2", "grpcs", "ws", "wss"];

/// What a line gives.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Found {
    /// Path and query.
    Url(String),
    /// A comment or an empty line.
    Nothing,
    /// A request by another method than GET and HEAD.
    OtherMethod,
    /// A request that was answered with an error.
    Error,
    /// No line of a known form.
    Unreadable,
}

/// What the lines so far have said about those to come: the columns of a log with `#Fields`, such as those of `CloudFront`.
#[derive(Debug, Default)]
pub(super) struct Form {
    columns: Option<Columns>,
}

#[derive(Clone, Copy, Debug)]
struct Columns {
    method: usize,
    path: usize,
    query: Option<usize>,
    status: Option<usize>,
}

impl Form {
    /// Reads one line, in whatever form it is.
    pub(super) fn read(&mut self, line: &str) -> Found {
        let line = line.trim_end_matches(['\r', '\n']);
        if let Some(names) = line.strip_prefix("#Fields:") {
            self.columns = columns(names);
            return Found::Nothing;
        }
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return Found::Nothing;
        }
        if let Some(columns) = self.columns {
            return by_column(line, columns);
        }
        if !line.contains([' ', '\t']) {
            return path(line).map_or(Found::Unreadable, Found::Url);
        }
        quoted_request(line).or_else(|| thumbor_request(line)).unwrap_or(Found::Unreadable)
    }
}

/// Path and query of a URL, or of what is one but for the server's part.
pub(super) fn path(url: &str) -> Option<String> {
    let after_scheme = ["http://", "https://"].iter().find_map(|scheme| {
        let (start, rest) = url.split_at_checked(scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then_some(rest)
    });
    let path = match after_scheme {
        Some(rest) => rest.find('/').map_or("/", |at| &rest[at..]),
        None => url,
    };
    let path = path.split('#').next().unwrap_or_default();
    let is_path = path.contains('/') && !path.chars().any(|c| c.is_whitespace() || c.is_control());
    is_path.then(|| if path.starts_with('/') { path.to_owned() } else { format!("/{path}") })
}

fn columns(names: &str) -> Option<Columns> {
    let names: Vec<_> = names.split_whitespace().collect();
    let at = |name: &str| names.iter().position(|have| *have == name);
    Some(Columns {
        method: at("cs-method")?,
        path: at("cs-uri-stem")?,
        query: at("cs-uri-query"),
        status: at("sc-status"),
    })
}

fn by_column(line: &str, columns: Columns) -> Found {
    let fields: Vec<_> = line.split(if line.contains('\t') { '\t' } else { ' ' }).collect();
    let field = |at: usize| fields.get(at).copied().filter(|field| *field != "-");
    let (Some(method), Some(stem)) = (field(columns.method), field(columns.path)) else { return Found::Unreadable };
    let query = columns.query.and_then(field).map(|query| format!("?{}", once_encoded(query))).unwrap_or_default();
    let url = format!("{}{query}", once_encoded(stem));
    judged(method, columns.status.and_then(field), &url)
}

/// `CloudFront` encodes once more what was encoded already.
fn once_encoded(text: &str) -> String {
    let hex = |at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_hexdigit);
    let twice = text.match_indices("%25").any(|(at, _)| hex(at + 3) && hex(at + 4));
    if twice { percent_decode_str(text).decode_utf8_lossy().into_owned() } else { text.to_owned() }
}

/// The first text in quotes that is a request: logs in the common and combined forms, and of load balancers.
fn quoted_request(line: &str) -> Option<Found> {
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('"') {
        let end = end_of_quote(after)?;
        let request = &after[..end];
        let (method, target) = request.split_once(' ').unwrap_or_default();
        if !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase()) {
            let target = target.rsplit_once(" HTTP/").map_or(target, |(target, _)| target);
            let status = if BALANCER.contains(&line.split(' ').next().unwrap_or_default()) {
                before.split_whitespace().nth(8)
            } else {
                after[end + 1..].split_whitespace().next()
            };
            return Some(judged(method, status, target));
        }
        rest = &after[end + 1..];
    }
    None
}

/// Where a text ends that was in quotes; quotes within it have a backslash before them.
fn end_of_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })
}

/// Thumbor's own log: `... tornado.access:INFO 200 GET /unsafe/... (127.0.0.1) 12.34ms`.
fn thumbor_request(line: &str) -> Option<Found> {
    let words: Vec<_> = line.split_whitespace().collect();
    words.windows(3).find_map(|words| {
        let is_status = words[0].len() == 3 && words[0].bytes().all(|byte| byte.is_ascii_digit());
        (is_status && words[2].starts_with('/')).then(|| judged(words[1], Some(words[0]), words[2]))
    })
}

fn judged(method: &str, status: Option<&str>, target: &str) -> Found {
    let failed = status.and_then(|status| status.parse::<u16>().ok()).is_some_and(|status| status >= 400);
    match path(target) {
        _ if !matches!(method, "GET" | "HEAD") => Found::OtherMethod,
        None => Found::Unreadable,
        Some(_) if failed => Found::Error,
        Some(path) => Found::Url(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, found: &str) {
        assert_eq!(Form::default().read(line), Found::Url(found.into()), "{line}");
    }

    #[test]
    fn plain_urls_and_paths() {
        check("/unsafe/300x200/a.jpg", "/unsafe/300x200/a.jpg");
        check("unsafe/300x200/a.jpg\r\n", "/unsafe/300x200/a.jpg");
        check("https://old.example:8888/unsafe/http://host/a.jpg?v=1#top", "/unsafe/http://host/a.jpg?v=1");
        check("HTTP://old.example", "/");
        for line in ["", "  ", "# a comment"] {
            assert_eq!(Form::default().read(line), Found::Nothing);
        }
        for line in ["hello", "hello world", "two /words here"] {
            assert_eq!(Form::default().read(line), Found::Unreadable, "{line}");
        }
    }

    #[test]
    fn common_and_combined_logs() {
        let common = r#"10.0.0.1 - - [10/Oct/2026:13:55:36 +0000] "GET /unsafe/9x9/a.jpg HTTP/1.1" 200 2326"#;
        check(common, "/unsafe/9x9/a.jpg");
        check(&format!("{common} \"https://shop.example/?q=\\\"x\\\"\" \"Mozilla/5.0\""), "/unsafe/9x9/a.jpg");
        check(&common.replace("GET", "HEAD").replace("200", "304"), "/unsafe/9x9/a.jpg");
        assert_eq!(Form::default().read(&common.replace("GET", "POST")), Found::OtherMethod);
        assert_eq!(Form::default().read(&common.replace("200", "404")), Found::Error);
        assert_eq!(Form::default().read(&common.replace("GET /unsafe/9x9/a.jpg HTTP/1.1", "-")), Found::Unreadable);
    }

    #[test]
    fn load_balancers() {
        let line = "https 2026-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 \
                    10.0.0.1:80 0.086 0.048 0.037 200 200 0 57 \
                    \"GET https://img.example:443/unsafe/fit-in/9x9/a.jpg?x=1 HTTP/1.1\" \"curl/7.46.0\" - - \"-\"";
        check(line, "/unsafe/fit-in/9x9/a.jpg?x=1");
        assert_eq!(Form::default().read(&line.replace("200 200", "502 -")), Found::Error);
    }

    #[test]
    fn cloudfront() {
        let head = "#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) \
                    cs(User-Agent) cs-uri-query cs(Cookie)";
        let mut form = Form::default();
        let mut read = |line: &str| form.read(line);
        assert_eq!(read("#Version: 1.0"), Found::Nothing);
        assert_eq!(read(head), Found::Nothing);
        let line = |method: &str, stem: &str, status: &str, query: &str| {
            format!(
                "2026-12-04\t21:02:31\tLAX1\t392\t192.0.2.100\t{method}\td1.cloudfront.net\t{stem}\t{status}\t-\tMozilla\t{query}\t-"
            )
        };
        let url = |url: &str| Found::Url(url.into());
        assert_eq!(read(&line("GET", "/fit-in/9x9/a.jpg", "200", "-")), url("/fit-in/9x9/a.jpg"));
        assert_eq!(read(&line("GET", "/a%2520b.jpg", "200", "v=1")), url("/a%20b.jpg?v=1"));
        assert_eq!(read(&line("GET", "/a%20b.jpg", "200", "-")), url("/a%20b.jpg"));
        assert_eq!(read(&line("GET", "/a.jpg", "403", "-")), Found::Error);
        assert_eq!(read(&line("OPTIONS", "/a.jpg", "200", "-")), Found::OtherMethod);
        assert_eq!(read("too short"), Found::Unreadable);
    }

    #[test]
    fn thumbor_itself() {
        let line = "2026-01-01 12:00:00 tornado.access:INFO 200 GET /unsafe/9x9/a.jpg (127.0.0.1) 12.34ms";
        check(line, "/unsafe/9x9/a.jpg");
        assert_eq!(Form::default().read(&line.replace("INFO 200", "WARNING 404")), Found::Error);
    }
}
