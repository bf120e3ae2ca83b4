//! Secrets of clients. The tool makes them, so that nobody chooses a weak one.

use std::fmt::Write;

use crate::domain::secret::Secret;
use crate::failure::Broken;
use crate::keyring::random_bytes;

/// A new secret of 256 random bits, in hexadecimal digits.
pub(super) fn new_secret() -> Result<Secret, Broken> {
    let bytes: [u8; 32] = random_bytes()?;
    let mut text = String::with_capacity(64);
    for byte in bytes {
        let _written = write!(text, "{byte:02x}");
    }
    Ok(Secret::new(text))
}
