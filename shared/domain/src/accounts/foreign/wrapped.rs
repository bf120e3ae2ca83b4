//! A fast digest of a password, wrapped in argon2id, so that a stolen table has no fast
//! digest to guess at. The form is `$wrapped-sha1$at=prefix,pw=utf8$salt$key$` and the
//! argon2id hash of the digest.

use zeroize::Zeroizing;

use crate::accounts::foreign::digest::HashFunction;
use crate::accounts::foreign::parts::{base64, decode_base64, listed_value};
use crate::accounts::unusable_hash::UnusableHash;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaltPosition {
    /// Before the password.
    Prefix,
    /// After the password.
    Suffix,
}

/// How the other system turned a password into bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordEncoding {
    /// UTF-8, or ASCII.
    Utf8,
    /// UTF-16, little-endian.
    Utf16,
    /// One byte for each character. Characters outside Latin-1 become `?`.
    Latin1,
}

impl PasswordEncoding {
    const ALL: [Self; 3] = [Self::Utf8, Self::Utf16, Self::Latin1];

    fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf8",
            Self::Utf16 => "utf16le",
            Self::Latin1 => "latin1",
        }
    }

    fn bytes(self, password: &str) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(match self {
            Self::Utf8 => password.as_bytes().to_vec(),
            Self::Utf16 => password.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Self::Latin1 => password
                .chars()
                .map(|one| u8::try_from(u32::from(one)).unwrap_or(b'?'))
                .collect(),
        })
    }
}

/// How a password becomes the digest that argon2id wraps.
#[derive(Clone, PartialEq, Eq)]
pub struct FastDigest {
    pub digest: HashFunction,
    /// The key, for an HMAC.
    pub key: Option<Vec<u8>>,
    /// The salt, which may be empty.
    pub salt: Vec<u8>,
    pub position: SaltPosition,
    /// How the password becomes bytes.
    pub encoding: PasswordEncoding,
}

impl FastDigest {
    /// The digest of this password.
    pub fn of(&self, password: &str) -> Zeroizing<Vec<u8>> {
        let password = self.encoding.bytes(password);
        let parts: [&[u8]; 2] = match self.position {
            SaltPosition::Prefix => [&self.salt, &password],
            SaltPosition::Suffix => [&password, &self.salt],
        };
        Zeroizing::new(match &self.key {
            None => self.digest.of(parts),
            Some(key) => self.digest.hmac_of(key, parts),
        })
    }

    /// The form in the table, with this argon2id hash of the digest.
    pub(crate) fn with_outer(&self, argon2id: &str) -> String {
        let position = match self.position {
            SaltPosition::Prefix => "prefix",
            SaltPosition::Suffix => "suffix",
        };
        let (kind, key) = match &self.key {
            None => ("wrapped", String::new()),
            Some(key) => ("wrapped-hmac", base64(key)),
        };
        let (digest, encoding) = (self.digest.name(), self.encoding.name());
        let salt = base64(&self.salt);
        format!("${kind}-{digest}$at={position},pw={encoding}${salt}${key}{argon2id}")
    }

    /// Reads the part after `$wrapped-`: the digest's parameters, and the argon2id hash
    /// of the digest.
    pub(super) fn read(rest: &str) -> Result<(Self, String), UnusableHash> {
        let malformed = UnusableHash("malformed wrapped digest");
        let parts: Vec<&str> = rest.splitn(5, '$').collect();
        let [digest, list, salt, key, argon2id] = parts[..] else {
            return Err(malformed);
        };
        let (keyed, digest) = match digest.strip_prefix("hmac-") {
            Some(digest) => (true, digest),
            None => (false, digest),
        };
        let position = match listed_value(list, "at") {
            Some("prefix") => SaltPosition::Prefix,
            Some("suffix") => SaltPosition::Suffix,
            _ => return Err(malformed),
        };
        let encoding = listed_value(list, "pw").unwrap_or_default();
        let mut encodings = PasswordEncoding::ALL.into_iter();
        let read = Self {
            digest: HashFunction::from_name(digest).ok_or(malformed)?,
            key: if keyed {
                Some(decode_base64(key)?)
            } else {
                None
            },
            salt: decode_base64(salt)?,
            position,
            encoding: encodings
                .find(|one| one.name() == encoding)
                .ok_or(malformed)?,
        };
        Ok((read, format!("${argon2id}")))
    }
}
