//! Settings, secrets, and the address to listen on.

use super::Diagnosis;
use crate::config::{Config, Loaded, Mode, Problem, Problems, Secret};
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::FileTypeExt as _;
use std::os::unix::net::UnixStream;
use std::path::Path;

/// Shorter secrets can be guessed by trying.
const SHORT_KEY_BYTES: usize = 16;

/// What is told of settings that are good enough to start with.
pub(super) fn check(loaded: &Loaded, diagnosis: &mut Diagnosis) {
    match (&loaded.file, loaded.mode) {
        (Some(file), _) => diagnosis.ok("settings", format!("{} is read", file.display())),
        (None, Mode::Production) => diagnosis.ok("settings", "read from the environment, no file"),
        (None, Mode::Demo) => diagnosis.warn(
            "settings",
            "there are none: this would be a demonstration, for this machine only",
            "set SECURITY_KEY and FILE_LOADER_ROOT_PATH, or name a file with -c",
        ),
    }
    for notice in &loaded.notices {
        diagnosis.warn("settings", notice, "remove it if you do not need it; the server starts nevertheless");
    }
    if loaded.mode == Mode::Production {
        check_keys(&loaded.config, diagnosis);
    }
}

/// What keeps the server from starting.
pub(super) fn refused(problems: &Problems, diagnosis: &mut Diagnosis) {
    for problem in &problems.0 {
        let fix = match problem {
            Problem::Value { .. } => "give it such a value; `tintype config default` explains every key",
            Problem::UnknownKey { .. } => "correct or remove it; `tintype config default` lists every key",
            Problem::PublicKey | Problem::NoWayIn => "for a good secret: openssl rand -hex 32",
            _ => "the server does not start before this is mended",
        };
        diagnosis.fail("settings", problem.to_string(), fix);
    }
}

fn check_keys(config: &Config, diagnosis: &mut Diagnosis) {
    let security = &config.security;
    let keys: Vec<_> = security.keys.iter().map(Secret::reveal).collect();
    let before = diagnosis.findings.len();
    if keys.iter().any(|key| key.len() < SHORT_KEY_BYTES) {
        let text = format!("a secret has fewer than {SHORT_KEY_BYTES} characters and can be guessed by trying");
        diagnosis.warn("keys", text, "take a longer one, such as `openssl rand -hex 32` gives, and keep the old one in SECURITY_KEYS for a while");
    }
    if keys.iter().any(|key| key.starts_with(['"', '\'']) && key.ends_with(['"', '\''])) {
        diagnosis.warn(
            "keys",
            "a secret has quotes around it, which count as part of it",
            "remove the quotes if whoever signs does not use them",
        );
    }
    if security.allow_unsafe {
        diagnosis.warn(
            "keys",
            "ALLOW_UNSAFE_URL is on: everybody can have every original made into every size",
            "turn it off and sign URLs, unless only people you trust reach this server",
        );
    }
    if diagnosis.findings.len() == before {
        diagnosis.ok("keys", format!("{} in use, URLs without a signature are refused", keys.len()));
    }
}

/// Whether a unix socket can be made. Whatever is there stays.
fn check_socket(path: &Path, diagnosis: &mut Diagnosis) {
    let shown = path.display();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match path.symlink_metadata() {
        Ok(found) if !found.file_type().is_socket() => {
            let fix = "choose another UNIX_SOCKET, or move it away";
            diagnosis.fail("address", format!("`{shown}` is there and no socket"), fix);
        }
        Ok(_) if UnixStream::connect(path).is_ok() => {
            let fix = "fine if that is this server running; otherwise choose another UNIX_SOCKET";
            diagnosis.warn("address", format!("another process listens on `{shown}`"), fix);
        }
        _ => match tempfile::tempfile_in(folder) {
            Ok(_) => diagnosis.ok("address", format!("a socket can be made at `{shown}`")),
            Err(error) => {
                let fix = "choose a folder that is there and that the server may write to";
                diagnosis.fail("address", format!("cannot listen on `{shown}`: {error}"), fix);
            }
        },
    }
}

/// Tries to listen where the server would.
pub(super) fn check_address(config: &Config, diagnosis: &mut Diagnosis) {
    if let Some(descriptor) = config.server.listen_fd {
        return diagnosis.ok("address", format!("descriptor {descriptor}, which the server is started with"));
    }
    if let Some(path) = &config.server.unix_socket {
        return check_socket(path, diagnosis);
    }
    let address = SocketAddr::new(config.server.host, config.server.port);
    match TcpListener::bind(address) {
        Ok(_) => diagnosis.ok("address", format!("{address} is free to listen on")),
        Err(error) if error.kind() == ErrorKind::AddrInUse => diagnosis.warn(
            "address",
            format!("{address} is in use"),
            "fine if that is this server running; otherwise choose another PORT",
        ),
        Err(error) => diagnosis.fail(
            "address",
            format!("cannot listen on {address}: {error}"),
            "choose a HOST of this machine and a PORT from 1024 on",
        ),
    }
}
