//! The next step of a login, in ABP's words.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use crate::domain::login::next_step::NextStep;
use crate::wire::abp::refusal::{ENROL_FIRST, ERROR_URI, marked, rest_body};
use crate::wire::{for_next_step, private_json};

fn sentence(next: &NextStep) -> &'static str {
    match next {
        NextStep::ConfirmAddress { .. } => "RequiresConfirmUser",
        NextStep::ChangePassword { .. } => "ShouldChangePasswordOnNextLogin",
        NextStep::Enrol => ENROL_FIRST,
    }
}

/// The response of `/connect/token` for a login that needs this step next.
pub fn abp_next_step(next: &NextStep) -> Response {
    let mut body = json!({
        "error": "invalid_grant",
        "error_description": sentence(next),
        "error_uri": ERROR_URI,
    });
    match next {
        NextStep::ConfirmAddress { user, email, phone } => {
            body["userId"] = json!(user.to_string());
            body["email"] = json!(email.as_deref().unwrap_or_default());
            body["phoneNumber"] = json!(phone.as_deref().unwrap_or_default());
        }
        NextStep::ChangePassword { user, token, .. } => {
            body["userId"] = json!(user.to_string());
            body["changePasswordToken"] = json!(token.expose());
        }
        NextStep::Enrol => {}
    }
    for_next_step(private_json(StatusCode::BAD_REQUEST, &body), next)
}

/// The response of `/api/`, which only names the step.
pub fn abp_next_step_in_rest(next: &NextStep) -> Response {
    let body = rest_body(sentence(next), Value::Null, Value::Null);
    for_next_step(marked(private_json(StatusCode::FORBIDDEN, &body)), next)
}
