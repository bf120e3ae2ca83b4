//! Refuses a client whose fields are wrong.

use crate::domain::authorization::client::Client;
use crate::domain::authorization::client_fields::{WrongField, check_fields};
use crate::usecase::administration::act_failure::ActFailure;

/// Refuses a client with a field that is wrong, and names the field.
pub(super) fn check_client(client: &Client) -> Result<(), ActFailure> {
    check_fields(client).map_err(|WrongField(sentence)| ActFailure::Refused(sentence))
}
