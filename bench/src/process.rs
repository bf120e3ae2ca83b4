//! Processes that are bound to a core, and what they use.

use std::ffi::OsStr;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::outcome::Outcome;

/// The core of what is measured.
pub const MEASURED: usize = 0;
/// The core of the database and of this program.
pub const OTHER: usize = 1;

/// A running process. It is killed when this is dropped.
pub struct Process {
    child: Child,
}

/// Whether processes can be bound to cores: `taskset` is there, and two cores are.
pub fn can_pin() -> bool {
    let taskset = Command::new("taskset").arg("--version").output().is_ok();
    taskset && std::thread::available_parallelism().is_ok_and(|cores| cores.get() > OTHER)
}

/// A command on one core, if that can be had.
pub fn on_core(core: usize, program: &Path) -> Command {
    if !can_pin() {
        return Command::new(program);
    }
    let mut command = Command::new("taskset");
    command.arg("--cpu-list").arg(core.to_string()).arg(program);
    command
}

impl Process {
    /// Starts the command without standard input. `logs` says whether the command has a
    /// standard output of its own; otherwise nobody reads it.
    pub fn start(command: &mut Command, logs: bool) -> Outcome<Self> {
        command.stdin(Stdio::null()).stderr(Stdio::null());
        if !logs {
            command.stdout(Stdio::null());
        }
        let child = command.spawn()?;
        Ok(Self { child })
    }

    /// Starts the command. The caller reads its output.
    pub fn start_with_output(command: &mut Command) -> Outcome<(Self, impl Read + use<>)> {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()?;
        let output = child.stdout.take().ok_or("no output")?;
        Ok((Self { child }, output))
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The time that its threads have had a core, in seconds.
    pub fn cpu_seconds(&self) -> Outcome<f64> {
        let mut nanoseconds = 0_u64;
        for task in std::fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            let schedule = std::fs::read_to_string(task?.path().join("schedstat"))?;
            let first = schedule.split(' ').next().unwrap_or_default();
            nanoseconds += first.parse::<u64>()?;
        }
        Ok(nanoseconds as f64 / 1e9)
    }

    /// A line of its status in KiB: `VmRSS` is its memory now, `VmHWM` the most it had.
    pub fn memory_kib(&self, line: &str) -> Outcome<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let found = status.lines().find_map(|text| text.strip_prefix(line));
        let number = found.and_then(|text| text.split_whitespace().next());
        Ok(number.ok_or("no such line in the status")?.parse()?)
    }

    /// Asks the process to end, and waits for that.
    pub fn terminate(mut self) -> Outcome<()> {
        let id = self.child.id().to_string();
        Command::new("kill")
            .args([OsStr::new("-TERM"), OsStr::new(&id)])
            .status()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}
