//! `config`: settings shown.

use clap::Subcommand;

/// What to show.
#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print a file with every setting, its meaning and its default
    Default,
}
