//! The real binaries, built as `cargo build` builds them. They run as processes that
//! always end with the test.
//!
//! `COUNTERSIGN_TEST_BOOTSTRAPS` names a folder with other builds of the functions,
//! each as `<function>/bootstrap`. `cargo lambda build` makes such a folder in
//! target/lambda.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use countersign::routes::Function;
use serde_json::Value;

/// How long a test waits for a line of a process. No test takes this long unless it
/// fails.
const PATIENCE: Duration = Duration::from_secs(120);

/// The path of a binary of the workspace. The first call builds all binaries, except
/// the functions if other builds of them are named.
pub fn binary(name: &str) -> PathBuf {
    static BUILT: OnceLock<HashMap<String, PathBuf>> = OnceLock::new();
    if let Some(folder) = std::env::var_os("COUNTERSIGN_TEST_BOOTSTRAPS")
        && Function::ALL.iter().any(|function| function.name() == name)
    {
        return PathBuf::from(folder).join(name).join("bootstrap");
    }
    BUILT
        .get_or_init(build)
        .get(name)
        .unwrap_or_else(|| panic!("the workspace has no binary {name}"))
        .clone()
}

fn build() -> HashMap<String, PathBuf> {
    let built = Command::new(env!("CARGO"))
        .args(["build", "--workspace", "--bins", "--message-format=json"])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&built.stderr);
    assert!(built.status.success(), "cargo build: {errors}");
    let messages = String::from_utf8(built.stdout).unwrap();
    let message = |line: &str| -> Option<(String, PathBuf)> {
        let message: Value = serde_json::from_str(line).ok()?;
        let name = message["target"]["name"].as_str()?;
        let path = message["executable"].as_str()?;
        Some((name.to_owned(), PathBuf::from(path)))
    };
    messages.lines().filter_map(message).collect()
}

/// A running process. It is killed when this is dropped.
pub struct Process {
    child: Child,
    output: Receiver<(Stream, String)>,
    lines: Vec<(Stream, String)>,
}

/// The stream that a line was written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Output,
    /// Standard error.
    Error,
}

impl Process {
    /// Starts a binary with these arguments and only this environment.
    pub fn start(name: &str, arguments: &[&str], environment: &[(String, String)]) -> Self {
        let mut child = Command::new(binary(name))
            .args(arguments)
            .env_clear()
            .envs(environment.iter().cloned())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (say, output) = channel();
        listen(Stream::Output, child.stdout.take().unwrap(), say.clone());
        listen(Stream::Error, child.stderr.take().unwrap(), say);
        Self {
            child,
            output,
            lines: Vec::new(),
        }
    }

    /// Waits for a line of standard output that `wanted` accepts, also among earlier
    /// lines. Returns the result of `wanted`.
    pub fn line<T>(&mut self, wanted: impl Fn(&str) -> Option<T>) -> T {
        let mut at = 0;
        loop {
            while at == self.lines.len() {
                let more = self.hear();
                assert!(more, "it ended without the line: {:#?}", self.lines);
            }
            let (stream, line) = &self.lines[at];
            if let (Stream::Output, Some(found)) = (stream, wanted(line)) {
                return found;
            }
            at += 1;
        }
    }

    /// Sends a signal to the process: `TERM` as a service manager does, `INT` as
    /// Ctrl-C.
    pub fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.child.id());
        let sent = Command::new("sh").args(["-c", &kill]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits until the process ends. Returns its status and all its lines.
    pub fn end(mut self) -> (ExitStatus, Vec<(Stream, String)>) {
        while self.hear() {}
        let status = self.child.wait().unwrap();
        (status, std::mem::take(&mut self.lines))
    }

    /// Reads the next line. `false` when both streams have ended.
    fn hear(&mut self) -> bool {
        match self.output.recv_timeout(PATIENCE) {
            Ok(line) => self.lines.push(line),
            Err(RecvTimeoutError::Disconnected) => return false,
            Err(RecvTimeoutError::Timeout) => panic!("it says no more: {:#?}", self.lines),
        }
        true
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // The process may have ended already. Then these calls do nothing.
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}

fn listen(stream: Stream, from: impl Read + Send + 'static, say: Sender<(Stream, String)>) {
    thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            if say.send((stream, line)).is_err() {
                return;
            }
        }
    });
}
