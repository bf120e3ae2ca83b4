//! Changes what a client may do.

use crate::app::App;
use crate::domain::authorization::client::Client;
use crate::domain::events::operator_command::OperatorCommand;
use crate::usecase::administration::act_failure::ActFailure;
use crate::usecase::administration::clients::check::check_client;
use crate::usecase::administration::operator::Operator;

/// Changes a client as `change` does, but neither its identifier nor its
/// secrets. Every function knows the change after five minutes at the latest.
///
/// # Errors
/// `Missing`; `Refused` if a field would be wrong.
pub async fn change_client(
    app: &App,
    operator: &Operator,
    id: &str,
    change: impl FnOnce(&mut Client),
) -> Result<Client, ActFailure> {
    let found = app.store.read_client(id).await?;
    let missing = || ActFailure::Missing(format!("there is no client {id}"));
    let mut client = found.ok_or_else(missing)?;
    change(&mut client);
    id.clone_into(&mut client.id);
    check_client(&client)?;
    let act = operator.acts_on_client(app, OperatorCommand::ClientUpdate, id);
    match app.store.update_client(&client, &act.await?).await? {
        true => Ok(client),
        false => Err(missing()),
    }
}
