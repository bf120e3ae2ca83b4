//! Makes the first keys, and tells of each.

use crate::app::App;
use crate::domain::Timestamp;
use crate::domain::events::kind::EventKind;
use crate::failure::Broken;
use crate::usecase::events::tell::tell_of_key;

/// Makes the first keys that are missing. Each key that this call makes has one event, also
/// if a later key cannot be made.
///
/// # Errors
/// `Broken` if DynamoDB or KMS does not answer, or if users exist and their keys are gone.
pub(super) async fn make_first_keys(app: &App, now: Timestamp) -> Result<(), Broken> {
    let mut made = Vec::new();
    let ended = app.keyring.make_first(now, &mut made).await;
    for key in &made {
        tell_of_key(app, EventKind::KeyMade, key, now).await;
    }
    ended
}
