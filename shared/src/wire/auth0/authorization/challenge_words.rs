//! Every refusal in the words of `/authorize-challenge`
//! (draft-ietf-oauth-first-party-apps 5.2.2): Auth0's words, with the status 400 where the
//! draft asks for no other, and with the draft's `invalid_session`.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::domain::Timestamp;
use crate::domain::refusal::Refusal;
use crate::usecase::login::password_step::SecondFactor;
use crate::wire::auth0::factors::authenticator::{FactorType, requirements};
use crate::wire::auth0::login::passkey::Auth0RequestOptions;
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

/// What the app does next, after a step that was right.
#[derive(ToSchema)]
pub struct ChallengeNext {
    /// `insufficient_authorization`: the app goes on with one of `steps`. `redirect_to_web`: a
    /// browser goes on.
    #[schema(example = "insufficient_authorization")]
    pub error: String,
    /// A sentence for the developer.
    pub error_description: String,
    /// Names the login, or the challenge of a passkey, in the next request.
    #[schema(nullable = false)]
    pub auth_session: Option<String>,
    /// The steps of which one comes next.
    #[schema(nullable = false)]
    pub steps: Option<Vec<String>>,
    /// What the user can answer.
    #[schema(nullable = false)]
    pub mfa_requirements: Option<ChallengeRequirements>,
    /// Before the first step: what the app hands to the authenticator of a passkey.
    #[schema(nullable = false)]
    pub authn_params_public_key: Option<Auth0RequestOptions>,
    /// After the step `challenge`: `otp`, or `oob` once a code is sent.
    #[schema(nullable = false)]
    pub challenge_type: Option<String>,
    /// With `oob`: names the send.
    #[schema(nullable = false)]
    pub oob_code: Option<String>,
    /// With `oob`: `prompt`, the user types the code.
    #[schema(nullable = false)]
    pub binding_method: Option<String>,
    /// With `redirect_to_web`: stands for the request at `/authorize` (RFC 9126).
    #[schema(nullable = false)]
    pub request_uri: Option<String>,
    /// How long the `request_uri` is good, in seconds.
    #[schema(nullable = false)]
    pub expires_in: Option<i64>,
}

/// The kinds of factors that the user has, or may enrol.
#[derive(ToSchema)]
pub struct ChallengeRequirements {
    /// The kinds of factors that the user has.
    #[schema(nullable = false)]
    pub challenge: Option<Vec<ChallengeRequirement>>,
    /// The kinds of factors that the user may enrol.
    #[schema(nullable = false)]
    pub enroll: Option<Vec<ChallengeRequirement>>,
}

/// A kind of factor.
#[derive(ToSchema)]
pub struct ChallengeRequirement {
    /// The kind.
    #[schema(rename = "type")]
    pub kind: FactorType,
}

/// The body that names the steps after a right first factor.
pub fn second_factor_steps(needed: &SecondFactor) -> Value {
    let methods = needed.methods();
    let (steps, asked) = match methods.is_empty() {
        true => (
            &["enroll"][..],
            json!({ "enroll": requirements(&needed.enrollable) }),
        ),
        false => (
            &["challenge", "code"][..],
            json!({ "challenge": requirements(&methods) }),
        ),
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
