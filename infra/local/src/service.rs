//! Runs the unchanged service over the stand-ins, with every route of every function.

use std::net::SocketAddr;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use countersign::app::App;
use countersign::clock::Clock;
use countersign::domain::refused_value::Naming;
use countersign::keyring::Purpose;
use countersign::notify::Reach;
use countersign::notify::reach::is_public_address;
use countersign::routes::Function;
use countersign::routes::router::router;
use countersign::usecase::keys::publish_keys::publish_keys;
use countersign::wire::input::SourceAddress;

use crate::faults::Faults;
use crate::http::cors::with_local_cors;
use crate::problem::Problem;
use crate::settings::Settings;
use crate::storage::database::sdk_config_with_faults;

/// What the webhook may connect to here: public addresses and this machine, over https
/// and http.
pub const THIS_MACHINE: Reach = Reach {
    schemes: &["https", "http"],
    allows: |address| address.is_loopback() || is_public_address(address),
};

/// The addresses of the stand-ins.
#[derive(Clone, Copy)]
pub struct Endpoints<'a> {
    /// The address of DynamoDB.
    pub dynamodb: &'a str,
    /// The address of the other stand-ins.
    pub others: &'a str,
}

/// Every route of every function, with CORS for apps in a browser.
pub fn routes(app: &App) -> Router {
    router(app, &Function::ALL.map(Function::slice))
        .layer(from_fn(note_source_address))
        .layer(from_fn_with_state(
            app.config.links.origins(),
            with_local_cors,
        ))
}

/// The service with these settings. The first start makes its keys. Its calls to AWS meet
/// `faults`.
///
/// # Errors
/// One line if a stand-in does not answer or a setting is wrong.
pub async fn prepare(
    settings: &[(String, String)],
    endpoints: Endpoints<'_>,
    clock: Clock,
    faults: &Faults,
) -> Result<App, Problem> {
    let purposes = vec![Purpose::Tokens, Purpose::Seeds, Purpose::Signing];
    let app = App::new(
        Settings::config(settings)?,
        &sdk_config_with_faults(endpoints.dynamodb, faults.clone()),
        &sdk_config_with_faults(endpoints.others, faults.clone()),
        purposes,
        clock,
        THIS_MACHINE,
        // The caller is the developer, so answers may name the refused value.
        Naming::InAnswersToo,
    );
    publish_keys(&app, app.clock.now())
        .await
        .map_err(|broken| Problem::new(broken.to_string()))?;
    Ok(app)
}

/// Adds the peer's address where the service expects the gateway's address. Requests
/// without a peer, which only tests make, stay unchanged.
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
