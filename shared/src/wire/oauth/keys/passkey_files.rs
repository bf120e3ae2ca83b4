//! The files of the domain of passkeys that phones and password managers read. They are made
//! from the clients, and hold no secret.

use std::collections::BTreeMap;

use axum::response::Response;
use countersign_operation::operation;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::failure::Broken;
use crate::usecase::keys::passkey_files::{passkey_apps, passkey_page};
use crate::wire::failure;
use crate::wire::input::Input;
use crate::wire::oauth::keys::discovery::public_json;

/// A statement about an Android app (Digital Asset Links).
#[derive(ToSchema)]
pub struct AssetStatement {
    /// What the app may do: open links of the domain, and use its passkeys.
    pub relation: Vec<String>,
    /// The app.
    pub target: AssetTarget,
}

/// An Android app.
#[derive(ToSchema)]
pub struct AssetTarget {
    /// `android_app`.
    pub namespace: String,
    /// The package.
    pub package_name: String,
    /// The certificates that sign the app.
    pub sha256_cert_fingerprints: Vec<String>,
}

/// `GET /.well-known/assetlinks.json`: the Android apps that may use the passkeys.
#[operation(
    summary = "Names the Android apps that may use the domain's passkeys (Digital Asset Links).",
    responses((status = 200, description = "The statements.", body = Vec<AssetStatement>)),
)]
pub async fn asset_links(input: Input) -> Response {
    let app = &input.context.app;
    let apps = passkey_apps(app, input.context.now()).await;
    let body = apps.map(|clients| android_statements(&clients.apps.android));
    answered(&input, body)
}

fn android_statements<F: serde::Serialize>(apps: &BTreeMap<String, F>) -> Value {
    let statements = apps.iter().map(|(package, fingerprints)| {
        json!({
            "relation": [
                "delegate_permission/common.handle_all_urls",
                "delegate_permission/common.get_login_creds",
            ],
            "target": {
                "namespace": "android_app",
                "package_name": package,
                "sha256_cert_fingerprints": fingerprints,
            },
        })
    });
    Value::Array(statements.collect())
}

/// The apps of Apple's systems that belong to the domain.
#[derive(ToSchema)]
pub struct AppleAssociation {
    /// The apps that may use the domain's passkeys.
    pub webcredentials: AppleApps,
}

/// Apps of Apple's systems.
#[derive(ToSchema)]
pub struct AppleApps {
    /// Team, dot and bundle of each.
    pub apps: Vec<String>,
}

/// `GET /.well-known/apple-app-site-association`: the apps of Apple's systems that may use
/// the passkeys.
#[operation(
    summary = "Names the apps of Apple's systems that may use the domain's passkeys.",
    responses((status = 200, description = "The apps.", body = AppleAssociation)),
)]
pub async fn apple_association(input: Input) -> Response {
    let app = &input.context.app;
    let apps = passkey_apps(app, input.context.now()).await;
    let body = apps.map(|clients| json!({ "webcredentials": { "apps": clients.apps.ios } }));
    answered(&input, body)
}

/// Where users make and remove passkeys.
#[derive(ToSchema)]
pub struct PasskeyEndpoints {
    /// The page where a user makes a passkey.
    #[schema(nullable = false)]
    pub enroll: Option<String>,
    /// The page where a user removes passkeys.
    #[schema(nullable = false)]
    pub manage: Option<String>,
}

/// `GET /.well-known/passkey-endpoints`: the page for passkeys, for password managers.
#[operation(
    summary = "Says where a user makes and removes passkeys (W3C Passkey Endpoints).",
    responses((status = 200, description = "The pages.", body = PasskeyEndpoints)),
)]
pub async fn passkey_endpoints(input: Input) -> Response {
    let body = match passkey_page(&input.context.app) {
        Some(page) => json!({ "enroll": page, "manage": page }),
        None => json!({}),
    };
    public_json(&body)
}

fn answered(input: &Input, body: Result<Value, Broken>) -> Response {
    match body {
        Ok(body) => public_json(&body),
        Err(broken) => failure(input.words, broken.into(), input.context.now()),
    }
}
