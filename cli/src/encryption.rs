//! Files that are encrypted to a key: the format age-encryption.org/v1 with X25519
//! keys, by the crate `age`. The tool `age` and compatible tools read what this module
//! writes, and write what this module reads.

use std::io::{BufRead, Error, ErrorKind, Read, Write};
use std::path::Path;

use age::stream::{StreamReader, StreamWriter};
use age::x25519::{Identity, Recipient};
use age::{DecryptError, Decryptor, Encryptor};
use zeroize::Zeroizing;

use crate::problem::Problem;

/// The first line of an encrypted file.
pub const FIRST_LINE: &[u8] = b"age-encryption.org/v1\n";

/// The longest file of identities in bytes.
const LONGEST_FILE: u64 = 64 * 1024;

const CHANGED: &str = "the encrypted file was cut off or changed";

/// Reads a public key as `age-keygen` prints it: `age1…`.
///
/// # Errors
/// The text is not such a key.
pub fn recipient(text: &str) -> Result<Recipient, String> {
    let wants = "wants a public key of age-keygen: age1 and 58 more characters";
    text.trim().parse().map_err(|_: &str| wants.to_owned())
}

/// Reads the secret keys in a file of `age-keygen`: a key on each line, beside empty
/// lines and comments.
///
/// # Errors
/// One line if the file cannot be read or has a line that is not a key. The error does
/// not contain the line.
pub fn read_identities(path: &Path) -> Result<Vec<Identity>, Problem> {
    let shown = path.display();
    let unread = |error: Error| Problem::usage(format!("cannot read {shown}: {error}"));
    let file = std::fs::File::open(path).map_err(unread)?;
    let mut text = Zeroizing::new(String::new());
    let mut start = file.take(LONGEST_FILE);
    start.read_to_string(&mut text).map_err(unread)?;
    let lines = text.lines().map(str::trim).enumerate();
    let keys = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let read = keys.map(|(at, line)| {
        let number = at + 1;
        let wrong = |_: &str| format!("{shown}: line {number} is no secret key of age-keygen");
        line.parse().map_err(|why| Problem::usage(wrong(why)))
    });
    let read: Result<Vec<Identity>, Problem> = read.collect();
    match read? {
        none if none.is_empty() => Err(Problem::usage(format!("{shown} has no key"))),
        keys => Ok(keys),
    }
}

/// Begins a file that each of these recipients can open. The file is whole only after
/// [`StreamWriter::finish`].
///
/// # Errors
/// `to` cannot be written, or there is no recipient.
pub fn encrypted<W: Write>(to: W, recipients: &[Recipient]) -> std::io::Result<StreamWriter<W>> {
    let recipients = recipients.iter().map(|key| key as &dyn age::Recipient);
    let encryptor = Encryptor::with_recipients(recipients).map_err(Error::other)?;
    encryptor.wrap_output(to)
}

/// Reads a file that is encrypted to one of these identities. Each piece of 64 KiB is
/// authenticated before the reader returns the piece.
///
/// # Errors
/// The file cannot be read, its header is malformed, or none of the identities opens
/// the file.
pub fn decrypted<R: BufRead>(
    from: R,
    identities: &[Identity],
) -> std::io::Result<DecryptedFile<R>> {
    let identities = identities.iter().map(|key| key as &dyn age::Identity);
    let decryptor = Decryptor::new_buffered(from).map_err(unopened)?;
    let content = decryptor.decrypt(identities).map_err(unopened)?;
    Ok(DecryptedFile(content))
}

fn unopened(problem: DecryptError) -> Error {
    let why = match problem {
        DecryptError::Io(error) if error.kind() != ErrorKind::UnexpectedEof => return error,
        DecryptError::NoMatchingKeys => {
            "the file is encrypted to other keys than those in the identity file"
        }
        _ => "the header of the encrypted file is malformed",
    };
    Error::new(ErrorKind::InvalidData, why)
}

/// The content of an encrypted file.
pub struct DecryptedFile<R>(StreamReader<R>);

impl<R: Read> Read for DecryptedFile<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        self.0.read(into).map_err(|error| match error.kind() {
            ErrorKind::InvalidData | ErrorKind::UnexpectedEof => {
                Error::new(ErrorKind::InvalidData, CHANGED)
            }
            _ => error,
        })
    }
}

#[cfg(test)]
#[path = "encryption/encryption_tests.rs"]
mod tests;
