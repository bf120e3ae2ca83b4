//! Auth0's MFA API: `/mfa/challenge`, and our own `/mfa/verify`.

use axum::http::StatusCode;
use axum::response::Response;
use countersign_operation::operation;
use serde_json::json;
use utoipa::ToSchema;

use crate::domain::factors::factor::{Channel, Method, normalise_recovery_code};
use crate::domain::factors::send_target::SendTarget;
use crate::domain::login::evidence::{Evidence, SubmittedCode};
use crate::domain::login::pending_login::SentTo;
use crate::domain::refusal::Refusal;
use crate::failure::Failure;
use crate::usecase::authorization::authenticate_client::authenticate_client;
use crate::usecase::client_context::ClientContext;
use crate::usecase::login::codes::send_code::{CodeChallenge, send_code};
use crate::usecase::login::codes::verify_code::{Verification, verify_code};
use crate::usecase::login::finished_login::LoginStep;
use crate::wire::auth0::factors::authenticator;
use crate::wire::auth0::factors::authenticator::OobChannel;
use crate::wire::auth0::login::next_step::auth0_next_step;
use crate::wire::auth0::login::passkey::Auth0RequestOptions;
use crate::wire::credentials::client_credentials;
use crate::wire::fields::Fields;
use crate::wire::input::Input;
use crate::wire::{failure, private_json};

/// Asks for a code.
#[derive(ToSchema)]
#[schema(example = json!({
    "mfa_token": "…", "client_id": "demo", "challenge_type": "oob", "oob_channel": "sms"
}))]
pub struct ChallengeRequest {
    /// The token of the pending login.
    pub mfa_token: String,
    /// The client, unless HTTP Basic names it.
    pub client_id: Option<String>,
    /// A confidential client's secret.
    pub client_secret: Option<String>,
    /// `otp`, `oob` or `webauthn`, several separated by spaces; any if absent.
    pub challenge_type: Option<String>,
    /// One authenticator.
    pub authenticator_id: Option<String>,
    /// One channel.
    pub oob_channel: Option<OobChannel>,
}

/// What answers the challenge.
#[derive(ToSchema)]
pub struct Challenge {
    /// `otp`, `oob` once a code is sent, or `webauthn`.
    pub challenge_type: ChallengeType,
    /// With `oob`: names the send in the `mfa-oob` grant.
    #[schema(nullable = false)]
    pub oob_code: Option<String>,
    /// With `oob`: `prompt`, the user types the code.
    #[schema(nullable = false, example = "prompt")]
    pub binding_method: Option<String>,
    /// With `webauthn`: what the authenticator gets, with the user's passkeys.
    #[schema(nullable = false)]
    pub authn_params_public_key: Option<Auth0RequestOptions>,
}

/// Kinds of challenges.
#[derive(ToSchema)]
pub enum ChallengeType {
    /// The code of an authenticator app.
    #[schema(rename = "otp")]
    Otp,
    /// A code that was sent.
    #[schema(rename = "oob")]
    Oob,
    /// The signature of a passkey. Not Auth0's.
    #[schema(rename = "webauthn")]
    Webauthn,
}

/// `POST /mfa/challenge`: takes `mfa_token`, the client's credentials,
/// `challenge_type`, `authenticator_id`, `oob_channel`. Gives `otp`, or sends a code
/// and gives `oob` with an `oob_code`, or gives `webauthn` with what a passkey signs.
#[operation(
    summary = "Chooses a factor, and has a code sent if it needs one.",
    request_body = ChallengeRequest,
    responses((status = 200, description = "What answers the challenge.", body = Challenge)),
    security((), ("client" = [])),
)]
pub async fn challenge(input: Input) -> Response {
    let now = input.context.now();
    challenged(&input)
        .await
        .unwrap_or_else(|refused| failure(input.words, refused, now))
}

async fn challenged(input: &Input) -> Result<Response, Failure> {
    let fields = input.fields()?;
    let token = fields.required("mfa_token")?;
    let context = client_context(input, fields).await?;
    let wanted = wanted_challenge(fields)?;
    let body = match send_code(&context, Some(context.party()), token, &wanted).await? {
        LoginStep::Next(next) => return Ok(auth0_next_step(&next)),
        LoginStep::Done(CodeChallenge::Totp) => json!({ "challenge_type": "otp" }),
        LoginStep::Done(CodeChallenge::Passkey { options }) => json!({
            "challenge_type": "webauthn",
            "authn_params_public_key": options,
        }),
        LoginStep::Done(CodeChallenge::Sent { token }) => json!({
            "challenge_type": "oob",
            "oob_code": token.expose(),
            "binding_method": "prompt",
        }),
    };
    Ok(private_json(StatusCode::OK, &body))
}

/// The factors that `challenge_type`, `oob_channel` and `authenticator_id` allow.
/// Without a `challenge_type`, any type is allowed.
pub(in crate::wire::auth0) fn wanted_challenge(fields: &Fields) -> Result<SendTarget, Refusal> {
    let types = fields.get("challenge_type").unwrap_or("otp oob webauthn");
    let asked = |kind| types.split_ascii_whitespace().any(|asked| asked == kind);
    let mut channels = match (asked("oob"), fields.get("oob_channel")) {
        (false, _) => vec![],
        (true, None) => vec![Channel::Sms, Channel::Email, Channel::Webhook],
        // The list of authenticators shows a webhook as `sms` too.
        (true, Some("sms")) => vec![Channel::Sms, Channel::Webhook],
        (true, Some("email")) => vec![Channel::Email],
        (true, Some("webhook")) => vec![Channel::Webhook],
        (true, Some(_)) => return Err(Refusal::FactorUnknown),
    };
    let (mut totp, mut passkey) = (asked("otp"), asked("webauthn"));
    if !totp && !passkey && channels.is_empty() {
        return Err(Refusal::FactorUnknown);
    }
    let factor = match fields.get("authenticator_id") {
        None => None,
        Some(id) => {
            let (method, factor) = authenticator::parse_id(id).ok_or(Refusal::FactorUnknown)?;
            // The name of an authenticator contains its kind, so only that kind is
            // allowed.
            totp &= method == Method::Totp;
            passkey &= method == Method::Passkey;
            channels.retain(|channel| Method::from(*channel) == method);
            Some(factor)
        }
    };
    Ok(SendTarget {
        user: None,
        factor,
        totp,
        passkey,
        channels,
    })
}

/// Shows a code without asking for tokens yet.
#[derive(ToSchema)]
pub struct VerifyRequest {
    /// The token of the pending login.
    pub mfa_token: String,
    /// The client, unless HTTP Basic names it.
    pub client_id: Option<String>,
    /// A confidential client's secret.
    pub client_secret: Option<String>,
    /// Six digits, or a recovery code.
    pub code: String,
    /// The factor, if the code is not of the one that was challenged last.
    pub authenticator_id: Option<String>,
}

/// The login is verified.
#[derive(ToSchema)]
pub struct Verified {
    /// `true`.
    pub verified: bool,
}

/// `POST /mfa/verify` (our addition): takes `mfa_token`, the client's credentials and
/// `code`. If the code is not for the factor that was challenged last,
/// `authenticator_id` names the factor. Marks the login as verified.
#[operation(
    summary = "Shows a code without asking for tokens yet. Not in Auth0.",
    request_body = VerifyRequest,
    responses((status = 200, description = "The login is verified.", body = Verified)),
    security((), ("client" = [])),
)]
pub async fn verify_mfa(input: Input) -> Response {
    let now = input.context.now();
    match verified(&input).await {
        Ok(()) => private_json(StatusCode::OK, &json!({ "verified": true })),
        Err(refused) => failure(input.words, refused, now),
    }
}

async fn verified(input: &Input) -> Result<(), Failure> {
    let fields = input.fields()?;
    let token = fields.required("mfa_token")?;
    let context = client_context(input, fields).await?;
    let asked = Verification {
        user: None,
        party: Some(context.party()),
        token,
        evidence: evidence(fields)?,
    };
    verify_code(&context, asked).await
}

/// The factor that the code is for: the named factor, or a recovery code if the code
/// has that form, or any factor with six digits.
fn evidence(fields: &Fields) -> Result<Evidence, Refusal> {
    let code = fields.required_secret("code")?.clone();
    let Some(id) = fields.get("authenticator_id") else {
        return Ok(match normalise_recovery_code(code.expose()) {
            Some(_) => Evidence::Of(SubmittedCode::Recovery { code }),
            None => Evidence::SixDigits(code),
        });
    };
    let (method, factor) = authenticator::parse_id(id).ok_or(Refusal::FactorUnknown)?;
    Ok(Evidence::Of(match method {
        Method::Totp => SubmittedCode::Totp {
            code,
            factor: Some(factor),
        },
        Method::Email | Method::Sms | Method::Webhook => SubmittedCode::Sent {
            code,
            to: SentTo::Factor(factor),
        },
        Method::RecoveryCode => SubmittedCode::Recovery { code },
        Method::Passkey => return Err(Refusal::FactorUnknown),
    }))
}

async fn client_context(input: &Input, fields: &Fields) -> Result<ClientContext, Failure> {
    let credentials = client_credentials(&input.headers, fields)?;
    authenticate_client(&input.context, &credentials).await
}
