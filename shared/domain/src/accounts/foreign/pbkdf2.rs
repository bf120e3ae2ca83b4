//! PBKDF2 (RFC 8018 5.2), in the form `$pbkdf2-sha256$i=600000,l=32$salt$hash`.
//! ASP.NET Identity's hashes are PBKDF2 too.

use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};
use subtle::ConstantTimeEq;

use crate::accounts::foreign::digest::HashFunction;
use crate::accounts::foreign::parts::{base64, decode_base64, number_named};
use crate::accounts::unusable_hash::UnusableHash;

/// The largest number of rounds. They take about a second.
const MOST_ROUNDS: u32 = 2_000_000;

#[derive(Clone, PartialEq, Eq)]
pub struct Pbkdf2 {
    digest: HashFunction,
    rounds: u32,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

impl Pbkdf2 {
    /// A hash with these parts. If the hash is longer than its digest, only the first
    /// block is kept. Each further block would cost as many rounds again, and would
    /// tell nothing more about the password.
    ///
    /// # Errors
    /// The digest is MD5, the hash has fewer than 16 or more than 64 bytes, or there
    /// are too many rounds.
    pub fn new(
        digest: HashFunction,
        rounds: u32,
        salt: Vec<u8>,
        mut hash: Vec<u8>,
    ) -> Result<Self, UnusableHash> {
        if digest == HashFunction::Md5 {
            return Err(UnusableHash("PBKDF2 with MD5"));
        }
        if !(16..=64).contains(&hash.len()) {
            return Err(UnusableHash("PBKDF2's hash is not 16 to 64 bytes long"));
        }
        hash.truncate(digest.length());
        if !(1..=MOST_ROUNDS).contains(&rounds) {
            return Err(UnusableHash("PBKDF2's rounds are none or above the cap"));
        }
        Ok(Self {
            digest,
            rounds,
            salt,
            hash,
        })
    }

    /// Reads the bytes of ASP.NET Identity's hash. Version 2 begins with 0, and version
    /// 3 begins with 1.
    ///
    /// # Errors
    /// The bytes are of another version, or their parameters are above the cap.
    pub fn of_aspnet(bytes: &[u8]) -> Result<Self, UnusableHash> {
        let malformed = UnusableHash("malformed ASP.NET Identity hash");
        match bytes.split_first() {
            // 1000 rounds of SHA-1, a salt of 16 bytes, and a hash of 32 bytes.
            Some((0, rest)) if rest.len() == 48 => {
                let (salt, hash) = rest.split_at_checked(16).ok_or(malformed)?;
                Self::new(HashFunction::Sha1, 1000, salt.to_vec(), hash.to_vec())
            }
            Some((1, rest)) => {
                let (digest, rest) = be32(rest).ok_or(malformed)?;
                let (rounds, rest) = be32(rest).ok_or(malformed)?;
                let (length, rest) = be32(rest).ok_or(malformed)?;
                let digest = match digest {
                    0 => HashFunction::Sha1,
                    1 => HashFunction::Sha256,
                    2 => HashFunction::Sha512,
                    _ => return Err(malformed),
                };
                let length = usize::try_from(length).map_err(|_| malformed)?;
                let (salt, hash) = rest.split_at_checked(length).ok_or(malformed)?;
                Self::new(digest, rounds, salt.to_vec(), hash.to_vec())
            }
            _ => Err(malformed),
        }
    }

    /// Reads the form in the table.
    ///
    /// # Errors
    /// The text is malformed, or its rounds are above the cap.
    pub fn of_text(text: &str) -> Result<Self, UnusableHash> {
        let rest = text.strip_prefix("$pbkdf2-");
        Self::read(rest.ok_or(UnusableHash("malformed PBKDF2"))?)
    }

    /// How many rounds a comparison computes.
    pub fn rounds(&self) -> u32 {
        self.rounds
    }

    /// Reads the part after `$pbkdf2-`. The length may be missing.
    pub(super) fn read(rest: &str) -> Result<Self, UnusableHash> {
        let malformed = UnusableHash("malformed PBKDF2");
        let mut parts = rest.split('$');
        let (Some(digest), Some(list), Some(salt), Some(hash), None) = (
            parts.next(),
            parts.next(),
            parts.next(),
            parts.next(),
            parts.next(),
        ) else {
            return Err(malformed);
        };
        let digest = HashFunction::from_name(digest).ok_or(UnusableHash("an unknown PBKDF2"))?;
        let hash = decode_base64(hash)?;
        let length = number_named(list, "l").ok();
        if length.is_some_and(|length| usize::try_from(length) != Ok(hash.len())) {
            return Err(UnusableHash(
                "PBKDF2's hash has another length than it says",
            ));
        }
        Self::new(digest, number_named(list, "i")?, decode_base64(salt)?, hash)
    }

    /// The form in the table.
    pub fn to_text(&self) -> String {
        let (digest, rounds, length) = (self.digest.name(), self.rounds, self.hash.len());
        let (salt, hash) = (base64(&self.salt), base64(&self.hash));
        format!("$pbkdf2-{digest}$i={rounds},l={length}${salt}${hash}")
    }

    /// Whether this is the hash of the password.
    pub fn matches(&self, password: &str) -> bool {
        let mut computed = vec![0; self.hash.len()];
        let (password, salt) = (password.as_bytes(), self.salt.as_slice());
        match self.digest {
            HashFunction::Sha1 => {
                ::pbkdf2::pbkdf2_hmac::<Sha1>(password, salt, self.rounds, &mut computed);
            }
            HashFunction::Sha224 => {
                ::pbkdf2::pbkdf2_hmac::<Sha224>(password, salt, self.rounds, &mut computed);
            }
            HashFunction::Sha256 => {
                ::pbkdf2::pbkdf2_hmac::<Sha256>(password, salt, self.rounds, &mut computed);
            }
            HashFunction::Sha384 => {
                ::pbkdf2::pbkdf2_hmac::<Sha384>(password, salt, self.rounds, &mut computed);
            }
            HashFunction::Sha512 => {
                ::pbkdf2::pbkdf2_hmac::<Sha512>(password, salt, self.rounds, &mut computed);
            }
            // `new` refuses such a hash.
            HashFunction::Md5 => return false,
        }
        computed.ct_eq(&self.hash).into()
    }

    /// A hash with the same cost that belongs to no user.
    pub(super) fn of_nobody(&self) -> Self {
        Self {
            digest: self.digest,
            rounds: self.rounds,
            salt: vec![0; self.salt.len()],
            hash: vec![0; self.hash.len()],
        }
    }
}

/// Reads a big-endian number of four bytes. Returns the number and the rest.
fn be32(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (number, rest) = bytes.split_first_chunk::<4>()?;
    Some((u32::from_be_bytes(*number), rest))
}
