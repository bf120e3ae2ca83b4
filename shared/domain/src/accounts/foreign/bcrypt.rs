//! bcrypt, in the form `$2b$10$` and 53 characters of its own base64.

use base64::Engine;
use base64::alphabet::BCRYPT;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::NO_PAD;
use subtle::ConstantTimeEq;

use crate::accounts::unusable_hash::UnusableHash;

/// bcrypt's own base64. The last character may have unused bits that are set, because
/// some libraries write them.
const ENGINE: GeneralPurpose =
    GeneralPurpose::new(&BCRYPT, NO_PAD.with_decode_allow_trailing_bits(true));

/// The smallest and the largest cost. Each step doubles the time. Cost 14 takes a
/// second.
const COSTS: std::ops::RangeInclusive<u32> = 4..=14;

/// How many bytes of a password bcrypt reads, including the zero at the end.
const LOOKED_AT: usize = 72;

/// A hash made by bcrypt.
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

    /// Whether this is the hash of the password. bcrypt reads at most 72 bytes, and
    /// stops at a zero byte. A password with a zero byte never matches.
    pub fn matches(&self, password: &str) -> bool {
        let mut bytes = zeroize::Zeroizing::new(password.as_bytes().to_vec());
        let has_zero = bytes.contains(&0);
        bytes.push(0);
        bytes.truncate(LOOKED_AT);
        let computed = ::bcrypt::bcrypt(self.cost, self.salt, &bytes);
        let computed = computed.get(..self.hash.len()).unwrap_or_default();
        bool::from(computed.ct_eq(&self.hash)) && !has_zero
    }

    /// The form that is stored.
    pub fn to_text(&self) -> String {
        let (salt, hash) = (ENGINE.encode(self.salt), ENGINE.encode(&self.hash));
        format!("$2b${:02}${salt}{hash}", self.cost)
    }

    /// A hash with the same cost that belongs to no user.
    pub fn of_nobody(&self) -> Self {
        Self {
            cost: self.cost,
            salt: [0; 16],
            hash: vec![0; self.hash.len()],
        }
    }
}
