//! Settings of other servers as settings of ours: `thumbor.conf` files, and the environment of AWS's Serverless Image
//! Handler. Reads no Python but a small part of it, and runs none.

mod lambda;
mod python;
mod settle;
mod thumbor;
mod toml;

pub use lambda::{EnvironmentError, from_lambda};
pub use thumbor::{ConfFile, from_thumbor};

use std::fmt;

/// Settings of ours, and what there is to tell about them.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Imported {
    /// A file for `tintype -c`.
    pub toml: String,
    /// In the order of the lines they are about.
    pub remarks: Vec<Remark>,
    /// Whether the file holds a secret.
    pub holds_secrets: bool,
}

/// What is told about one place of what was read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Remark {
    /// File and line, or the name of a variable.
    pub place: String,
    /// How much it matters.
    pub weight: Weight,
    /// What, in words.
    pub text: String,
}

/// How much a remark matters.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Weight {
    /// Somebody should know.
    Note,
    /// Read, and without effect here.
    Ignored,
    /// Not understood or not usable: the new settings lack something.
    Lost,
}

impl Imported {
    /// How many things were not understood.
    pub fn losses(&self) -> usize {
        self.remarks.iter().filter(|remark| remark.weight == Weight::Lost).count()
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let weight = match self.weight {
            Weight::Note => "note",
            Weight::Ignored => "ignored",
            Weight::Lost => "not understood",
        };
        write!(f, "{}: {weight}: {}", self.place, self.text)
    }
}
