//! `POST /passkey/register`: what an authenticator makes a passkey of, to sign up. The grant
//! `webauthn` of `/oauth/token` takes the passkey.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use axum::response::Response;
use countersign_operation::operation;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::domain::accounts::new_user::registration::Person;
use crate::domain::accounts::profile::Profile;
use crate::domain::refusal::Refusal;
use crate::failure::Failure;
use crate::usecase::login::passkeys::auth0_sign_up::begin_passkey_sign_up;
use crate::wire::auth0::accounts::sign_up::{check_user_name, user_metadata};
use crate::wire::auth0::factors::my_enrolment::MyCreationOptions;
use crate::wire::auth0::login::passkey::passkey_client;
use crate::wire::input::Input;
use crate::wire::{failure, private_json};

/// Begins a sign-up with a passkey.
#[derive(ToSchema)]
#[schema(example = json!({
    "client_id": "demo",
    "user_profile": { "email": "new.user@example.com", "name": "New User" }
}))]
pub struct Auth0PasskeyRegistration {
    /// The client, unless HTTP Basic names it.
    pub client_id: Option<String>,
    /// A confidential client's secret.
    pub client_secret: Option<String>,
    /// A name of the directory of users.
    pub realm: Option<String>,
    /// Who signs up.
    pub user_profile: Auth0PasskeyProfile,
    /// At most ten texts, with names of at most 100 characters without dots, and at most
    /// 500 characters each.
    pub user_metadata: Option<BTreeMap<String, String>>,
}

/// Who signs up with a passkey.
#[derive(Deserialize, ToSchema)]
pub struct Auth0PasskeyProfile {
    /// The e-mail address.
    pub email: Option<String>,
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
}

/// What an authenticator makes a passkey of.
#[derive(ToSchema)]
pub struct Auth0PasskeyCreation {
    /// What the app hands to the authenticator.
    pub authn_params_public_key: MyCreationOptions,
    /// Shown beside the new passkey at `/oauth/token`, within five minutes.
    pub auth_session: String,
}

/// `POST /passkey/register`: what an authenticator makes a passkey of. The answer is the same
/// whether or not the address has an account.
#[operation(
    summary = "Begins a sign-up with a passkey; answers the same where the address has an account.",
    request_body = Auth0PasskeyRegistration,
    responses((status = 200, description = "The challenge, good once and for five minutes.", body = Auth0PasskeyCreation)),
    security((), ("client" = [])),
)]
pub async fn auth0_passkey_register(input: Input) -> Response {
    match registered(&input).await {
        Ok(body) => private_json(StatusCode::OK, &body),
        Err(refused) => failure(input.words, refused, input.context.now()),
    }
}

async fn registered(input: &Input) -> Result<Value, Failure> {
    let fields = input.fields()?;
    let context = passkey_client(input, fields).await?;
    let profile: Auth0PasskeyProfile = serde_json::from_str(fields.required("user_profile")?)
        .map_err(|_| Refusal::RequestMalformed("user_profile is no object of texts."))?;
    let email = profile.email.as_deref().map(str::trim).unwrap_or_default();
    if email.is_empty() {
        return Err(Refusal::RequestMalformed("user_profile has no email.").into());
    }
    check_user_name(profile.username.as_deref(), email)?;
    let person = Person {
        given_name: profile.given_name.as_deref(),
        family_name: profile.family_name.as_deref(),
        profile: Profile {
            name: profile.name.clone(),
            nickname: profile.nickname.clone(),
            picture: profile.picture.clone(),
            metadata: user_metadata(fields)?,
        },
    };
    let begun = begin_passkey_sign_up(&context, email, person).await?;
    Ok(json!({
        "authn_params_public_key": begun.options,
        "auth_session": begun.token.expose(),
    }))
}
