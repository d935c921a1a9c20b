//! `filters`: the reference of all filters.

use clap::Args;
use tintype::filter::{self, Catalog};
use tintype::recipe::Policy;

/// In which form filters are shown.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct FiltersArgs {
    /// JSON, as a server answers at /-/filters, instead of Markdown
    #[arg(long)]
    json: bool,
}

impl FiltersArgs {
    /// The reference.
    pub(crate) fn run(self) -> String {
        if self.json {
            let catalog = Catalog::new(&Policy::default().filters);
            serde_json::to_string_pretty(&catalog).expect("plain values always serialize") + "\n"
        } else {
            filter::reference()
        }
    }
}
