//! ABP's REST calls during a login: list the providers, send a code, verify a code.
//! JSON names may be in any case, and GUIDs may have either form.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use countersign_operation::operation;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::domain::accounts::refusals::action_refusal::ActionRefusal;
use crate::domain::factors::send_target::SendTarget;
use crate::domain::id::UserId;
use crate::domain::login::evidence::Evidence;
use crate::domain::refusal::Refusal;
use crate::failure::Failure;
use crate::usecase::factors::list_authenticators::list_methods;
use crate::usecase::login::codes::send_code::{CodeChallenge, send_code};
use crate::usecase::login::codes::verify_code::{Verification, verify_code, verify_code_alone};
use crate::usecase::login::finished_login::LoginStep;
use crate::wire::abp::login::next_step::abp_next_step_in_rest;
use crate::wire::abp::login::provider::{AbpProvider, Provider};
use crate::wire::fields::Fields;
use crate::wire::input::Input;
use crate::wire::{failure, private, private_json};

/// `GET /api/account/two-factor-providers?userId=&token=`: the user's providers among
/// `["Email","Phone","Authenticator","Webhook"]`. A provider whose messages came back stands
/// last.
#[operation(
    summary = "Lists the two-factor providers that the user has.",
    params(("userId" = String, Query, description = "The user, as a GUID in either form."),
        ("token" = String, Query, description = "The `twoFactorToken`.")),
    responses((status = 200, description = "The providers.", body = [AbpProvider])),
)]
pub async fn providers(input: Input) -> Response {
    match listed(&input).await {
        Ok(providers) => private_json(StatusCode::OK, &providers),
        Err(refused) => failure(input.words, refused, input.context.now()),
    }
}

async fn listed(input: &Input) -> Result<Value, Failure> {
    let query = input.query()?;
    let user = user_id(query)?;
    let token = query.required_any_case("token")?;
    let methods = list_methods(&input.context, user, token).await?;
    let of = |provider: Provider| {
        methods
            .iter()
            .filter(move |one| provider.serves(one.method))
    };
    let mut providers = Provider::ALL.to_vec();
    providers.retain(|provider| of(*provider).next().is_some());
    providers.sort_by_key(|provider| of(*provider).all(|one| one.undeliverable));
    Ok(providers.iter().map(|one| json!(one.name())).collect())
}

/// Has a code sent.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct AbpSendCode {
    /// The user, as a GUID in either form.
    pub user_id: String,
    /// How it is sent.
    pub provider: AbpProvider,
    /// The `twoFactorToken`.
    pub token: String,
}

/// `POST /api/account/send-two-factor-code` with `userId`, `provider`, `token`. Answers
/// 204 once the code is sent. Answers 204 at once for an authenticator app, because
/// nothing has to be sent.
#[operation(
    summary = "Has a code sent.",
    request_body = AbpSendCode,
    responses((status = 204, description = "It is done.")),
)]
pub async fn send_two_factor_code(input: Input) -> Response {
    match sent(&input).await {
        Ok(LoginStep::Done(_)) => private(StatusCode::NO_CONTENT.into_response()),
        Ok(LoginStep::Next(next)) => abp_next_step_in_rest(&next),
        Err(refused) => failure(input.words, refused, input.context.now()),
    }
}

async fn sent(input: &Input) -> Result<LoginStep<CodeChallenge>, Failure> {
    let fields = input.fields()?;
    let user = user_id(fields)?;
    let provider = provider(fields)?;
    let token = fields.required_any_case("token")?;
    let wanted = SendTarget {
        user: Some(user),
        factor: None,
        passkey: false,
        totp: provider == Provider::Authenticator,
        channels: provider.channel().into_iter().collect(),
    };
    send_code(&input.context, None, token, &wanted).await
}

/// Shows a code without asking for tokens yet.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct AbpVerifyCode {
    /// The user, as a GUID in either form.
    pub user_id: String,
    /// Whose code it is.
    pub provider: AbpProvider,
    /// Six digits.
    pub code: String,
    /// The `twoFactorToken`: it alone then completes the login.
    pub token: Option<String>,
}

/// `POST /api/two-factor-token/verify-two-factor-code` with `userId`, `provider`,
/// `code` and optionally `token`. Answers `true`, or `false` for a wrong code or a
/// login that has ended. If the request had the token, the token alone then completes
/// the login. Otherwise the password and the same code complete it.
#[operation(
    summary = "Shows a code without asking for tokens yet.",
    request_body = AbpVerifyCode,
    responses((status = 200, description = "Whether it was right, and the login still open.", body = bool, content_type = "application/json")),
)]
pub async fn verify_two_factor_code(input: Input) -> Response {
    truth(&input, verified(&input).await)
}

/// Answers `true`, or `false` for a code or token that is wrong or has expired.
pub(crate) fn truth(input: &Input, verified: Result<(), Failure>) -> Response {
    match verified {
        Ok(()) => private_json(StatusCode::OK, &json!(true)),
        Err(Failure::Refused(
            refusal @ (Refusal::CodeWrong(_)
            | Refusal::LoginExpired
            | Refusal::LoginTokenMalformed
            | Refusal::Action(ActionRefusal::ActionTokenInvalid)),
        )) => {
            let mut response = private_json(StatusCode::OK, &json!(false));
            let outcome = crate::wire::Outcome::of(&refusal);
            response.extensions_mut().insert(outcome);
            response
        }
        Err(refused) => failure(input.words, refused, input.context.now()),
    }
}

async fn verified(input: &Input) -> Result<(), Failure> {
    let fields = input.fields()?;
    let user = user_id(fields)?;
    let shown = provider(fields)?.submitted(fields.required_secret_any_case("code")?.clone());
    match fields.get_any_case("token") {
        Some(token) => {
            let asked = Verification {
                user: Some(user),
                party: None,
                token,
                evidence: Evidence::Of(shown),
            };
            verify_code(&input.context, asked).await
        }
        None => verify_code_alone(&input.context, user, &shown).await,
    }
}

/// The user that the body or the query names.
pub(crate) fn user_id(fields: &Fields) -> Result<UserId, Refusal> {
    let text = fields.required_any_case("userId")?;
    UserId::parse(text).ok_or(Refusal::RequestMalformed(
        "The field userId must be a GUID.",
    ))
}

fn provider(fields: &Fields) -> Result<Provider, Refusal> {
    Provider::parse(fields.required_any_case("provider")?).ok_or(Refusal::FactorUnknown)
}
