//! `POST /oauth/token`: the grants in Auth0's words.

use axum::http::header::WWW_AUTHENTICATE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use countersign_operation::operation;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::domain::refusal::Refusal;
use crate::failure::Failure;
use crate::usecase::login::password_step::SecondFactor;
use crate::usecase::sessions::issue_tokens::Tokens;
use crate::wire::auth0::authorization::challenge_words::second_factor_steps;
use crate::wire::auth0::factors::authenticator::{FactorType, requirements};
use crate::wire::auth0::login::next_step::auth0_next_step;
use crate::wire::fields::Fields;
use crate::wire::grant_types::GrantType;
use crate::wire::grants::{Answer, WithPassword, answer_grant, grant_request, send_link_again};
use crate::wire::input::Input;
use crate::wire::oauth::sessions::machine_answer::machine_answer;
use crate::wire::{failure, private_json};

/// A request for tokens. Which members are needed is a matter of the grant.
#[derive(ToSchema)]
#[schema(example = json!({
    "grant_type": "password", "client_id": "demo", "username": "user@example.com",
    "password": "pwd", "audience": "https://someapi.com/api",
    "scope": "openid profile offline_access read:sample"
}))]
pub struct Auth0TokenRequest {
    /// Which grant it is.
    pub grant_type: GrantType,
    /// The client, unless HTTP Basic names it.
    pub client_id: Option<String>,
    /// A confidential client's secret, unless HTTP Basic holds it.
    pub client_secret: Option<String>,
    /// The user name or e-mail address. Needed with a password.
    pub username: Option<String>,
    /// The password.
    pub password: Option<String>,
    /// Accepted with `password-realm`, and not needed. With the `passwordless` grant,
    /// `email`.
    pub realm: Option<String>,
    /// The API that the access token is for; the client's first one if absent.
    pub audience: Option<String>,
    /// Scopes, separated by spaces.
    pub scope: Option<String>,
    /// The token of the pending login. Needed with each `mfa` grant; beside a
    /// password it completes a login that was verified.
    pub mfa_token: Option<String>,
    /// The six digits of an authenticator app, or with the `passwordless` grant those
    /// that were sent.
    pub otp: Option<String>,
    /// What `/mfa/challenge` gave.
    pub oob_code: Option<String>,
    /// The six digits that were sent.
    pub binding_code: Option<String>,
    /// What `/otp/challenge` gave. With the `passwordless` grant, in place of `username`
    /// and `realm`. With the `webauthn` grant, what `/passkey/challenge` or
    /// `/passkey/register` gave.
    pub auth_session: Option<String>,
    /// With the `webauthn` grant: what the authenticator gave, as an object or as its JSON.
    pub authn_response: Option<Auth0Assertion>,
    /// A recovery code.
    pub recovery_code: Option<String>,
    /// With each `mfa` grant: `true` remembers the device, by the key of the DPoP proof.
    pub remember_device: Option<String>,
    /// With `remember_device`: what the user calls the device.
    pub device_name: Option<String>,
    /// The refresh token.
    pub refresh_token: Option<String>,
    /// `aal1` or `aal2`, several separated by spaces: with a password, a code in place of a
    /// password or a refresh token, the level that the tokens have to be of (RFC 9470 4).
    pub acr_values: Option<String>,
    /// With a refresh token: how many seconds the authentication may be old.
    pub max_age: Option<String>,
    /// The authorization code.
    pub code: Option<String>,
    /// The redirect URI that the code was sent to.
    pub redirect_uri: Option<String>,
    /// What the code's challenge was made of (RFC 7636).
    pub code_verifier: Option<String>,
}

/// A `PublicKeyCredential` of W3C Web Authentication, with base64url for bytes.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct Auth0Assertion {
    /// The credential.
    pub id: String,
    /// The credential again.
    pub raw_id: String,
    /// `public-key`.
    #[schema(rename = "type")]
    pub kind: String,
    /// What was signed, and the signature.
    pub response: Auth0AssertionResponse,
}

/// What a passkey signed.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct Auth0AssertionResponse {
    /// What the browser or the app says of the ceremony.
    #[schema(rename = "clientDataJSON")]
    pub client_data_json: String,
    /// Of a signature: what the authenticator says of the ceremony.
    #[schema(nullable = false)]
    pub authenticator_data: Option<String>,
    /// The signature.
    #[schema(nullable = false)]
    pub signature: Option<String>,
    /// Of a signature: what the authenticator knows the user by.
    #[schema(nullable = false)]
    pub user_handle: Option<String>,
    /// Of a new passkey: what the authenticator says of the ceremony. This signs the user up.
    #[schema(nullable = false)]
    pub attestation_object: Option<String>,
}

/// Tokens (RFC 6749 5.1, OpenID Connect Core 3.1.3.3).
#[derive(ToSchema)]
pub struct TokenAnswer {
    /// A JWT (RFC 9068).
    pub access_token: String,
    /// The scopes that were granted, separated by spaces. A token without a user may have
    /// none.
    #[schema(nullable = false)]
    pub scope: Option<String>,
    /// How long the access token is good, in seconds.
    pub expires_in: i64,
    /// How the access token is shown: `Bearer`, or `DPoP` if it is bound to a key.
    #[schema(example = "Bearer")]
    pub token_type: String,
    /// With the scope `openid`.
    #[schema(nullable = false)]
    pub id_token: Option<String>,
    /// With the scope `offline_access`.
    #[schema(nullable = false)]
    pub refresh_token: Option<String>,
    /// The new recovery code, when one was used. Shown once.
    #[schema(nullable = false)]
    pub recovery_code: Option<String>,
    /// For how many seconds the device will stand in for the second factor, if the device is
    /// trusted.
    #[schema(nullable = false)]
    pub trusted_device_expires_in: Option<i64>,
}

/// The password was right, or the session of the refresh token is not enough, and a second
/// factor is needed.
#[derive(ToSchema)]
pub struct MfaRequired {
    /// `mfa_required`; `insufficient_authorization` after a refresh that asks for more, for an
    /// app of the operator's own.
    #[schema(example = "mfa_required")]
    pub error: String,
    /// `Multifactor authentication required`.
    pub error_description: String,
    /// Names the pending login in every request that completes it.
    #[schema(nullable = false)]
    pub mfa_token: Option<String>,
    /// With `insufficient_authorization`, in place of `mfa_token`: names the login at
    /// `/authorize-challenge`.
    #[schema(nullable = false)]
    pub auth_session: Option<String>,
    /// With `insufficient_authorization`: the steps of which one comes next there.
    #[schema(nullable = false)]
    pub steps: Option<Vec<String>>,
    /// What the user can answer.
    pub mfa_requirements: MfaRequirements,
}

/// What the user can answer, or what may be enrolled if there is nothing.
#[derive(ToSchema)]
pub struct MfaRequirements {
    /// The kinds of factors that the user has.
    #[schema(nullable = false)]
    pub challenge: Option<Vec<MfaRequirement>>,
    /// The kinds of factors that the user may enrol.
    #[schema(nullable = false)]
    pub enroll: Option<Vec<MfaRequirement>>,
}

/// A kind of factor.
#[derive(ToSchema)]
pub struct MfaRequirement {
    /// The kind.
    #[schema(rename = "type")]
    pub kind: FactorType,
}

/// Takes a form or JSON. Gives tokens, or 403 `mfa_required` with an `mfa_token`, or a
/// refusal.
#[operation(
    summary = "Gives tokens for a password, a passkey, a code, a recovery code, a refresh token or the secret of a client.",
    request_body = Auth0TokenRequest,
    responses(
        (status = 200, description = "The tokens.", body = TokenAnswer),
        (status = 403, description = "Refused; or `mfa_required`: the password was right, or the session of the refresh token is not enough, and a second factor is needed.", body = MfaRequired),
    ),
    security((), ("client" = [])),
)]
pub async fn auth0_token(input: Input) -> Response {
    match answer(&input).await {
        Ok((answer, asker)) => respond(&input, &answer, asker).await,
        Err(refused) => failure(input.words, refused, input.context.now()),
    }
}

/// Whose app asks for tokens. An app of the operator's own steps up at
/// `/authorize-challenge`.
#[derive(Clone, Copy)]
enum Asker {
    FirstParty,
    Other,
}

async fn answer(input: &Input) -> Result<(Answer, Asker), Failure> {
    let request = grant_request(input).await?;
    let asker = match request.context.client.first_party {
        true => Asker::FirstParty,
        false => Asker::Other,
    };
    Ok((answer_grant(&request, with_password).await?, asker))
}

/// Our addition: `mfa_token` beside a password completes a login that was verified
/// before.
fn with_password(fields: &Fields) -> Result<WithPassword<'_>, Refusal> {
    Ok(WithPassword {
        token: fields.get("mfa_token"),
        shown: None,
    })
}

async fn respond(input: &Input, answer: &Answer, asker: Asker) -> Response {
    match answer {
        Answer::Next(next) => {
            Box::pin(send_link_again(input, next)).await;
            auth0_next_step(next)
        }
        Answer::SecondFactor(needed) => mfa_required(needed),
        Answer::StepUp(needed) => match asker {
            Asker::FirstParty => private_json(StatusCode::FORBIDDEN, &second_factor_steps(needed)),
            Asker::Other => stepped_up(needed),
        },
        Answer::Machine(token) => machine_answer(token),
        Answer::Refreshed(tokens) => private_json(StatusCode::OK, &token_body(tokens)),
        Answer::Granted(granted) => {
            let mut body = token_body(&granted.tokens);
            if let Some(code) = &granted.recovery_code {
                body["recovery_code"] = json!(code.expose());
            }
            if let Some(seconds) = granted.device_seconds {
                body["trusted_device_expires_in"] = json!(seconds);
            }
            private_json(StatusCode::OK, &body)
        }
    }
}

/// The sentence that Auth0's SDKs compare.
pub const FACTOR_REQUIRED: &str = "Multifactor authentication required";

/// `mfa_required`, because Auth0's SDKs open their MFA calls by this error alone. The challenge
/// of RFC 9470 (section 3) beside the body says that the session was not enough.
fn stepped_up(needed: &SecondFactor) -> Response {
    let mut response = mfa_required(needed);
    let challenge = HeaderValue::from_static("Bearer error=\"insufficient_user_authentication\"");
    response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    response
}

/// 403 `mfa_required`: lists the challenges that the user can answer, or the kinds of
/// factors that the user may enrol if the user has none.
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
            "error_description": FACTOR_REQUIRED,
            "mfa_token": needed.token.expose(),
            "mfa_requirements": asked,
        }),
    )
}

/// The members of a token response (RFC 6749 5.1, OpenID Connect Core 3.1.3.3).
pub fn token_body(tokens: &Tokens) -> Value {
    let mut body = json!({
        "access_token": tokens.access_token.expose(),
        "scope": tokens.scope,
        "expires_in": tokens.expires_in,
        "token_type": tokens.token_type,
    });
    if let Some(token) = &tokens.id_token {
        body["id_token"] = json!(token.expose());
    }
    if let Some(token) = &tokens.refresh_token {
        body["refresh_token"] = json!(token.expose());
    }
    body
}
