//! Hashes passwords with argon2id, as PHC strings. Verifies hashes of other systems
//! too, and replaces them by argon2id.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash as Phc, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use subtle::ConstantTimeEq;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};
use zeroize::Zeroizing;

use crate::Timestamp;
use crate::accounts::foreign::hash::ForeignHash;
use crate::accounts::foreign::wrapped::FastDigest;
pub use crate::accounts::password_work::MOST_KINDS;
use crate::accounts::password_work::{MetWorks, Work};
pub use crate::accounts::unusable_hash::UnusableHash;
use crate::secret::Secret;

/// Longest password in bytes. A longer password is refused, because nothing is
/// truncated.
pub const LONGEST_PASSWORD: usize = 1024;

/// Memory in KiB, passes and lanes of new hashes (OWASP's first choice for argon2id).
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// The most memory that a stored hash may ask for. A hash that asks for more is
/// not computed, because one item must not take the function's memory or time.
const MOST_MEMORY_KIB: u32 = 65_536;
const MOST_PASSES: u32 = 10;
const MOST_LANES: u32 = 4;

/// A stored password: a PHC string.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Takes a PHC string as it was stored.
    pub fn from_stored(phc: impl Into<String>) -> Self {
        Self(phc.into())
    }

    /// The PHC string, to be stored or compared with what is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[password hash]")
    }
}

/// The result of comparing a password with a stored hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compared {
    /// The password is wrong.
    Wrong,
    /// The password is right.
    Right,
    /// The password is right, but its hash has weaker parameters than today's.
    RightButWeak,
}

impl Compared {
    /// The result for a hash that is weaker than today's, whatever its parameters are.
    fn as_weak(self) -> Self {
        match self {
            Self::Wrong => Self::Wrong,
            Self::Right | Self::RightButWeak => Self::RightButWeak,
        }
    }
}

impl PasswordHash {
    /// Whether a later login can compute this hash: the import asks before it
    /// stores a hash of another system.
    ///
    /// # Errors
    /// The hash is of an unknown kind, or asks for more than is allowed.
    pub fn check(&self) -> Result<(), UnusableHash> {
        work_of(&self.0).map(|_| ())
    }

    /// A hash that takes the same work to compare, and belongs to no user. `None`
    /// if a hash of today takes that work.
    ///
    /// # Errors
    /// As `check`.
    pub fn of_nobody(&self) -> Result<Option<Self>, UnusableHash> {
        let work = work_of(&self.0)?;
        Ok((work != todays_work()?).then(|| Self(work.to_text())))
    }
}

/// What comparing with a stored hash costs.
fn work_of(stored: &str) -> Result<Work, UnusableHash> {
    let argon2 = |stored: &str| {
        let hash = Argon2Hash::read(stored)?;
        Work::argon2(hash.algorithm, &hash.params)
    };
    match ForeignHash::read(stored) {
        None => argon2(stored),
        Some(foreign) => match foreign? {
            ForeignHash::Wrapped(_, argon2id) => argon2(&argon2id),
            ForeignHash::Own(hash) => Ok(Work::Slow(hash.of_nobody())),
        },
    }
}

/// An argon2 hash, whose parameters are within the caps.
struct Argon2Hash {
    phc: Phc,
    algorithm: Algorithm,
    params: Params,
}

impl Argon2Hash {
    fn read(stored: &str) -> Result<Self, UnusableHash> {
        let phc = Phc::new(stored).map_err(|_| UnusableHash("not a PHC string"))?;
        let algorithm = Algorithm::try_from(phc.algorithm.as_str())
            .map_err(|_| UnusableHash("not an argon2 hash"))?;
        if phc.version.is_some_and(|version| version != 0x13) {
            return Err(UnusableHash("not argon2 version 19"));
        }
        let params = Params::try_from(&phc).map_err(|_| UnusableHash("bad parameters"))?;
        if params.m_cost() > MOST_MEMORY_KIB
            || params.t_cost() > MOST_PASSES
            || params.p_cost() > MOST_LANES
        {
            return Err(UnusableHash("parameters above the cap"));
        }
        if phc.salt.is_none() || phc.hash.is_none() {
            return Err(UnusableHash("no salt or no hash"));
        }
        Ok(Self {
            phc,
            algorithm,
            params,
        })
    }
}

/// Computes argon2id in a buffer that is reused. With a new allocation of 19 MiB for
/// each hash, the process would grow to several times that size.
#[derive(Default)]
pub struct PasswordHasher {
    memory: Mutex<Vec<Block>>,
    met: MetWorks,
}

impl PasswordHasher {
    /// Compares a password with a stored hash. `None` stands for an unknown
    /// user or a user without a password: the work is that of any wrong
    /// password, and the result is `Wrong`. A wrong password costs today's
    /// argon2id, and each kind of other work that this process knows of.
    ///
    /// # Errors
    /// The stored hash is of an unknown kind, or asks for more than is allowed.
    pub fn compare(
        &self,
        password: &Secret,
        stored: Option<&PasswordHash>,
    ) -> Result<Compared, UnusableHash> {
        let Some(stored) = stored else {
            self.pay(password, None)?;
            return Ok(Compared::Wrong);
        };
        let (compared, work) = match ForeignHash::read(stored.as_str()) {
            None => self.compare_argon2(normalised(password).as_bytes(), stored.as_str())?,
            Some(foreign) => match foreign? {
                ForeignHash::Wrapped(digest, argon2id) => {
                    let digest = digest.of(password.expose());
                    let (compared, work) = self.compare_argon2(&digest, &argon2id)?;
                    (compared.as_weak(), work)
                }
                ForeignHash::Own(hash) => {
                    let compared = match hash.matches(password.expose())? {
                        true => Compared::RightButWeak,
                        false => Compared::Wrong,
                    };
                    (compared, Work::Slow(hash.of_nobody()))
                }
            },
        };
        self.met.note(&work, &todays_work()?);
        if compared == Compared::Wrong {
            self.pay(password, Some(&work))?;
        }
        Ok(compared)
    }

    /// Learns the work of the hashes of other systems from example hashes, which
    /// belong to no user. Returns the kinds that were new. Ignores a hash that
    /// cannot be computed.
    pub fn learn_kinds(&self, kinds: &[PasswordHash]) -> Vec<PasswordHash> {
        let new = kinds.iter().filter(|kind| {
            let works = work_of(&kind.0).and_then(|work| Ok((work, todays_work()?)));
            works.is_ok_and(|(work, today)| self.met.note(&work, &today))
        });
        new.cloned().collect()
    }

    /// Whether it is time to ask again which kinds of hashes there are: at most
    /// each five minutes.
    pub fn asks_for_kinds(&self, now: Timestamp) -> bool {
        self.met.is_due(now)
    }

    /// Does what a wrong password still costs after this work.
    fn pay(&self, password: &Secret, done: Option<&Work>) -> Result<(), UnusableHash> {
        let text = normalised(password);
        for work in self.met.owed(done, todays_work()?) {
            match work {
                Work::Argon2(algorithm, params) => {
                    let salt = b"an unknown user.";
                    self.compute(text.as_bytes(), salt, &params, algorithm)?;
                }
                Work::Slow(hash) => {
                    let _nobodys = hash.matches(&text)?;
                }
            }
        }
        Ok(())
    }

    fn compare_argon2(
        &self,
        password: &[u8],
        stored: &str,
    ) -> Result<(Compared, Work), UnusableHash> {
        let Argon2Hash {
            phc,
            algorithm,
            params,
        } = Argon2Hash::read(stored)?;
        let (Some(salt), Some(expected)) = (phc.salt, phc.hash) else {
            return Err(UnusableHash("no salt or no hash"));
        };
        let work = Work::argon2(algorithm, &params)?;
        let computed = self.compute(password, &salt, &params, algorithm)?;
        if !bool::from(computed.as_bytes().ct_eq(expected.as_bytes())) {
            return Ok((Compared::Wrong, work));
        }
        let weak = algorithm != Algorithm::Argon2id
            || params.m_cost() < MEMORY_KIB
            || params.t_cost() < PASSES;
        let compared = match weak {
            true => Compared::RightButWeak,
            false => Compared::Right,
        };
        Ok((compared, work))
    }

    /// Wraps another system's fast digest of a password in argon2id, with this
    /// random salt.
    ///
    /// # Errors
    /// The digest does not have the length of its hash function.
    pub fn wrap(
        &self,
        fast: &FastDigest,
        digest: &[u8],
        salt: [u8; 16],
    ) -> Result<PasswordHash, UnusableHash> {
        if digest.len() != fast.digest.length() {
            return Err(UnusableHash("the digest has another length than its kind"));
        }
        let argon2id = self.hash_bytes(digest, salt)?;
        Ok(PasswordHash(fast.with_outer(&argon2id)))
    }

    /// Hashes a new password with this random salt and today's parameters.
    ///
    /// # Errors
    /// The password is longer than argon2 takes (4 GiB).
    pub fn hash(&self, password: &Secret, salt: [u8; 16]) -> Result<PasswordHash, UnusableHash> {
        let text = normalised(password);
        Ok(PasswordHash(self.hash_bytes(text.as_bytes(), salt)?))
    }

    /// Hashes a text with the salt and the parameters of a stored argon2id hash. The
    /// result equals the stored hash if the texts are equal.
    ///
    /// # Errors
    /// The stored hash is no argon2id hash, or asks for more than is allowed.
    pub fn hash_as(
        &self,
        text: &Secret,
        stored: &PasswordHash,
    ) -> Result<PasswordHash, UnusableHash> {
        let mut like = Argon2Hash::read(stored.as_str())?;
        let salt = like.phc.salt.ok_or(UnusableHash("no salt or no hash"))?;
        let text = text.expose().as_bytes();
        let output = self.compute(text, &salt, &like.params, like.algorithm)?;
        like.phc.hash = Some(output);
        Ok(PasswordHash(like.phc.to_string()))
    }

    fn hash_bytes(&self, password: &[u8], salt: [u8; 16]) -> Result<String, UnusableHash> {
        let params = today()?;
        let output = self.compute(password, &salt, &params, Algorithm::Argon2id)?;
        let phc = Phc {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(&params).map_err(|_| UnusableHash("bad parameters"))?,
            salt: Some(Salt::new(&salt).map_err(|_| UnusableHash("bad salt"))?),
            hash: Some(output),
        };
        Ok(phc.to_string())
    }

    fn compute(
        &self,
        password: &[u8],
        salt: &[u8],
        params: &Params,
        algorithm: Algorithm,
    ) -> Result<Output, UnusableHash> {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let blocks = params.block_count();
        if memory.len() < blocks {
            memory.resize(blocks, Block::default());
        }
        let Some(buffer) = memory.get_mut(..blocks) else {
            return Err(UnusableHash("no memory"));
        };
        let mut output = [0_u8; Params::DEFAULT_OUTPUT_LEN];
        let length = params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN);
        let Some(output) = output.get_mut(..length) else {
            return Err(UnusableHash("output above 32 bytes"));
        };
        Argon2::new(algorithm, Version::V0x13, params.clone())
            .hash_password_into_with_memory(password, salt, output, buffer)
            .map_err(|_| UnusableHash("argon2 refused its input"))?;
        Output::new(output).map_err(|_| UnusableHash("output too short"))
    }
}

/// A password as it is hashed: in NFKC (NIST SP 800-63B 3.1.1.2). So a user can
/// type the same password on another system's keyboard. Only this function
/// normalises, so a new hash and a later comparison agree. NFKC leaves ASCII
/// unchanged, so hashes of ASCII passwords from another system still match.
fn normalised(password: &Secret) -> Zeroizing<String> {
    let text = password.expose();
    if is_nfkc_quick(text.chars()) == IsNormalized::Yes {
        return Zeroizing::new(text.to_owned());
    }
    // NFKC makes at most 18 characters of one. So the text never moves in
    // memory while it grows.
    let mut normal = Zeroizing::new(String::with_capacity(text.len() * 18));
    normal.extend(text.nfkc());
    normal
}

fn today() -> Result<Params, UnusableHash> {
    Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|_| UnusableHash("bad parameters"))
}

fn todays_work() -> Result<Work, UnusableHash> {
    Work::argon2(Algorithm::Argon2id, &today()?)
}

#[cfg(test)]
#[path = "password_tests.rs"]
mod tests;
