//! One's own profile and password, and users as an administrator sees them.

use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequest, Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::app::App;
use crate::domain::id::UserId;
use crate::domain::refusal::Refusal;
use crate::failure::Failure;
use crate::usecase::accounts::abp_find_user::{FoundUser, UserQuery, abp_find_user};
use crate::usecase::accounts::change_password::change_password;
use crate::usecase::sessions::authenticate::authenticate;
use crate::usecase::sessions::requirement::{Audience, Bearer, NotRead, Required, SessionState};
use crate::wire::abp::accounts::user::{found_body, profile_body};
use crate::wire::abp::document::AbpChangePassword;
use crate::wire::abp::document_user::{AbpProfile, AbpUser};
use crate::wire::credentials::bearer;
use crate::wire::input::Input;
use crate::wire::{failure, private, private_json};

async fn own_account(input: &Input) -> Result<Bearer, Failure> {
    let token = bearer(&input.headers)?;
    let required = Required {
        audience: Audience::Account,
        scope: None,
        session: SessionState::Live,
        role: None,
        factors: NotRead,
    };
    authenticate(&input.context, token.into(), required).await
}

/// `GET /api/account/my-profile` with an access token.
#[utoipa::path(
    get, path = "/api/account/my-profile",
    summary = "Gives one's own profile.",
    responses((status = 200, description = "The profile.", body = AbpProfile)),
    security(("access_token" = [])),
)]
pub async fn mine(input: Input) -> Response {
    match own_account(&input).await {
        Ok(bearer) => private_json(StatusCode::OK, &profile_body(&bearer.user)),
        Err(refused) => failure(input.words, refused, input.context.now()),
    }
}

/// `POST /api/account/my-profile/change-password` with an access token,
/// `currentPassword` and `newPassword`: 204.
#[utoipa::path(
    post, path = "/api/account/my-profile/change-password",
    summary = "Changes one's own password.",
    request_body = AbpChangePassword,
    responses((status = 204, description = "It is done.")),
    security(("access_token" = [])),
)]
pub async fn password(input: Input) -> Response {
    match changed(&input).await {
        Ok(()) => private(StatusCode::NO_CONTENT.into_response()),
        Err(refused) => failure(input.words, refused, input.context.now()),
    }
}

async fn changed(input: &Input) -> Result<(), Failure> {
    let bearer = own_account(input).await?;
    let fields = input.fields()?;
    let current = fields.required_secret_any_case("currentPassword")?;
    let new = fields.required_secret_any_case("newPassword")?;
    change_password(&input.context, &bearer, current, new).await
}

/// `GET /api/identity/users/by-username/{userName}` with an administrator's
/// access token: the user, or 204 if there is none.
#[utoipa::path(
    get, path = "/api/identity/users/by-username/{userName}",
    summary = "Gives the user of this user name, to administrators.",
    params(("userName" = String, Path, description = "The user name.")),
    responses((status = 200, description = "The user.", body = AbpUser),
        (status = 204, description = "There is none.")),
    security(("access_token" = [])),
)]
pub async fn by_user_name(
    state: State<App>,
    name: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    looked_up(state, UserQuery::UserName(&text(name)), request).await
}

/// `GET /api/identity/users/by-email/{email}`: the same by e-mail address.
#[utoipa::path(
    get, path = "/api/identity/users/by-email/{email}",
    summary = "Gives the user of this e-mail address, to administrators.",
    params(("email" = String, Path, description = "The e-mail address.")),
    responses((status = 200, description = "The user.", body = AbpUser),
        (status = 204, description = "There is none.")),
    security(("access_token" = [])),
)]
pub async fn by_email(
    state: State<App>,
    email: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    looked_up(state, UserQuery::Email(&text(email)), request).await
}

/// A part of the path. What is no text names nobody.
fn text(part: Result<Path<String>, PathRejection>) -> String {
    part.map(|Path(text)| text).unwrap_or_default()
}

async fn looked_up(State(app): State<App>, wanted: UserQuery<'_>, request: Request) -> Response {
    let input = match Input::from_request(request, &app).await {
        Ok(input) => input,
        Err(response) => return response,
    };
    match found(&input, wanted).await {
        Ok(Some(user)) => private_json(StatusCode::OK, &user),
        Ok(None) => private(StatusCode::NO_CONTENT.into_response()),
        Err(refused) => failure(input.words, refused, input.context.now()),
    }
}

/// `GET /api/identity/users/{id}`: the user, or 404.
#[utoipa::path(
    get, path = "/api/identity/users/{id}",
    summary = "Gives the user of this identifier, to administrators.",
    params(("id" = String, Path, description = "A GUID in either form.")),
    responses((status = 200, description = "The user.", body = AbpUser)),
    security(("access_token" = [])),
)]
pub async fn by_id(
    State(app): State<App>,
    id: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    let input = match Input::from_request(request, &app).await {
        Ok(input) => input,
        Err(response) => return response,
    };
    let found = match UserId::parse(&text(id)) {
        Some(id) => found(&input, UserQuery::Id(id)).await,
        None => Err(Refusal::RequestMalformed("The field id must be a GUID.").into()),
    };
    match found.and_then(|user| user.ok_or_else(|| Refusal::UserUnknown.into())) {
        Ok(user) => private_json(StatusCode::OK, &user),
        Err(refused) => failure(input.words, refused, input.context.now()),
    }
}

async fn found(input: &Input, wanted: UserQuery<'_>) -> Result<Option<Value>, Failure> {
    let found: Option<FoundUser> =
        abp_find_user(&input.context, bearer(&input.headers)?, wanted).await?;
    Ok(found.as_ref().map(found_body))
}
