//! The next step of a login, in Aidbox's words.

use axum::http::StatusCode;
use axum::response::Response;

use crate::domain::events::reason::Reason;
use crate::domain::events::verdict::Verdict;
use crate::domain::login::next_step::NextStep;
use crate::wire::aidbox::refusal::{ENROL_FIRST, TOKEN_REQUIRED, fault};
use crate::wire::{Outcome, for_next_step, private_json};

/// The response for a login that needs this step next.
pub fn aidbox_next_step(next: &NextStep) -> Response {
    let sentence = match next {
        NextStep::ConfirmAddress { .. } => "User is not confirmed",
        NextStep::ChangePassword { .. } => "Password has to be changed",
        NextStep::Enrol => ENROL_FIRST,
    };
    let body = fault("invalid_grant", sentence);
    for_next_step(private_json(StatusCode::BAD_REQUEST, &body), next)
}

/// The response for a login whose next request must contain a token.
pub fn token_required() -> Response {
    let body = fault("invalid_grant", TOKEN_REQUIRED);
    let mut response = private_json(StatusCode::BAD_REQUEST, &body);
    let outcome = Outcome::Refused {
        reason: Reason::of_name("code_missing"),
        part: None,
        verdict: Verdict::AsDone,
    };
    response.extensions_mut().insert(outcome);
    response
}
