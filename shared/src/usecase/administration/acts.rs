//! Lists what operators did, upon users, clients, keys and destinations.

use crate::app::App;
use crate::store::{EVERY_ACT, KeptEvent};
use crate::usecase::administration::act_failure::ActFailure;
use crate::usecase::administration::users::events::Listing;

/// At most `limit` acts of all operators, the newest first. With `before`, only those
/// before the act of this identifier.
///
/// # Errors
/// `Missing` if there is no act `before`.
pub async fn list_every_act(
    app: &App,
    before: Option<&str>,
    limit: usize,
) -> Result<Vec<KeptEvent>, ActFailure> {
    let listed = Listing::read(app, EVERY_ACT, before, limit).await?;
    match (before, listed.has_start) {
        (Some(before), false) => Err(ActFailure::Missing(format!("there is no act {before}"))),
        _ => Ok(listed.events),
    }
}
