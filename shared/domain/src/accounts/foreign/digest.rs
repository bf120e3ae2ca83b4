//! The digests that other systems hash passwords with.

use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashFunction {
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

impl HashFunction {
    pub const ALL: [Self; 6] = [
        Self::Md5,
        Self::Sha1,
        Self::Sha224,
        Self::Sha256,
        Self::Sha384,
        Self::Sha512,
    ];

    /// The name in stored hashes and in Auth0's schema.
    pub fn name(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha224 => "sha224",
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
        }
    }

    /// The hash function with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|digest| digest.name() == name)
    }

    /// The length of the digest in bytes.
    pub fn length(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha224 => 28,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// The digest of these parts, concatenated.
    pub(super) fn of(self, parts: [&[u8]; 2]) -> Vec<u8> {
        match self {
            Self::Md5 => plain::<Md5>(parts),
            Self::Sha1 => plain::<Sha1>(parts),
            Self::Sha224 => plain::<Sha224>(parts),
            Self::Sha256 => plain::<Sha256>(parts),
            Self::Sha384 => plain::<Sha384>(parts),
            Self::Sha512 => plain::<Sha512>(parts),
        }
    }

    /// The HMAC (RFC 2104) of these parts, concatenated, with this key.
    pub(super) fn hmac_of(self, key: &[u8], parts: [&[u8]; 2]) -> Vec<u8> {
        match self {
            Self::Md5 => keyed::<Hmac<Md5>>(key, parts),
            Self::Sha1 => keyed::<Hmac<Sha1>>(key, parts),
            Self::Sha224 => keyed::<Hmac<Sha224>>(key, parts),
            Self::Sha256 => keyed::<Hmac<Sha256>>(key, parts),
            Self::Sha384 => keyed::<Hmac<Sha384>>(key, parts),
            Self::Sha512 => keyed::<Hmac<Sha512>>(key, parts),
        }
    }
}

fn plain<D: sha2::Digest>(parts: [&[u8]; 2]) -> Vec<u8> {
    let mut digest = D::new();
    for part in parts {
        digest.update(part);
    }
    digest.finalize().to_vec()
}

fn keyed<M: Mac + KeyInit>(key: &[u8], parts: [&[u8]; 2]) -> Vec<u8> {
    // HMAC accepts a key of any length, so this never fails.
    let Ok(mut mac) = <M as KeyInit>::new_from_slice(key) else {
        return Vec::new();
    };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}
