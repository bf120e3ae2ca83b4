//! Imports a client of another system.

use crate::app::App;
use crate::domain::accounts::moving_in::known_users::Arrived;
use crate::domain::authorization::client::Client;
use crate::usecase::administration::act_failure::ActFailure;
use crate::usecase::administration::clients::add::make_client;
use crate::usecase::administration::clients::check::check_client;
use crate::usecase::administration::operator::Operator;

/// Imports a client with the hashes of its secrets. A client that already exists stays
/// unchanged. With `dry_run`, nothing is written.
///
/// # Errors
/// `Refused` if a field is wrong; `Broken` if the table does not answer.
pub async fn import_client(
    app: &App,
    operator: &Operator,
    client: Client,
    dry_run: bool,
) -> Result<Arrived, ActFailure> {
    let made = if dry_run {
        check_client(&client)?;
        app.store.read_client(&client.id).await?.is_none()
    } else {
        make_client(app, operator, &client).await?
    };
    Ok(match made {
        true => Arrived::Made,
        false => Arrived::Kept,
    })
}
