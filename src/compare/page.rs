//! The report as one page that needs nothing else: no script, no address, the pictures within it.

use super::report::{Pair, Report, Row, Side, Verdict};
use super::table::megabytes;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use std::fmt::Write as _;

/// Rows in the table of the page; JSON has all of them.
const MOST_ROWS: usize = 2000;

/// Nothing but this page's own style and pictures is let in, whatever the URLs and answers hold.
const HEAD: &str = r#"<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>Two image servers compared</title>
<style>
body { font: 15px/1.4 system-ui, sans-serif; margin: 2em; color: #222; background: #fafafa }
table { border-collapse: collapse } td, th { padding: .2em .8em .2em 0; text-align: left; vertical-align: top }
td.number { text-align: right } code { overflow-wrap: anywhere }
.pair { background: #fff; border: 1px solid #ddd; padding: 1em; margin: 1em 0 }
.sides { display: flex; flex-wrap: wrap; gap: 1em } figure { margin: 0; max-width: 31% }
figcaption { color: #666; font-size: 13px } img { max-width: 100%; display: block; background: #eee }
.over { position: relative; background: #000; isolation: isolate }
.over img + img { position: absolute; inset: 0; width: 100%; height: 100%; mix-blend-mode: difference }
.same { color: #2a7a2a } .other { color: #b02a2a }
@media (prefers-color-scheme: dark) { body { background: #181818; color: #ddd } .pair { background: #222; border-color: #444 } }
</style></head><body>
"#;

impl Report {
    /// A page with the summary, the worst pairs side by side, and all rows.
    pub fn html(&self) -> String {
        let mut page = String::from(HEAD);
        let _ = write!(
            page,
            "<h1>Two image servers compared</h1>\n<p>old <code>{}</code><br>new <code>{}</code></p>\n",
            escaped(&self.old),
            escaped(&self.new)
        );
        self.html_summary(&mut page);
        let shown: Vec<_> =
            self.pairs.iter().filter(|pair| pair.row.old.width.is_some() || pair.row.new.width.is_some()).collect();
        if !shown.is_empty() {
            page += "<h2>The worst pairs</h2>\n<p>Left old, in the middle new, right the difference: black where they are equal.</p>\n";
        }
        for pair in shown {
            pair_html(&mut page, pair);
        }
        self.html_rows(&mut page);
        page + "</body></html>\n"
    }

    fn html_summary(&self, page: &mut String) {
        let _ = write!(page, "<p><b>{} URLs</b></p>\n<table>\n", self.rows.len());
        for (verdict, name) in Verdict::ALL {
            let count = self.count(*verdict);
            if count > 0 {
                let _ = writeln!(
                    page,
                    "<tr><td class=\"{}\">{name}</td><td class=\"number\">{count}</td></tr>",
                    class(*verdict)
                );
            }
        }
        page.push_str("</table>\n");
        if let Some(not_asked) = &self.not_asked {
            let _ =
                writeln!(page, "<p>{} URLs were not asked for: {}.</p>", not_asked.urls, escaped(&not_asked.reason));
        }
        if let Some((lowest, middle)) = self.scores() {
            let _ = writeln!(
                page,
                "<p>SSIMULACRA2 scores: lowest {lowest:.1}, median {middle:.1}. 100 is equal, 90 cannot be told apart; \
                 below {} counts as different.</p>",
                self.threshold
            );
        }
        if let Some((old, new)) = self.bytes() {
            let _ =
                writeln!(page, "<p>Bytes of pictures: {:.2} MB, then {:.2} MB.</p>", megabytes(old), megabytes(new));
        }
        if let (Some(old), Some(new)) = (self.times(|row| row.old.ms), self.times(|row| row.new.ms)) {
            let _ = writeln!(
                page,
                "<p>Time to the last byte: median {:.0} ms, then {:.0} ms; 95 of 100 within {:.0} ms, then {:.0} ms.</p>",
                old.0, new.0, old.1, new.1
            );
        }
    }

    fn html_rows(&self, page: &mut String) {
        page.push_str(
            "<h2>All URLs</h2>\n<table>\n<tr><th></th><th>difference</th><th>score</th><th>old</th><th>new</th><th>requests</th>\
             <th>URL</th></tr>\n",
        );
        for row in self.rows.iter().take(MOST_ROWS) {
            let score = row.score.map(|score| format!("{score:.1}")).unwrap_or_default();
            let _ = writeln!(
                page,
                "<tr><td class=\"{}\">{}</td><td>{}</td><td class=\"number\">{score}</td><td>{}</td><td>{}</td>\
                 <td class=\"number\">{}</td><td><code>{}</code></td></tr>",
                class(row.verdict),
                row.verdict.name(),
                escaped(&row.detail),
                facts(&row.old),
                facts(&row.new),
                row.requests,
                escaped(&row.url)
            );
        }
        page.push_str("</table>\n");
        if self.rows.len() > MOST_ROWS {
            let _ = writeln!(page, "<p>and {} more</p>", self.rows.len() - MOST_ROWS);
        }
    }
}

fn class(verdict: Verdict) -> &'static str {
    if verdict == Verdict::Same { "same" } else { "other" }
}

fn pair_html(page: &mut String, pair: &Pair) {
    let Row { url, verdict, detail, old, new, .. } = &pair.row;
    let (old_picture, new_picture) = (picture(old, pair.old.as_ref()), picture(new, pair.new.as_ref()));
    let _ = write!(
        page,
        "<div class=\"pair\"><p class=\"{}\">{}: {}</p>\n<p><code>{}</code></p>\n<div class=\"sides\">\n",
        class(*verdict),
        verdict.name(),
        escaped(detail),
        escaped(url)
    );
    for (name, side, picture) in [("old", old, &old_picture), ("new", new, &new_picture)] {
        let _ = writeln!(page, "<figure>{picture}<figcaption>{name}: {}</figcaption></figure>", facts(side));
    }
    if !old_picture.is_empty() && !new_picture.is_empty() {
        let _ = writeln!(
            page,
            "<figure><div class=\"over\">{old_picture}{new_picture}</div><figcaption>difference</figcaption></figure>"
        );
    }
    page.push_str("</div></div>\n");
}

/// The picture as it came, within the page; nothing if the answer was none.
fn picture(side: &Side, body: Option<&Bytes>) -> String {
    let Some(body) = body.filter(|_| side.width.is_some()) else { return String::new() };
    format!("<img alt=\"\" src=\"data:{};base64,{}\">", side.mime, STANDARD.encode(body))
}

fn facts(side: &Side) -> String {
    let Some(status) = side.status else { return escaped(side.problem.as_deref().unwrap_or("no answer")) };
    let dimensions = match (side.width, side.height) {
        (Some(width), Some(height)) => format!(" {width}x{height}"),
        _ => String::new(),
    };
    format!("{status} {}{dimensions}, {} bytes, {:.0} ms", escaped(&side.mime), side.bytes, side.ms)
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}
