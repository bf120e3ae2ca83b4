//! Makes the next signing key in time, deletes keys that are no longer needed, and seals
//! the others with the newest data key. Only the function `keys` does so, once a day.

use super::inventory::{data_keys, signing_pair, signing_pairs};
use super::load::Keyring;
use super::purpose::Purpose;
use super::sign::{open_private, seal_private};
use crate::domain::Timestamp;
use crate::failure::Broken;
use crate::store::StoredKey;

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
        let period = self.settings.signing_key_seconds;
        if let Some(next) = signing_pairs(&before).due(algorithm, period, now) {
            rotated
                .published
                .extend(self.add_key_pair(next, now).await?);
        }
        let stored = self.store.read_keys().await?;
        for over in signing_pairs(&stored).over(algorithm, now) {
            let is_over = |key: &&StoredKey| signing_pair(key).as_ref() == Some(over);
            if let Some(key) = stored.iter().find(is_over) {
                self.store.delete_key(key).await?;
                rotated.retired.push(key.told_as());
            }
        }
        self.reseal_pairs(&stored, now).await?;
        self.forget().await;
        Ok(())
    }

    /// Seals each key pair with the data key of purpose `signing` that is used now, so that
    /// an older data key can go. A pair that another call has sealed or deleted meanwhile
    /// stays so.
    async fn reseal_pairs(&self, stored: &[StoredKey], now: Timestamp) -> Result<(), Broken> {
        let newest = data_keys(stored, Purpose::Signing).used_number(now);
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
