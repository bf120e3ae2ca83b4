//! The keyring: which keys this function may open, and when they are read.

use std::sync::Arc;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_kms::config::retry::RetryConfig;
use aws_sdk_kms::config::timeout::TimeoutConfig;
use aws_sdk_kms::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_kms::primitives::Blob;
use tokio::sync::Mutex;
use zeroize::Zeroizing;

use super::purpose::Purpose;
use super::ring::{DataKey, Ring};
use crate::domain::Timestamp;
use crate::domain::keys::algorithm::Algorithm;
use crate::failure::Broken;
use crate::store::{Store, StoredKey};

/// How old a ring gets before it is read again, in seconds.
const RELOAD_SECONDS: i64 = 300;

/// The minimum time between two reads for an unknown key, in seconds.
const UNKNOWN_KEY_SECONDS: i64 = 60;

#[derive(Clone, Debug)]
pub struct KeyringSettings {
    /// The KMS key: id, ARN or alias.
    pub kms_key: String,
    /// The name of this installation: `stack` in KMS's encryption context.
    pub stack: String,
    /// The algorithm that signs.
    pub algorithm: Algorithm,
    /// How old a signing key gets before the next is made, in seconds.
    pub signing_key_seconds: i64,
    /// How long one attempt at KMS may take.
    pub attempt: Duration,
}

/// The keys that this function may open.
pub struct Keyring {
    pub(super) kms: aws_sdk_kms::Client,
    pub(super) store: Store,
    pub(super) settings: KeyringSettings,
    purposes: Vec<Purpose>,
    loaded: Mutex<Option<Loaded>>,
}

struct Loaded {
    ring: Arc<Ring>,
    /// When the ring was read.
    at: Timestamp,
    /// When the last attempt to read the ring began.
    tried_at: Timestamp,
}

impl Keyring {
    /// A keyring that opens these purposes. Makes no call yet.
    pub fn new(
        aws: &SdkConfig,
        store: Store,
        settings: KeyringSettings,
        purposes: Vec<Purpose>,
    ) -> Self {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(settings.attempt / 2)
            .operation_attempt_timeout(settings.attempt)
            .operation_timeout(settings.attempt * 5 / 2)
            .build();
        let retries = RetryConfig::standard()
            .with_max_attempts(2)
            .with_initial_backoff(Duration::from_millis(50))
            .with_max_backoff(Duration::from_millis(200));
        let config = aws_sdk_kms::config::Builder::from(aws)
            .timeout_config(timeouts)
            .retry_config(retries)
            .build();
        let kms = aws_sdk_kms::Client::from_conf(config);
        Self {
            kms,
            store,
            settings,
            purposes,
            loaded: Mutex::new(None),
        }
    }

    /// The keys. They are read at most every five minutes. While DynamoDB or KMS is
    /// down, the keys from the last read stay in use.
    ///
    /// # Errors
    /// `Broken`, transient, if the keys were never read and cannot be read now, or if
    /// no keys exist yet.
    pub async fn current_ring(&self, now: Timestamp) -> Result<Arc<Ring>, Broken> {
        let mut loaded = self.loaded.lock().await;
        match &*loaded {
            Some(known)
                if now < known.at + RELOAD_SECONDS
                    || now < known.tried_at + UNKNOWN_KEY_SECONDS =>
            {
                Ok(known.ring.clone())
            }
            Some(_) | None => self.reload(&mut loaded, now).await,
        }
    }

    /// Reads the keys again because a key number is unknown. Reads at most once a
    /// minute, even if reading fails.
    pub(super) async fn ring_again(&self, now: Timestamp) -> Result<Arc<Ring>, Broken> {
        let mut loaded = self.loaded.lock().await;
        match &*loaded {
            Some(known) if now < known.tried_at + UNKNOWN_KEY_SECONDS => Ok(known.ring.clone()),
            Some(_) | None => self.reload(&mut loaded, now).await,
        }
    }

    /// Reads the keys. If that fails, the old ring stays in use, because the
    /// alternative is to refuse all requests.
    async fn reload(
        &self,
        loaded: &mut Option<Loaded>,
        now: Timestamp,
    ) -> Result<Arc<Ring>, Broken> {
        match (self.load(now).await, loaded) {
            (Ok(ring), loaded) => {
                let ring = Arc::new(ring);
                *loaded = Some(Loaded {
                    ring: ring.clone(),
                    at: now,
                    tried_at: now,
                });
                Ok(ring)
            }
            (Err(error), Some(known)) => {
                tracing::warn!(error = %error, "the keys could not be read again");
                known.tried_at = now;
                Ok(known.ring.clone())
            }
            (Err(error), None) => Err(error),
        }
    }

    /// Drops the ring, so that the next request reads the new keys.
    pub(super) async fn forget(&self) {
        *self.loaded.lock().await = None;
    }

    async fn load(&self, now: Timestamp) -> Result<Ring, Broken> {
        let stored = self.store.read_keys().await?;
        let opened: Vec<_> = stored
            .iter()
            .filter_map(|key| match key {
                StoredKey::Data {
                    purpose,
                    number,
                    created_at,
                    wrapped,
                } => self
                    .purposes
                    .iter()
                    .find(|known| known.name() == purpose)
                    .map(|purpose| (*purpose, *number, *created_at, wrapped)),
                StoredKey::Signing { .. } => None,
            })
            .map(|(purpose, number, created_at, wrapped)| async move {
                let secret = self.unwrap(purpose, wrapped).await?;
                Ok::<_, Broken>((
                    purpose,
                    DataKey {
                        number,
                        created_at,
                        secret,
                    },
                ))
            })
            .collect();
        let mut data = Vec::new();
        for key in futures_util::future::join_all(opened).await {
            data.push(key?);
        }
        Ring::build(&self.purposes, data, &stored, self.settings.algorithm, now)
    }

    /// Asks KMS to decrypt a data key, with the encryption context that the key was
    /// made with.
    pub(super) async fn unwrap(
        &self,
        purpose: Purpose,
        wrapped: &[u8],
    ) -> Result<Zeroizing<[u8; 32]>, Broken> {
        let output = self
            .kms
            .decrypt()
            .key_id(&self.settings.kms_key)
            .ciphertext_blob(Blob::new(wrapped))
            .encryption_context("stack", &self.settings.stack)
            .encryption_context("purpose", purpose.name())
            .send()
            .await
            .map_err(|error| kms_broken("open a data key", &error))?;
        let plain = Zeroizing::new(output.plaintext.map(Blob::into_inner).unwrap_or_default());
        let secret: [u8; 32] = plain
            .as_slice()
            .try_into()
            .map_err(|_| Broken::internal("KMS gave a data key of a wrong length"))?;
        Ok(Zeroizing::new(secret))
    }
}

/// A failed call to KMS as `Broken`. Every failure except an invalid request is
/// transient.
pub(super) fn kms_broken<E: ProvideErrorMetadata, R>(what: &str, error: &SdkError<E, R>) -> Broken {
    let code = error.code().unwrap_or(match error {
        SdkError::TimeoutError(_) => "timed out",
        SdkError::DispatchFailure(_) => "not reachable",
        _ => "no code",
    });
    Broken::unavailable(format!("KMS: {what}: {code}"))
}
