//! Firebase's scrypt, in the form `$firebase$ln=14,r=8,p=1$salt$keystream`.
//!
//! Firebase derives an AES-256 key from the password by scrypt (RFC 7914). The stored
//! hash is the project's signer key, encrypted with the derived key in counter mode,
//! starting at zero. The XOR of the signer key and the hash is therefore the keystream.
//! The keystream is enough to check a password, so the table does not store the signer
//! key, which all users of a project share.

use aes::cipher::{BlockCipherEncrypt, KeyInit};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::accounts::foreign::parts::{base64, decode_base64};
use crate::accounts::foreign::scrypt::ScryptCost;
use crate::accounts::unusable_hash::UnusableHash;

/// How many bytes of the derived key are the AES key.
const KEY_BYTES: usize = 32;

/// How many bytes of the keystream are stored. They are as strong as the key.
const KEPT_BYTES: usize = 32;

/// A hash of Firebase.
#[derive(Clone, PartialEq, Eq)]
pub struct Firebase {
    cost: ScryptCost,
    /// The user's salt, followed by the project's separator.
    salt: Vec<u8>,
    keystream: Vec<u8>,
}

impl Firebase {
    /// A hash with these parts: the salt followed by the separator, the user's hash,
    /// and the project's signer key.
    ///
    /// # Errors
    /// Hash and signer key have different lengths or fewer than 32 bytes, or
    /// the cost is above the cap.
    pub fn new(
        cost: ScryptCost,
        salt: Vec<u8>,
        hash: &[u8],
        signer_key: &[u8],
    ) -> Result<Self, UnusableHash> {
        if hash.len() != signer_key.len() {
            return Err(UnusableHash(
                "Firebase's hash has another length than the signer key",
            ));
        }
        let pairs = hash.iter().zip(signer_key);
        let keystream = pairs.map(|(one, other)| one ^ other).take(KEPT_BYTES);
        Self::of_keystream(cost, salt, keystream.collect())
    }

    fn of_keystream(
        cost: ScryptCost,
        salt: Vec<u8>,
        keystream: Vec<u8>,
    ) -> Result<Self, UnusableHash> {
        cost.check()?;
        if keystream.len() != KEPT_BYTES {
            return Err(UnusableHash("Firebase's hash is shorter than 32 bytes"));
        }
        Ok(Self {
            cost,
            salt,
            keystream,
        })
    }

    /// Reads the part after `$firebase$`.
    pub(super) fn read(rest: &str) -> Result<Self, UnusableHash> {
        let mut parts = rest.split('$');
        let (Some(list), Some(salt), Some(keystream), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(UnusableHash("malformed Firebase hash"));
        };
        Self::of_keystream(
            ScryptCost::read(list)?,
            decode_base64(salt)?,
            decode_base64(keystream)?,
        )
    }

    /// The form in the table.
    pub fn to_text(&self) -> String {
        let (cost, salt) = (self.cost.to_text(), base64(&self.salt));
        format!("$firebase${cost}${salt}${}", base64(&self.keystream))
    }

    /// Whether this is the hash of the password.
    pub(super) fn matches(&self, password: &str) -> Result<bool, UnusableHash> {
        // Firebase derives 64 bytes. The first 32 bytes of scrypt's output do not
        // depend on its length.
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        self.cost.derive(password, &self.salt, &mut key[..])?;
        let cipher = aes::Aes256::new_from_slice(&key[..])
            .map_err(|_| UnusableHash("AES refused its key"))?;
        let mut computed = Zeroizing::new(Vec::with_capacity(KEPT_BYTES));
        for counter in [0_u128, 1] {
            let mut block = aes::Block::from(counter.to_be_bytes());
            cipher.encrypt_block(&mut block);
            computed.extend_from_slice(&block);
        }
        Ok(computed.ct_eq(&self.keystream).into())
    }

    /// A hash with the same cost that belongs to no user.
    pub(super) fn of_nobody(&self) -> Self {
        Self {
            cost: self.cost,
            salt: vec![0; self.salt.len()],
            keystream: vec![0; self.keystream.len()],
        }
    }
}
