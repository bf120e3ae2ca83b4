//! scrypt (RFC 7914), in the form `$scrypt$ln=14,r=8,p=1$salt$hash`.

use subtle::ConstantTimeEq;

use crate::accounts::foreign::parts::{base64, decode_base64, number_named};
use crate::accounts::unusable_hash::UnusableHash;

/// The memory limit of one computation, in bytes. OWASP recommends this value.
const MOST_MEMORY: u64 = 128 * 1024 * 1024;

/// The limit for the bytes that one computation writes: twice the memory.
const MOST_WORK: u64 = 2 * MOST_MEMORY;

#[derive(Clone, PartialEq, Eq)]
pub struct Scrypt {
    cost: ScryptCost,
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
    pub p: u32,
}

impl ScryptCost {
    /// Refuses a cost above the cap.
    pub(super) fn check(self) -> Result<(), UnusableHash> {
        let Self { log_n, r, p } = self;
        let block = 128 * u64::from(r);
        let memory = block.checked_shl(u32::from(log_n)).unwrap_or(u64::MAX);
        let fits = (1..=20).contains(&log_n) && (1..=1024).contains(&r) && (1..=1024).contains(&p);
        if !fits || memory > MOST_MEMORY || memory.saturating_mul(u64::from(p)) > MOST_WORK {
            return Err(UnusableHash("scrypt's cost is above the cap"));
        }
        Ok(())
    }

    /// Reads `ln=14,r=8,p=1`.
    pub(super) fn read(list: &str) -> Result<Self, UnusableHash> {
        Ok(Self {
            log_n: u8::try_from(number_named(list, "ln")?).unwrap_or(u8::MAX),
            r: number_named(list, "r")?,
            p: number_named(list, "p")?,
        })
    }

    /// The form that `read` reads.
    pub(super) fn to_text(self) -> String {
        let Self { log_n, r, p } = self;
        format!("ln={log_n},r={r},p={p}")
    }

    /// scrypt of this password and salt, into `output`.
    pub(super) fn derive(
        self,
        password: &str,
        salt: &[u8],
        output: &mut [u8],
    ) -> Result<(), UnusableHash> {
        let params = ::scrypt::Params::new(self.log_n, self.r, self.p)
            .map_err(|_| UnusableHash("scrypt refused its parameters"))?;
        ::scrypt::scrypt(password.as_bytes(), salt, &params, output)
            .map_err(|_| UnusableHash("scrypt refused its output"))
    }
}

impl Scrypt {
    /// A hash with these parts.
    ///
    /// # Errors
    /// The hash has fewer than 16 or more than 256 bytes, or the cost is above
    /// the cap.
    pub fn new(cost: ScryptCost, salt: Vec<u8>, hash: Vec<u8>) -> Result<Self, UnusableHash> {
        cost.check()?;
        if !(16..=256).contains(&hash.len()) {
            return Err(UnusableHash("scrypt's hash is not 16 to 256 bytes long"));
        }
        Ok(Self { cost, salt, hash })
    }

    /// Reads the part after `$s0$`, in the form of Java's and Clojure's libraries: the
    /// parameters in one hexadecimal number, `$`, the salt, `$`, the hash.
    ///
    /// # Errors
    /// The text is malformed, or its cost is above the cap.
    pub fn of_s0(rest: &str) -> Result<Self, UnusableHash> {
        let malformed = UnusableHash("malformed scrypt");
        let mut parts = rest.split('$');
        let (Some(packed), Some(salt), Some(hash), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(malformed);
        };
        let packed = u32::from_str_radix(packed, 16).map_err(|_| malformed)?;
        let cost = ScryptCost {
            log_n: u8::try_from(packed >> 16).map_err(|_| malformed)?,
            r: (packed >> 8) & 0xff,
            p: packed & 0xff,
        };
        Self::new(cost, decode_base64(salt)?, decode_base64(hash)?)
    }

    /// Reads the part after `$scrypt$`.
    pub(super) fn read(rest: &str) -> Result<Self, UnusableHash> {
        let mut parts = rest.split('$');
        let (Some(list), Some(salt), Some(hash), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(UnusableHash("malformed scrypt"));
        };
        Self::new(
            ScryptCost::read(list)?,
            decode_base64(salt)?,
            decode_base64(hash)?,
        )
    }

    /// The form in the table.
    pub fn to_text(&self) -> String {
        let (cost, salt) = (self.cost.to_text(), base64(&self.salt));
        format!("$scrypt${cost}${salt}${}", base64(&self.hash))
    }

    /// Whether this is the hash of the password.
    pub(super) fn matches(&self, password: &str) -> Result<bool, UnusableHash> {
        let mut computed = vec![0; self.hash.len()];
        self.cost.derive(password, &self.salt, &mut computed)?;
        Ok(computed.ct_eq(&self.hash).into())
    }

    /// A hash with the same cost that belongs to no user.
    pub(super) fn of_nobody(&self) -> Self {
        Self {
            cost: self.cost,
            salt: vec![0; self.salt.len()],
            hash: vec![0; self.hash.len()],
        }
    }
}
