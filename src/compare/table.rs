//! The report as text for a terminal.

use super::report::{Report, Row, Verdict, middle_and_slow};
use std::fmt;

/// Differences that are listed; the others are in JSON and on the page.
const MOST_LISTED: usize = 40;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let different = self.different();
        if different > 0 {
            writeln!(f, "{:<16} {:<44} url", "difference", "old -> new")?;
        }
        for row in self.rows.iter().take(different.min(MOST_LISTED)) {
            writeln!(f, "{:<16} {:<44} {}", row.verdict.name(), shown(&row.detail), shown(&row.url))?;
        }
        if different > MOST_LISTED {
            writeln!(f, "and {} more", different - MOST_LISTED)?;
        }
        if different > 0 {
            writeln!(f)?;
        }
        self.summary(f)
    }
}

impl Report {
    fn summary(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}\nnew {}", self.old, self.new)?;
        let counts = Verdict::ALL.iter().map(|(verdict, name)| (self.count(*verdict), *name));
        let counts: Vec<_> =
            counts.filter(|(count, _)| *count > 0).map(|(count, name)| format!("{count} {name}")).collect();
        writeln!(f, "{} URLs: {}", self.rows.len(), counts.join(", "))?;
        if let Some(not_asked) = &self.not_asked {
            writeln!(f, "{} URLs were not asked for: {}", not_asked.urls, not_asked.reason)?;
        }
        if let Some((lowest, middle)) = self.scores() {
            let threshold = self.threshold;
            writeln!(
                f,
                "score: lowest {lowest:.1}, median {middle:.1} (100 is equal; below {threshold} counts as different)"
            )?;
        }
        if let Some((old_bytes, new_bytes)) = self.bytes() {
            let (old, new) = (megabytes(old_bytes), megabytes(new_bytes));
            writeln!(f, "bytes of pictures: {old:.2} MB -> {new:.2} MB ({:+.0} %)", (new / old - 1.0) * 100.0)?;
        }
        if let (Some(old), Some(new)) = (self.times(|row| row.old.ms), self.times(|row| row.new.ms)) {
            writeln!(
                f,
                "time: median {:.0} ms -> {:.0} ms, 95 % within {:.0} ms -> {:.0} ms",
                old.0, new.0, old.1, new.1
            )?;
        }
        Ok(())
    }

    /// Bytes of all pictures that both have.
    pub(super) fn bytes(&self) -> Option<(usize, usize)> {
        let sums = self.pictures().fold((0, 0), |(old, new), row| (old + row.old.bytes, new + row.new.bytes));
        (sums.0 > 0).then_some(sums)
    }

    /// Milliseconds: median, and what 95 of 100 stay within.
    pub(super) fn times(&self, ms: impl Fn(&Row) -> f64) -> Option<(f64, f64)> {
        middle_and_slow(self.pictures().map(ms))
    }
}

#[expect(clippy::cast_precision_loss, reason = "for people")]
pub(super) fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

/// Without what would command a terminal: logs hold what strangers sent.
fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
