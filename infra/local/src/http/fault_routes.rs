//! `/_local/faults`: outages that a developer rehearses.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};

use crate::faults::{Faults, PlannedFault};
use crate::http::own_host::{own_host_only, refusal};

/// `GET /_local/faults` lists the planned faults. `POST` with `{"service", "fault"}` plans
/// one more and gives the list. `DELETE` clears them all.
pub fn fault_routes(faults: Faults) -> Router {
    let methods = get(show_faults).post(plan_fault).delete(clear_faults);
    Router::new()
        .route("/_local/faults", methods.layer(from_fn(own_host_only)))
        .with_state(faults)
}

async fn show_faults(State(faults): State<Faults>) -> Json<Vec<PlannedFault>> {
    Json(faults.planned())
}

/// Accepts any content type, so that curl needs no header.
async fn plan_fault(State(faults): State<Faults>, body: Bytes) -> Response {
    let read = &mut serde_json::Deserializer::from_slice(&body);
    let fault: PlannedFault = match serde_path_to_error::deserialize(read) {
        Ok(fault) => fault,
        Err(error) => {
            let wants = format!(
                r#"{error}; wants a JSON body such as {{"service":"ses","fault":"throttled","calls":1}}"#
            );
            return refusal(StatusCode::BAD_REQUEST, &wants);
        }
    };
    match faults.plan(fault) {
        Ok(()) => Json(faults.planned()).into_response(),
        Err(why) => refusal(StatusCode::BAD_REQUEST, why),
    }
}

async fn clear_faults(State(faults): State<Faults>) -> StatusCode {
    faults.clear();
    StatusCode::NO_CONTENT
}
