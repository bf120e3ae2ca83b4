//! Lists and ends the devices that a signed-in user trusts.

use crate::domain::authorization::key_proof::KeyThumbprint;
use crate::domain::authorization::known_scope::KnownScope;
use crate::domain::events::kind::EventKind;
use crate::domain::factors::enrolment_refusal::EnrolmentRefusal;
use crate::domain::sessions::trusted_device::TrustedDevice;
use crate::failure::Failure;
use crate::usecase::context::Context;
use crate::usecase::factors::auth0_my_account::of_my_api;
use crate::usecase::sessions::authenticate::authenticate;
use crate::usecase::sessions::requirement::ProfileAlone;

/// The devices that a user trusts.
pub struct MyDevices {
    /// The newest first.
    pub devices: Vec<TrustedDevice>,
    /// The key that the caller's access token is bound to.
    pub current: Option<KeyThumbprint>,
}

/// The devices that the user of an access token for the My Account API trusts now. Two requests
/// to DynamoDB.
///
/// # Errors
/// `AccessTokenInvalid`, `ScopeInsufficient`.
pub async fn my_trusted_devices(context: &Context, token: &str) -> Result<MyDevices, Failure> {
    let required = of_my_api(KnownScope::ReadMyMethods, ProfileAlone);
    let bearer = authenticate(context, token.into(), required).await?;
    let seconds = context.app.config.trusted_device_seconds.unwrap_or(0);
    let devices = context.app.store.list_devices(bearer.user.id).await?;
    let devices = devices.into_iter().map(|device| device.within(seconds));
    let trusted = devices.filter(|device| device.is_trusted(&bearer.user, context.now()));
    Ok(MyDevices {
        devices: trusted.collect(),
        current: bearer.key,
    })
}

/// Ends a device of the user. The session need not have shown a factor: a device that ends
/// weakens nothing. Two requests to DynamoDB.
///
/// # Errors
/// `AccessTokenInvalid`, `ScopeInsufficient`; `FactorNotFound`.
pub async fn end_my_device(context: &Context, token: &str, id: &str) -> Result<(), Failure> {
    let required = of_my_api(KnownScope::DeleteMyMethods, ProfileAlone);
    let bearer = authenticate(context, token.into(), required).await?;
    let missing = || Failure::from(EnrolmentRefusal::FactorNotFound);
    let key = KeyThumbprint::parse(id).ok_or_else(missing)?;
    let store = &context.app.store;
    let ended = store.end_device(bearer.user.id, &key, context.now());
    if !ended.await? {
        return Err(missing());
    }
    context.events.did(EventKind::DeviceEnded);
    Ok(())
}
