//! A client of Auth0's Management API: an element of `GET /api/v2/clients`.

use countersign::domain::authorization::clients::native_apps::NativeApps;
use countersign::domain::authorization::grant::Grant;
use countersign::domain::secret::Secret;
use countersign::usecase::authorization::authenticate_client::client_secret_hash;
use serde::Deserialize;
use serde_json::Value;

use crate::import::clients::grants::{Beside, Named, ReadClient, add, begin, without_wildcards};
use crate::import::systems::fields::object;

/// The scopes with which a signed-in user adds and removes factors.
const ENROLMENT: [&str; 3] = ["enroll", "read:authenticators", "remove:authenticators"];

/// A client as Auth0 lists it.
#[derive(Deserialize)]
struct Auth0Client {
    client_id: String,
    client_secret: Option<String>,
    app_type: Option<String>,
    #[serde(default)]
    global: bool,
    grant_types: Option<Vec<String>>,
    callbacks: Option<Vec<String>>,
    allowed_logout_urls: Option<Vec<String>>,
    web_origins: Option<Vec<String>>,
    token_endpoint_auth_method: Option<String>,
    client_authentication_methods: Option<Value>,
    refresh_token: Option<RefreshSettings>,
    mobile: Option<MobileSettings>,
}

/// The apps on phones that belong to the client.
#[derive(Default, Deserialize)]
struct MobileSettings {
    android: Option<AndroidSettings>,
    ios: Option<IosSettings>,
}

#[derive(Deserialize)]
struct AndroidSettings {
    app_package_name: Option<String>,
    sha256_cert_fingerprints: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct IosSettings {
    team_id: Option<String>,
    app_bundle_identifier: Option<String>,
}

impl MobileSettings {
    fn apps(self) -> NativeApps {
        let android = self.android.and_then(|app| {
            let package = app.app_package_name.filter(|name| !name.is_empty())?;
            let fingerprints = app.sha256_cert_fingerprints.unwrap_or_default();
            let each = fingerprints.iter();
            Some(each.map(|one| format!("{package}={one}")).collect())
        });
        let ios = self.ios.and_then(|app| {
            let team = app.team_id.filter(|team| !team.is_empty())?;
            Some(format!("{team}.{}", app.app_bundle_identifier?))
        });
        NativeApps {
            android: android.unwrap_or_default(),
            ios: ios.into_iter().collect(),
        }
    }
}

#[derive(Deserialize)]
struct RefreshSettings {
    token_lifetime: Option<i64>,
    #[serde(default)]
    infinite_token_lifetime: bool,
    idle_token_lifetime: Option<i64>,
    #[serde(default)]
    infinite_idle_token_lifetime: bool,
}

/// Reads a row.
///
/// # Errors
/// The reason, for the file of refused rows.
pub fn read(row: &[u8], beside: &Beside<'_>) -> Result<ReadClient, String> {
    let value = Value::Object(object(row)?);
    let listed: Auth0Client = serde_json::from_value(value).map_err(|error| error.to_string())?;
    if listed.global {
        return Err("the client is Auth0's own, for all applications".to_owned());
    }
    if listed
        .client_authentication_methods
        .is_some_and(|methods| !methods.is_null())
    {
        return Err("the client signs with a key of its own: clients here have secrets".to_owned());
    }
    let public = match listed.token_endpoint_auth_method.as_deref() {
        Some(method) => method == "none",
        None => matches!(listed.app_type.as_deref(), Some("native" | "spa")),
    };
    let named = Named {
        id: listed.client_id,
        grants: listed.grant_types.unwrap_or_default(),
        public,
    };
    let mut read = begin(named, beside)?;
    let client = &mut read.client;
    client.redirect_uris = without_wildcards(listed.callbacks.unwrap_or_default())?;
    client.logout_uris = without_wildcards(listed.allowed_logout_urls.unwrap_or_default())?;
    client.web_origins = without_wildcards(listed.web_origins.unwrap_or_default())?;
    client.apps = listed.mobile.unwrap_or_default().apps();
    if let Some(refresh) = listed.refresh_token {
        let lifetime = |seconds: Option<i64>, infinite: bool| seconds.filter(|_| !infinite);
        client.refresh_absolute_seconds =
            lifetime(refresh.token_lifetime, refresh.infinite_token_lifetime);
        client.refresh_idle_seconds = lifetime(
            refresh.idle_token_lifetime,
            refresh.infinite_idle_token_lifetime,
        );
    }
    if client.grants.allows(Grant::Password) {
        add(&mut client.scopes, &ENROLMENT);
        // The first audience is the default, so this audience is added only behind
        // another audience.
        if !client.audiences.is_empty() {
            add(&mut client.audiences, &[&beside.mfa_audience]);
        }
    }
    match (public, listed.client_secret) {
        (true, _) => {}
        (false, Some(secret)) if !secret.is_empty() => {
            let hash = client_secret_hash(&client.id, &Secret::new(secret));
            client.secret_hashes = vec![hash];
        }
        (false, _) => {
            return Err(
                "the client_secret is missing: ask Auth0 with the scope read:client_keys"
                    .to_owned(),
            );
        }
    }
    Ok(read)
}
