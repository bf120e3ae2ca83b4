//! The next step of a login, in Auth0's words.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use crate::domain::login::next_step::NextStep;
use crate::wire::auth0::refusal::ENROL_FIRST;
use crate::wire::{for_next_step, private_json};

/// The response for a login that needs this step next.
pub fn auth0_next_step(next: &NextStep) -> Response {
    let (status, error, description) = match next {
        NextStep::ConfirmAddress { .. } => (
            StatusCode::FORBIDDEN,
            "access_denied",
            "Please verify your email or phone number before logging in.",
        ),
        NextStep::ChangePassword { .. } => (
            StatusCode::FORBIDDEN,
            "password_change_required",
            "Password change required.",
        ),
        NextStep::Enrol => (StatusCode::BAD_REQUEST, "association_required", ENROL_FIRST),
    };
    let body = json!({ "error": error, "error_description": description });
    for_next_step(private_json(status, &body), next)
}
