//! The keys in memory, and every value that is made from them.

use zeroize::Zeroizing;

use super::derive::{
    UncheckedToken, derive_bytes, join_form_token, join_token, mac, mac_is_right, open, seal,
    sha256, split_form_token,
};
use super::inventory::stored_signer;
use super::purpose::Purpose;
use super::sign::{SigningKey, open_private};
use crate::domain::Timestamp;
use crate::domain::accounts::action::Action;
use crate::domain::accounts::login_name::LoginName;
use crate::domain::factors::factor::{Factor, FactorKind, Sealed};
use crate::domain::factors::sent_code::hotp;
use crate::domain::factors::totp::Seed;
use crate::domain::id::{FactorId, LoginId, UserId};
use crate::domain::keys::algorithm::Algorithm;
use crate::domain::keys::data_keys::{DataKeyAge, DataKeys};
use crate::domain::login::pending_login::SentCode;
use crate::domain::secret::Secret;
use crate::domain::token::TokenBody;
use crate::failure::Broken;
use crate::store::StoredKey;

pub(super) struct DataKey {
    pub number: u32,
    pub created_at: Timestamp,
    pub secret: Zeroizing<[u8; 32]>,
}

/// A published public key.
#[derive(Clone, Debug)]
pub struct SigningPublicKey {
    /// The `kid` of the key.
    pub kid: String,
    /// The algorithm of the key.
    pub algorithm: Algorithm,
    /// The JWK as JSON.
    pub jwk: String,
}

/// The keys of a function, decrypted.
pub struct Ring {
    pub(super) tokens: Vec<DataKey>,
    pub(super) seeds: Vec<DataKey>,
    pub(super) current_tokens: u32,
    pub(super) current_seeds: u32,
    signing: Option<SigningKey>,
    public: Vec<SigningPublicKey>,
}

impl Ring {
    pub(super) fn build(
        purposes: &[Purpose],
        data: Vec<(Purpose, DataKey)>,
        stored: &[StoredKey],
        algorithm: Algorithm,
        now: Timestamp,
    ) -> Result<Self, Broken> {
        let (mut tokens, mut seeds, mut signing_data) = (Vec::new(), Vec::new(), Vec::new());
        for (purpose, key) in data {
            match purpose {
                Purpose::Tokens => tokens.push(key),
                Purpose::Seeds => seeds.push(key),
                Purpose::Signing => signing_data.push(key),
            }
        }
        let needed = |purpose: Purpose, keys: &[DataKey]| {
            if purposes.contains(&purpose) && keys.is_empty() {
                let name = purpose.name();
                return Err(Broken::unavailable(format!(
                    "the table holds no data key for {name} yet: the keys function makes them"
                )));
            }
            let ages = keys.iter().map(|key| DataKeyAge {
                number: key.number,
                made_at: key.created_at,
            });
            Ok(DataKeys(ages.collect()).used_number(now))
        };
        let current_tokens = needed(Purpose::Tokens, &tokens)?;
        let current_seeds = needed(Purpose::Seeds, &seeds)?;
        needed(Purpose::Signing, &signing_data)?;
        let public = public_keys(stored);
        let signing = if purposes.contains(&Purpose::Signing) {
            let key = signing_key(stored, &signing_data, algorithm, now)?;
            Some(key.ok_or_else(|| {
                let name = algorithm.name();
                Broken::unavailable(format!(
                    "the table holds no {name} key to sign with yet: the keys function makes it"
                ))
            })?)
        } else {
            None
        };
        Ok(Self {
            tokens,
            seeds,
            current_tokens,
            current_seeds,
            signing,
            public,
        })
    }

    /// The published keys, oldest first.
    pub fn public_keys(&self) -> &[SigningPublicKey] {
        &self.public
    }

    pub(super) fn knows_signing_key(&self, kid: &str) -> bool {
        self.public.iter().any(|key| key.kid == kid)
    }

    pub(super) fn signing(&self) -> Option<&SigningKey> {
        self.signing.as_ref()
    }

    /// The number of the data key that new codes and tokens are derived from.
    pub fn current_token_key(&self) -> u32 {
        self.current_tokens
    }

    pub(super) fn knows_token_key(&self, number: u32) -> bool {
        self.tokens.iter().any(|key| key.number == number)
    }

    /// The text of an opaque token, with a MAC by the current key.
    ///
    /// # Errors
    /// `Broken` if this function has no data key for tokens.
    pub fn seal_token(&self, body: TokenBody) -> Result<Secret, Broken> {
        let number = self.current_tokens;
        let key = derive_bytes(find_data_key(&self.tokens, number)?, body.label(), &[])?;
        let bytes = body.encode(number);
        let tag = mac(&key, &bytes);
        Ok(Secret::new(join_token(&bytes, &tag)))
    }

    pub(super) fn token_mac_is_right(&self, token: &UncheckedToken) -> bool {
        let UncheckedToken { key, body, mac } = token;
        let secret = find_data_key(&self.tokens, *key);
        let derived = secret.and_then(|secret| derive_bytes(secret, body.label(), &[]));
        derived.is_ok_and(|derived| mac_is_right(&derived, &body.encode(*key), mac))
    }

    /// The token of a form. It proves that one of our pages showed the form to the
    /// browser that has `binding`.
    ///
    /// # Errors
    /// `Broken` if this function has no data key for tokens.
    pub fn form_mac(&self, binding: &str) -> Result<Secret, Broken> {
        let number = self.current_tokens;
        let key = derive_bytes(find_data_key(&self.tokens, number)?, "form", &[])?;
        let tag = mac(&key, binding.as_bytes());
        Ok(Secret::new(join_form_token(number, &tag)))
    }

    /// Whether this is the form token for `binding`. The comparison takes constant
    /// time.
    pub fn form_token_is_right(&self, binding: &str, shown: &str) -> bool {
        let Some((number, tag)) = split_form_token(shown) else {
            return false;
        };
        let key = find_data_key(&self.tokens, number)
            .and_then(|secret| derive_bytes(secret, "form", &[]));
        key.is_ok_and(|key| mac_is_right(&key, binding.as_bytes(), &tag))
    }

    /// The six digits of a send: an HOTP value. The key is derived for this login and
    /// factor. The counter is the number of the send.
    ///
    /// # Errors
    /// `Broken` if the send's data key is not known.
    pub fn code(&self, login: LoginId, sent: &SentCode) -> Result<Secret, Broken> {
        let secret = find_data_key(&self.tokens, sent.key)?;
        let login = sent.earlier.unwrap_or(login);
        let key = derive_bytes(secret, "code", &[login.bytes(), sent.factor.bytes()])?;
        Ok(hotp(key.as_slice(), u64::from(sent.number)))
    }

    /// The six digits that confirm an action: an HOTP value. The key is derived for
    /// this action only.
    ///
    /// # Errors
    /// `Broken` if the action's data key is not known.
    pub fn action_code(&self, action: &Action) -> Result<Secret, Broken> {
        let secret = find_data_key(&self.tokens, action.key)?;
        let label = format!("code {}", action.kind.name());
        let key = derive_bytes(secret, &label, &[action.user.bytes(), action.id.bytes()])?;
        Ok(hotp(key.as_slice(), 0))
    }

    /// The user id that stands for a name that nobody has. The same name always gives
    /// the same id. No real user has this id.
    ///
    /// # Errors
    /// `Broken` if this function has no data key for tokens.
    pub fn pseudo_user(&self, name: &LoginName) -> Result<UserId, Broken> {
        let key = derive_bytes(
            find_data_key(&self.tokens, self.current_tokens)?,
            "pseudo user",
            &[],
        )?;
        let tag = mac(&key, name.as_str().as_bytes());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(tag.as_ref().get(..16).unwrap_or(&[0; 16]));
        Ok(UserId::random(bytes))
    }

    /// Seals a TOTP seed for its user and factor.
    ///
    /// # Errors
    /// `Broken` if this function has no data key for seeds.
    pub fn seal_seed(&self, user: UserId, factor: FactorId, seed: &Seed) -> Result<Sealed, Broken> {
        let secret = find_data_key(&self.seeds, self.current_seeds)?;
        let key = derive_bytes(secret, "seed", &[])?;
        let bytes = seal(&key, &seed_context(user, factor), seed.expose())?;
        Ok(Sealed {
            key: self.current_seeds,
            bytes,
        })
    }

    /// Seals the seed of an authenticator app again, if an older data key than the
    /// current key sealed it. `None` if there is nothing to do.
    ///
    /// # Errors
    /// Those of `open_seed`.
    pub fn reseal_seed(&self, user: UserId, factor: &Factor) -> Result<Option<Sealed>, Broken> {
        match &factor.kind {
            // A function that has not read the keys again may know a newer key
            // than its current key. It leaves what the newer key sealed.
            FactorKind::Totp { seed, .. } if seed.key < self.current_seeds => {
                let opened = self.open_seed(user, factor.id, seed)?;
                self.seal_seed(user, factor.id, &opened).map(Some)
            }
            FactorKind::Totp { .. } | FactorKind::Address { .. } | FactorKind::Passkey(_) => {
                Ok(None)
            }
        }
    }

    /// Opens a TOTP seed.
    ///
    /// # Errors
    /// `Broken` if the seed was sealed for another user or factor, or with another key.
    pub fn open_seed(
        &self,
        user: UserId,
        factor: FactorId,
        sealed: &Sealed,
    ) -> Result<Seed, Broken> {
        let key = derive_bytes(find_data_key(&self.seeds, sealed.key)?, "seed", &[])?;
        let bytes = open(&key, &seed_context(user, factor), &sealed.bytes)?;
        Ok(Seed::new(bytes.to_vec()))
    }
}

/// The stored hash of a recovery code. A code has 120 random bits, so a plain
/// hash is enough (NIST SP 800-63B 3.1.2.2). The user's id makes the hashes of
/// two users' equal codes differ.
pub fn recovery_hash(user: UserId, code: &Secret) -> String {
    sha256(&[b"recovery code", user.bytes(), code.expose().as_bytes()])
}

fn seed_context(user: UserId, factor: FactorId) -> Vec<u8> {
    [b"seed".as_slice(), user.bytes(), factor.bytes()].concat()
}

pub(super) fn find_data_key(keys: &[DataKey], number: u32) -> Result<&[u8; 32], Broken> {
    keys.iter()
        .find(|key| key.number == number)
        .map(|key| &*key.secret)
        .ok_or_else(|| Broken::internal(format!("data key {number} is not known here")))
}

/// The public keys that this version can verify with. Keys of an unknown algorithm are
/// left out, so that the other keys keep working.
fn public_keys(stored: &[StoredKey]) -> Vec<SigningPublicKey> {
    let mut keys = Vec::new();
    for key in stored {
        if let StoredKey::Signing {
            kid,
            algorithm,
            public_jwk,
            created_at,
            ..
        } = key
        {
            let Some(algorithm) = Algorithm::from_name(algorithm) else {
                tracing::error!(kid, "a signing key with an unknown algorithm is ignored");
                continue;
            };
            let public = SigningPublicKey {
                kid: kid.clone(),
                algorithm,
                jwk: public_jwk.clone(),
            };
            keys.push((*created_at, public));
        }
    }
    keys.sort_by_key(|(created_at, _)| *created_at);
    keys.into_iter().map(|(_, key)| key).collect()
}

/// The signing key, decrypted.
fn signing_key(
    stored: &[StoredKey],
    data: &[DataKey],
    wanted: Algorithm,
    now: Timestamp,
) -> Result<Option<SigningKey>, Broken> {
    let Some((StoredKey::Signing { kid, private, .. }, algorithm)) =
        stored_signer(stored, wanted, now)
    else {
        return Ok(None);
    };
    let pem = open_private(find_data_key(data, private.key)?, kid, private)?;
    SigningKey::from_pem(algorithm, kid, &pem).map(Some)
}

#[cfg(test)]
#[path = "ring_tests.rs"]
mod tests;
