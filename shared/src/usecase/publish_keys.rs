//! The public keys, which anybody may read.

use crate::app::App;
use crate::domain::Timestamp;
use crate::failure::Broken;
use crate::keyring::PublicKey;

/// The published keys, oldest first. The first call of all makes the first
/// keys; only the `keys` function has the right to.
///
/// # Errors
/// `Broken` if they were never read and cannot be, or if they are gone.
pub async fn publish_keys(app: &App, now: Timestamp) -> Result<Vec<PublicKey>, Broken> {
    let signs_with = app.config.signing_algorithm;
    let has_key = |keys: &[PublicKey]| keys.iter().any(|key| key.algorithm == signs_with);
    if let Ok(ring) = app.keyring.ring(now).await
        && has_key(ring.public_keys())
    {
        return Ok(ring.public_keys().to_vec());
    }
    app.keyring.make_first(now).await?;
    Ok(app.keyring.ring(now).await?.public_keys().to_vec())
}
