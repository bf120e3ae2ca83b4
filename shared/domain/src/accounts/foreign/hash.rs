//! Which system made a stored hash.

use crate::accounts::foreign::bcrypt::Bcrypt;
use crate::accounts::foreign::firebase::Firebase;
use crate::accounts::foreign::pbkdf2::Pbkdf2;
use crate::accounts::foreign::scrypt::Scrypt;
use crate::accounts::foreign::wrapped::FastDigest;
use crate::accounts::unusable_hash::UnusableHash;

/// A hash that another system made.
pub(crate) enum ForeignHash {
    /// One that is computed here.
    Own(SlowHash),
    /// A fast digest, and the argon2id hash of the digest.
    Wrapped(FastDigest, String),
}

/// A hash whose own work makes guessing slow.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum SlowHash {
    Bcrypt(Bcrypt),
    Firebase(Firebase),
    Pbkdf2(Pbkdf2),
    Scrypt(Scrypt),
}

impl ForeignHash {
    /// Reads a stored hash. `None` if it is none of another system's: then it is
    /// argon2, or of a newer version.
    pub fn read(stored: &str) -> Option<Result<Self, UnusableHash>> {
        for prefix in ["$2a$", "$2b$", "$2y$"] {
            if let Some(rest) = stored.strip_prefix(prefix) {
                return Some(Bcrypt::read(rest).map(SlowHash::Bcrypt).map(Self::Own));
            }
        }
        if let Some(rest) = stored.strip_prefix("$pbkdf2-") {
            return Some(Pbkdf2::read(rest).map(SlowHash::Pbkdf2).map(Self::Own));
        }
        if let Some(rest) = stored.strip_prefix("$scrypt$") {
            return Some(Scrypt::read(rest).map(SlowHash::Scrypt).map(Self::Own));
        }
        if let Some(rest) = stored.strip_prefix("$firebase$") {
            return Some(Firebase::read(rest).map(SlowHash::Firebase).map(Self::Own));
        }
        let rest = stored.strip_prefix("$wrapped-")?;
        Some(FastDigest::read(rest).map(|(digest, argon2id)| Self::Wrapped(digest, argon2id)))
    }
}

impl SlowHash {
    /// Whether this is the hash of the password, as it was typed: another system
    /// did not normalise it.
    pub fn matches(&self, password: &str) -> Result<bool, UnusableHash> {
        match self {
            Self::Bcrypt(hash) => Ok(hash.matches(password)),
            Self::Firebase(hash) => hash.matches(password),
            Self::Pbkdf2(hash) => Ok(hash.matches(password)),
            Self::Scrypt(hash) => hash.matches(password),
        }
    }

    /// A hash that costs as much, and is nobody's. Two hashes of one kind with
    /// equal parameters give the same.
    pub fn of_nobody(&self) -> Self {
        match self {
            Self::Bcrypt(hash) => Self::Bcrypt(hash.of_nobody()),
            Self::Firebase(hash) => Self::Firebase(hash.of_nobody()),
            Self::Pbkdf2(hash) => Self::Pbkdf2(hash.of_nobody()),
            Self::Scrypt(hash) => Self::Scrypt(hash.of_nobody()),
        }
    }
}
