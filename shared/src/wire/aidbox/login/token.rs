//! `POST /auth/token`: the grants in Aidbox's words. `wire/grants.rs` reads the
//! parameters that every dialect shares, such as an authorization code.

use axum::http::StatusCode;
use axum::response::Response;
use countersign_operation::operation;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::domain::factors::factor::normalise_recovery_code;
use crate::domain::login::evidence::{Evidence, SubmittedCode};
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::failure::Failure;
use crate::usecase::login::aidbox_token_request::{TokenAsked, ask_for_token};
use crate::usecase::sessions::issue_tokens::Tokens;
use crate::wire::aidbox::login::next_step::{aidbox_next_step, token_required};
use crate::wire::fields::Fields;
use crate::wire::grants::{Answer, WithPassword, answer_grant, grant_request, send_link_again};
use crate::wire::input::Input;
use crate::wire::oauth::sessions::machine_answer::machine_answer;
use crate::wire::{failure, private_json};

/// The grants of Aidbox's clients.
#[derive(ToSchema)]
pub enum AidboxGrantType {
    /// User name and password (RFC 6749 4.3).
    #[schema(rename = "password")]
    Password,
    /// New tokens for a refresh token (RFC 6749 6).
    #[schema(rename = "refresh_token")]
    RefreshToken,
    /// A code of `/auth/authorize` (RFC 6749 4.1.3).
    #[schema(rename = "authorization_code")]
    AuthorizationCode,
    /// The secret of a client, for a token without a user (RFC 6749 4.4).
    #[schema(rename = "client_credentials")]
    ClientCredentials,
}

/// A request for tokens. Which members are needed is a matter of the grant.
#[derive(ToSchema)]
#[schema(example = json!({
    "grant_type": "password", "client_id": "web", "username": "plain@example.com",
    "password": "pwd"
}))]
pub struct AidboxTokenRequest {
    /// Which grant it is.
    pub grant_type: AidboxGrantType,
    /// The client, unless HTTP Basic names it.
    pub client_id: Option<String>,
    /// A confidential client's secret.
    pub client_secret: Option<String>,
    /// The user name or e-mail address.
    pub username: Option<String>,
    /// The password.
    pub password: Option<String>,
    /// Beside the password: six digits, or a recovery code.
    pub token: Option<String>,
    /// Scopes, separated by spaces.
    pub scope: Option<String>,
    /// The API that the access token is for; the client's first one if absent.
    pub audience: Option<String>,
    /// The refresh token.
    pub refresh_token: Option<String>,
    /// The authorization code.
    pub code: Option<String>,
    /// The redirect URI that the code was sent to.
    pub redirect_uri: Option<String>,
    /// What the code's challenge was made of (RFC 7636).
    pub code_verifier: Option<String>,
}

/// Tokens, and whose they are.
#[derive(ToSchema)]
pub struct AidboxTokens {
    /// How the access token is shown: `Bearer`, or `DPoP` if it is bound to a key.
    #[schema(example = "Bearer")]
    pub token_type: String,
    /// How long the access token is good, in seconds.
    pub expires_in: i64,
    /// A JWT (RFC 9068).
    pub access_token: String,
    /// With the scope `offline_access`.
    #[schema(nullable = false)]
    pub refresh_token: Option<String>,
    /// With the scope `openid`.
    #[schema(nullable = false)]
    pub id_token: Option<String>,
    /// The granted scopes, of a token without a user.
    #[schema(nullable = false)]
    pub scope: Option<String>,
    /// Whose they are. A token without a user comes without it.
    #[schema(nullable = false)]
    pub userinfo: Option<AidboxTokenUser>,
}

/// Whose tokens they are.
#[derive(ToSchema)]
pub struct AidboxTokenUser {
    /// The user's identifier, a UUID.
    pub id: String,
    /// The e-mail address.
    #[schema(required)]
    pub email: Option<String>,
    /// `User`.
    #[schema(rename = "resourceType")]
    pub resource_type: String,
}

/// Takes a form or JSON. A user with two-factor on sends `token` with the password.
/// Gives tokens and `userinfo`, or 400 `invalid_grant` with `2FA token is required`.
/// Before that answer, the service sends the token if the user's factor needs a
/// message.
#[operation(
    summary = "Gives tokens for a password, a refresh token, an authorization code or the secret of a client.",
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
    let request = grant_request(input).await?;
    let next = match answer_grant(&request, with_password).await? {
        Answer::Granted(granted) => return Ok(given(&granted.tokens)),
        Answer::Refreshed(tokens) => return Ok(given(&tokens)),
        Answer::Machine(token) => return Ok(machine_answer(&token)),
        Answer::Next(next) => next,
        Answer::SecondFactor(needed) | Answer::StepUp(needed) => {
            match ask_for_token(&request.context, &needed).await? {
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
        shown: fields.secret("token").map(typed_evidence),
    })
}

/// Reads what a user typed as token: a recovery code if the text has that form, or else
/// six digits of any factor.
pub fn typed_evidence(typed: &Secret) -> Evidence {
    let code = typed.clone();
    match normalise_recovery_code(typed.expose()) {
        Some(_) => Evidence::Of(SubmittedCode::Recovery { code }),
        None => Evidence::SixDigits(code),
    }
}

/// A token response (RFC 6749 5.1) with Aidbox's `userinfo`.
pub fn body(tokens: &Tokens) -> Value {
    let mut body = json!({
        "token_type": tokens.token_type,
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
        "id": tokens.subject,
        "email": tokens.email,
        "resourceType": "User",
    });
    body
}
