//! Makes keys. Only the function `keys` does so, because KMS refuses all other
//! functions.

use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::DataKeySpec;

use super::inventory::signing_pairs;
use super::load::{Keyring, kms_broken};
use super::purpose::Purpose;
use super::sign::{make_key_pair, seal_private};
use crate::domain::Timestamp;
use crate::domain::keys::signing_pairs::WantedPair;
use crate::failure::Broken;
use crate::store::StoredKey;

const PURPOSES: [Purpose; 3] = [Purpose::Tokens, Purpose::Seeds, Purpose::Signing];

impl Keyring {
    /// Makes the first keys that are missing. If two functions do so at the same time,
    /// both write the same names, and the second write fails its condition. Adds what
    /// this call makes to `made`, also if a later key cannot be made: a data key by its
    /// purpose, a key pair by its `kid`.
    ///
    /// # Errors
    /// `Broken` if the table holds users but lacks a data key. A new key would hide the
    /// loss, and everything that the old key sealed would stay unreadable. `Broken` too
    /// if DynamoDB or KMS does not answer.
    pub async fn make_first(&self, now: Timestamp, made: &mut Vec<String>) -> Result<(), Broken> {
        let stored = self.store.read_keys().await?;
        let missing: Vec<Purpose> = PURPOSES
            .into_iter()
            .filter(|purpose| data_key(&stored, *purpose).is_none())
            .collect();
        if !missing.is_empty() && self.store.holds_users().await? {
            return Err(Broken::internal(
                "the table holds users but its data keys are gone: restore the KEYS items",
            ));
        }
        for purpose in &missing {
            if self.add_data_key(*purpose, 1, now).await? {
                made.push(purpose.name().to_owned());
            }
        }
        let first = signing_pairs(&stored).first(self.settings.algorithm, now);
        if let Some(first) = first {
            made.extend(self.add_key_pair(first, now).await?);
        }
        if first.is_some() || !missing.is_empty() {
            self.forget().await;
        }
        Ok(())
    }

    /// Asks KMS for a data key, and stores it with this number. Returns whether there was
    /// no such key before.
    pub(super) async fn add_data_key(
        &self,
        purpose: Purpose,
        number: u32,
        now: Timestamp,
    ) -> Result<bool, Broken> {
        let stored = self.new_data_key(purpose, number, now).await?;
        self.store.add_key(&stored).await
    }

    /// Asks KMS for a data key.
    pub(super) async fn new_data_key(
        &self,
        purpose: Purpose,
        number: u32,
        now: Timestamp,
    ) -> Result<StoredKey, Broken> {
        let output = self
            .kms
            .generate_data_key_without_plaintext()
            .key_id(&self.settings.kms_key)
            .key_spec(DataKeySpec::Aes256)
            .encryption_context("stack", &self.settings.stack)
            .encryption_context("purpose", purpose.name())
            .send()
            .await
            .map_err(|error| kms_broken("make a data key", &error))?;
        Ok(StoredKey::Data {
            purpose: purpose.name().to_owned(),
            number,
            created_at: now,
            wrapped: output
                .ciphertext_blob
                .map(Blob::into_inner)
                .unwrap_or_default(),
        })
    }

    /// Makes and stores a key pair of the configured algorithm. Returns its `kid`. `None` if
    /// there is such a key pair already.
    pub(super) async fn add_key_pair(
        &self,
        wanted: WantedPair,
        now: Timestamp,
    ) -> Result<Option<String>, Broken> {
        let stored = self.new_key_pair(wanted, now).await?;
        let added = self.store.add_key(&stored).await?;
        Ok(match stored {
            StoredKey::Signing { kid, .. } if added => Some(kid),
            StoredKey::Signing { .. } | StoredKey::Data { .. } => None,
        })
    }

    /// Makes such a key pair. The private key is sealed with the data key in the
    /// table, because another function may have made that data key.
    pub(super) async fn new_key_pair(
        &self,
        wanted: WantedPair,
        now: Timestamp,
    ) -> Result<StoredKey, Broken> {
        let stored = self.store.read_keys().await?;
        let Some((sealed_by, wrapped)) = data_key(&stored, Purpose::Signing) else {
            return Err(Broken::internal("the data key for signing keys is gone"));
        };
        let secret = self.unwrap(Purpose::Signing, wrapped).await?;
        let algorithm = self.settings.algorithm;
        let pair = make_key_pair(algorithm)?;
        Ok(StoredKey::Signing {
            algorithm: algorithm.name().to_owned(),
            number: wanted.number,
            private: seal_private(sealed_by, &secret, &pair.kid, pair.private_pem.as_bytes())?,
            kid: pair.kid,
            public_jwk: pair.public_jwk,
            created_at: now,
            signs_from: wanted.signs_from,
        })
    }
}

/// The newest data key of a purpose.
pub(super) fn data_key(stored: &[StoredKey], wanted: Purpose) -> Option<(u32, &[u8])> {
    stored
        .iter()
        .filter_map(|key| match key {
            StoredKey::Data {
                purpose,
                number,
                wrapped,
                ..
            } if purpose == wanted.name() => Some((*number, wrapped.as_slice())),
            _ => None,
        })
        .max_by_key(|(number, _)| *number)
}
