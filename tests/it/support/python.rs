//! Programs in Python that read what the server tells other systems.

use super::s3;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// What a script of `tests/metrics` prints for this input, as JSON.
pub(crate) fn read_by(script: &str, input: &[u8]) -> serde_json::Value {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/metrics");
    let mut reader = Command::new(s3::environment("metrics", &tests.join("requirements.txt")))
        .arg(tests.join(script))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    reader.stdin.take().unwrap().write_all(input).unwrap();
    let read = reader.wait_with_output().unwrap();
    assert!(read.status.success(), "{script} cannot read: {}", String::from_utf8_lossy(input));
    serde_json::from_slice(&read.stdout).unwrap()
}
