//! A metric: its name, its labels with every word that they may have, and a cell for each.

use super::cells::Cell;
use prometheus_client::encoding::DescriptorEncoder;
use prometheus_client::metrics::MetricType;
use std::fmt;

/// What a metric is called and what its labels say.
#[derive(Debug)]
pub(crate) struct About {
    /// The name as it is told; those of counters end in `_total`.
    pub(crate) name: &'static str,
    /// What is counted, and in which unit.
    pub(crate) help: &'static str,
    /// Names of its labels.
    pub(crate) labels: &'static [&'static str],
    pub(crate) kind: MetricType,
}

/// Cells by the words of up to two labels. The words are fixed, so that no request can make the table grow.
#[derive(Debug)]
pub(crate) struct Family<T, const A: usize = 1, const B: usize = 1> {
    about: About,
    words: (&'static [&'static str; A], &'static [&'static str; B]),
    cells: [[T; B]; A],
}

/// A metric of any shape, for those who tell them all.
pub(crate) trait Metric: Sync {
    /// Its name and labels.
    #[cfg(test)]
    fn about(&self) -> &About;
    /// Tells all of it.
    fn encode(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result;
}

impl<T: Cell> Family<T> {
    /// A metric without labels.
    pub(crate) const fn single(kind: MetricType, name: &'static str, help: &'static str) -> Self {
        Self::new(About { name, help, labels: &[], kind }, &[""], &[""])
    }

    /// Its only cell.
    pub(crate) fn only(&self) -> &T {
        &self.cells[0][0]
    }
}

impl<T: Cell, const A: usize> Family<T, A> {
    /// A metric with one label.
    pub(crate) const fn by(
        kind: MetricType,
        name: &'static str,
        label: &'static [&'static str; 1],
        words: &'static [&'static str; A],
        help: &'static str,
    ) -> Self {
        Self::new(About { name, help, labels: label, kind }, words, &[""])
    }

    /// The cell of this word.
    pub(crate) fn of(&self, word: &str) -> &T {
        self.at(word, "")
    }
}

impl<T: Cell, const A: usize, const B: usize> Family<T, A, B> {
    /// A metric with two labels.
    pub(crate) const fn crossed(
        kind: MetricType,
        name: &'static str,
        labels: &'static [&'static str; 2],
        words: (&'static [&'static str; A], &'static [&'static str; B]),
        help: &'static str,
    ) -> Self {
        Self::new(About { name, help, labels, kind }, words.0, words.1)
    }

    const fn new(about: About, first: &'static [&'static str; A], second: &'static [&'static str; B]) -> Self {
        Self { about, words: (first, second), cells: [const { [const { T::EMPTY }; B] }; A] }
    }

    /// The cell of these words; of the last one in place of a word that is not expected.
    pub(crate) fn at(&self, first: &str, second: &str) -> &T {
        &self.cells[index(self.words.0, first)][index(self.words.1, second)]
    }
}

fn index<const N: usize>(words: &[&str; N], word: &str) -> usize {
    words.iter().position(|known| *known == word).unwrap_or(N - 1)
}

impl<T: Cell, const A: usize, const B: usize> Metric for Family<T, A, B> {
    #[cfg(test)]
    fn about(&self) -> &About {
        &self.about
    }

    /// Where two labels cross, only what was counted: most pairs never come together.
    fn encode(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let About { name, help, labels, kind } = &self.about;
        let name = match kind {
            MetricType::Counter => name.trim_end_matches("_total"), // the encoder puts it there
            _ => name,
        };
        let mut encoder = encoder.encode_descriptor(name, help, None, *kind)?;
        let rows = self.words.0.iter().zip(&self.cells);
        let cells =
            rows.flat_map(|(first, row)| self.words.1.iter().zip(row).map(|(second, cell)| (*first, *second, cell)));
        for (first, second, cell) in cells.filter(|(.., cell)| labels.len() < 2 || !cell.is_empty()) {
            let pairs: Vec<_> = labels.iter().copied().zip([first, second]).collect();
            cell.encode(*kind, &mut encoder.encode_family(&pairs)?)?;
        }
        Ok(())
    }
}
