//! What phones and password managers ask of the domain of passkeys. Anybody may ask.

use std::sync::Arc;

use crate::app::App;
use crate::domain::Timestamp;
use crate::domain::authorization::clients::native_apps::PublishedClients;
use crate::failure::Broken;

/// The apps of all clients that may use the passkeys of the domain: none where no passkey is
/// taken. One request to DynamoDB, or none.
///
/// # Errors
/// `Broken`, which passes, if the table does not answer and has not answered before.
pub async fn passkey_apps(app: &App, now: Timestamp) -> Result<Arc<PublishedClients>, Broken> {
    if app.config.passkeys.domain.is_none() {
        return Ok(Arc::default());
    }
    let apps = app.find_published(now).await;
    apps.map_err(|broken| Broken::unavailable(broken.to_string()))
}

/// The page where a signed-in user makes and removes passkeys, if a setting names one and
/// passkeys are taken.
pub fn passkey_page(app: &App) -> Option<&str> {
    let passkeys = &app.config.passkeys;
    let page = passkeys.page.as_ref().map(url::Url::as_str);
    page.filter(|_| passkeys.domain.is_some())
}
