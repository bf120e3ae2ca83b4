//! Makes the next signing key in time, deletes keys that are no longer needed, and seals
//! the others with the newest data key. Only the function `keys` does so, once a day.

use super::inventory::numbers;
use super::load::Keyring;
use super::make::{PUBLISHED_BEFORE, pair_numbers};
use super::purpose::Purpose;
use super::ring::{current, signer};
use super::sign::{Algorithm, open_private, seal_private};
use crate::domain::Timestamp;
use crate::domain::authorization::client::LONGEST_TOKEN_SECONDS;
use crate::failure::Broken;
use crate::store::StoredKey;

/// How long a key stays published after its successor begins to sign, in seconds. All
/// tokens of the key have expired by then. One more day covers differing clocks and
/// functions that learn of the successor late.
const PUBLISHED_AFTER: i64 = LONGEST_TOKEN_SECONDS + 86_400;

/// The result of a rotation, by `kid`.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct KeyRotation {
    /// The keys that were published now. Each signs a day later.
    pub published: Vec<String>,
    /// The keys that were deleted, because all their tokens have expired.
    pub retired: Vec<String>,
}

impl Keyring {
    /// Makes the next signing key when the newest is older than the setting says. Deletes
    /// keys that are no longer used. Seals the others with the data key that is used now. A
    /// second call changes nothing. Adds what this call does to `rotated`, also if it fails
    /// later.
    ///
    /// # Errors
    /// `Broken` if DynamoDB or KMS does not answer.
    pub async fn rotate(&self, now: Timestamp, rotated: &mut KeyRotation) -> Result<(), Broken> {
        let before = self.store.read_keys().await?;
        let algorithm = self.settings.algorithm;
        let made_before = now - self.settings.signing_key_seconds;
        if is_due(&before, algorithm.name(), made_before) || !is_newest(&before, algorithm) {
            let number = pair_numbers(&before, algorithm).into_iter().max();
            let number = number.unwrap_or(0) + 1;
            let made = self.add_key_pair(number, now, now + PUBLISHED_BEFORE);
            rotated.published.extend(made.await?);
        }
        let stored = self.store.read_keys().await?;
        for pair in pairs_over(&stored, algorithm, now) {
            self.store.delete_key(pair.stored).await?;
            rotated.retired.push(pair.kid.to_owned());
        }
        self.reseal_pairs(&stored, now).await?;
        self.forget().await;
        Ok(())
    }

    /// Seals each key pair with the data key of purpose `signing` that is used now, so that
    /// an older data key can go. A pair that another call has sealed or deleted meanwhile
    /// stays so.
    async fn reseal_pairs(&self, stored: &[StoredKey], now: Timestamp) -> Result<(), Broken> {
        let newest = current(numbers(stored, Purpose::Signing), now);
        let Some(wrapped) = wrapped_key(stored, newest) else {
            return Ok(());
        };
        let mut secret = None;
        for key in stored {
            let StoredKey::Signing { kid, private, .. } = key else {
                continue;
            };
            if private.key >= newest {
                continue;
            }
            let Some(old) = wrapped_key(stored, private.key) else {
                tracing::error!(kid, "the data key that seals this signing key is gone");
                continue;
            };
            let old = self.unwrap(Purpose::Signing, old).await?;
            let pem = match open_private(&old, kid, private) {
                Ok(pem) => pem,
                Err(broken) => {
                    tracing::error!(kid, error = %broken, "a signing key cannot be opened");
                    continue;
                }
            };
            let opened = match secret.take() {
                Some(opened) => opened,
                None => self.unwrap(Purpose::Signing, wrapped).await?,
            };
            let sealed = seal_private(newest, &opened, kid, &pem)?;
            secret = Some(opened);
            self.store.reseal_key(key, &sealed).await?;
        }
        Ok(())
    }
}

/// The data key of purpose `signing` with this number, wrapped.
fn wrapped_key(stored: &[StoredKey], wanted: u32) -> Option<&[u8]> {
    stored.iter().find_map(|key| match key {
        StoredKey::Data {
            purpose,
            number,
            wrapped,
            ..
        } if purpose == Purpose::Signing.name() && *number == wanted => Some(wrapped.as_slice()),
        StoredKey::Data { .. } | StoredKey::Signing { .. } => None,
    })
}

/// A stored key pair.
pub(super) struct KeyPair<'a> {
    pub(super) stored: &'a StoredKey,
    pub(super) kid: &'a str,
    /// When the pair begins to sign.
    pub(super) signs_from: &'a Timestamp,
}

/// The pairs whose tokens have all expired. A pair signed last when a newer pair
/// of its algorithm began to sign. A pair without a newer pair of its algorithm may
/// sign again after a change of the algorithm and back. So such a pair is over only
/// while the newest of all pairs signs.
pub(super) fn pairs_over(
    stored: &[StoredKey],
    algorithm: Algorithm,
    now: Timestamp,
) -> Vec<KeyPair<'_>> {
    let signs = match signer(stored, algorithm, now) {
        Some((StoredKey::Signing { signs_from, .. }, _)) => Some(*signs_from),
        _ => None,
    };
    let newest_signs = signs.is_some() && signs == pairs(stored).map(|pair| *pair.signs_from).max();
    let over = |pair: &KeyPair<'_>| {
        let followed = followed_at(stored, pair)
            .or(signs.filter(|signs| newest_signs && pair.signs_from < signs));
        followed.is_some_and(|at| at + PUBLISHED_AFTER <= now)
    };
    pairs(stored).filter(over).collect()
}

/// When this pair is over, if the newest pair signs then. `None` for the newest.
pub(super) fn pair_over_at(stored: &[StoredKey], name: &str) -> Option<Timestamp> {
    let pair = pairs(stored).find(|pair| pair.stored.name() == name)?;
    let later = pairs(stored).map(|other| *other.signs_from).max();
    let later = later.filter(|at| at > pair.signs_from);
    let followed = followed_at(stored, &pair).or(later)?;
    Some(followed + PUBLISHED_AFTER)
}

/// When the next pair of the same algorithm begins to sign.
fn followed_at(stored: &[StoredKey], pair: &KeyPair<'_>) -> Option<Timestamp> {
    let algorithm_of = |key: &StoredKey| match key {
        StoredKey::Signing { algorithm, .. } => Some(algorithm.clone()),
        StoredKey::Data { .. } => None,
    };
    let same =
        pairs(stored).filter(|other| algorithm_of(other.stored) == algorithm_of(pair.stored));
    let later = same.filter(|other| other.signs_from > pair.signs_from);
    later.map(|other| *other.signs_from).min()
}

pub(super) fn pairs(stored: &[StoredKey]) -> impl Iterator<Item = KeyPair<'_>> {
    stored.iter().filter_map(|key| match key {
        StoredKey::Signing {
            kid, signs_from, ..
        } => Some(KeyPair {
            stored: key,
            kid,
            signs_from,
        }),
        StoredKey::Data { .. } => None,
    })
}

/// Whether the newest of all key pairs is of this algorithm.
fn is_newest(stored: &[StoredKey], wanted: Algorithm) -> bool {
    let newest = pairs(stored).max_by_key(|pair| pair.signs_from);
    let newest = newest.map(|pair| pair.stored);
    matches!(newest, Some(StoredKey::Signing { algorithm, .. }) if algorithm == wanted.name())
}

/// Whether every key pair of the algorithm was made at this time or before.
fn is_due(stored: &[StoredKey], wanted: &str, made_before: Timestamp) -> bool {
    stored.iter().all(|key| match key {
        StoredKey::Signing {
            algorithm,
            created_at,
            ..
        } if algorithm == wanted => *created_at <= made_before,
        StoredKey::Signing { .. } | StoredKey::Data { .. } => true,
    })
}
