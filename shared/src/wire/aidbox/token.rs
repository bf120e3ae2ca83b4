//! `POST /auth/token`: the grants in Aidbox's words. What a dialect's own grant
//! needs beyond these (an authorization code, say) is for `wire/grants.rs`.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::super::fields::Fields;
use super::super::grants::{Answer, WithPassword, client_of_grant, grant, send_link_again};
use super::super::input::Input;
use super::super::{failure, private_json};
use super::document::{AidboxTokenRequest, AidboxTokens};
use super::next_step::{aidbox_next_step, token_required};
use crate::domain::factors::factor::normalise_recovery_code;
use crate::domain::login::evidence::{Evidence, SubmittedCode};
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::failure::Failure;
use crate::usecase::login::aidbox_token_request::{TokenAsked, ask_for_token};
use crate::usecase::sessions::issue_tokens::Tokens;

/// Takes a form or JSON, with `token` beside the password of a user who has
/// two-factor on; gives tokens and `userinfo`, or 400 `invalid_grant` with
/// `2FA token is required`, once the token was sent where it has to be.
#[utoipa::path(
    post, path = "/auth/token",
    summary = "Gives tokens for a password, a refresh token or an authorization code.",
    request_body = AidboxTokenRequest,
    responses((status = 200, description = "The tokens, and whose they are.", body = AidboxTokens)),
    security((), ("client" = [])),
)]
pub async fn aidbox_token(input: Input) -> Response {
    match answer(&input).await {
        Ok(response) => response,
        Err(refused) => failure(input.words, refused, input.context.now()),
    }
}

async fn answer(input: &Input) -> Result<Response, Failure> {
    let next = match grant(input, with_password).await? {
        Answer::Granted(granted) => return Ok(given(&granted.tokens)),
        Answer::Refreshed(tokens) => return Ok(given(&tokens)),
        Answer::Next(next) => next,
        Answer::SecondFactor(needed) => {
            let asked = client_of_grant(input).await?;
            match ask_for_token(&input.context, &asked.client, &needed).await? {
                TokenAsked::Token => return Ok(token_required()),
                TokenAsked::Next(next) => next,
            }
        }
    };
    send_link_again(input, &next).await;
    Ok(aidbox_next_step(&next))
}

fn given(tokens: &Tokens) -> Response {
    private_json(StatusCode::OK, &body(tokens))
}

fn with_password(fields: &Fields) -> Result<WithPassword<'_>, Refusal> {
    Ok(WithPassword {
        token: None,
        shown: fields.secret("token").map(evidence),
    })
}

/// What a user typed where a token is asked for: a recovery code if it looks
/// like one, else six digits of whichever factor.
pub fn evidence(typed: &Secret) -> Evidence {
    let code = typed.clone();
    match normalise_recovery_code(typed.expose()) {
        Some(_) => Evidence::Of(SubmittedCode::Recovery { code }),
        None => Evidence::SixDigits(code),
    }
}

/// RFC 6749 5.1, with the user as Aidbox adds it.
pub fn body(tokens: &Tokens) -> Value {
    let mut body = json!({
        "token_type": "Bearer",
        "expires_in": tokens.expires_in,
        "access_token": tokens.access_token.expose(),
    });
    let optional = [
        ("refresh_token", &tokens.refresh_token),
        ("id_token", &tokens.id_token),
    ];
    for (name, token) in optional {
        if let Some(token) = token {
            body[name] = json!(token.expose());
        }
    }
    body["userinfo"] = json!({
        "id": tokens.user.dashed(),
        "email": tokens.email,
        "resourceType": "User",
    });
    body
}
