//! Reads what a running `cargo local` writes to its data folder for this tool.

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::path::Path;

use crate::problem::Problem;

/// The file in the data folder. `cargo local` writes it when it starts.
const FILE: &str = "operate.env";

/// The certificate of the service's authority.
const AUTHORITY: &str = "ca.pem";

/// The name in that file whose value is the path of the clock's file.
const CLOCK: &str = "CLOCK_FILE";

/// The content of the file.
#[derive(Clone, Debug)]
pub struct Running {
    values: BTreeMap<String, String>,
    /// How far the service's clock was moved, in seconds.
    pub clock_ahead: i64,
    /// The certificate (PEM) of the authority that has signed the service's certificate.
    pub authority: Option<Vec<u8>>,
}

impl Running {
    /// Reads the file that the `cargo local` on this folder has written.
    ///
    /// # Errors
    /// One line if no `cargo local` runs on the folder, or if the file cannot be read.
    pub fn read(folder: &Path) -> Result<Self, Problem> {
        let none = || {
            Problem::broken(format!(
                "no `cargo local` runs on {}: start it, or name its folder with --local=DIR",
                folder.display()
            ))
        };
        // A running `cargo local` holds the lock. The file alone proves nothing,
        // because a killed process leaves it behind.
        let lock = File::open(folder.join("lock")).map_err(|_| none())?;
        match lock.try_lock_shared() {
            Err(TryLockError::WouldBlock) => {}
            Ok(()) | Err(TryLockError::Error(_)) => return Err(none()),
        }
        let text = std::fs::read_to_string(folder.join(FILE)).map_err(|_| none())?;
        let values = parse(&text);
        let clock = match values.get(CLOCK) {
            None => Ok("0".to_owned()),
            Some(file) => std::fs::read_to_string(folder.join(file)),
        };
        // Without a clock file, nobody has moved the clock.
        let ahead = clock.unwrap_or_else(|_| "0".to_owned());
        Ok(Self {
            clock_ahead: ahead.trim().parse().unwrap_or(0),
            authority: std::fs::read(folder.join(AUTHORITY)).ok(),
            values,
        })
    }

    /// A value of the file.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// The endpoint in this variable.
    ///
    /// # Errors
    /// One line if the file does not have the variable.
    pub fn endpoint(&self, name: &str) -> Result<&str, Problem> {
        let missing = || Problem::broken(format!("{FILE} lacks {name}"));
        self.get(name).ok_or_else(missing)
    }
}

/// Reads lines of the form `NAME='value'`.
fn parse(text: &str) -> BTreeMap<String, String> {
    let pair = |line: &str| {
        let (name, value) = line.split_once("='")?;
        Some((name.to_owned(), value.strip_suffix('\'')?.to_owned()))
    };
    text.lines().filter_map(pair).collect()
}
