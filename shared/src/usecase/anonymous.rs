//! What anybody may ask for is counted by their network.

use super::Caller;
use crate::app::App;
use crate::domain::throttle::network_of;
use crate::failure::Failure;
use crate::keyring::sha256;

/// Counts one anonymous request. It tells nothing of any account.
///
/// # Errors
/// `RequestsExhausted`.
pub(super) async fn count_anonymous(app: &App, caller: &Caller) -> Result<(), Failure> {
    let network = network_of(caller.address).to_string();
    let network = sha256(&[b"network", network.as_bytes()]);
    app.store.count_anonymous(&network, caller.now).await
}
