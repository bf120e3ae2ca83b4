//! Counts anonymous requests by their network.

use crate::domain::login::throttle::network_of;
use crate::failure::Failure;
use crate::keyring::sha256;
use crate::usecase::context::{Caller, Context};

/// Counts one anonymous request. The count reveals nothing of any account.
///
/// # Errors
/// `RequestsExhausted`.
pub(crate) async fn count_anonymous(context: &Context) -> Result<(), Failure> {
    context
        .app
        .store
        .count_anonymous_request(&network_hash(&context.caller), context.now())
        .await
}

/// The network that a request comes from, as a hash.
pub(crate) fn network_hash(caller: &Caller) -> String {
    let network = network_of(caller.address).to_string();
    sha256(&[b"network", network.as_bytes()])
}
