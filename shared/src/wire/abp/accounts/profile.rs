//! The signed-in user's own profile and password, and users as an administrator sees
//! them.

use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequest, Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use countersign_operation::operation;
use serde_json::Value;
use utoipa::ToSchema;

use crate::app::App;
use crate::domain::accounts::named_user::UserQuery;
use crate::domain::accounts::refusals::administration_refusal::AdministrationRefusal;
use crate::domain::id::UserId;
use crate::domain::refusal::Refusal;
use crate::domain::sessions::audience::Audience;
use crate::domain::sessions::standing::SessionState;
use crate::failure::Failure;
use crate::usecase::accounts::abp_change_password::change_password;
use crate::usecase::accounts::abp_find_user::{FoundUser, abp_find_user};
use crate::usecase::sessions::authenticate::authenticate;
use crate::usecase::sessions::requirement::{Bearer, ProfileAlone, Required};
use crate::wire::abp::accounts::user::{found_body, profile_body};
use crate::wire::abp::login::provider::AbpProvider;
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
        read: ProfileAlone,
    };
    authenticate(&input.context, token.into(), required).await
}

/// One's own profile: ABP's `ProfileDto`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct AbpProfile {
    /// The user name.
    pub user_name: String,
    /// The e-mail address.
    #[schema(required)]
    pub email: Option<String>,
    /// Whether it is confirmed.
    pub email_confirmed: bool,
    /// The given name.
    #[schema(required)]
    pub name: Option<String>,
    /// The family name.
    #[schema(required)]
    pub surname: Option<String>,
    /// The phone number.
    #[schema(required)]
    pub phone_number: Option<String>,
    /// Whether it is confirmed.
    pub phone_number_confirmed: bool,
    /// Always false.
    pub is_external: bool,
    /// Whether there is a password.
    pub has_password: bool,
    /// Changes with the user.
    pub concurrency_stamp: String,
    /// What the other members do not say.
    pub extra_properties: AbpExtraProperties,
}

/// What the other members do not say.
#[derive(ToSchema)]
pub struct AbpExtraProperties {
    /// The providers whose messages to the user came back, if there are any: `Email` and
    /// `Phone`.
    #[schema(rename = "Undeliverable", nullable = false)]
    pub undeliverable: Option<Vec<AbpProvider>>,
}

/// `GET /api/account/my-profile` with an access token: the user's own profile.
#[operation(
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

/// Changes one's own password.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct AbpChangePassword {
    /// The present password.
    pub current_password: String,
    /// The new one.
    pub new_password: String,
}

/// `POST /api/account/my-profile/change-password` with an access token,
/// `currentPassword` and `newPassword`. Answers 204.
#[operation(
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

/// A user as an administrator sees one: ABP's `IdentityUserDto`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct AbpUser {
    /// Always null.
    #[schema(required)]
    pub tenant_id: Option<String>,
    /// The user name.
    pub user_name: String,
    /// The e-mail address.
    #[schema(required)]
    pub email: Option<String>,
    /// The given name.
    #[schema(required)]
    pub name: Option<String>,
    /// The family name.
    #[schema(required)]
    pub surname: Option<String>,
    /// Whether the e-mail address is confirmed.
    pub email_confirmed: bool,
    /// The phone number.
    #[schema(required)]
    pub phone_number: Option<String>,
    /// Whether the phone number is confirmed.
    pub phone_number_confirmed: bool,
    /// Whether there is a valid provider.
    pub support_two_factor: bool,
    /// Whether the user or a policy has turned two-factor on.
    pub two_factor_enabled: bool,
    /// Whether the user may sign in.
    pub is_active: bool,
    /// Always true.
    pub lockout_enabled: bool,
    /// Whether wrong passwords have locked the user out.
    pub is_locked_out: bool,
    /// Until when, in ISO 8601.
    #[schema(required, example = "2027-01-15T08:00:00+00:00")]
    pub lockout_end: Option<String>,
    /// Whether the password must be changed.
    pub should_change_password_on_next_login: bool,
    /// Changes with the user.
    pub concurrency_stamp: String,
    /// The roles; null without any.
    #[schema(required)]
    pub role_names: Option<Vec<String>>,
    /// Wrong passwords of late.
    pub access_failed_count: i64,
    /// When the password was changed last, in ISO 8601.
    #[schema(required)]
    pub last_password_change_time: Option<String>,
    /// Always false.
    pub is_external: bool,
    /// Always false.
    pub is_deleted: bool,
    /// Always null.
    #[schema(required)]
    pub deleter_id: Option<String>,
    /// Always null.
    #[schema(required)]
    pub deletion_time: Option<String>,
    /// Always null.
    #[schema(required)]
    pub last_modification_time: Option<String>,
    /// Always null.
    #[schema(required)]
    pub last_modifier_id: Option<String>,
    /// When the user was made, in ISO 8601.
    #[schema(example = "2027-01-15T08:00:00")]
    pub creation_time: String,
    /// Always null.
    #[schema(required)]
    pub creator_id: Option<String>,
    /// The identifier, with dashes.
    pub id: String,
    /// What the other members do not say.
    pub extra_properties: AbpExtraProperties,
}

/// `GET /api/identity/users/by-username/{userName}` with an administrator's access
/// token: the user. Answers 204 if no user has this name.
#[operation(
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

/// `GET /api/identity/users/by-email/{email}` with an administrator's access token: the
/// user. Answers 204 if no user has this e-mail address.
#[operation(
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

/// A part of the path. A part that cannot be decoded as text becomes empty, and so
/// finds nobody.
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

/// `GET /api/identity/users/{id}` with an administrator's access token: the user, or
/// 404.
#[operation(
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
    match found.and_then(|user| user.ok_or_else(|| AdministrationRefusal::UserUnknown.into())) {
        Ok(user) => private_json(StatusCode::OK, &user),
        Err(refused) => failure(input.words, refused, input.context.now()),
    }
}

async fn found(input: &Input, wanted: UserQuery<'_>) -> Result<Option<Value>, Failure> {
    let found: Option<FoundUser> =
        abp_find_user(&input.context, bearer(&input.headers)?, wanted).await?;
    Ok(found.as_ref().map(found_body))
}
