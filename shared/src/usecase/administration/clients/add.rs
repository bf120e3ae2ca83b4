//! Makes a client.

use crate::app::App;
use crate::domain::authorization::client::Client;
use crate::domain::events::operator_command::OperatorCommand;
use crate::domain::secret::Secret;
use crate::usecase::administration::act_failure::ActFailure;
use crate::usecase::administration::clients::check::check_client;
use crate::usecase::administration::clients::secret::new_secret;
use crate::usecase::administration::operator::Operator;
use crate::usecase::authorization::authenticate_client::client_secret_hash;

/// Makes a client. A confidential client gets a secret, which is shown this
/// once: the table holds only its hash.
///
/// # Errors
/// `Refused` if a field is wrong or the identifier is taken.
pub async fn add_new_client(
    app: &App,
    operator: &Operator,
    mut client: Client,
    confidential: bool,
) -> Result<(Client, Option<Secret>), ActFailure> {
    let secret = if confidential {
        Some(new_secret()?)
    } else {
        None
    };
    let hashes = secret.iter();
    client.secret_hashes = hashes
        .map(|secret| client_secret_hash(&client.id, secret))
        .collect();
    if make_client(app, operator, &client).await? {
        return Ok((client, secret));
    }
    let id = &client.id;
    Err(ActFailure::Refused(format!(
        "there is a client {id} already"
    )))
}

/// Stores a new client if every field is right. Returns `false` if the identifier is
/// taken.
pub(super) async fn make_client(
    app: &App,
    operator: &Operator,
    client: &Client,
) -> Result<bool, ActFailure> {
    check_client(client)?;
    if app.store.read_client(&client.id).await?.is_some() {
        return Ok(false);
    }
    let act = operator.acts_on_client(app, OperatorCommand::ClientAdd, &client.id);
    Ok(app.store.put_new_client(client, &act.await?).await?)
}
