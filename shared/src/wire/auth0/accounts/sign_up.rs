//! `POST /dbconnections/signup`.

use countersign_operation::operation;
use std::collections::BTreeMap;

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::domain::accounts::login_name::LoginName;
use crate::domain::accounts::new_user::registration::Registration;
use crate::domain::accounts::profile::{Profile, UserMetadata};
use crate::domain::accounts::refusals::connection_refusal::ConnectionRefusal;
use crate::domain::accounts::user::User;
use crate::domain::id::UserId;
use crate::domain::refusal::Refusal;
use crate::failure::Failure;
use crate::usecase::accounts::sign_up::{Links, sign_up};
use crate::wire::aidbox::pages::accounts::mailed_link::{RESET, confirmation_link, link};
use crate::wire::auth0::accounts::connection::at_directory;
use crate::wire::fields::Fields;
use crate::wire::input::Input;
use crate::wire::{failure, private_json};

/// A new user.
#[derive(ToSchema)]
#[schema(example = json!({
    "client_id": "demo", "connection": "Username-Password-Authentication",
    "email": "new.user@example.com", "password": "plum tractor lighthouse",
    "given_name": "New", "user_metadata": { "plan": "premium" }
}))]
pub struct Auth0SignUp {
    /// The client.
    pub client_id: String,
    /// A name of the directory of users.
    pub connection: String,
    /// The e-mail address.
    pub email: String,
    /// The password.
    pub password: String,
    /// The e-mail address again, if it is sent at all.
    pub username: Option<String>,
    /// The given name.
    pub given_name: Option<String>,
    /// The family name.
    pub family_name: Option<String>,
    /// The full name.
    pub name: Option<String>,
    /// The nickname.
    pub nickname: Option<String>,
    /// The web address of a picture.
    pub picture: Option<String>,
    /// At most ten texts, with names of at most 100 characters without dots, and at most
    /// 500 characters each.
    pub user_metadata: Option<BTreeMap<String, String>>,
}

/// What was asked for. The user exists unless the address had an account before.
#[derive(ToSchema)]
pub struct Auth0NewUser {
    /// The user's identifier.
    #[schema(rename = "_id")]
    pub id: String,
    /// The e-mail address.
    pub email: String,
    /// `false`.
    pub email_verified: bool,
    #[schema(nullable = false)]
    pub given_name: Option<String>,
    #[schema(nullable = false)]
    pub family_name: Option<String>,
    #[schema(nullable = false)]
    pub name: Option<String>,
    #[schema(nullable = false)]
    pub nickname: Option<String>,
    #[schema(nullable = false)]
    pub picture: Option<String>,
    #[schema(nullable = false)]
    pub user_metadata: Option<BTreeMap<String, String>>,
}

/// `POST /dbconnections/signup`: signs up. The answer is the same after the same time
/// whether or not the address has an account. A new account gets a link that confirms the
/// address, and an account that was there gets a link to a new password.
#[operation(
    summary = "Signs up; answers the same where the address has an account, after two seconds.",
    request_body = Auth0SignUp,
    responses((status = 200, description = "A link is sent.", body = Auth0NewUser)),
    security(()),
)]
pub async fn auth0_sign_up(input: Input) -> Response {
    match signed_up(&input).await {
        Ok(user) => private_json(StatusCode::OK, &new_user(&user)),
        Err(refused) => failure(input.words, refused, input.context.now()),
    }
}

async fn signed_up(input: &Input) -> Result<User, Failure> {
    let fields = input.fields()?;
    let context = at_directory(input, fields).await?;
    let email = fields.required("email")?;
    check_user_name(fields.get("username"), email)?;
    let text = |name| fields.get(name).map(str::to_owned);
    let asked = Registration {
        user_name: email.trim(),
        email,
        password: fields.required_secret("password")?,
        given_name: fields.get("given_name"),
        family_name: fields.get("family_name"),
        profile: Profile {
            name: text("name"),
            nickname: text("nickname"),
            picture: text("picture"),
            metadata: user_metadata(fields)?,
        },
        roles: &[],
    };
    let links = Links {
        confirm: &|user: UserId, token: &str| confirmation_link(&input.context.app, user, token),
        reset: &|user: UserId, token: &str| link(&input.context.app, RESET, user, token),
    };
    sign_up(&context, &asked, links).await
}

/// Refuses a user name other than the address. Whether such a name is free would tell,
/// after a sign-up with it, whether the address of that sign-up was free.
pub(in crate::wire::auth0) fn check_user_name(
    user_name: Option<&str>,
    email: &str,
) -> Result<(), Refusal> {
    let same = |name: &str| LoginName::parse(name) == LoginName::parse(email);
    match user_name.is_none_or(same) {
        true => Ok(()),
        false => Err(ConnectionRefusal::UserNameUnwanted.into()),
    }
}

/// The texts that the app keeps with the user.
pub(in crate::wire::auth0) fn user_metadata(fields: &Fields) -> Result<UserMetadata, Refusal> {
    let Some(text) = fields.get("user_metadata") else {
        return Ok(UserMetadata::new());
    };
    serde_json::from_str(text).map_err(|_| {
        Refusal::RequestMalformed("user_metadata is no object whose properties are texts.")
    })
}

fn new_user(user: &User) -> Value {
    let profile = &user.profile;
    let mut body = json!({
        "_id": user.subject(),
        "email": user.email,
        "email_verified": false,
    });
    for (member, value) in [
        ("given_name", &user.given_name),
        ("family_name", &user.family_name),
        ("name", &profile.name),
        ("nickname", &profile.nickname),
        ("picture", &profile.picture),
    ] {
        if let Some(value) = value {
            body[member] = json!(value);
        }
    }
    if !profile.metadata.is_empty() {
        body["user_metadata"] = json!(profile.metadata);
    }
    body
}
