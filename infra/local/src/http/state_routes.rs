//! `GET /_local/state`: the users and clients of the running service, as a file for
//! `cargo local --seed`.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderName, StatusCode, header};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use countersign::app::App;

use crate::http::own_host::{own_host_only, refusal};
use crate::seed::{Seed, export};

/// The headers of the file. No page of another site may have it.
const HEADERS: [(HeaderName, &str); 4] = [
    (header::CONTENT_TYPE, "application/json"),
    (
        header::CONTENT_DISPOSITION,
        "attachment; filename=\"countersign-state.json\"",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// The route. `known` is the seed of this start.
pub fn state_routes(app: App, known: Arc<Seed>) -> Router {
    Router::new()
        .route("/_local/state", get(state))
        .layer(from_fn(own_host_only))
        .with_state((app, known))
}

async fn state(State((app, known)): State<(App, Arc<Seed>)>) -> Response {
    match export(&app, &known).await {
        Ok(text) => (HEADERS, text).into_response(),
        Err(problem) => refusal(StatusCode::INTERNAL_SERVER_ERROR, &problem.to_string()),
    }
}
