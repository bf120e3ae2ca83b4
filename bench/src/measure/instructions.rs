//! Instructions by callgrind. They do not depend on what else the machine does.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::extent::Extent;
use crate::files::Built;
use crate::local::Local;
use crate::measure::flows;
use crate::outcome::Outcome;
use crate::runtime_api::Function;
use crate::users::Users;

/// How often a step is counted.
const TIMES: usize = 4;

/// What the function does before it ends.
#[derive(Clone, Copy)]
enum Work {
    Passwords,
    Logins,
    Refreshes,
}

/// Millions of instructions for each step. Says so where valgrind is not installed.
pub fn counted(built: &Built, local: &Local, users: &Users, extent: Extent) -> Outcome<Value> {
    if Command::new("valgrind").arg("--version").output().is_err() {
        return Ok(json!({ "skipped": "valgrind is not installed" }));
    }
    if !extent.writes {
        return Ok(json!({ "skipped": "a quick run" }));
    }
    let millions = |work: Work, times: usize| -> Outcome<f64> {
        let log = log_file();
        let token = Function::start_as(
            under_callgrind(&built.function("token"), &log),
            &local.environment,
        )?;
        // The first login reads what later logins keep.
        let user = users.app();
        let (_, mut refresh_token) = flows::with_app(&token, user)?;
        for _ in 0..times {
            match work {
                Work::Passwords => drop(flows::password(&token, users.app())?),
                Work::Logins => drop(flows::with_app(&token, users.app())?),
                Work::Refreshes => {
                    (_, refresh_token) = flows::refresh(&token, user, &refresh_token)?;
                }
            }
        }
        token.process.terminate()?;
        collected(&log)
    };
    let none = millions(Work::Logins, 0)?;
    let each = |work| {
        Ok::<_, Box<dyn std::error::Error + Send + Sync>>(
            (millions(work, TIMES)? - none) / TIMES as f64,
        )
    };
    let (password, login, refresh) = (
        each(Work::Passwords)?,
        each(Work::Logins)?,
        each(Work::Refreshes)?,
    );
    let hashes = |times: usize| -> Outcome<f64> {
        let log = log_file();
        let mut command = under_callgrind(&built.argon2, &log);
        command.arg(times.to_string()).output()?;
        collected(&log)
    };
    let argon2 = (hashes(3)? - hashes(1)?) / 2.0;
    Ok(json!({
        "millions": {
            "argon2id": argon2,
            "password beside argon2id": password - argon2,
            "code of an app": login - password,
            "login beside argon2id": login - argon2,
            "refresh": refresh,
        }
    }))
}

/// Writes where the instructions of a few whole logins and refreshes go, for
/// `callgrind_annotate`.
pub fn profile(built: &Built, local: &Local, users: &Users, file: &str) -> Outcome<()> {
    let mut command = Command::new("valgrind");
    command
        .args(["--tool=callgrind", "--instr-atstart=no"])
        .arg(format!("--callgrind-out-file={file}"))
        .arg(built.function("token"));
    let token = Function::start_as(command, &local.environment)?;
    let user = users.app();
    let (_, mut refresh_token) = flows::with_app(&token, user)?;
    let on = ["-i", "on", &token.process.id().to_string()];
    Command::new("callgrind_control").args(on).status()?;
    for _ in 0..TIMES {
        flows::with_app(&token, users.app())?;
        (_, refresh_token) = flows::refresh(&token, user, &refresh_token)?;
    }
    token.process.terminate()
}

fn log_file() -> PathBuf {
    std::env::temp_dir().join(format!("bench-login-callgrind-{}", std::process::id()))
}

fn under_callgrind(program: &Path, log: &Path) -> Command {
    let mut command = Command::new("valgrind");
    command
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(format!("--log-file={}", log.display()))
        .arg(program);
    command
}

/// The millions of instructions that the log of a process under callgrind names.
fn collected(log: &Path) -> Outcome<f64> {
    let text = std::fs::read_to_string(log)?;
    std::fs::remove_file(log)?;
    let line = text
        .lines()
        .find_map(|line| line.split_once("Collected : "));
    let (_, count) = line.ok_or("callgrind counted nothing")?;
    Ok(count.trim().parse::<f64>()? / 1e6)
}
