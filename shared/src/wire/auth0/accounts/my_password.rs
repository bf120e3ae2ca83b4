//! The password as a method of the My Account API.

use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::domain::accounts::password_policy::PasswordPolicy;
use crate::domain::accounts::user::User;
use crate::domain::factors::enrolment_refusal::EnrolmentRefusal;
use crate::domain::id::UserId;
use crate::domain::refusal::Refusal;
use crate::failure::Failure;
use crate::usecase::accounts::auth0_my_password::{
    MyNewPassword, begin_my_password, set_my_password,
};
use crate::wire::auth0::accounts::connection::check_connection;
use crate::wire::auth0::factors::my_words::when;
use crate::wire::credentials::bearer;
use crate::wire::fields::Fields;
use crate::wire::input::Input;

/// What a new password has to be.
#[derive(ToSchema)]
pub struct MyPasswordPolicy {
    pub complexity: MyPasswordComplexity,
    /// The account's own names are refused.
    pub profile_data: MyPasswordProfileData,
    /// The present password is refused.
    pub history: MyPasswordHistory,
    /// The passwords that attackers try first are refused.
    pub dictionary: MyPasswordDictionary,
}

/// How long a password has to be, and of which characters.
#[derive(ToSchema)]
pub struct MyPasswordComplexity {
    /// The least number of characters.
    pub min_length: u32,
    /// Empty: there is no rule about kinds of characters.
    pub character_types: Vec<String>,
    /// `all`.
    pub character_type_rule: String,
    /// `allow`.
    pub identical_characters: String,
    /// `allow`.
    pub sequential_characters: String,
    /// `error`: nothing is cut off.
    pub max_length_exceeded: String,
}

/// Which words of the account are refused.
#[derive(ToSchema)]
pub struct MyPasswordProfileData {
    pub active: bool,
    /// The names of the members.
    pub blocked_fields: Vec<String>,
}

/// How many passwords are remembered.
#[derive(ToSchema)]
pub struct MyPasswordHistory {
    pub active: bool,
    /// One: the present password.
    pub size: u32,
}

/// The list of common passwords.
#[derive(ToSchema)]
pub struct MyPasswordDictionary {
    pub active: bool,
    /// `en_10k`, the nearest of Auth0's names. The list is the one of zxcvbn.
    pub default: String,
}

const PREFIX: &str = "password|dev_";

/// The identifier of the user's password.
pub(in crate::wire::auth0) fn password_id(user: UserId) -> String {
    format!("{PREFIX}{user}")
}

/// Whose password has this identifier. `None` for any other method.
pub(in crate::wire::auth0) fn password_owner(id: &str) -> Option<UserId> {
    UserId::parse(id.strip_prefix(PREFIX)?)
}

/// The password in the words of the My Account API. `None` for a user who has none.
pub(in crate::wire::auth0) fn password_of(user: &User) -> Option<Value> {
    user.password.as_ref().map(|_| method_of_password(user))
}

fn method_of_password(user: &User) -> Value {
    let mut method = json!({
        "id": password_id(user.id),
        "type": "password",
        "created_at": when(user.created_at),
        "usage": ["primary"],
        "identity_user_id": user.subject(),
    });
    if let Some(at) = user.password_changed_at {
        method["last_password_reset"] = json!(when(at));
    }
    method
}

/// Begins to set a password.
pub(in crate::wire::auth0) async fn begun_password(
    input: &Input,
    fields: &Fields,
) -> Result<Value, Failure> {
    let app = &input.context.app;
    if let Some(name) = fields.get("connection") {
        check_connection(app, name)?;
    }
    let (token, identity) = (bearer(&input.headers)?, fields.get("identity_user_id"));
    let (user, auth_session) = begin_my_password(&input.context, token, identity).await?;
    Ok(json!({
        "id": password_id(user.id),
        "auth_session": auth_session.expose(),
        "policy": policy(app.config.password_policy),
    }))
}

/// Sets the password of this user.
pub(in crate::wire::auth0) async fn set_password_of(
    input: &Input,
    of: UserId,
) -> Result<Value, Failure> {
    let fields = input.fields()?;
    let new = MyNewPassword {
        of,
        auth_session: fields.required("auth_session")?,
        password: fields.required_secret("new_password")?,
    };
    if new.password.expose().chars().any(char::is_control) {
        let (name, problem) = ("new_password", "new_password has no control characters");
        return Err(Refusal::ParameterInvalid { name, problem }.into());
    }
    let user = set_my_password(&input.context, bearer(&input.headers)?, &new).await?;
    Ok(method_of_password(&user))
}

/// The refusal of a request to remove this password, or to name it.
pub(in crate::wire::auth0) fn kept_password(user: &User, of: UserId) -> EnrolmentRefusal {
    match user.password.is_some() && user.id == of {
        true => EnrolmentRefusal::FactorKept,
        false => EnrolmentRefusal::FactorNotFound,
    }
}

fn policy(policy: PasswordPolicy) -> Value {
    json!({
        "complexity": {
            "min_length": policy.minimum_length,
            "character_types": [],
            "character_type_rule": "all",
            "identical_characters": "allow",
            "sequential_characters": "allow",
            "max_length_exceeded": "error",
        },
        "profile_data": {
            "active": true,
            "blocked_fields": ["username", "email", "given_name", "family_name"],
        },
        "history": { "active": false, "size": 0 },
        "dictionary": { "active": true, "default": "en_10k" },
    })
}
