//! Confirms e-mail addresses and phone numbers. With an access token, a user confirms
//! their own. Without one, the calls work only for ten minutes after a right password
//! that was answered with `RequiresConfirmUser`. An invalid access token counts as
//! absent, as on ABP's own anonymous routes, because the app still sends its last
//! token.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use countersign_operation::operation;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::domain::accounts::action::ActionKind;
use crate::domain::accounts::named_user::ActionOwner;
use crate::domain::accounts::user::Account;
use crate::domain::events::attempt::Attempt;
use crate::domain::factors::factor_demand::{FactorDemand, asks_for_new_number};
use crate::domain::id::UserId;
use crate::domain::refusal::Refusal;
use crate::domain::sessions::audience::Audience;
use crate::domain::sessions::standing::SessionState;
use crate::failure::Failure;
use crate::usecase::accounts::confirm_address::{check_token, confirm_email, confirm_phone};
use crate::usecase::accounts::send_confirmation::{
    ConfirmationRequester, confirmation_state, send_email_confirmation, send_phone_confirmation,
};
use crate::usecase::sessions::authenticate::authenticate;
use crate::usecase::sessions::requirement::{
    Bearer, MayChange, ProfileAlone, Required, ToChangeFactors,
};
use crate::wire::abp::login::codes::{truth, user_id};
use crate::wire::credentials::bearer;
use crate::wire::input::Input;
use crate::wire::{failure, private, private_json};

/// The user of the access token, if the request has a valid one. The user must be
/// `meant`.
async fn own(input: &Input, meant: UserId) -> Result<Option<Bearer>, Failure> {
    let Ok(token) = bearer(&input.headers) else {
        return Ok(None);
    };
    let required = Required {
        audience: Audience::Account,
        scope: None,
        session: SessionState::Live,
        role: None,
        read: ProfileAlone,
    };
    let bearer = if_good(authenticate(&input.context, token.into(), required).await)?;
    Ok(bearer.map(|bearer| of(bearer, meant)).transpose()?)
}

/// The result of authentication. An invalid access token gives `None`.
fn if_good<T>(authenticated: Result<T, Failure>) -> Result<Option<T>, Failure> {
    match authenticated {
        Ok(good) => Ok(Some(good)),
        Err(Failure::Refused(Refusal::AccessTokenInvalid)) => Ok(None),
        Err(failed) => Err(failed),
    }
}

fn of(bearer: Bearer, meant: UserId) -> Result<Bearer, Refusal> {
    if bearer.user.id == meant {
        Ok(bearer)
    } else {
        Err(Refusal::AccessTokenInvalid)
    }
}

/// Like `own`, for a user who may have a code sent to this number.
async fn own_to_text(
    input: &Input,
    meant: UserId,
    number: Option<&str>,
) -> Result<Option<MayChange>, Failure> {
    let Ok(token) = bearer(&input.headers) else {
        return Ok(None);
    };
    let required = Required {
        audience: Audience::Account,
        scope: None,
        session: SessionState::Live,
        role: None,
        read: ToChangeFactors(|account: &Account| {
            if account.user.id != meant {
                // `as_asked` says that the token is for somebody else.
                return Err(Refusal::AccessTokenMissing);
            }
            if asks_for_new_number(&account.user, number) {
                input.context.events.is_for(Attempt::ChangePhone);
            }
            FactorDemand::to_confirm_number(account, number)
        }),
    };
    if_good(authenticate(&input.context, token.into(), required).await)
}

fn asker(own: Option<&Bearer>, meant: UserId) -> ConfirmationRequester<'_> {
    own.map_or(
        ConfirmationRequester::Stranger(meant),
        ConfirmationRequester::User,
    )
}

fn done(input: &Input, done: Result<(), Failure>) -> Response {
    match done {
        Ok(()) => private(StatusCode::NO_CONTENT.into_response()),
        Err(failed) => failure(input.words, as_asked(input, failed), input.context.now()),
    }
}

/// Turns "token missing" into "token invalid" if the request had a token.
fn as_asked(input: &Input, failed: Failure) -> Failure {
    match failed {
        Failure::Refused(Refusal::AccessTokenMissing) if bearer(&input.headers).is_ok() => {
            Refusal::AccessTokenInvalid.into()
        }
        failed => failed,
    }
}

/// Has a confirmation link sent.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct AbpSendEmailConfirmation {
    /// The user, as a GUID in either form.
    pub user_id: String,
    /// `MVC` for its paths; any other has Angular's.
    pub app_name: Option<String>,
}

/// `POST /api/account/send-email-confirmation-token` with `userId` and optionally
/// `appName`. Answers 204 once the link is sent.
#[operation(
    summary = "Has the confirmation link sent.",
    request_body = AbpSendEmailConfirmation,
    responses((status = 204, description = "It is done.")),
    security((), ("access_token" = [])),
)]
pub async fn send_email(input: Input) -> Response {
    let sent = email_sent(&input).await;
    done(&input, sent)
}

async fn email_sent(input: &Input) -> Result<(), Failure> {
    let fields = input.fields()?;
    let meant = user_id(fields)?;
    let own = own(input, meant).await?;
    let path = match fields.get_any_case("appName") {
        Some("MVC") => "/Account/EmailConfirmation",
        _ => "/account/email-confirmation",
    };
    let links = &input.context.app.config.links;
    let make_link = |user: UserId, token: &str| {
        let user = user.dashed();
        links.to_path(path, &[("userId", &user), ("confirmationToken", token)])
    };
    let asker = asker(own.as_ref(), meant);
    send_email_confirmation(&input.context, asker, &make_link).await?;
    Ok(())
}

/// Shows what a confirmation was sent with.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct AbpConfirmation {
    /// The user, as a GUID in either form.
    pub user_id: String,
    /// The token of the link, or the six digits of the text message.
    pub token: String,
}

/// `POST /api/account/verify-email-confirmation-token` with `userId` and `token`:
/// whether the token is still valid. The call does not consume the token.
#[operation(
    summary = "Tells whether a confirmation link's token is still good.",
    request_body = AbpConfirmation,
    responses((status = 200, description = "Whether.", body = bool, content_type = "application/json")),
)]
pub async fn verify_email(input: Input) -> Response {
    truth(&input, email_verified(&input).await)
}

async fn email_verified(input: &Input) -> Result<(), Failure> {
    let fields = input.fields()?;
    let user = ActionOwner::Id(user_id(fields)?);
    let token = fields.required_any_case("token")?;
    check_token(&input.context, ActionKind::ConfirmEmail, user, token).await
}

/// `POST /api/account/confirm-email` with `userId` and `token`. Answers 204.
#[operation(
    summary = "Confirms the e-mail address.",
    request_body = AbpConfirmation,
    responses((status = 204, description = "It is done.")),
)]
pub async fn email(input: Input) -> Response {
    let confirmed = email_confirmed(&input).await;
    done(&input, confirmed)
}

async fn email_confirmed(input: &Input) -> Result<(), Failure> {
    let fields = input.fields()?;
    let user = ActionOwner::Id(user_id(fields)?);
    let token = fields.required_any_case("token")?;
    confirm_email(&input.context, user, token).await
}

/// Has a confirmation code sent.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct AbpSendPhoneConfirmation {
    /// The user, as a GUID in either form.
    pub user_id: String,
    /// A new number in E.164; takes an access token.
    pub phone_number: Option<String>,
}

/// `POST /api/account/send-phone-number-confirmation-token` with `userId` and
/// optionally `phoneNumber`. Answers 204 once the code is sent.
#[operation(
    summary = "Has the confirmation code sent.",
    request_body = AbpSendPhoneConfirmation,
    responses((status = 204, description = "It is done.")),
    security((), ("access_token" = [])),
)]
pub async fn send_phone(input: Input) -> Response {
    let sent = phone_sent(&input).await;
    done(&input, sent)
}

async fn phone_sent(input: &Input) -> Result<(), Failure> {
    let fields = input.fields()?;
    let meant = user_id(fields)?;
    let number = fields.get_any_case("phoneNumber");
    let own = own_to_text(input, meant, number).await?;
    let asker = match &own {
        Some(changing) => ConfirmationRequester::SignedIn(changing),
        None => ConfirmationRequester::Stranger(meant),
    };
    send_phone_confirmation(&input.context, asker, number).await
}

/// `POST /api/account/confirm-phone-number` with `userId` and `token`, a code of six
/// digits. Answers 204.
#[operation(
    summary = "Confirms the phone number.",
    request_body = AbpConfirmation,
    responses((status = 204, description = "It is done.")),
    security((), ("access_token" = [])),
)]
pub async fn phone(input: Input) -> Response {
    let confirmed = phone_confirmed(&input).await;
    done(&input, confirmed)
}

async fn phone_confirmed(input: &Input) -> Result<(), Failure> {
    let fields = input.fields()?;
    let meant = user_id(fields)?;
    let code = fields.required_secret_any_case("token")?;
    let authenticated = own(input, meant).await?.is_some();
    confirm_phone(&input.context, meant, authenticated, code).await
}

/// What is confirmed.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct AbpConfirmationState {
    /// The e-mail address.
    pub email_confirmed: bool,
    /// The phone number.
    pub phone_number_confirmed: bool,
}

/// `GET /api/account/confirmation-state?id=`: whether the e-mail address and the phone
/// number are confirmed.
#[operation(
    summary = "Tells what is confirmed.",
    params(("id" = String, Query, description = "The user, as a GUID in either form.")),
    responses((status = 200, description = "What is confirmed.", body = AbpConfirmationState)),
    security((), ("access_token" = [])),
)]
pub async fn state(input: Input) -> Response {
    match confirmed_addresses(&input).await {
        Ok(state) => private_json(StatusCode::OK, &state),
        Err(failed) => failure(input.words, as_asked(&input, failed), input.context.now()),
    }
}

async fn confirmed_addresses(input: &Input) -> Result<Value, Failure> {
    let id = input.query()?.required_any_case("id")?;
    let malformed = Refusal::RequestMalformed("The field id must be a GUID.");
    let meant = UserId::parse(id).ok_or(malformed)?;
    let own = own(input, meant).await?;
    let asker = asker(own.as_ref(), meant);
    let (email, phone) = confirmation_state(&input.context, asker).await?;
    Ok(json!({ "emailConfirmed": email, "phoneNumberConfirmed": phone }))
}
