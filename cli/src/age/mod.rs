//! Files that are encrypted to a key: version 1 of the format of `age`
//! (age-encryption.org/v1, the document C2SP/age.md), with X25519 keys. The tool
//! `age` and compatible tools read the files that this module writes. This module
//! reads the files that those tools write.
//!
//! The crate `age` would add 84 more crates, among them a second cryptography
//! library. Their features would also make `cargo local` and `cargo test` compile the
//! AWS clients twice. So this module implements the format with `aws-lc-rs`.
//!
//! [`keys`] reads keys, [`header`] seals the key of a file to them, [`stream`]
//! seals the content piece by piece, [`sink`] is a file in clear or encrypted.

mod bech32;
pub mod header;
pub mod keys;
mod primitives;
pub mod sink;
pub mod stream;

use std::fmt;

/// The first line of an encrypted file.
pub const FIRST_LINE: &[u8] = b"age-encryption.org/v1\n";

/// Why a file cannot be encrypted or decrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AgeProblem(pub &'static str);

impl fmt::Display for AgeProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}

impl std::error::Error for AgeProblem {}

impl From<AgeProblem> for std::io::Error {
    fn from(problem: AgeProblem) -> Self {
        Self::new(std::io::ErrorKind::InvalidData, problem)
    }
}
