//! Gives a client a new secret.

use crate::app::App;
use crate::domain::events::operator_command::OperatorCommand;
use crate::domain::secret::Secret;
use crate::usecase::administration::act_failure::ActFailure;
use crate::usecase::administration::clients::secret::new_secret;
use crate::usecase::administration::operator::Operator;
use crate::usecase::authorization::authenticate_client::client_secret_hash;
use crate::usecase::retry::ATTEMPTS;

/// Gives a confidential client a new secret. The newest secret before stays
/// valid, so that the app can be changed without a pause, unless `end_old` ends
/// it now. Older secrets end in any case.
///
/// # Errors
/// `Missing`; `Refused` for a public client, because with a secret it could no
/// longer sign in without one.
pub async fn rotate_secret(
    app: &App,
    operator: &Operator,
    id: &str,
    end_old: bool,
) -> Result<Secret, ActFailure> {
    let secret = new_secret()?;
    let mut announced = None;
    for _ in 0..ATTEMPTS {
        let found = app.store.read_client(id).await?;
        let missing = || ActFailure::Missing(format!("there is no client {id}"));
        let client = found.ok_or_else(missing)?;
        if client.is_public() {
            return Err(ActFailure::Refused(format!(
                "{id} is a public client, which has no secret: make another client for a server"
            )));
        }
        let act = match announced.take() {
            Some(act) => act,
            None => {
                let act = operator.acts_on_client(app, OperatorCommand::ClientRotateSecret, id);
                act.await?
            }
        };
        let old = &client.secret_hashes;
        let new = client.secrets_with(client_secret_hash(id, &secret), end_old);
        if app
            .store
            .replace_client_secrets(id, (old, &new), &act)
            .await?
        {
            return Ok(secret);
        }
        announced = Some(act);
    }
    Err(ActFailure::changed_meanwhile())
}
