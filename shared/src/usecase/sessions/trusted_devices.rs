//! Lists and ends the devices that a signed-in user trusts.

use crate::domain::accounts::user::User;
use crate::domain::authorization::key_proof::KeyThumbprint;
use crate::domain::authorization::known_scope::KnownScope;
use crate::domain::events::kind::EventKind;
use crate::domain::factors::enrolment_refusal::EnrolmentRefusal;
use crate::domain::sessions::audience::Audience;
use crate::domain::sessions::standing::SessionState;
use crate::domain::sessions::trusted_device::TrustedDevice;
use crate::failure::{Broken, Failure};
use crate::usecase::context::Context;
use crate::usecase::factors::auth0_my_account::of_my_api;
use crate::usecase::login::devices::browser::{key_of_browser, open_browser};
use crate::usecase::sessions::authenticate::authenticate;
use crate::usecase::sessions::requirement::{Credential, ProfileAlone, Required};

/// The devices that a user trusts.
pub struct MyDevices {
    /// The newest first.
    pub devices: Vec<TrustedDevice>,
    /// The key that the caller's access token is bound to, or the browser of the caller.
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
    Ok(MyDevices {
        devices: trusted_devices_of(context, &bearer.user).await?,
        current: bearer.key,
    })
}

/// The devices that the user of a page trusts now. `cookie` is that of a trusted browser. One
/// request to DynamoDB; none where no device is trusted.
///
/// # Errors
/// `Broken` if DynamoDB does not answer.
pub async fn devices_on_page(
    context: &Context,
    user: &User,
    cookie: Option<&str>,
) -> Result<MyDevices, Broken> {
    let opened = open_browser(context, cookie).await?;
    let own = opened.filter(|token| token.user == user.id);
    let current = own.map(|token| key_of_browser(token.user, token.browser));
    Ok(MyDevices {
        devices: trusted_devices_of(context, user).await?,
        current: current.transpose()?,
    })
}

async fn trusted_devices_of(context: &Context, user: &User) -> Result<Vec<TrustedDevice>, Broken> {
    let Some(seconds) = context.app.config.trusted_device_seconds else {
        return Ok(Vec::new());
    };
    let devices = context.app.store.list_devices(user.id).await?;
    let devices = devices.into_iter().map(|device| device.within(seconds));
    let trusted = devices.filter(|device| device.is_trusted(user, context.now()));
    Ok(trusted.collect())
}

/// Ends a device of the user. The session need not have shown a factor: a device that ends
/// weakens nothing. Two requests to DynamoDB.
///
/// # Errors
/// `AccessTokenInvalid`, `ScopeInsufficient`; `FactorNotFound`.
pub async fn end_my_device(
    context: &Context,
    named: impl Into<Credential<'_>>,
    id: &str,
) -> Result<(), Failure> {
    let named = named.into();
    let required = match named {
        Credential::AccessToken(_) => of_my_api(KnownScope::DeleteMyMethods, ProfileAlone),
        Credential::Browser(_) => Required {
            audience: Audience::Account,
            scope: None,
            session: SessionState::Live,
            role: None,
            read: ProfileAlone,
        },
    };
    let bearer = authenticate(context, named, required).await?;
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
