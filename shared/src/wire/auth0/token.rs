//! `POST /oauth/token`: every grant of Auth0's password flow.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::super::credentials::client_credentials;
use super::super::fields::Fields;
use super::super::input::Input;
use super::super::{failure, private_json};
use super::authenticator::requirement;
use crate::app::App;
use crate::domain::Dialect;
use crate::domain::client::Client;
use crate::domain::factor::Method;
use crate::domain::refusal::Refusal;
use crate::failure::Failure;
use crate::usecase::authenticate_client::authenticate_client;
use crate::usecase::issue::Tokens;
use crate::usecase::login::{LoginAnswer, LoginRequest, SecondFactor, login};
use crate::usecase::redeem::{Granted, RedeemRequest, redeem};
use crate::usecase::refresh::refresh;
use crate::usecase::send_code::factor_of_challenge;
use crate::usecase::verify_code::Shown;

/// `grant_type` of the password flow (RFC 6749 4.3).
pub const PASSWORD: &str = "password";
/// The same with a `realm`, which is accepted and not needed.
pub const PASSWORD_REALM: &str = "http://auth0.com/oauth/grant-type/password-realm";
/// A code of an authenticator app.
pub const MFA_OTP: &str = "http://auth0.com/oauth/grant-type/mfa-otp";
/// A code that was sent.
pub const MFA_OOB: &str = "http://auth0.com/oauth/grant-type/mfa-oob";
/// A recovery code.
pub const MFA_RECOVERY_CODE: &str = "http://auth0.com/oauth/grant-type/mfa-recovery-code";
/// A refresh (RFC 6749 6).
pub const REFRESH_TOKEN: &str = "refresh_token";

/// Takes a form or JSON; gives tokens, or 403 `mfa_required` with an
/// `mfa_token`, or an error of `contracts/auth0.md`.
pub async fn token(State(app): State<App>, input: Input) -> Response {
    let now = input.caller.now;
    grant(&app, &input)
        .await
        .unwrap_or_else(|refused| failure(Dialect::Auth0, refused, now))
}

async fn grant(app: &App, input: &Input) -> Result<Response, Failure> {
    let fields = input.fields()?;
    let grant = fields.required("grant_type")?;
    let known = [
        PASSWORD,
        PASSWORD_REALM,
        MFA_OTP,
        MFA_OOB,
        MFA_RECOVERY_CODE,
        REFRESH_TOKEN,
    ];
    if !known.contains(&grant) {
        return Err(Refusal::GrantUnsupported.into());
    }
    let credentials = client_credentials(&input.headers, fields)?;
    let client = authenticate_client(app, &input.caller, &credentials).await?;
    client.check_grant(grant)?;
    match grant {
        PASSWORD | PASSWORD_REALM => password(app, input, fields, &client).await,
        REFRESH_TOKEN => {
            let token = fields.required(REFRESH_TOKEN)?;
            let tokens = refresh(app, &input.caller, &client, token, fields.get("scope")).await?;
            Ok(private_json(StatusCode::OK, &token_body(&tokens)))
        }
        mfa => second_factor(app, input, fields, &client, mfa).await,
    }
}

async fn password(
    app: &App,
    input: &Input,
    fields: &Fields,
    client: &Client,
) -> Result<Response, Failure> {
    let request = LoginRequest {
        client,
        dialect: Dialect::Auth0,
        name: fields.required("username")?,
        password: fields.required_secret("password")?,
        scope: fields.get("scope"),
        audience: fields.get("audience"),
        login_token: fields.get("mfa_token"),
    };
    match login(app, &input.caller, &request).await? {
        LoginAnswer::Granted(granted) => Ok(granted_response(&granted)),
        LoginAnswer::SecondFactor(needed) => Ok(mfa_required(&needed)),
    }
}

async fn second_factor(
    app: &App,
    input: &Input,
    fields: &Fields,
    client: &Client,
    grant: &str,
) -> Result<Response, Failure> {
    let token = fields.required("mfa_token")?;
    let (shown, expected) = match grant {
        MFA_OTP => {
            let code = fields.secret("otp").cloned();
            (
                code.map(|code| Shown::Totp { code, factor: None }),
                Method::Totp,
            )
        }
        MFA_RECOVERY_CODE => {
            let code = fields.secret("recovery_code").cloned();
            (
                code.map(|code| Shown::Recovery { code }),
                Method::RecoveryCode,
            )
        }
        _ => (out_of_band(app, input, fields, token).await?, Method::Email),
    };
    let request = RedeemRequest {
        client,
        dialect: Dialect::Auth0,
        token,
        shown,
        expected,
    };
    let granted = redeem(app, &input.caller, &request).await?;
    Ok(granted_response(&granted))
}

/// The code that was sent, with the factor that its `oob_code` names.
async fn out_of_band(
    app: &App,
    input: &Input,
    fields: &Fields,
    token: &str,
) -> Result<Option<Shown>, Failure> {
    let Some(code) = fields.secret("binding_code").cloned() else {
        return Ok(None);
    };
    let challenge = fields.required("oob_code")?;
    let factor = factor_of_challenge(app, &input.caller, token, challenge).await?;
    Ok(Some(Shown::Sent { code, factor }))
}

/// 403 `mfa_required`: the challenges that the user can answer, or what may
/// be enrolled if there are none.
fn mfa_required(needed: &SecondFactor) -> Response {
    let types = |methods: &[Method]| -> Value {
        methods
            .iter()
            .map(|method| json!({ "type": requirement(*method) }))
            .collect()
    };
    let methods = needed.methods();
    let requirements = if methods.is_empty() {
        json!({ "enroll": types(&[Method::Totp, Method::Sms, Method::Email]) })
    } else {
        json!({ "challenge": types(&methods) })
    };
    private_json(
        StatusCode::FORBIDDEN,
        &json!({
            "error": "mfa_required",
            "error_description": "Multifactor authentication required",
            "mfa_token": needed.token.expose(),
            "mfa_requirements": requirements,
        }),
    )
}

fn granted_response(granted: &Granted) -> Response {
    let mut body = token_body(&granted.tokens);
    if let Some(code) = &granted.recovery_code {
        body["recovery_code"] = json!(code.expose());
    }
    private_json(StatusCode::OK, &body)
}

fn token_body(tokens: &Tokens) -> Value {
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
