//! A file that is written in clear, or encrypted to keys.

use std::fs::File;
use std::io::{BufWriter, Write};

use crate::age::keys::Recipient;
use crate::age::stream::EncryptingWriter;

/// Where the lines of a file go.
pub enum Sink {
    Plain(BufWriter<File>),
    Encrypted(Box<EncryptingWriter<BufWriter<File>>>),
}

impl Sink {
    /// Begins the content of this file. Without a recipient, the content is not encrypted.
    ///
    /// # Errors
    /// The file cannot be written, or there is no randomness.
    pub fn begin(file: File, recipients: &[Recipient]) -> std::io::Result<Self> {
        let file = BufWriter::with_capacity(128 * 1024, file);
        Ok(match recipients {
            [] => Self::Plain(file),
            some => Self::Encrypted(Box::new(EncryptingWriter::begin(file, some)?)),
        })
    }

    /// Writes the end of the content. Without it, an encrypted file does not read as whole.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn finish(self) -> std::io::Result<File> {
        let written = match self {
            Self::Plain(to) => to,
            Self::Encrypted(to) => to.finish()?,
        };
        Ok(written.into_inner()?)
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self {
            Self::Plain(to) => to.write(bytes),
            Self::Encrypted(to) => to.write(bytes),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match self {
            Self::Plain(to) => to.flush(),
            Self::Encrypted(to) => to.flush(),
        }
    }
}
