//! The keys: a recipient is public, an identity is secret.

use std::path::Path;

use aws_lc_rs::agreement::{PrivateKey, X25519};
use zeroize::Zeroizing;

use crate::age::bech32::decode;
use crate::problem::Problem;

/// The longest file of identities in bytes.
const LONGEST_FILE: u64 = 64 * 1024;

/// A public key that a file is encrypted to: `age1…`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recipient(pub(super) [u8; 32]);

impl Recipient {
    /// Reads a key as `age-keygen` prints it.
    ///
    /// # Errors
    /// The text is not such a key.
    pub fn parse(text: &str) -> Result<Self, String> {
        let bytes = decode("age", text.trim());
        let bytes = bytes.and_then(|bytes| bytes.try_into().ok());
        let wants = "wants a public key of age-keygen: age1 and 58 more characters";
        bytes.map(Self).ok_or_else(|| wants.to_owned())
    }
}

/// A secret key that opens a file.
pub struct Identity {
    pub(super) private: PrivateKey,
    pub(super) public: Vec<u8>,
}

impl Identity {
    pub(super) fn parse(line: &str) -> Option<Self> {
        let bytes = Zeroizing::new(decode("age-secret-key-", line)?);
        let private = PrivateKey::from_private_key(&X25519, &bytes).ok()?;
        let public = private.compute_public_key().ok()?.as_ref().to_vec();
        Some(Self { private, public })
    }

    /// The public key. A file that is encrypted to it opens with this identity.
    pub fn recipient(&self) -> Option<Recipient> {
        self.public.as_slice().try_into().ok().map(Recipient)
    }

    /// The public keys of these identities.
    ///
    /// # Errors
    /// One line if there is none, because a file without a recipient is in clear.
    pub fn recipients(all: &[Self]) -> Result<Vec<Recipient>, Problem> {
        let recipients: Vec<Recipient> = all.iter().filter_map(Self::recipient).collect();
        match recipients.is_empty() {
            true => Err(Problem::usage("no key of --identity can encrypt a file")),
            false => Ok(recipients),
        }
    }

    /// Reads a file of `age-keygen`: a key on each line, beside empty lines and
    /// comments.
    ///
    /// # Errors
    /// One line if the file cannot be read or has a line that is not a key. The
    /// error does not contain the line.
    pub fn read_file(path: &Path) -> Result<Vec<Self>, Problem> {
        let shown = path.display();
        let unread =
            |error: std::io::Error| Problem::usage(format!("cannot read {shown}: {error}"));
        let file = std::fs::File::open(path).map_err(unread)?;
        let mut text = Zeroizing::new(String::new());
        let mut start = std::io::Read::take(file, LONGEST_FILE);
        std::io::Read::read_to_string(&mut start, &mut text).map_err(unread)?;
        let lines = text.lines().map(str::trim).enumerate();
        let keys = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        let read = keys.map(|(at, line)| {
            let wrong = || {
                Problem::usage(format!(
                    "{shown}: line {} is no secret key of age-keygen",
                    at + 1
                ))
            };
            Self::parse(line).ok_or_else(wrong)
        });
        let read: Result<Vec<Self>, Problem> = read.collect();
        match read? {
            none if none.is_empty() => Err(Problem::usage(format!("{shown} has no key"))),
            keys => Ok(keys),
        }
    }
}
