//! The program itself, as a process of its own.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

/// A running server on a free port of this machine. Dropping it kills it.
pub(crate) struct Process {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Process {
    /// Starts the program with nothing but these settings and waits until it listens.
    pub(crate) fn start(settings: &[(&str, &str)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tintype"))
            .args(["serve", "--host", "127.0.0.1", "--port", "0"])
            .env_clear()
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines
            .find_map(|line| line.unwrap().split_once("listening on http://").map(|(_, address)| address.parse()))
            .expect("it says where it listens")
            .unwrap();
        // A full pipe would stop it.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, address }
    }

    /// Ends it the hard way, as `kill -9` does.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
