//! The content of a file, in pieces of 64 KiB that are sealed one by one. The
//! last piece says that it is the last, so a file that was cut off does not read
//! as a whole one.

use std::io::{BufRead, Read, Write};

use countersign::keyring::random_bytes;
use zeroize::Zeroizing;

use crate::age::AgeProblem;
use crate::age::header::{opened_header, sealed_header};
use crate::age::keys::{Identity, Recipient};
use crate::age::primitives::{Key, decrypt, derived, encrypt};

/// Bytes of a piece in clear.
const PIECE: usize = 64 * 1024;

/// Bytes of a piece's tag.
const TAG: usize = 16;

/// Bytes of the nonce before the first piece.
const NONCE: usize = 16;

/// The nonce of a piece: its number, and whether it is the last.
fn nonce(number: u64, last: bool) -> [u8; 12] {
    let mut nonce = [0; 12];
    for (byte, counted) in nonce.iter_mut().skip(3).zip(number.to_be_bytes()) {
        *byte = counted;
    }
    if let Some(flag) = nonce.last_mut() {
        *flag = u8::from(last);
    }
    nonce
}

/// Encrypts what is written.
pub struct EncryptingWriter<W: Write> {
    to: W,
    key: Key,
    piece: Vec<u8>,
    number: u64,
}

impl<W: Write> EncryptingWriter<W> {
    /// Begins a file that each of these recipients can open.
    ///
    /// # Errors
    /// `to` cannot be written, or there is no randomness.
    pub fn begin(mut to: W, recipients: &[Recipient]) -> std::io::Result<Self> {
        let no_chance = |_| AgeProblem("no random bytes");
        let file_key = Zeroizing::new(random_bytes().map_err(no_chance)?);
        let nonce: [u8; NONCE] = random_bytes().map_err(no_chance)?;
        to.write_all(&sealed_header(recipients, &file_key)?)?;
        to.write_all(&nonce)?;
        Ok(Self {
            to,
            key: derived(file_key.as_slice(), &nonce, b"payload")?,
            piece: Vec::with_capacity(PIECE + TAG),
            number: 0,
        })
    }

    fn seal(&mut self, last: bool) -> std::io::Result<()> {
        encrypt(&self.key, nonce(self.number, last), &mut self.piece)?;
        self.to.write_all(&self.piece)?;
        self.piece.clear();
        self.number += 1;
        Ok(())
    }

    /// Writes the last piece. Without it, the file does not read as whole.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn finish(mut self) -> std::io::Result<W> {
        self.seal(true)?;
        Ok(self.to)
    }
}

impl<W: Write> Write for EncryptingWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        // A full piece waits until more bytes follow: only then is the piece not the
        // last.
        if self.piece.len() == PIECE && !bytes.is_empty() {
            self.seal(false)?;
        }
        let fits = bytes.len().min(PIECE - self.piece.len());
        self.piece.extend(bytes.iter().take(fits));
        Ok(fits)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.to.flush()
    }
}

/// Decrypts what is read.
pub struct DecryptingReader<R: BufRead> {
    from: R,
    key: Key,
    piece: Vec<u8>,
    /// How much of the piece was given out.
    given: usize,
    number: u64,
    ended: bool,
}

impl<R: BufRead> DecryptingReader<R> {
    /// Begins to read a file with one of these identities.
    ///
    /// # Errors
    /// The file cannot be read, its header is malformed, or none of the
    /// identities opens it.
    pub fn begin(mut from: R, identities: &[Identity]) -> std::io::Result<Self> {
        let file_key = opened_header(&mut from, identities)?;
        let mut nonce = [0; NONCE];
        from.read_exact(&mut nonce)?;
        Ok(Self {
            from,
            key: derived(file_key.as_slice(), &nonce, b"payload")?,
            piece: Vec::with_capacity(PIECE + TAG),
            given: 0,
            number: 0,
            ended: false,
        })
    }

    fn open_next(&mut self) -> std::io::Result<()> {
        self.piece.clear();
        self.given = 0;
        let most = u64::try_from(PIECE + TAG).unwrap_or(0);
        self.from.by_ref().take(most).read_to_end(&mut self.piece)?;
        let last = self.from.fill_buf()?.is_empty();
        let wrong = AgeProblem("the encrypted file was cut off or changed");
        let opened = decrypt(&self.key, nonce(self.number, last), &mut self.piece)?;
        opened.ok_or(wrong)?;
        // Only the content of an empty file is an empty piece.
        if self.piece.is_empty() && self.number > 0 {
            return Err(wrong.into());
        }
        self.number += 1;
        self.ended = last;
        Ok(())
    }
}

impl<R: BufRead> Read for DecryptingReader<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if self.given == self.piece.len() && !self.ended && !into.is_empty() {
            self.open_next()?;
        }
        let left = self.piece.get(self.given..).unwrap_or_default();
        let fits = left.len().min(into.len());
        for (to, from) in into.iter_mut().zip(left) {
            *to = *from;
        }
        self.given += fits;
        Ok(fits)
    }
}

#[cfg(test)]
#[path = "stream_tests.rs"]
mod tests;
