//! `doctor`: tries what a server needs, and says what to fix.

use clap::Args;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use tintype::config::{Flags, Sources};
use tintype::doctor::{self, State};

/// Which settings are examined.
#[derive(Args, Debug)]
#[command(after_help = "Ends with 0 if a server would work, and with 1 if something has to be fixed first.")]
pub(crate) struct DoctorArgs {
    /// File with settings [default: as for `serve`]
    #[arg(short, long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// An original to read, by its name in URLs; needed where originals do not come from a folder
    #[arg(long, value_name = "NAME")]
    image: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl DoctorArgs {
    /// Examines and prints.
    ///
    /// # Errors
    /// When the system gives no threads, or takes no text.
    pub(crate) fn run(self) -> io::Result<ExitCode> {
        let loaded = Sources::of_process(self.config, Flags::default()).load();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let diagnosis = runtime.block_on(doctor::examine(loaded, self.image.as_deref()));
        let text = if self.json { diagnosis.json() } else { diagnosis.to_string() };
        io::stdout().write_all(text.as_bytes())?;
        Ok(if diagnosis.state() == State::Problem { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }
}
