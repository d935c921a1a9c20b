//! `config`: settings shown.

use super::ServeArgs;
use clap::Subcommand;

/// What to show.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print a file with every setting, its meaning and its default
    Default,
    /// Print the reference of every setting, as Markdown
    Reference,
    /// Print the settings that a server here would have, and where each comes from
    Show(ServeArgs),
}
