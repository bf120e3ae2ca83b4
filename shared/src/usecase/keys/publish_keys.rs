//! The public keys, which anybody may read.

use crate::app::App;
use crate::domain::Timestamp;
use crate::failure::Broken;
use crate::keyring::SigningPublicKey;
use crate::usecase::keys::first_keys::make_first_keys;

/// The published keys, oldest first. The first call makes the first keys. Only
/// the function `keys` has the right to do so.
///
/// # Errors
/// `Broken` if there are no keys and none can be made.
pub async fn publish_keys(app: &App, now: Timestamp) -> Result<Vec<SigningPublicKey>, Broken> {
    let signs_with = app.config.signing_algorithm;
    let has_key = |keys: &[SigningPublicKey]| keys.iter().any(|key| key.algorithm == signs_with);
    let known = match app.keyring.current_ring(now).await {
        Ok(ring) => ring.public_keys().to_vec(),
        Err(_) => Vec::new(),
    };
    if has_key(&known) {
        return Ok(known);
    }
    match make_first_keys(app, now).await {
        Ok(()) => Ok(app.keyring.current_ring(now).await?.public_keys().to_vec()),
        // APIs must still be able to check tokens that the existing keys have
        // signed.
        Err(broken) if !known.is_empty() => {
            tracing::warn!(error = %broken, "the next signing key could not be made");
            Ok(known)
        }
        Err(broken) => Err(broken),
    }
}
