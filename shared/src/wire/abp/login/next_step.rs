//! The next step of a login, in the words of ABP's `/connect/token`.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use crate::domain::login::next_step::NextStep;
use crate::wire::abp::refusal::{ENROL_FIRST, ERROR_URI};
use crate::wire::{for_next_step, private_json};

/// The response for a login that needs this step next.
pub fn abp_next_step(next: &NextStep) -> Response {
    let sentence = match next {
        NextStep::ConfirmAddress { .. } => "RequiresConfirmUser",
        NextStep::ChangePassword { .. } => "ShouldChangePasswordOnNextLogin",
        NextStep::Enrol => ENROL_FIRST,
    };
    let mut body = json!({
        "error": "invalid_grant",
        "error_description": sentence,
        "error_uri": ERROR_URI,
    });
    match next {
        NextStep::ConfirmAddress { user, email, phone } => {
            body["userId"] = json!(user.to_string());
            body["email"] = json!(email.as_deref().unwrap_or_default());
            body["phoneNumber"] = json!(phone.as_deref().unwrap_or_default());
        }
        NextStep::ChangePassword { user, token } => {
            body["userId"] = json!(user.to_string());
            body["changePasswordToken"] = json!(token.expose());
        }
        NextStep::Enrol => {}
    }
    for_next_step(private_json(StatusCode::BAD_REQUEST, &body), next)
}
