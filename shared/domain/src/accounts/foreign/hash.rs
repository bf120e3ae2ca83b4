//! Which system made a stored hash.

use crate::accounts::foreign::bcrypt::Bcrypt;
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

/// A hash that is slow by itself.
pub(crate) enum SlowHash {
    Bcrypt(Bcrypt),
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
            Self::Pbkdf2(hash) => Ok(hash.matches(password)),
            Self::Scrypt(hash) => hash.matches(password),
        }
    }
}
