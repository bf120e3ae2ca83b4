//! Which system made a stored hash.

use crate::accounts::foreign::bcrypt::Bcrypt;
use crate::accounts::foreign::firebase::Firebase;
use crate::accounts::foreign::pbkdf2::Pbkdf2;
use crate::accounts::foreign::scrypt::Scrypt;
use crate::accounts::foreign::wrapped::FastDigest;
use crate::accounts::unusable_hash::UnusableHash;

/// A hash that another system made.
pub(crate) enum ForeignHash {
    /// A hash that this program computes.
    Own(SlowHash),
    /// The argon2id hash of a fast digest.
    Wrapped(FastDigest, String),
}

/// A hash that is slow to compute, and so slows down guessing.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum SlowHash {
    Bcrypt(Bcrypt),
    Firebase(Firebase),
    Pbkdf2(Pbkdf2),
    Scrypt(Scrypt),
}

impl ForeignHash {
    /// Reads a stored hash. `None` if the hash is not from another system. Then it is
    /// an argon2 hash, or a newer version wrote it.
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
    /// Whether this is the hash of the typed password, without normalisation, because
    /// other systems do not normalise passwords.
    pub fn matches(&self, password: &str) -> Result<bool, UnusableHash> {
        match self {
            Self::Bcrypt(hash) => Ok(hash.matches(password)),
            Self::Firebase(hash) => hash.matches(password),
            Self::Pbkdf2(hash) => Ok(hash.matches(password)),
            Self::Scrypt(hash) => hash.matches(password),
        }
    }

    /// The form that is stored.
    pub fn to_text(&self) -> String {
        match self {
            Self::Bcrypt(hash) => hash.to_text(),
            Self::Firebase(hash) => hash.to_text(),
            Self::Pbkdf2(hash) => hash.to_text(),
            Self::Scrypt(hash) => hash.to_text(),
        }
    }

    /// A hash with the same cost that belongs to no user. Two hashes of one kind
    /// with equal parameters give equal results.
    pub fn of_nobody(&self) -> Self {
        match self {
            Self::Bcrypt(hash) => Self::Bcrypt(hash.of_nobody()),
            Self::Firebase(hash) => Self::Firebase(hash.of_nobody()),
            Self::Pbkdf2(hash) => Self::Pbkdf2(hash.of_nobody()),
            Self::Scrypt(hash) => Self::Scrypt(hash.of_nobody()),
        }
    }
}
