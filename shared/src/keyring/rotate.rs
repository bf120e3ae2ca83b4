//! Makes the next signing key in time, and deletes keys that are no longer needed. Only
//! the function `keys` does so, once a day.

use super::make::{PUBLISHED_BEFORE, data_key, pair_numbers};
use super::ring::signer;
use super::{Algorithm, Keyring, Purpose};
use crate::domain::Timestamp;
use crate::domain::client::LONGEST_TOKEN_SECONDS;
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
    /// Makes the first keys if they are missing. Makes the next signing key
    /// when the newest is older than the setting says. Deletes keys that are no
    /// longer used. A second call changes nothing.
    ///
    /// # Errors
    /// Those of `make_first`.
    pub async fn rotate(&self, now: Timestamp) -> Result<KeyRotation, Broken> {
        self.make_first(now).await?;
        let before = self.store.read_keys().await?;
        let algorithm = self.settings.algorithm;
        let made_before = now - self.settings.signing_key_seconds;
        if is_due(&before, algorithm.name(), made_before) || !is_newest(&before, algorithm) {
            let number = pair_numbers(&before, algorithm).into_iter().max();
            self.add_key_pair(number.unwrap_or(0) + 1, now, now + PUBLISHED_BEFORE)
                .await?;
        }
        let stored = self.store.read_keys().await?;
        let mut rotated = KeyRotation::default();
        for pair in pairs(&stored) {
            if !pairs(&before).any(|known| known.kid == pair.kid) {
                rotated.published.push(pair.kid.to_owned());
            }
        }
        // Only the newest of all keys says when the keys before it signed last.
        // An older key may sign again after a change of the algorithm and back.
        if let Some((StoredKey::Signing { signs_from, .. }, _)) = signer(&stored, algorithm, now)
            && pairs(&stored).all(|pair| pair.signs_from <= signs_from)
            && signs_from + PUBLISHED_AFTER <= now
        {
            for pair in pairs(&stored).filter(|pair| pair.signs_from < signs_from) {
                self.store.delete_key(pair.stored).await?;
                rotated.retired.push(pair.kid.to_owned());
            }
        }
        self.forget().await;
        Ok(rotated)
    }

    /// Replaces the data key of codes and opaque tokens. This ends every pending login,
    /// code and session. The operator does so after the table was restored to an
    /// earlier time, because consumed codes would work again.
    ///
    /// # Errors
    /// `Broken` if DynamoDB or KMS does not answer. A retry is safe.
    pub async fn replace_token_key(&self, now: Timestamp) -> Result<(), Broken> {
        let stored = self.store.read_keys().await?;
        let newest = data_key(&stored, Purpose::Tokens).map_or(0, |(number, _)| number);
        self.add_data_key(Purpose::Tokens, newest + 1, now).await?;
        for key in &stored {
            if matches!(key, StoredKey::Data { purpose, .. } if purpose == Purpose::Tokens.name()) {
                self.store.delete_key(key).await?;
            }
        }
        self.forget().await;
        Ok(())
    }
}

/// A stored key pair.
struct KeyPair<'a> {
    stored: &'a StoredKey,
    kid: &'a str,
    /// When the pair begins to sign.
    signs_from: &'a Timestamp,
}

fn pairs(stored: &[StoredKey]) -> impl Iterator<Item = KeyPair<'_>> {
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
