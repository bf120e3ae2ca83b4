//! Everything that a use case reaches, made once for each cold start.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::clock::Clock;
use crate::config::{AwsSettings, Config};
use crate::domain::Timestamp;
use crate::domain::accounts::password::PasswordHasher;
use crate::domain::authorization::client::Client;
use crate::domain::authorization::clients::native_apps::PublishedClients;
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

/// After how many seconds a failed read of what all clients list is tried again.
const RETRY_SECONDS: Timestamp = 10;

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
    published: Mutex<Option<(Timestamp, Arc<PublishedClients>)>>,
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
            published: Mutex::default(),
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
        let known = self.client_in_memory(id, now);
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

    /// The client of this identifier, if it was read in the last five minutes.
    pub fn client_in_memory(&self, id: &str, now: Timestamp) -> Option<Arc<Client>> {
        let clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let (read_at, client) = clients.get(id)?;
        (now < read_at + CLIENT_SECONDS).then(|| client.clone())
    }

    /// The apps of all clients on phones and the web origins of all clients, from memory for
    /// five minutes. While DynamoDB does not answer, those that DynamoDB gave last, which are
    /// read again after ten seconds.
    ///
    /// # Errors
    /// `Broken` if DynamoDB has never answered.
    pub async fn find_published(&self, now: Timestamp) -> Result<Arc<PublishedClients>, Broken> {
        let kept = || {
            self.published
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        let known = kept().clone();
        if let Some((read_at, clients)) = &known
            && now < read_at + CLIENT_SECONDS
        {
            return Ok(clients.clone());
        }
        match (self.store.read_published_clients().await, known) {
            (Ok(read), _) => {
                let clients = Arc::new(PublishedClients::of_clients(&read));
                *kept() = Some((now, clients.clone()));
                Ok(clients)
            }
            (Err(broken), Some((_, clients))) => {
                tracing::warn!(error = %broken, "apps and origins are those of the last answer");
                *kept() = Some((now - CLIENT_SECONDS + RETRY_SECONDS, clients.clone()));
                Ok(clients)
            }
            (Err(broken), None) => Err(broken),
        }
    }
}
