//! The program itself, as an operator starts it.

use super::Client;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Longest wait for a line of the log.
const DEADLINE: Duration = Duration::from_secs(20);

/// Names another build of the program to test, such as the optimized one.
const PROGRAM: &str = "TEST_PROGRAM";

/// The program in a folder of its own, with nothing in its environment.
pub(crate) fn program(folder: &Path) -> Command {
    let built = std::env::var_os(PROGRAM).unwrap_or_else(|| env!("CARGO_BIN_EXE_tintype").into());
    let mut command = Command::new(built);
    command.env_clear().current_dir(folder).stdin(Stdio::null());
    command
}

/// What it says and how it ends.
pub(crate) fn output(folder: &Path, args: &[&str], environment: &[(&str, &str)]) -> Output {
    program(folder).args(args).envs(environment.iter().copied()).output().unwrap()
}

/// The program while it serves. Dropping it kills it.
pub(crate) struct Serving {
    child: Child,
    pub(crate) address: SocketAddr,
    log: Arc<Mutex<Vec<String>>>,
}

impl Serving {
    /// Starts it and waits until it listens, on a port of its choice if `port` is 0.
    pub(crate) fn start(folder: &Path, args: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut command = program(folder);
        command.args(args).envs(environment.iter().copied());
        Self::of(command)
    }

    /// Starts a program that serves and waits until it listens. Its address has port 0 if that is no address.
    pub(crate) fn of(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let log = Arc::new(Mutex::new(Vec::new()));
        let (lines, kept) = (BufReader::new(child.stdout.take().unwrap()), Arc::clone(&log));
        std::thread::spawn(move || {
            lines.lines().map_while(Result::ok).for_each(|line| kept.lock().unwrap().push(line));
        });
        let mut serving = Self { child, address: ([127, 0, 0, 1], 0).into(), log };
        let line = serving.line("listening on ");
        if line.contains("http://") {
            serving.address = address_in(&line);
        }
        serving
    }

    /// Waits for a line of the log that holds this.
    pub(crate) fn line(&self, text: &str) -> String {
        let start = Instant::now();
        loop {
            if let Some(line) = self.log.lock().unwrap().iter().find(|line| line.contains(text)) {
                return line.clone();
            }
            assert!(start.elapsed() < DEADLINE, "no `{text}` in {:#?}", self.log.lock().unwrap());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// How many lines of the log hold this.
    pub(crate) fn count(&self, text: &str) -> usize {
        self.log.lock().unwrap().iter().filter(|line| line.contains(text)).count()
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("sh").args(["-c", "kill -s \"$0\" \"$1\"", name, &pid]).status().unwrap().success());
    }

    /// Ends it the hard way, as `kill -9` does, and waits until it has.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// How it ends by itself.
    pub(crate) fn end(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// The status of the answer to a request on a connection of its own.
    pub(crate) async fn status(&self, target: &str) -> u16 {
        let mut client = Client::connect(self.address).await;
        client.ask("GET", target, "").await;
        client.answer("GET").await.status
    }
}

/// The address that a line tells, as text or in JSON.
pub(crate) fn address_in(line: &str) -> SocketAddr {
    line.rsplit_once("http://").unwrap().1.split('"').next().unwrap().trim().parse().unwrap()
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
