//! The next step of a login, in CodeMaze's words.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::domain::login::next_step::NextStep;
use crate::wire::codemaze::refusal::{ENROL_FIRST, auth_response};
use crate::wire::{for_next_step, private, private_json};

/// The response for a login that needs this step next.
pub fn codemaze_next_step(next: &NextStep) -> Response {
    let sentence = match next {
        NextStep::ConfirmAddress { .. } => "Email is not confirmed",
        NextStep::ChangePassword { .. } => "The password must be changed",
        NextStep::Enrol => ENROL_FIRST,
    };
    let body = auth_response(Some(sentence), None, None);
    for_next_step(private_json(StatusCode::UNAUTHORIZED, &body), next)
}

/// The response after the second step. It is plain text and does not name the step.
pub fn codemaze_next_step_in_text(next: &NextStep) -> Response {
    let response = (StatusCode::BAD_REQUEST, "Invalid Request").into_response();
    for_next_step(private(response), next)
}
