//! The service itself, unchanged, over the stand-ins: every route of every function.

use std::net::SocketAddr;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use countersign::app::App;
use countersign::clock::Clock;
use countersign::domain::refused::Naming;
use countersign::keyring::Purpose;
use countersign::notify::Reach;
use countersign::notify::reach::is_public;
use countersign::routes::{Function, router};
use countersign::usecase::keys::publish_keys::publish_keys;
use countersign::wire::input::SourceAddress;

use crate::http::cors;
use crate::problem::Problem;
use crate::settings::Settings;
use crate::storage::database::sdk_config;

/// What the webhook may reach here: its receiver on this machine too, and over
/// http.
pub const THIS_MACHINE: Reach = Reach {
    schemes: &["https", "http"],
    allows: |address| address.is_loopback() || is_public(address),
};

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
