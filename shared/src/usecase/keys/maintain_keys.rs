//! The tasks of the function `keys` besides publishing: at a deployment, and once a day.

use std::time::Duration;

use crate::app::App;
use crate::domain::Timestamp;
use crate::domain::authorization::client::Client;
use crate::domain::authorization::clients::first_client::FirstClient;
use crate::domain::events::kind::EventKind;
use crate::domain::events::operator_command::{ActSubject, OperatorCommand};
use crate::domain::metrics::sample::Sample;
use crate::failure::Broken;
use crate::keyring::{KeyRotation, KeyState};
use crate::metrics::recording::record_all;
use crate::usecase::administration::operator::{Intent, Operator};
use crate::usecase::authorization::authenticate_client::client_secret_hash;
use crate::usecase::events::tell::tell_of_key;
use crate::usecase::keys::first_keys::make_first_keys;

/// The waits between the attempts to set up.
const PAUSES: [Duration; 3] = [
    Duration::from_millis(500),
    Duration::from_secs(2),
    Duration::from_secs(4),
];

/// The operator whom the act of a first client names.
const DEPLOYMENT: &str = "deployment";

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
        let client = first.into_client(own, client_secret_hash);
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
    let keys = app.keyring.every_key(now).await?;
    let used = keys.iter().filter(|key| key.state == KeyState::Current);
    for key in used {
        let oldest = key.kind.oldest(app.config.signing_key_seconds);
        let age = now - key.made_at;
        record_all(Sample::key(key.kind.measured(), age, oldest));
    }
    Ok(())
}
