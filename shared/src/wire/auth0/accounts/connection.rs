//! The directory of users, which Auth0's apps name as a connection.

use crate::app::App;
use crate::domain::accounts::refusals::connection_refusal::ConnectionRefusal;
use crate::domain::refusal::Refusal;
use crate::failure::Failure;
use crate::usecase::authorization::authenticate_client::named_client;
use crate::usecase::client_context::ClientContext;
use crate::wire::fields::Fields;
use crate::wire::input::Input;

/// The client that a stranger's request names, if the request also names the directory.
///
/// # Errors
/// `ParameterMissing`, `ClientRejected`, `ConnectionUnknown`.
pub(super) async fn at_directory(input: &Input, fields: &Fields) -> Result<ClientContext, Failure> {
    let id = fields.required("client_id")?;
    let connection = fields.required("connection")?;
    let context = named_client(&input.context, id).await?;
    check_connection(&context.app, connection)?;
    Ok(context)
}

/// Refuses a connection that is not the directory of users.
///
/// # Errors
/// `ConnectionUnknown`.
pub(in crate::wire::auth0) fn check_connection(app: &App, name: &str) -> Result<(), Refusal> {
    let names = &app.config.connections;
    match names.iter().any(|known| known == name) {
        true => Ok(()),
        false => Err(ConnectionRefusal::ConnectionUnknown.into()),
    }
}
