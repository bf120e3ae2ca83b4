//! The file of an export. The file gets its name only when the file is complete.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::Value;

use crate::age::keys::Recipient;
use crate::age::sink::Sink;
use crate::problem::Problem;

/// Who can read the file.
#[derive(Args, Clone, Debug)]
pub struct Protection {
    /// Encrypt the file to this public key of age-keygen [repeatable]
    #[arg(long = "recipient", value_name = "AGE1…", value_parser = Recipient::parse)]
    recipients: Vec<Recipient>,
    /// Do not encrypt the file, although it holds password hashes and seeds of authenticator apps
    #[arg(long, conflicts_with = "recipients")]
    plain: bool,
}

impl Protection {
    /// To how many keys the file is encrypted.
    pub fn keys(&self) -> usize {
        self.recipients.len()
    }
}

/// An unfinished file, which only its owner may read. The unfinished file is in the
/// same folder as the finished file, under a name that ends in `.part`.
pub struct ExportFile {
    path: PathBuf,
    part: PathBuf,
    to: Sink,
}

impl ExportFile {
    /// Begins a file. Replaces the unfinished file of an export that was killed.
    ///
    /// # Errors
    /// One line if the file exists, if the file cannot be made, or if there is
    /// neither a recipient nor the option to write the file unencrypted.
    pub fn begin(path: &Path, protection: &Protection) -> Result<Self, Problem> {
        let Protection { recipients, plain } = protection;
        if recipients.is_empty() && !plain {
            return Err(Problem::usage(
                "name the key that may read the file with --recipient, or say --plain",
            ));
        }
        if path.exists() {
            let shown = path.display();
            return Err(Problem::usage(format!("{shown} exists: name another file")));
        }
        if *plain {
            let warning = "countersign: the file is not encrypted, and holds password hashes and \
                           seeds of authenticator apps: keep it as you keep passwords";
            let _closed = writeln!(std::io::stderr(), "{warning}");
        }
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let begun = Self::opened(&part, recipients);
        Ok(Self {
            to: begun.map_err(|error| unwritten(&part, &error))?,
            path: path.to_owned(),
            part,
        })
    }

    fn opened(part: &Path, recipients: &[Recipient]) -> std::io::Result<Sink> {
        match std::fs::remove_file(part) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let mut options = OpenOptions::new();
        let file = options
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(part)?;
        Sink::begin(file, recipients)
    }

    /// Writes one row.
    ///
    /// # Errors
    /// One line if the file cannot be written.
    pub fn write(&mut self, row: &Value) -> Result<(), Problem> {
        writeln!(self.to, "{row}").map_err(|error| unwritten(&self.part, &error))
    }

    /// Writes the whole file to the disk, and gives the file its name.
    ///
    /// # Errors
    /// One line if the file cannot be written. Then nothing is left of the file.
    pub fn finish(self) -> Result<(), Problem> {
        let Self { path, part, to } = self;
        let done = to.finish().and_then(|file| {
            file.sync_all()?;
            std::fs::rename(&part, &path)
        });
        done.map_err(|error| {
            let _left = std::fs::remove_file(&part);
            unwritten(&path, &error)
        })
    }

    /// Removes the unfinished file of an export that failed.
    pub fn discard(self) {
        let _left = std::fs::remove_file(&self.part);
    }
}

fn unwritten(path: &Path, error: &std::io::Error) -> Problem {
    Problem::broken(format!("cannot write {}: {error}", path.display()))
}
