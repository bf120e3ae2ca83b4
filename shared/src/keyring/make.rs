//! Makes keys. Only the `keys` function may: KMS lets no other.

use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::DataKeySpec;

use super::ring::seal_private;
use super::sign::make_key_pair;
use super::{Keyring, Purpose, kms_broken};
use crate::domain::Timestamp;
use crate::failure::Broken;
use crate::store::StoredKey;

const PURPOSES: [Purpose; 3] = [Purpose::Tokens, Purpose::Seeds, Purpose::Signing];

impl Keyring {
    /// Makes those first keys that are missing. Two makers at once meet at the
    /// same names, and one of them gives way.
    ///
    /// # Errors
    /// `Broken` if the table holds users but lacks a data key: a new one would
    /// hide the loss and make what the old one sealed unreadable for good. Or
    /// if DynamoDB or KMS does not answer.
    pub async fn make_first(&self, now: Timestamp) -> Result<(), Broken> {
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
            self.add_data_key(*purpose, now).await?;
        }
        let algorithm = self.settings.algorithm;
        let signs = |key: &StoredKey| matches!(key, StoredKey::Signing { algorithm: known, .. } if known == algorithm.name());
        let made_pair = !stored.iter().any(signs);
        if made_pair {
            self.add_first_key_pair(now).await?;
        }
        if made_pair || !missing.is_empty() {
            self.forget().await;
        }
        Ok(())
    }

    async fn add_data_key(&self, purpose: Purpose, now: Timestamp) -> Result<(), Broken> {
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
        let stored = StoredKey::Data {
            purpose: purpose.name().to_owned(),
            number: 1,
            created_at: now,
            wrapped: output
                .ciphertext_blob
                .map(Blob::into_inner)
                .unwrap_or_default(),
        };
        self.store.add_key(&stored).await.map(|_| ())
    }

    /// Makes the key pair that signs from now on. It is sealed with the data
    /// key that the table holds, which another maker may have put there.
    async fn add_first_key_pair(&self, now: Timestamp) -> Result<(), Broken> {
        let stored = self.store.read_keys().await?;
        let Some((number, wrapped)) = data_key(&stored, Purpose::Signing) else {
            return Err(Broken::internal("the data key for signing keys is gone"));
        };
        let secret = self.unwrap(Purpose::Signing, wrapped).await?;
        let algorithm = self.settings.algorithm;
        let pair = make_key_pair(algorithm)?;
        let stored = StoredKey::Signing {
            algorithm: algorithm.name().to_owned(),
            number: 1,
            private: seal_private(number, &secret, &pair.kid, pair.private_pem.as_bytes())?,
            kid: pair.kid,
            public_jwk: pair.public_jwk,
            created_at: now,
            signs_from: now,
        };
        self.store.add_key(&stored).await.map(|_| ())
    }
}

/// The newest data key of a purpose.
fn data_key(stored: &[StoredKey], wanted: Purpose) -> Option<(u32, &[u8])> {
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
