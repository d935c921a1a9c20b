//! The S3 server of `serve.py`, run by a Python environment of its own below `target`.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A running server with the bucket `pictures`. Dropping it ends it.
pub(crate) struct S3Server {
    pub(crate) port: u16,
    /// Key and secret of somebody who may use the bucket.
    pub(crate) reader: [String; 2],
    /// Key and secret of somebody who may not.
    pub(crate) stranger: [String; 2],
    process: Child,
}

impl S3Server {
    /// A server whose bucket has the files below `folder`. Blocks; the first start of all installs the server.
    pub(crate) fn start(folder: &Path) -> Self {
        let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/s3");
        let mut process = Command::new(environment("s3-server", &tests.join("requirements.txt")))
            .arg(tests.join("serve.py"))
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the environment has a Python");
        let mut line = String::new();
        let stdout = process.stdout.take().expect("it is piped");
        BufReader::new(stdout).read_line(&mut line).expect("the server tells its port");
        let told: serde_json::Value = serde_json::from_str(&line).expect("the server tells its port in JSON");
        let pair = |name: &str| [0, 1].map(|at| told[name][at].as_str().expect("a text").to_owned());
        let port = told["port"].as_u64().and_then(|port| u16::try_from(port).ok()).expect("a port");
        Self { port, reader: pair("reader"), stranger: pair("stranger"), process }
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// The Python of an environment below `target` with all that the list `wanted` names.
pub(crate) fn environment(name: &str, wanted: &Path) -> PathBuf {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target");
    let folder = target.join(name);
    let (python, made) = (folder.join("bin/python"), folder.join("made-for.txt"));
    fs::create_dir_all(&target).expect("target can be made");
    // Other tests wait until it is made.
    let lock = File::create(target.join(format!("{name}.lock"))).expect("target can be written to");
    lock.lock().expect("the file can be locked");
    let wanted_text = fs::read(wanted).expect("the list is there");
    if fs::read(&made).is_ok_and(|made| made == wanted_text) {
        return python;
    }
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder));
    run(Command::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"])
        .arg(wanted));
    fs::write(&made, wanted_text).expect("target can be written to");
    python
}

fn run(command: &mut Command) {
    let done = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let told = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{command:?}: {told} (.ci/deps test installs what is missing)");
}
