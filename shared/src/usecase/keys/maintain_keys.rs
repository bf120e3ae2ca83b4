//! The tasks of the function `keys` besides publishing: at a deployment, and once a day.

use std::time::Duration;

use crate::app::App;
use crate::domain::Timestamp;
use crate::domain::authorization::client::{
    Client, LONGEST_CLIENT_ID, OFFLINE_ACCESS, Scope, may_lead_back,
};
use crate::domain::authorization::grant::Grant;
use crate::domain::events::kind::EventKind;
use crate::domain::events::operator_command::{ActSubject, OperatorCommand};
use crate::domain::metrics::sample::Sample;
use crate::domain::secret::Secret;
use crate::failure::Broken;
use crate::keyring::{KeyRotation, KeyState};
use crate::metrics::recording::record_all;
use crate::usecase::administration::operator::{Intent, Operator};
use crate::usecase::authorization::authenticate_client::client_secret_hash;
use crate::usecase::events::tell::tell_of_key;
use crate::usecase::keys::first_keys::make_first_keys;

/// The shortest secret of a first client. A fast hash stores the secret, so
/// nobody must be able to guess it (RFC 6819 5.1.4.2.2).
const SHORTEST_SECRET: usize = 32;

/// The waits between the attempts to set up.
const PAUSES: [Duration; 3] = [
    Duration::from_millis(500),
    Duration::from_secs(2),
    Duration::from_secs(4),
];

/// The operator whom the act of a first client names.
const DEPLOYMENT: &str = "deployment";

/// The client that a deployment starts with.
pub struct FirstClient {
    /// The `client_id`: 1 to 256 visible ASCII characters.
    pub id: String,
    /// The secret, at least 32 characters. `None` makes a public client.
    pub secret: Option<Secret>,
    /// The client's audience. Empty for a client of our own endpoints only.
    pub audience: String,
    /// Space-separated scopes beside OIDC's own. Empty means `offline_access`.
    pub scopes: String,
    /// The grants that the client may use. A client with redirect URIs may use
    /// the implicit grant too.
    pub grants: Vec<Grant>,
    /// The redirect URIs, which a browser is sent back to with tokens or a code.
    pub redirect_uris: Vec<String>,
}

impl FirstClient {
    /// The problem with the client, as a sentence for the operator who deploys.
    pub fn problem(&self) -> Option<&'static str> {
        let visible = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
        if self.id.is_empty() || self.id.len() > LONGEST_CLIENT_ID || !visible(&self.id) {
            return Some("the client id must have 1 to 256 visible ASCII characters");
        }
        let short = |secret: &Secret| secret.expose().len() < SHORTEST_SECRET;
        if self.secret.as_ref().is_some_and(short) {
            return Some("the client secret must have at least 32 characters");
        }
        if !visible(&self.audience) {
            return Some("the client's audience must have visible ASCII characters only");
        }
        if !self.redirect_uris.iter().all(|uri| may_lead_back(uri)) {
            return Some("a redirect URI must be absolute and without a fragment");
        }
        None
    }

    /// The stored form of the client, with these audiences of our own added.
    fn into_client(self, own: Vec<String>) -> Client {
        let scopes = match self.scopes.trim() {
            "" => OFFLINE_ACCESS,
            scopes => scopes,
        };
        let hash = |secret: &Secret| client_secret_hash(&self.id, secret);
        // A redirect URI means that a browser comes back to an app, and
        // Aidbox's apps use `response_type=token`.
        let implicit = (!self.redirect_uris.is_empty()).then_some(Grant::Implicit);
        Client {
            secret_hashes: self.secret.as_ref().map(hash).into_iter().collect(),
            scopes: Scope::parse(scopes).into_list(),
            audiences: [self.audience]
                .into_iter()
                .filter(|audience| !audience.is_empty())
                .chain(own)
                .collect(),
            grants: self.grants.into_iter().chain(implicit).collect(),
            redirect_uris: self.redirect_uris,
            ..Client::new(self.id)
        }
    }
}

/// Makes what a deployment needs: the first keys and, if it does not exist, the
/// first client. Doing so again changes nothing, not even a client that an
/// operator has changed. A transient failure is tried four times, because AWS
/// does not know a new role everywhere at once. The first client has an act of the
/// operator `deployment`, one for all attempts.
///
/// # Errors
/// `Broken` if DynamoDB, KMS or the bus does not answer, or if users exist and their
/// keys are gone.
pub async fn set_up(app: &App, now: Timestamp, first: Option<FirstClient>) -> Result<(), Broken> {
    let mut own = vec![app.config.mfa_audience()];
    let mut dialects = app.config.dialects.iter();
    if dialects.any(|dialect| dialect.clients_name_no_audience()) {
        own.push(app.config.account_audience());
    }
    let deployment = Operator::new(DEPLOYMENT.to_owned(), now);
    let first = first.map(|first| {
        let client = first.into_client(own);
        let subject = ActSubject::Client(client.id.clone());
        let intent = deployment.intends(OperatorCommand::ClientAdd, subject);
        (client, intent)
    });
    let ended = set_up_in_attempts(app, &deployment, first.as_ref()).await;
    deployment.tell_failed_acts(app).await;
    ended
}

/// A client that does not exist yet, and the act that makes the client.
type Intended = (Client, Intent);

async fn set_up_in_attempts(
    app: &App,
    deployment: &Operator,
    first: Option<&Intended>,
) -> Result<(), Broken> {
    for pause in PAUSES {
        match try_set_up(app, deployment, first).await {
            Err(broken) if broken.transient => {
                tracing::warn!(
                    error = %broken,
                    "the first keys and the first client could not be made yet"
                );
                tokio::time::sleep(pause).await;
            }
            ended => return ended,
        }
    }
    try_set_up(app, deployment, first).await
}

async fn try_set_up(
    app: &App,
    deployment: &Operator,
    first: Option<&Intended>,
) -> Result<(), Broken> {
    make_first_keys(app, deployment.now).await?;
    let Some((client, intent)) = first else {
        return Ok(());
    };
    if app.store.read_client(&client.id).await?.is_some() {
        return Ok(());
    }
    let act = deployment.announce(app, intent.clone()).await?;
    app.store.put_new_client(client, &act).await.map(|_| ())
}

/// Makes the first keys if they are missing, and the next signing key if it is time.
/// Deletes keys that are no longer used, and seals the signing keys with the newest data
/// key. Measures how old the used keys are.
///
/// # Errors
/// As `set_up`.
pub async fn rotate_due_keys(app: &App, now: Timestamp) -> Result<KeyRotation, Broken> {
    make_first_keys(app, now).await?;
    let mut rotated = KeyRotation::default();
    let ended = app.keyring.rotate(now, &mut rotated).await;
    for key in &rotated.published {
        tell_of_key(app, EventKind::KeyMade, key, now).await;
    }
    for key in &rotated.retired {
        tell_of_key(app, EventKind::KeyRetired, key, now).await;
    }
    ended?;
    measure_keys(app, now).await?;
    Ok(rotated)
}

/// Measures the age of the key of each kind that is used for what is new.
async fn measure_keys(app: &App, now: Timestamp) -> Result<(), Broken> {
    let keys = app.keyring.list(now).await?;
    let used = keys.iter().filter(|key| key.state == KeyState::Current);
    for key in used {
        let oldest = key.kind.oldest(app.config.signing_key_seconds);
        let age = now - key.made_at;
        record_all(Sample::key(key.kind.measured(), age, oldest));
    }
    Ok(())
}
