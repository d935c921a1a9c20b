//! `tintype doctor`: tries before the first request what a server needs, and says what to fix.
//!
//! One file a subject. A check never stops the others: what cannot be tried is said to be so.

mod codecs;
mod machine;
mod settings;
mod source;
mod storage;

use crate::config::{Loaded, Problems};
use serde::Serialize;
use std::fmt;

/// What was found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Diagnosis {
    /// In the order of the checks.
    pub findings: Vec<Finding>,
}

/// One thing that was tried.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Finding {
    /// How it stands.
    pub state: State,
    /// What it is about, in a word.
    pub subject: &'static str,
    /// What was found, in words.
    pub text: String,
    /// What to do, if anything.
    pub fix: Option<String>,
}

/// How something stands.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Good.
    Ok,
    /// Works, and somebody should look at it.
    Warning,
    /// Does not work.
    Problem,
}

/// Tries everything. `image` is the id of an original to read.
pub async fn examine(loaded: Result<Loaded, Problems>, image: Option<&str>) -> Diagnosis {
    let mut diagnosis = Diagnosis::default();
    match loaded {
        Ok(loaded) => {
            settings::check(&loaded, &mut diagnosis);
            settings::check_address(&loaded.config, &mut diagnosis);
            source::check(&loaded.config, image, &mut diagnosis).await;
            storage::check(&loaded.config, &mut diagnosis).await;
            machine::check(&loaded, &mut diagnosis);
        }
        Err(problems) => settings::refused(&problems, &mut diagnosis),
    }
    codecs::check(&mut diagnosis);
    diagnosis
}

impl Diagnosis {
    /// The gravest state of all.
    pub fn state(&self) -> State {
        self.findings.iter().map(|finding| finding.state).max().unwrap_or(State::Ok)
    }

    /// As JSON, for programs.
    ///
    /// # Panics
    /// Never: plain values always serialize.
    pub fn json(&self) -> String {
        let mut json = serde_json::to_string_pretty(self).expect("plain values always serialize");
        json.push('\n');
        json
    }

    fn ok(&mut self, subject: &'static str, text: impl Into<String>) {
        self.findings.push(Finding { state: State::Ok, subject, text: text.into(), fix: None });
    }

    fn warn(&mut self, subject: &'static str, text: impl Into<String>, fix: impl Into<String>) {
        self.findings.push(Finding { state: State::Warning, subject, text: text.into(), fix: Some(fix.into()) });
    }

    fn fail(&mut self, subject: &'static str, text: impl Into<String>, fix: impl Into<String>) {
        self.findings.push(Finding { state: State::Problem, subject, text: text.into(), fix: Some(fix.into()) });
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Finding { state, subject, text, fix } in &self.findings {
            let state = match state {
                State::Ok => "ok",
                State::Warning => "look",
                State::Problem => "FAIL",
            };
            writeln!(f, "{state:<5}{subject:<9} {text}")?;
            if let Some(fix) = fix {
                writeln!(f, "{:<15}{fix}", "")?;
            }
        }
        let count = |state| self.findings.iter().filter(|finding| finding.state == state).count();
        match (count(State::Problem), count(State::Warning)) {
            (0, 0) => writeln!(f, "\nall is well"),
            (0, warnings) => writeln!(f, "\nit works; {warnings} to look at"),
            (problems, warnings) => writeln!(f, "\n{problems} to fix, {warnings} to look at"),
        }
    }
}

/// Bytes for people.
fn mebibytes(bytes: u64) -> String {
    format!("{} MiB", bytes >> 20)
}

#[cfg(test)]
mod tests;
