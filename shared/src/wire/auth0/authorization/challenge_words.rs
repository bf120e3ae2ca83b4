//! Every refusal in the words of `/authorize-challenge`
//! (draft-ietf-oauth-first-party-apps 5.2.2): Auth0's words, with the status 400 where the
//! draft asks for no other, and with the draft's `invalid_session`.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use crate::domain::Timestamp;
use crate::domain::factors::factor::Method;
use crate::domain::refusal::Refusal;
use crate::usecase::login::password_step::SecondFactor;
use crate::wire::auth0::factors::authenticator::requirements;
use crate::wire::auth0::refusal::{WORDS, answer_in, words};
use crate::wire::{Wording, Words};

/// The words of `/authorize-challenge`.
pub const CHALLENGE_WORDS: Words = Words {
    refusal: answer,
    ..WORDS
};

fn answer(refusal: &Refusal, now: Timestamp) -> Response {
    answer_in(said(refusal), refusal, now)
}

/// The body that names the steps after a right first factor.
pub fn second_factor_steps(needed: &SecondFactor) -> Value {
    let methods = needed.methods();
    let (steps, asked) = match methods.is_empty() {
        true => (
            &["enroll"][..],
            json!({ "enroll": requirements(&needed.enrollable) }),
        ),
        false => {
            let steps = match (methods.contains(&Method::Passkey), methods.len()) {
                (false, _) => &["challenge", "code"][..],
                (true, 1) => &["challenge", "passkey"],
                (true, _) => &["challenge", "code", "passkey"],
            };
            (steps, json!({ "challenge": requirements(&methods) }))
        }
    };
    let mut body = insufficient("A second factor is needed.", steps);
    body["auth_session"] = json!(needed.token.expose());
    body["mfa_requirements"] = asked;
    body
}

/// The body that names the next steps.
pub(super) fn insufficient(sentence: &str, steps: &[&str]) -> Value {
    json!({
        "error": "insufficient_authorization",
        "error_description": sentence,
        "steps": steps,
    })
}

fn said(refusal: &Refusal) -> Wording {
    let session = |sentence| Wording::new(StatusCode::BAD_REQUEST, "invalid_session", sentence);
    match refusal {
        Refusal::LoginTokenMalformed => session("The auth_session is not of this client."),
        Refusal::LoginExpired => session("The auth_session is over. Begin again."),
        Refusal::GrantNotAllowed => Wording::new(
            StatusCode::BAD_REQUEST,
            "unauthorized_client",
            "The client is no first-party app, or may not use authorization codes.",
        ),
        _ => {
            let said = words(refusal);
            let status = match said.status {
                StatusCode::FORBIDDEN => StatusCode::BAD_REQUEST,
                status => status,
            };
            Wording { status, ..said }
        }
    }
}
