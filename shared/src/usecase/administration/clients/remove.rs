//! Removes a client.

use crate::app::App;
use crate::domain::events::operator_command::OperatorCommand;
use crate::usecase::administration::act_failure::ActFailure;
use crate::usecase::administration::operator::Operator;

/// Removes a client. Every function refuses the client after five minutes at
/// the latest. Access tokens that the client has are accepted until they
/// expire.
///
/// # Errors
/// `Missing`.
pub async fn remove_client(app: &App, operator: &Operator, id: &str) -> Result<(), ActFailure> {
    let missing = || ActFailure::Missing(format!("there is no client {id}"));
    if app.store.read_client(id).await?.is_none() {
        return Err(missing());
    }
    let act = operator.acts_on_client(app, OperatorCommand::ClientRemove, id);
    match app.store.delete_client(id, &act.await?).await? {
        true => Ok(()),
        false => Err(missing()),
    }
}
