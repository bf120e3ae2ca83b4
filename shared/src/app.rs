//! Everything that a use case reaches, made once for each cold start.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::clock::Clock;
use crate::config::{AwsSettings, Config};
use crate::domain::Timestamp;
use crate::domain::accounts::password::PasswordHasher;
use crate::domain::authorization::client::Client;
use crate::domain::authorization::clients::native_apps::PasskeyApps;
use crate::domain::factors::confirmed_addresses::ConfirmedAddresses;
use crate::domain::refusal::Refusal;
use crate::domain::refused_value::Naming;
use crate::failure::Broken;
use crate::keyring::{Keyring, KeyringSettings, Purpose, sha256};
use crate::notify::event_bus::EventBus;
use crate::notify::{FormerSystem, Notify, Reach};
use crate::store::Store;

/// How long the service keeps a client in memory, in seconds. So a change of a client
/// reaches every function after this time.
const CLIENT_SECONDS: Timestamp = 300;

/// The maximum number of clients in memory.
const MOST_CLIENTS: usize = 1000;

/// The service. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

pub struct Parts {
    pub config: Config,
    /// The table.
    pub store: Store,
    /// E-mail and text messages.
    pub notify: Notify,
    /// The system that users move in from as they sign in, if there is one.
    pub former_system: Option<FormerSystem>,
    /// The bus that gets the events.
    pub bus: EventBus,
    pub keyring: Keyring,
    /// Argon2id.
    pub hasher: PasswordHasher,
    /// The time.
    pub clock: Clock,
    naming: Naming,
    clients: Mutex<HashMap<String, (Timestamp, Arc<Client>)>>,
    apps: Mutex<Option<(Timestamp, Arc<PasskeyApps>)>>,
}

impl std::ops::Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl App {
    /// The service over these AWS settings: `dynamodb` for the table, `others`
    /// for SES, SNS and KMS (the same in the cloud). The service opens data
    /// keys of these purposes only. `reach` says which addresses the webhook
    /// and the former system may have. `naming` says where the service names the refused part
    /// of a request. Makes no call yet.
    pub fn new(
        config: Config,
        dynamodb: &AwsSettings,
        others: &AwsSettings,
        purposes: Vec<Purpose>,
        clock: Clock,
        reach: Reach,
        naming: Naming,
    ) -> Self {
        let store = Store::new(dynamodb, &config.table, config.attempt_at_aws);
        let settings = KeyringSettings {
            kms_key: config.kms_key.clone(),
            stack: config.stack.clone(),
            algorithm: config.signing_algorithm,
            signing_key_seconds: config.signing_key_seconds,
            attempt: config.attempt_at_aws,
        };
        Self(Arc::new(Parts {
            notify: Notify::new(others, config.messages.clone(), config.attempt_at_aws)
                .with_webhook(config.auth_config.webhook.clone(), reach),
            former_system: config
                .former_system
                .clone()
                .map(|settings| FormerSystem::new(settings, reach)),
            bus: EventBus::new(others, config.event_bus.as_deref(), &config.issuer),
            keyring: Keyring::new(others, store.clone(), settings, purposes),
            hasher: PasswordHasher::default(),
            naming,
            clients: Mutex::default(),
            apps: Mutex::default(),
            store,
            clock,
            config,
        }))
    }
}

impl Parts {
    /// The refusal. It names the refused value only if this service is configured to do
    /// so.
    pub fn named(&self, refusal: Refusal) -> Refusal {
        refusal.named(self.naming)
    }

    /// The rules for the confirmed addresses that a login may send a code to.
    pub fn addresses(&self) -> ConfirmedAddresses<'_> {
        ConfirmedAddresses {
            offer: &self.config.offer,
            digest: sha256,
        }
    }

    /// The client of this identifier, from memory for five minutes.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn find_known_client(
        &self,
        id: &str,
        now: Timestamp,
    ) -> Result<Option<Arc<Client>>, Broken> {
        let known = self.remembered(id, now);
        if known.is_some() {
            return Ok(known);
        }
        let Some(client) = self.store.read_client(id).await?.map(Arc::new) else {
            return Ok(None);
        };
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if clients.len() >= MOST_CLIENTS {
            clients.clear();
        }
        clients.insert(id.to_owned(), (now, client.clone()));
        Ok(Some(client))
    }

    fn remembered(&self, id: &str, now: Timestamp) -> Option<Arc<Client>> {
        let clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let (read_at, client) = clients.get(id)?;
        (now < read_at + CLIENT_SECONDS).then(|| client.clone())
    }

    /// The apps of all clients on phones, from memory for five minutes. While DynamoDB does
    /// not answer, the apps that DynamoDB gave last.
    ///
    /// # Errors
    /// `Broken` if DynamoDB has never answered.
    pub async fn find_known_apps(&self, now: Timestamp) -> Result<Arc<PasskeyApps>, Broken> {
        let kept = || self.apps.lock().unwrap_or_else(PoisonError::into_inner);
        let known = kept().clone();
        if let Some((read_at, apps)) = &known
            && now < read_at + CLIENT_SECONDS
        {
            return Ok(apps.clone());
        }
        match (self.store.read_native_apps().await, known) {
            (Ok(read), _) => {
                let apps = Arc::new(PasskeyApps::of_clients(&read));
                *kept() = Some((now, apps.clone()));
                Ok(apps)
            }
            (Err(broken), Some((_, apps))) => {
                tracing::warn!(error = %broken, "the apps on phones are those of the last answer");
                Ok(apps)
            }
            (Err(broken), None) => Err(broken),
        }
    }
}
