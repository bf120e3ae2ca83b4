//! A login by password and authenticator app in the words of each dialect.

use countersign::domain::dialect::{Dialect, StepAfterPassword};
use countersign::domain::secret::Secret;
use countersign::usecase::administration::users::trial::TrialUser;
use serde_json::{Value, json};

use crate::trial::api::{Answer, Call};

/// The requests of a login, and what their answers mean.
pub(super) struct LoginWords {
    /// The request with the password of this user, by the client of this `client_id`.
    pub password: fn(&str, &TrialUser) -> Call,
    /// Whether the answer to the password asks for the code.
    pub asks_for_code: fn(&Answer) -> bool,
    /// The request with the code. The answer to the password goes with the request.
    pub code: fn(&str, &TrialUser, &Answer, &Secret) -> Call,
    /// The token in the answer to the code.
    pub token: fn(&Answer) -> Option<&str>,
}

/// The words of this dialect.
pub(super) fn words_of(dialect: Dialect) -> LoginWords {
    match dialect.step_after_password() {
        StepAfterPassword::LoginToken => LoginWords {
            password: |client, user| Call::form("oauth/token", &password_fields(client, user)),
            asks_for_code: |answer| answer.status == 403 && answer.body["mfa_token"].is_string(),
            code: auth0_code,
            token: access_token,
        },
        StepAfterPassword::PasswordAndProvider => LoginWords {
            password: |client, user| Call::form("connect/token", &password_fields(client, user)),
            asks_for_code: |answer| answer.body["twoFactorToken"].is_string(),
            code: |client, user, _, code| {
                let mut fields = password_fields(client, user).to_vec();
                fields.push(("TwoFactorProvider", "Authenticator"));
                fields.push(("TwoFactorCode", code.expose()));
                Call::form("connect/token", &fields)
            },
            token: access_token,
        },
        StepAfterPassword::NameAndProvider => LoginWords {
            password: |_, user| {
                let password = user.password.expose();
                let body = json!({ "email": user.name, "password": password });
                Call::json("api/accounts/login", &body)
            },
            asks_for_code: |answer| answer.body["is2StepVerificationRequired"] == json!(true),
            code: |_, user, asked, code| {
                let provider = &asked.body["provider"];
                let body =
                    json!({ "email": user.name, "provider": provider, "token": code.expose() });
                Call::json("api/accounts/twostepverification", &body)
            },
            token: |answer| answer.body["token"].as_str(),
        },
        StepAfterPassword::PasswordAndToken => LoginWords {
            password: |client, user| Call::json("auth/token", &aidbox_fields(client, user)),
            asks_for_code: |answer| {
                let told = answer.body["error_description"].as_str();
                answer.status == 400 && told.is_some_and(|told| told.starts_with("2FA"))
            },
            code: |client, user, _, code| {
                let mut body = aidbox_fields(client, user);
                body["token"] = json!(code.expose());
                Call::json("auth/token", &body)
            },
            token: access_token,
        },
    }
}

fn password_fields<'a>(client: &'a str, user: &'a TrialUser) -> [(&'static str, &'a str); 4] {
    [
        ("grant_type", "password"),
        ("client_id", client),
        ("username", &user.name),
        ("password", user.password.expose()),
    ]
}

fn aidbox_fields(client: &str, user: &TrialUser) -> Value {
    json!(std::collections::BTreeMap::from(password_fields(
        client, user
    )))
}

fn auth0_code(client: &str, _user: &TrialUser, asked: &Answer, code: &Secret) -> Call {
    let fields = [
        ("grant_type", "http://auth0.com/oauth/grant-type/mfa-otp"),
        ("client_id", client),
        (
            "mfa_token",
            asked.body["mfa_token"].as_str().unwrap_or_default(),
        ),
        ("otp", code.expose()),
    ];
    Call::form("oauth/token", &fields)
}

fn access_token(answer: &Answer) -> Option<&str> {
    answer.body["access_token"].as_str()
}
