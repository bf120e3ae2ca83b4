//! Passwords: argon2id in PHC strings, computed in one buffer that is kept. A hash
//! of another system verifies too, and is replaced by argon2id.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash as Phc, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use subtle::ConstantTimeEq;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};
use zeroize::Zeroizing;

use crate::accounts::foreign::hash::ForeignHash;
use crate::accounts::foreign::wrapped::FastDigest;
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
    /// The same for a hash that is weaker than today's whatever its parameters.
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
        match ForeignHash::read(&self.0) {
            Some(Ok(ForeignHash::Wrapped(_, argon2id))) => read_argon2(&argon2id).map(|_| ()),
            Some(Ok(ForeignHash::Own(_))) => Ok(()),
            Some(Err(unusable)) => Err(unusable),
            None => read_argon2(&self.0).map(|_| ()),
        }
    }
}

/// Reads an argon2 hash, whose parameters must be within the caps.
fn read_argon2(stored: &str) -> Result<(Phc, Algorithm, Params), UnusableHash> {
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
    Ok((phc, algorithm, params))
}

/// Computes argon2id in one buffer that is kept, because allocating 19 MiB for
/// each hash makes the process grow to several times that.
#[derive(Default)]
pub struct PasswordHasher {
    memory: Mutex<Vec<Block>>,
    met: MetWorks,
}

impl PasswordHasher {
    /// Compares a password with a stored hash. `None` stands for an unknown
    /// user or a user without a password: the work is that of any wrong
    /// password, and the result is `Wrong`. A wrong password costs today's
    /// argon2id, and each kind of other work that this process has met in
    /// stored hashes.
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
        self.met.learn(&work, &todays_work()?);
        if compared == Compared::Wrong {
            self.pay(password, Some(&work))?;
        }
        Ok(compared)
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
        let (phc, algorithm, params) = read_argon2(stored)?;
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
    /// The digest has another length than its kind.
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
        Ok(PasswordHash(fast.around(&argon2id)))
    }

    /// Hashes a new password with this random salt and today's parameters.
    ///
    /// # Errors
    /// The password is longer than argon2 takes (4 GiB).
    pub fn hash(&self, password: &Secret, salt: [u8; 16]) -> Result<PasswordHash, UnusableHash> {
        let text = normalised(password);
        Ok(PasswordHash(self.hash_bytes(text.as_bytes(), salt)?))
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
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Compared, ForeignHash, PasswordHash, PasswordHasher, UnusableHash};
    use super::{Work, todays_work};
    use crate::secret::Secret;

    #[test]
    fn a_password_compares_right_with_its_own_hash_only() {
        let hasher = PasswordHasher::default();
        let hash = hasher.hash(&Secret::new("correct horse"), [1; 16]).unwrap();
        assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        let compare = |shown| hasher.compare(&Secret::new(shown), Some(&hash)).unwrap();
        assert_eq!(compare("correct horse"), Compared::Right);
        assert_eq!(compare("correct horsf"), Compared::Wrong);
    }

    #[test]
    fn no_password_is_truncated() {
        let hasher = PasswordHasher::default();
        let long = "x".repeat(72);
        let hash = hasher
            .hash(&Secret::new(format!("{long}a")), [1; 16])
            .unwrap();
        let other = hasher
            .compare(&Secret::new(format!("{long}b")), Some(&hash))
            .unwrap();
        assert_eq!(other, Compared::Wrong);
    }

    #[test]
    fn a_password_is_the_same_however_its_accents_were_typed() {
        let hasher = PasswordHasher::default();
        let hash = hasher
            .hash(&Secret::new("caf\u{e9} noir"), [1; 16])
            .unwrap();
        let compare = |shown| hasher.compare(&Secret::new(shown), Some(&hash)).unwrap();
        assert_eq!(compare("cafe\u{301} noir"), Compared::Right);
        assert_eq!(compare("cafe noir"), Compared::Wrong);
    }

    #[test]
    fn a_hash_with_weaker_parameters_is_right_but_weak() {
        // The answer of the reference implementation: `argon2 somesalt -id -t 2 -m 8`.
        let weak = PasswordHash::from_stored(
            "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        );
        let compared = PasswordHasher::default().compare(&Secret::new("password"), Some(&weak));
        assert_eq!(compared, Ok(Compared::RightButWeak));
    }

    #[test]
    fn an_unknown_user_is_wrong_after_the_same_work() {
        let compared = PasswordHasher::default().compare(&Secret::new("pwd"), None);
        assert_eq!(compared, Ok(Compared::Wrong));
    }

    #[test]
    fn once_a_moved_hash_was_met_every_wrong_password_costs_the_same_work() {
        let bcrypt = "$2b$05$cuVrO/gZqRwCr2zHfBbMOeiRM18GwD0IYOOYnZBPVG5QdfRKFiT96";
        let argon2 =
            "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
        let hasher = PasswordHasher::default();
        let pwd = Secret::new("pwd");
        assert_eq!(hasher.met.owed(None, todays_work().unwrap()).len(), 1);
        for moved in [bcrypt, argon2] {
            let moved = PasswordHash::from_stored(moved);
            assert_eq!(hasher.compare(&pwd, Some(&moved)), Ok(Compared::Wrong));
        }
        let Some(Ok(ForeignHash::Own(slow))) = ForeignHash::read(bcrypt) else {
            panic!("no bcrypt");
        };
        let (_, weak) = hasher.compare_argon2(b"pwd", argon2).unwrap();
        let works = [todays_work().unwrap(), Work::Slow(slow.of_nobody()), weak];
        for done in std::iter::once(None).chain(works.iter().map(Some)) {
            let mut all = hasher.met.owed(done, todays_work().unwrap());
            all.extend(done.cloned());
            assert_eq!(all.len(), works.len());
            assert!(works.iter().all(|work| all.contains(work)));
        }
    }

    #[test]
    fn a_process_learns_three_kinds_of_work_at_most() {
        let hasher = PasswordHasher::default();
        for cost in ["04", "05", "06", "07"] {
            let stored =
                format!("$2b${cost}$cuVrO/gZqRwCr2zHfBbMOeiRM18GwD0IYOOYnZBPVG5QdfRKFiT96");
            let stored = PasswordHash::from_stored(stored);
            hasher.compare(&Secret::new("pwd"), Some(&stored)).unwrap();
        }
        assert_eq!(hasher.met.owed(None, todays_work().unwrap()).len(), 4);
    }

    #[test]
    fn a_hash_that_asks_for_too_much_is_not_computed() {
        let greedy = PasswordHash::from_stored(
            "$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        );
        let compared = PasswordHasher::default().compare(&Secret::new("pwd"), Some(&greedy));
        assert_eq!(compared, Err(UnusableHash("parameters above the cap")));
    }
}
