//! The next step of a login, in Auth0's words.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use crate::domain::login::next_step::NextStep;
use crate::wire::auth0::refusal::ENROL_FIRST;
use crate::wire::{Wording, for_next_step, private_json};

/// The response for a login that needs this step next.
pub fn auth0_next_step(next: &NextStep) -> Response {
    let said = match next {
        NextStep::ConfirmAddress { .. } => Wording::new(
            StatusCode::FORBIDDEN,
            "access_denied",
            "Please verify your email or phone number before logging in.",
        ),
        NextStep::ChangePassword { .. } => Wording::new(
            StatusCode::FORBIDDEN,
            "password_change_required",
            "Password change required.",
        ),
        NextStep::Enrol => {
            Wording::new(StatusCode::BAD_REQUEST, "association_required", ENROL_FIRST)
        }
    };
    let body = json!({ "error": said.error, "error_description": said.sentence });
    for_next_step(private_json(said.status, &body), next)
}
