//! `POST /api/account/register` and `POST /api/account/login`.

use axum::http::StatusCode;
use axum::response::Response;
use countersign_operation::operation;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::domain::accounts::new_user::registration::Registration;
use crate::domain::accounts::profile::Profile;
use crate::domain::accounts::user::Account;
use crate::domain::login::admission::WouldSignIn;
use crate::domain::refusal::Refusal;
use crate::failure::Failure;
use crate::usecase::accounts::register::register;
use crate::usecase::login::abp_check_password::check_login;
use crate::wire::abp::accounts::profile::AbpUser;
use crate::wire::abp::accounts::user::user_body;
use crate::wire::input::Input;
use crate::wire::{failure, private_json};

/// A new user.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase", example = json!({
    "userName": "new.user", "emailAddress": "new.user@example.com",
    "password": "plum tractor lighthouse", "appName": "Angular"
}))]
pub struct AbpRegister {
    /// The user name. With `@` it must be the e-mail address.
    pub user_name: String,
    /// The e-mail address.
    pub email_address: String,
    /// The password.
    pub password: String,
    /// Accepted, and not needed.
    pub app_name: Option<String>,
}

/// Takes `userName`, `emailAddress` and `password`; `appName` is accepted and ignored.
/// Gives the new user. The call signs nobody in and sends no message.
#[operation(
    summary = "Makes a user. Nobody is logged in and nothing is sent by it.",
    request_body = AbpRegister,
    responses((status = 200, description = "The user.", body = AbpUser)),
)]
pub async fn registered(input: Input) -> Response {
    match made(&input).await {
        Ok(user) => private_json(StatusCode::OK, &user),
        Err(refused) => failure(input.words, refused, input.context.now()),
    }
}

async fn made(input: &Input) -> Result<Value, Failure> {
    let fields = input.fields()?;
    let asked = Registration {
        user_name: fields.required_any_case("userName")?,
        email: fields.required_any_case("emailAddress")?,
        password: fields.required_secret_any_case("password")?,
        given_name: None,
        family_name: None,
        profile: Profile::default(),
        roles: &[],
    };
    let user = register(&input.context, &asked).await?;
    let account = Account {
        user,
        factors: Vec::new(),
        recovery: None,
        closed_factor: false,
    };
    let demanded = input
        .context
        .app
        .config
        .mfa_policy
        .demands(&account, input.context.now());
    Ok(user_body(&account, demanded, 0, None))
}

/// Asks what the token endpoint would answer.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct AbpLogin {
    /// The user name or e-mail address.
    pub user_name_or_email_address: String,
    /// The password.
    pub password: String,
    /// Accepted, and not needed: no cookie is set.
    pub remember_me: Option<bool>,
}

/// What the token endpoint would answer.
#[derive(ToSchema)]
pub struct AbpLoginResult {
    /// 1 `Success`, 2 `InvalidUserNameOrPassword`, 3 `NotAllowed`, 4
    /// `LockedOut`, 5 `RequiresTwoFactor`.
    #[schema(minimum = 1, maximum = 5)]
    pub result: u8,
    /// Its name.
    pub description: String,
}

/// Takes `userNameOrEmailAddress` and `password`. Gives `{result, description}`: the
/// outcome that the token endpoint would have. The call sets no cookie and gives no
/// token.
#[operation(
    summary = "Tells what the token endpoint would answer. Gives no token and sets no cookie.",
    request_body = AbpLogin,
    responses((status = 200, description = "The result.", body = AbpLoginResult)),
)]
pub async fn abp_check_login(input: Input) -> Response {
    match checked(&input).await {
        Ok((result, description)) => {
            let body = json!({ "result": result, "description": description });
            private_json(StatusCode::OK, &body)
        }
        Err(refused) => failure(input.words, refused, input.context.now()),
    }
}

async fn checked(input: &Input) -> Result<(u8, &'static str), Failure> {
    let fields = input.fields()?;
    let name = fields.required_any_case("userNameOrEmailAddress")?;
    let password = fields.required_secret_any_case("password")?;
    match check_login(&input.context, name, password).await {
        Ok(WouldSignIn::Yes) => Ok((1, "Success")),
        Ok(WouldSignIn::NotAllowed) | Err(Failure::Refused(Refusal::AccountInactive)) => {
            Ok((3, "NotAllowed"))
        }
        Ok(WouldSignIn::SecondFactor) => Ok((5, "RequiresTwoFactor")),
        Err(Failure::Refused(Refusal::CredentialsWrong)) => Ok((2, "InvalidUserNameOrPassword")),
        Err(Failure::Refused(Refusal::PasswordsExhausted { .. })) => Ok((4, "LockedOut")),
        Err(other) => Err(other),
    }
}
