//! The service itself, unchanged, over the stand-ins: every route of every function.

use std::net::SocketAddr;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use countersign::app::App;
use countersign::clock::Clock;
use countersign::domain::Dialect;
use countersign::domain::refused::Naming;
use countersign::keyring::Purpose;
use countersign::notify::Reach;
use countersign::notify::reach::is_public;
use countersign::routes::{Function, router};
use countersign::usecase::keys::publish_keys::publish_keys;
use countersign::wire::input::SourceAddress;
use url::Url;

use crate::database::sdk_config;
use crate::problem::Problem;
use crate::settings::Settings;
use crate::stand_in::webhook;
use crate::{cors, demo};

/// The one table's name.
pub const TABLE: &str = "countersign";

/// What the webhook may reach here: its receiver on this machine too, and over
/// http.
pub const THIS_MACHINE: Reach = Reach {
    schemes: &["https", "http"],
    allows: |address| address.is_loopback() || is_public(address),
};

/// What the functions read from their environment, as `cargo local` sets it where its own
/// environment says nothing else.
/// `others` is where the stand-ins beside DynamoDB are, the webhook's receiver
/// among them.
pub fn settings(issuer: &str, others: &str) -> Vec<(&'static str, String)> {
    let mut settings = vec![
        ("COUNTERSIGN_TABLE", TABLE.to_owned()),
        ("COUNTERSIGN_KMS_KEY", "alias/countersign".to_owned()),
        ("COUNTERSIGN_STACK", "local".to_owned()),
        ("COUNTERSIGN_ISSUER", issuer.to_owned()),
        ("COUNTERSIGN_PRODUCT_NAME", "Countersign Demo".to_owned()),
        (
            "COUNTERSIGN_EMAIL_FROM",
            "Countersign Demo <login@example.com>".to_owned(),
        ),
        (
            "COUNTERSIGN_DIALECTS",
            Dialect::ALL.map(Dialect::name).join(","),
        ),
        (
            "COUNTERSIGN_CODEMAZE_CLIENT",
            demo::CODEMAZE_CLIENT.to_owned(),
        ),
        // The demo users have every factor, and each is there to be tried.
        ("COUNTERSIGN_AAL_POLICY", "aal1".to_owned()),
        ("COUNTERSIGN_SMS_COUNTRIES", "+1".to_owned()),
        // Who signs up in a demo signs in and enrols at once; confirming is there to be tried.
        ("COUNTERSIGN_CONFIRMATION_REQUIRED", "none".to_owned()),
        ("COUNTERSIGN_UNCONFIRMED_ENROLLMENT", "allowed".to_owned()),
        // A laptop that compiles something beside is slow, and nothing here is far away.
        ("COUNTERSIGN_AWS_ATTEMPT_MILLISECONDS", "20000".to_owned()),
        (
            "COUNTERSIGN_WEBHOOK_TIMEOUT_MILLISECONDS",
            "5000".to_owned(),
        ),
        // The AuthConfig of Aidbox's demo.
        ("COUNTERSIGN_TWO_FACTOR_ISSUER", "Demo".to_owned()),
        (
            "COUNTERSIGN_WEBHOOK_ENDPOINT",
            format!("{others}{}", webhook::PATH),
        ),
        (
            "COUNTERSIGN_WEBHOOK_HEADERS",
            format!("{{\"authorization\": \"{}\"}}", webhook::AUTHORIZATION),
        ),
    ];
    // A message names a domain, which an address is not: the emulator's, say.
    let host = Url::parse(issuer);
    if !host.is_ok_and(|url| url.domain().is_some()) {
        settings.push(("COUNTERSIGN_WEB_DOMAIN", "localhost".to_owned()));
    }
    settings
}

/// The stand-ins' endpoints.
#[derive(Clone, Copy)]
pub struct Endpoints<'a> {
    /// Of DynamoDB.
    pub dynamodb: &'a str,
    /// Of the rest.
    pub others: &'a str,
}

/// Every route of every function, for apps in a browser too.
pub fn routes(app: &App) -> Router {
    router(app, &Function::ALL.map(Function::slice))
        .layer(from_fn(note_source_address))
        .layer(cors::layer(app.config.links.origins()))
}

/// The service with these settings, its keys made if this is the first start.
///
/// # Errors
/// One line if a stand-in does not answer or a setting is wrong.
pub async fn prepare(
    settings: &[(String, String)],
    endpoints: Endpoints<'_>,
    clock: Clock,
) -> Result<App, Problem> {
    let purposes = vec![Purpose::Tokens, Purpose::Seeds, Purpose::Signing];
    let app = App::new(
        Settings::config(settings)?,
        &sdk_config(endpoints.dynamodb),
        &sdk_config(endpoints.others),
        purposes,
        clock,
        THIS_MACHINE,
        // Whoever asks is the developer.
        Naming::InAnswersToo,
    );
    publish_keys(&app, app.clock.now())
        .await
        .map_err(|broken| Problem::new(broken.to_string()))?;
    Ok(app)
}

/// Puts the peer's address where the service looks for the gateway's. Requests
/// without a peer, which only a test makes, go on without one.
pub async fn note_source_address(mut request: Request, next: Next) -> Response {
    if let Some(ConnectInfo(peer)) = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .copied()
    {
        request.extensions_mut().insert(SourceAddress(peer.ip()));
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign::config::Config;

    #[test]
    fn a_busy_laptop_has_twenty_seconds_for_what_a_function_does_in_one() {
        let settings = settings("https://localhost:8788/", "http://127.0.0.1:8789");
        let read = |named: &str| {
            let found = settings.iter().find(|(known, _)| *known == named);
            found.map(|(_, value)| value.clone())
        };
        let attempt = Config::read(read).unwrap().attempt_at_aws;
        assert_eq!(attempt, std::time::Duration::from_secs(20));
        let bare = |named: &str| read(named).filter(|_| !named.contains("MILLISECONDS"));
        let attempt = Config::read(bare).unwrap().attempt_at_aws;
        assert_eq!(attempt, std::time::Duration::from_secs(1));
    }

    #[test]
    fn every_issuer_that_the_options_take_is_one_that_a_function_starts_with() {
        for issuer in [
            "https://localhost:8788/",
            "http://127.0.0.1:8787/",
            "https://10.0.2.2:8788/",
            "https://[::1]:8788/",
            "https://login.example.com/",
        ] {
            let settings = settings(issuer, "http://127.0.0.1:8789");
            let value = |name: &str| {
                let found = settings.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| value.clone())
            };
            let config = Config::read(value).unwrap();
            assert_eq!(config.issuer, issuer);
        }
    }
}
