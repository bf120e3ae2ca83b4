//! Requests about accounts, and the contents of their messages.

use std::net::IpAddr;

use aws_sdk_dynamodb::types::AttributeValue;
use axum::body::Body;
use axum::http::{Method, Request, header};
use countersign::app::App;
use countersign::clock::Clock;
use countersign::wire::input::SourceAddress;
use countersign_local::demo;
use serde_json::{Value, json};
use url::Url;

use super::cold_start::app_with_clock;
use super::{Answer, Service};
use crate::dialects::abp::login::password::{connect, totp};

/// A password that passes every rule.
pub const PASSWORD: &str = "two green owls at dawn";

/// Another password that passes every rule.
pub const NEW_PASSWORD: &str = "seven brown foxes at dusk";

/// The address of a user that a test registers.
pub const EMAIL: &str = "ann.lee@example.net";

/// The name of that user.
pub const USER_NAME: &str = "annlee";

impl Service {
    /// Posts JSON with an access token, if there is one.
    pub async fn post_as(&self, bearer: Option<&str>, path: &str, body: &Value) -> Answer {
        for name in ["currentPassword", "newPassword", "resetToken"] {
            self.watch_secret(body[name].as_str().unwrap_or_default());
        }
        self.secrets.add_json(body);
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/json");
        if let Some(token) = bearer {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        self.send(request.body(Body::from(body.to_string())).unwrap())
            .await
    }

    /// Posts JSON from this address.
    pub async fn post_from(&self, address: IpAddr, path: &str, body: &Value) -> Answer {
        self.secrets.add_json(body);
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/json")
            .extension(SourceAddress(address))
            .body(Body::from(body.to_string()))
            .unwrap();
        self.send(request).await
    }

    /// Another cold start over the same table, with this clock.
    pub fn restarted_with_clock(&self, clock: Clock) -> App {
        app_with_clock(&self.settings, &self.dynamodb, &self.others, clock)
    }

    /// `POST /api/account/register`.
    pub async fn register(&self, user_name: &str, email: &str, password: &str) -> Answer {
        let body = json!({
            "userName": user_name,
            "emailAddress": email,
            "password": password,
            "appName": "Angular",
        });
        self.post_as(None, "/api/account/register", &body).await
    }

    /// Registers a user. Gives the `id`.
    pub async fn registered(&self) -> String {
        let answer = self.register(USER_NAME, EMAIL, PASSWORD).await;
        assert_eq!(answer.status, 200, "{}", answer.raw);
        answer.text("id")
    }

    /// Like `registered`, for an owner who has confirmed the address before.
    pub async fn registered_owner(&self) -> String {
        let id = self.registered().await;
        let yes = AttributeValue::Bool(true);
        self.set_profile(EMAIL, "email_confirmed", yes).await;
        id
    }

    /// Like `registered`, with the address confirmed.
    pub async fn registered_and_confirmed(&self) -> String {
        let id = self.registered().await;
        let access = self.sign_in(EMAIL, PASSWORD).await.text("access_token");
        let asked = self.ask_to_confirm_email(Some(&access), &id).await;
        assert_eq!(asked.status, 204, "{}", asked.raw);
        let token = self.link_parameter("confirmationToken");
        let confirmed = self.confirm_email(&id, &token).await;
        assert_eq!(confirmed.status, 204, "{}", confirmed.raw);
        id
    }

    /// `POST /connect/token` with a password.
    pub async fn sign_in(&self, name: &str, password: &str) -> Answer {
        self.sign_in_with(name, password, &[]).await
    }

    /// Like `sign_in`, with more fields.
    pub async fn sign_in_with(
        &self,
        name: &str,
        password: &str,
        beside: &[(&str, &str)],
    ) -> Answer {
        let mut fields = vec![
            ("grant_type", "password"),
            ("scope", "offline_access AbpSolution1"),
            ("client_id", demo::ABP_CLIENT),
            ("username", name),
            ("password", password),
        ];
        fields.extend_from_slice(beside);
        self.post_form("/connect/token", &fields).await
    }

    /// The tokens of the administrator, who has an authenticator app.
    pub async fn administrator(&self) -> Answer {
        let code = totp(self);
        let beside = [
            ("TwoFactorProvider", "Authenticator"),
            ("TwoFactorCode", code.as_str()),
        ];
        let answer = connect(self, &beside).await;
        assert_eq!(answer.status, 200, "{}", answer.raw);
        answer
    }

    /// `POST /api/account/send-password-reset-code`.
    pub async fn forgot(&self, email: &str) -> Answer {
        let body = json!({ "email": email, "appName": "Angular" });
        self.post_as(None, "/api/account/send-password-reset-code", &body)
            .await
    }

    /// Sends a reset to this address. Gives its token.
    pub async fn reset_token(&self, email: &str) -> String {
        let before = self.messages().len();
        let answer = self.forgot(email).await;
        assert_eq!(answer.status, 204, "{}", answer.raw);
        assert_eq!(self.messages().len(), before + 1, "one message is sent");
        self.link_parameter("resetToken")
    }

    /// `POST /api/account/reset-password`.
    pub async fn reset(&self, user: &str, token: &str, password: &str) -> Answer {
        let body = json!({ "userId": user, "resetToken": token, "password": password });
        self.post_as(None, "/api/account/reset-password", &body)
            .await
    }

    /// `POST /api/account/send-email-confirmation-token`.
    pub async fn ask_to_confirm_email(&self, bearer: Option<&str>, user: &str) -> Answer {
        let body = json!({ "appName": "Angular", "userId": user });
        self.post_as(bearer, "/api/account/send-email-confirmation-token", &body)
            .await
    }

    /// `POST /api/account/confirm-email`.
    pub async fn confirm_email(&self, user: &str, token: &str) -> Answer {
        let body = json!({ "userId": user, "token": token });
        self.post_as(None, "/api/account/confirm-email", &body)
            .await
    }

    /// The link in the newest message. Its parameters become watched secrets.
    pub fn newest_link(&self) -> Url {
        let message = &self.messages()[0];
        let line = message.text.lines().find(|line| line.starts_with("http"));
        let link = Url::parse(line.unwrap_or_else(|| panic!("no link: {}", message.text))).unwrap();
        for (name, value) in link.query_pairs() {
            if name.ends_with("Token") || name == "token" {
                self.watch_secret(&value);
            }
        }
        link
    }

    /// A parameter of the link in the newest message.
    pub fn link_parameter(&self, name: &str) -> String {
        let link = self.newest_link();
        let found = link.query_pairs().find(|(known, _)| known == name);
        found
            .unwrap_or_else(|| panic!("no {name} in {link}"))
            .1
            .into_owned()
    }
}

impl Answer {
    /// Checks a refusal of ABP's REST calls: the status and the sentence.
    #[track_caller]
    pub fn is_rest_refused(&self, status: u16, message: &str) {
        let told = self.body["error"]["message"].as_str().unwrap_or_default();
        assert_eq!((self.status, told), (status, message), "{}", self.raw);
    }
}
