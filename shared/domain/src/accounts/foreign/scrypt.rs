//! scrypt (RFC 7914), in the form `$scrypt$ln=14,r=8,p=1$salt$hash`.

use subtle::ConstantTimeEq;

use crate::accounts::foreign::parts::{base64, bytes, number_named};
use crate::accounts::unusable_hash::UnusableHash;

/// The memory limit of one computation, in bytes. OWASP recommends this value.
const MOST_MEMORY: u64 = 128 * 1024 * 1024;

/// The limit for the bytes that one computation writes: twice the memory.
const MOST_WORK: u64 = 2 * MOST_MEMORY;

/// An scrypt hash.
#[derive(Clone, PartialEq, Eq)]
pub struct Scrypt {
    log_n: u8,
    r: u32,
    p: u32,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

/// The parameters of scrypt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScryptCost {
    /// The logarithm of the cost, to base 2.
    pub log_n: u8,
    /// The block size.
    pub r: u32,
    /// The parallelization.
    pub p: u32,
}

impl Scrypt {
    /// A hash with these parts.
    ///
    /// # Errors
    /// The hash has fewer than 16 or more than 256 bytes, or the cost is above
    /// the cap.
    pub fn new(cost: ScryptCost, salt: Vec<u8>, hash: Vec<u8>) -> Result<Self, UnusableHash> {
        let ScryptCost { log_n, r, p } = cost;
        let block = 128 * u64::from(r);
        let memory = block.checked_shl(u32::from(log_n)).unwrap_or(u64::MAX);
        let fits = (1..=20).contains(&log_n) && (1..=1024).contains(&r) && (1..=1024).contains(&p);
        if !fits || memory > MOST_MEMORY || memory.saturating_mul(u64::from(p)) > MOST_WORK {
            return Err(UnusableHash("scrypt's cost is above the cap"));
        }
        if !(16..=256).contains(&hash.len()) {
            return Err(UnusableHash("scrypt's hash is not 16 to 256 bytes long"));
        }
        Ok(Self {
            log_n,
            r,
            p,
            salt,
            hash,
        })
    }

    /// Reads the part after `$scrypt$`.
    pub(super) fn read(rest: &str) -> Result<Self, UnusableHash> {
        let mut parts = rest.split('$');
        let (Some(list), Some(salt), Some(hash), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(UnusableHash("malformed scrypt"));
        };
        let cost = ScryptCost {
            log_n: u8::try_from(number_named(list, "ln")?).unwrap_or(u8::MAX),
            r: number_named(list, "r")?,
            p: number_named(list, "p")?,
        };
        Self::new(cost, bytes(salt)?, bytes(hash)?)
    }

    /// The form in the table.
    pub fn to_text(&self) -> String {
        let Self { log_n, r, p, .. } = self;
        let (salt, hash) = (base64(&self.salt), base64(&self.hash));
        format!("$scrypt$ln={log_n},r={r},p={p}${salt}${hash}")
    }

    /// Whether this is the hash of the password.
    pub(super) fn matches(&self, password: &str) -> Result<bool, UnusableHash> {
        let params = ::scrypt::Params::new(self.log_n, self.r, self.p)
            .map_err(|_| UnusableHash("scrypt refused its parameters"))?;
        let mut computed = vec![0; self.hash.len()];
        ::scrypt::scrypt(password.as_bytes(), &self.salt, &params, &mut computed)
            .map_err(|_| UnusableHash("scrypt refused its output"))?;
        Ok(computed.ct_eq(&self.hash).into())
    }
}
