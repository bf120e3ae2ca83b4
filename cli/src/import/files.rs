//! The files that an import writes: the refused rows and the identifiers.

use std::fs::{File, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::age::keys::Recipient;
use crate::age::sink::Sink;
use crate::problem::Problem;

/// A file with one JSON value a line. Refused rows hold password hashes, so only the
/// owner of the file may read the file.
pub struct Lines {
    path: PathBuf,
    to: Sink,
}

impl Lines {
    /// An empty file at this path, encrypted to these recipients if there are any. A file of
    /// an earlier import is replaced.
    ///
    /// # Errors
    /// One line if the file cannot be written, or if it is the imported file itself.
    pub fn at(path: &Path, input: &Path, recipients: &[Recipient]) -> Result<Self, Problem> {
        let whole = |path: &Path| path.canonicalize().ok();
        if whole(path).is_some() && whole(path) == whole(input) {
            return Err(Problem::usage(format!(
                "{} is the file that is imported: name another",
                path.display()
            )));
        }
        let begun = private(path).and_then(|file| Sink::begin(file, recipients));
        Ok(Self {
            path: path.to_owned(),
            to: begun.map_err(|error| unwritten(path, &error))?,
        })
    }

    /// Writes one line. The line is in the file at once, so a killed import leaves the lines
    /// that it wrote. An encrypted file gets its lines in pieces of 64 KiB.
    ///
    /// # Errors
    /// One line if the file cannot be written.
    pub fn write(&mut self, line: &Value) -> Result<(), Problem> {
        let written = writeln!(self.to, "{line}").and_then(|()| self.to.flush());
        written.map_err(|error| unwritten(&self.path, &error))
    }

    /// Writes the file to its end.
    ///
    /// # Errors
    /// One line if the file cannot be written.
    pub fn finish(self) -> Result<(), Problem> {
        let finished = self.to.finish();
        let finished = finished.map(|_file| ());
        finished.map_err(|error| unwritten(&self.path, &error))
    }
}

/// An empty file for the owner's eyes alone. A file of an earlier command keeps its
/// mode when it is opened, so the mode is set again. What is not a file, such as
/// `/dev/null`, is left as it is.
fn private(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    let options = options.write(true).create(true).truncate(true).mode(0o600);
    let file = options.open(path)?;
    if file.metadata()?.is_file() {
        file.set_permissions(Permissions::from_mode(0o600))?;
    }
    Ok(file)
}

fn unwritten(path: &Path, error: &std::io::Error) -> Problem {
    Problem::broken(format!("cannot write {}: {error}", path.display()))
}

/// A refused row: its number, the reason, and the row as it was.
pub fn refused(number: u64, reason: &str, row: &[u8]) -> Value {
    let row = serde_json::from_slice(row)
        .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(row).trim().to_owned()));
    // If the row already comes from a file of refused rows, only its inner row is kept,
    // so that no row is wrapped twice.
    let row = match row {
        Value::Object(mut fields) if fields.contains_key("reason") => {
            fields.remove("row").unwrap_or(Value::Object(fields))
        }
        row => row,
    };
    json!({ "number": number, "reason": reason, "row": row })
}
