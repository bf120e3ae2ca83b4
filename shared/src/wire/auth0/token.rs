//! `POST /oauth/token`: the grants in Auth0's words.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::super::fields::Fields;
use super::super::grants::{Answer, WithPassword, grant, send_link_again};
use super::super::input::Input;
use super::super::{failure, private_json};
use super::authenticator::requirements;
use super::document::{Auth0TokenRequest, MfaRequired, TokenAnswer};
use super::next_step::auth0_next_step;
use crate::domain::refusal::Refusal;
use crate::usecase::login::password_step::SecondFactor;
use crate::usecase::sessions::issue_tokens::Tokens;

/// Takes a form or JSON; gives tokens, or 403 `mfa_required` with an
/// `mfa_token`, or a refusal.
#[utoipa::path(
    post, path = "/oauth/token",
    summary = "Gives tokens for a password, a code, a recovery code or a refresh token.",
    request_body = Auth0TokenRequest,
    responses(
        (status = 200, description = "The tokens.", body = TokenAnswer),
        (status = 403, description = "Refused; or `mfa_required`: the password was right, and a second factor is needed.", body = MfaRequired),
    ),
    security((), ("client" = [])),
)]
pub async fn auth0_token(input: Input) -> Response {
    match grant(&input, with_password).await {
        Ok(answer) => respond(&input, &answer).await,
        Err(refused) => failure(input.words, refused, input.context.now()),
    }
}

/// Ours: `mfa_token` beside a password completes a login that was verified.
fn with_password(fields: &Fields) -> Result<WithPassword<'_>, Refusal> {
    Ok(WithPassword {
        token: fields.get("mfa_token"),
        shown: None,
    })
}

async fn respond(input: &Input, answer: &Answer) -> Response {
    match answer {
        Answer::Next(next) => {
            send_link_again(input, next).await;
            auth0_next_step(next)
        }
        Answer::SecondFactor(needed) => mfa_required(needed),
        Answer::Refreshed(tokens) => private_json(StatusCode::OK, &token_body(tokens)),
        Answer::Granted(granted) => {
            let mut body = token_body(&granted.tokens);
            if let Some(code) = &granted.recovery_code {
                body["recovery_code"] = json!(code.expose());
            }
            private_json(StatusCode::OK, &body)
        }
    }
}

/// 403 `mfa_required`: the challenges that the user can answer, or what may
/// be enrolled if there are none.
fn mfa_required(needed: &SecondFactor) -> Response {
    let methods = needed.methods();
    let asked = if methods.is_empty() {
        json!({ "enroll": requirements(&needed.enrollable) })
    } else {
        json!({ "challenge": requirements(&methods) })
    };
    private_json(
        StatusCode::FORBIDDEN,
        &json!({
            "error": "mfa_required",
            "error_description": "Multifactor authentication required",
            "mfa_token": needed.token.expose(),
            "mfa_requirements": asked,
        }),
    )
}

/// The members of RFC 6749 5.1 and OpenID Connect Core 3.1.3.3.
pub fn token_body(tokens: &Tokens) -> Value {
    let mut body = json!({
        "access_token": tokens.access_token.expose(),
        "scope": tokens.scope,
        "expires_in": tokens.expires_in,
        "token_type": "Bearer",
    });
    if let Some(token) = &tokens.id_token {
        body["id_token"] = json!(token.expose());
    }
    if let Some(token) = &tokens.refresh_token {
        body["refresh_token"] = json!(token.expose());
    }
    body
}
