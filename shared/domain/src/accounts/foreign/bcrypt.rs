//! bcrypt, in the form `$2b$10$` and 53 characters of its own base64.

use base64::Engine;
use base64::alphabet::BCRYPT;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::NO_PAD;
use subtle::ConstantTimeEq;

use crate::accounts::unusable_hash::UnusableHash;

/// bcrypt's own base64. The last character may have bits that say nothing, as
/// some libraries write.
const ENGINE: GeneralPurpose =
    GeneralPurpose::new(&BCRYPT, NO_PAD.with_decode_allow_trailing_bits(true));

/// The least and the most cost. Each step doubles the time: 14 takes a second.
const COSTS: std::ops::RangeInclusive<u32> = 4..=14;

/// How many bytes of a password bcrypt looks at, with the zero at the end.
const LOOKED_AT: usize = 72;

/// A bcrypt hash.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Bcrypt {
    cost: u32,
    salt: [u8; 16],
    hash: Vec<u8>,
}

impl Bcrypt {
    /// Reads what follows `$2a$`, `$2b$` or `$2y$`.
    pub fn read(rest: &str) -> Result<Self, UnusableHash> {
        let malformed = UnusableHash("malformed bcrypt");
        let (cost, coded) = rest.split_once('$').ok_or(malformed)?;
        let cost = cost.parse().map_err(|_| malformed)?;
        if !COSTS.contains(&cost) {
            return Err(UnusableHash("bcrypt's cost is not between 4 and 14"));
        }
        if coded.len() != 53 {
            return Err(malformed);
        }
        let (salt, hash) = coded.split_at_checked(22).ok_or(malformed)?;
        let decoded = |text: &str| ENGINE.decode(text).map_err(|_| malformed);
        Ok(Self {
            cost,
            salt: decoded(salt)?.try_into().map_err(|_| malformed)?,
            hash: decoded(hash)?,
        })
    }

    /// Whether this is the hash of the password. bcrypt looks at 72 bytes at
    /// most, and ends at a zero byte; a password with a zero byte never matches.
    pub fn matches(&self, password: &str) -> bool {
        let mut bytes = zeroize::Zeroizing::new(password.as_bytes().to_vec());
        let has_zero = bytes.contains(&0);
        bytes.push(0);
        bytes.truncate(LOOKED_AT);
        let computed = ::bcrypt::bcrypt(self.cost, self.salt, &bytes);
        let computed = computed.get(..self.hash.len()).unwrap_or_default();
        bool::from(computed.ct_eq(&self.hash)) && !has_zero
    }

    /// A hash that costs as much, and is nobody's.
    pub fn of_nobody(&self) -> Self {
        Self {
            cost: self.cost,
            salt: [0; 16],
            hash: vec![0; self.hash.len()],
        }
    }
}
