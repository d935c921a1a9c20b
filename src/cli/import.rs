//! `import`: settings of other servers as a file of ours.

use clap::{Args, Subcommand};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tintype::import::{self, ConfFile, EnvironmentError, Imported};

/// Larger files are no settings.
const MAX_FILE_BYTES: u64 = 1 << 20;
/// Most files of a folder.
const MAX_FILES: usize = 100;

/// What is read, and where the result goes.
#[derive(Args, Debug)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    override_usage = "tintype import [OPTIONS] <THUMBOR.CONF>\n       tintype import sih --env <FILE> [OPTIONS]",
    after_help = EXAMPLES
)]
pub(crate) struct ImportArgs {
    #[command(subcommand)]
    from: Option<From>,
    /// Thumbor's configuration: a file, or a folder with several ending in .conf
    #[arg(required = true, value_name = "THUMBOR.CONF")]
    path: Option<PathBuf>,
    #[command(flatten)]
    to: To,
}

/// Other servers.
#[derive(Debug, Subcommand)]
enum From {
    /// The environment of AWS's Serverless Image Handler
    Sih {
        /// Lines of NAME=value, or JSON as `aws lambda get-function-configuration` gives it; - for standard input
        #[arg(long, value_name = "FILE")]
        env: PathBuf,
        #[command(flatten)]
        to: To,
    },
}

#[derive(Args, Debug)]
struct To {
    /// File to write, for its owner's eyes only if it holds secrets [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

const EXAMPLES: &str = "\
What is not understood, and what has no effect here, is listed with its line on standard error. Nothing of the file is
run; environment variables that it asks for are those of this process.

Examples:
  tintype import /etc/thumbor.conf -o tintype.toml && tintype doctor -c tintype.toml
  aws lambda get-function-configuration --function-name NAME | tintype import sih --env - -o tintype.toml

Ends with 0 if everything was understood, with 1 if something was not, and with 2 if nothing could be read or written.";

/// Why there is no result at all.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ImportError {
    #[error("{path}: {source}")]
    File { path: PathBuf, source: io::Error },
    #[error("{path}: no file ends in .conf")]
    Empty { path: PathBuf },
    #[error("{path}: larger than {MAX_FILE_BYTES} bytes")]
    TooLarge { path: PathBuf },
    #[error("{path}: {source}")]
    Environment { path: PathBuf, source: EnvironmentError },
    #[error(transparent)]
    Output(#[from] io::Error),
}

impl ImportArgs {
    /// Reads, writes, and tells the rest on standard error.
    ///
    /// # Errors
    /// [`ImportError`].
    pub(crate) fn run(self) -> Result<ExitCode, ImportError> {
        let (imported, to) = match (self.from, self.path) {
            (Some(From::Sih { env, to }), _) => (from_lambda(&env)?, to),
            (None, Some(path)) => (from_thumbor(&path)?, self.to),
            (None, None) => unreachable!("the parser asks for one of both"),
        };
        to.write(&imported)?;
        let mut told: Vec<_> = imported.remarks.iter().map(ToString::to_string).collect();
        let losses = imported.losses();
        if losses > 0 {
            told.push(format!("{losses} not understood; see above"));
        }
        told.push(String::new());
        io::stderr().write_all(told.join("\n").as_bytes())?;
        Ok(if losses > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }
}

impl To {
    fn write(&self, imported: &Imported) -> Result<(), ImportError> {
        let Some(path) = &self.output else {
            return Ok(io::stdout().write_all(imported.toml.as_bytes())?);
        };
        let failed = |source| ImportError::File { path: path.clone(), source };
        let mut file = create(path, imported.holds_secrets).map_err(failed)?;
        file.write_all(imported.toml.as_bytes()).map_err(failed)
    }
}

/// A new or emptied file; for its owner's eyes only if it is to hold secrets.
fn create(path: &Path, secret: bool) -> io::Result<File> {
    use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    if secret {
        options.mode(0o600);
    }
    let file = options.open(path)?;
    if secret && file.metadata()?.is_file() {
        file.set_permissions(fs::Permissions::from_mode(0o600))?;
    }
    Ok(file)
}

fn from_thumbor(path: &Path) -> Result<Imported, ImportError> {
    let failed = |source| ImportError::File { path: path.to_owned(), source };
    let mut paths = vec![path.to_owned()];
    if path.is_dir() {
        let entries = fs::read_dir(path).map_err(failed)?.collect::<io::Result<Vec<_>>>().map_err(failed)?;
        paths = entries
            .iter()
            .map(fs::DirEntry::path)
            .filter(|path| path.extension().is_some_and(|end| end == "conf"))
            .collect();
        paths.sort();
        paths.truncate(MAX_FILES);
        if paths.is_empty() {
            return Err(ImportError::Empty { path: path.to_owned() });
        }
    }
    let files = paths.iter().map(|path| {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let whole = fs::canonicalize(path).unwrap_or_else(|_| path.clone()).to_string_lossy().into_owned();
        Ok(ConfFile { name, path: whole, text: read(path)? })
    });
    let files = files.collect::<Result<Vec<_>, ImportError>>()?;
    let text = |value: std::ffi::OsString| value.to_string_lossy().into_owned();
    let environment: BTreeMap<_, _> = std::env::vars_os().map(|(name, value)| (text(name), text(value))).collect();
    Ok(import::from_thumbor(&files, &environment))
}

fn from_lambda(path: &Path) -> Result<Imported, ImportError> {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let name = if name == "-" { "standard input" } else { &*name };
    import::from_lambda(&read(path)?, name).map_err(|source| ImportError::Environment { path: path.to_owned(), source })
}

/// A text file of bounded length; `-` is standard input.
fn read(path: &Path) -> Result<String, ImportError> {
    let failed = |source| ImportError::File { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    let bound = MAX_FILE_BYTES + 1;
    if path == Path::new("-") {
        io::stdin().take(bound).read_to_end(&mut bytes).map_err(failed)?;
    } else {
        File::open(path).map_err(failed)?.take(bound).read_to_end(&mut bytes).map_err(failed)?;
    }
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(ImportError::TooLarge { path: path.to_owned() });
    }
    String::from_utf8(bytes).map_err(|_| failed(io::Error::new(io::ErrorKind::InvalidData, "not UTF-8 text")))
}
