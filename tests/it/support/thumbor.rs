//! A real Thumbor, installed from `PyPI` once into the target folder.

use std::io::Write as _;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The version that is installed.
const PACKAGE: &str = "thumbor==7.8.0";
/// No start takes longer in a test that passes.
const START: Duration = Duration::from_mins(1);
/// What pip says where the index is out of reach.
const OUT_OF_REACH: &[&str] =
    &["NewConnectionError", "ConnectTimeout", "ReadTimeout", "name resolution", "No matching distribution"];

/// A running Thumbor with `config/samples` as its originals. Dropping it stops it.
pub(crate) struct Thumbor {
    pub(crate) address: SocketAddr,
    process: Child,
    _settings: tempfile::NamedTempFile,
}

impl Thumbor {
    /// Starts one; `None`, with a message, where `PyPI` is out of reach.
    ///
    /// # Panics
    /// If it cannot be installed or started for another reason.
    pub(crate) fn start(originals: &Path) -> Option<Self> {
        let programs = installed()?;
        let mut settings = tempfile::NamedTempFile::with_suffix(".conf").unwrap();
        let lines = format!(
            "LOADER = 'thumbor.loaders.file_loader'\nFILE_LOADER_ROOT_PATH = '{}'\nALLOW_UNSAFE_URL = True\n\
             STORAGE = 'thumbor.storages.no_storage'\n",
            originals.display()
        );
        settings.write_all(lines.as_bytes()).unwrap();
        // The port may be taken by another in between, so that it is tried more than once.
        (0..3)
            .find_map(|_| Self::on_a_free_port(&programs, settings.path()))
            .map(|(process, address)| Self { address, process, _settings: settings })
            .or_else(|| panic!("Thumbor does not start"))
    }

    fn on_a_free_port(programs: &Path, settings: &Path) -> Option<(Child, SocketAddr)> {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut process = Command::new(programs.join("thumbor"))
            .args(["-i", "127.0.0.1", "-l", "error", "-p", &address.port().to_string(), "-c"])
            .arg(settings)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let end = Instant::now() + START;
        while Instant::now() < end && process.try_wait().unwrap().is_none() {
            if TcpStream::connect(address).is_ok() {
                return Some((process, address));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = process.kill();
        let _ = process.wait();
        None
    }
}

impl Drop for Thumbor {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The folder with its programs.
fn installed() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(PACKAGE.replace("==", "-"));
    let (programs, complete) = (folder.join("bin"), folder.join("complete"));
    if complete.exists() {
        return Some(programs);
    }
    let made = Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder).status();
    assert!(made.is_ok_and(|status| status.success()), "python3 -m venv works; `.ci/deps test` installs what it needs");
    let pip = Command::new(programs.join("pip"))
        .args(["install", "-q", "--retries", "1", "--timeout", "20", PACKAGE])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&pip.stderr);
    if pip.status.success() {
        std::fs::write(complete, "").unwrap();
        return Some(programs);
    }
    assert!(OUT_OF_REACH.iter().any(|words| told.contains(words)), "pip install {PACKAGE}: {told}");
    // Past the test runner, which shows nothing of a test that passes.
    let _ =
        std::io::stderr().write_all(b"SKIPPED: PyPI is out of reach, so that there is no Thumbor to compare with\n");
    None
}
