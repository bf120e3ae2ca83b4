//! Lets pages of this machine, and of the origins that links may lead to, call the service, so
//! that an app in a browser needs no setting here. Every other origin meets the service's own
//! answers, as in a deployment.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use countersign::wire::oauth::keys::cors::{is_preflight, origin_of, preflight_answer, readable};

use crate::http::own_host::is_own_origin;
use crate::network::NetworkHost;

/// Answers a page of this machine or of one of these `origins`. Passes every other request on.
pub async fn with_local_cors(
    State(origins): State<Vec<String>>,
    request: Request,
    next: Next,
) -> Response {
    let Some(origin) = origin_of(&request) else {
        return next.run(request).await;
    };
    let named = request.extensions().get::<NetworkHost>();
    let own = origin
        .parse()
        .is_ok_and(|origin| is_own_origin(&origin, named));
    if !own && !origins.contains(&origin) {
        return next.run(request).await;
    }
    match is_preflight(&request) {
        true => preflight_answer(&origin),
        false => readable(next.run(request).await, &origin),
    }
}
