//! The requests that add and remove factors.

use axum::body::Body;
use axum::http::{Method, Request, header};
use countersign::domain::factors::totp::Seed;
use countersign_local::demo;
use serde_json::{Value, json};

use super::{Answer, Service};

/// The audience of the MFA API.
pub const MFA: &str = "https://localhost:8788/mfa/";

/// Every scope of the MFA API.
pub const MFA_SCOPES: &str = "enroll read:authenticators remove:authenticators";

impl Service {
    /// `POST /mfa/associate`.
    pub async fn associate(&self, bearer: &str, body: &Value) -> Answer {
        let answer = self.bearer_json("/mfa/associate", bearer, body).await;
        for code in answer.body["recovery_codes"]
            .as_array()
            .into_iter()
            .flatten()
        {
            self.watch_secret(code.as_str().unwrap());
        }
        answer
    }

    /// Associates an authenticator app. Returns its seed in base32.
    pub async fn associate_app(&self, bearer: &str) -> String {
        let body = json!({ "authenticator_types": ["otp"] });
        let answer = self.associate(bearer, &body).await;
        assert_eq!(answer.status, 200, "{}", answer.raw);
        answer.text("secret")
    }

    /// `DELETE /mfa/authenticators/{id}`.
    pub async fn remove(&self, bearer: &str, id: &str) -> Answer {
        let request = Request::builder()
            .method(Method::DELETE)
            .uri(format!("/mfa/authenticators/{id}"))
            .header(header::AUTHORIZATION, format!("Bearer {bearer}"));
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// Posts JSON with a bearer token.
    pub async fn bearer_json(&self, path: &str, bearer: &str, body: &Value) -> Answer {
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, format!("Bearer {bearer}"));
        self.send(request.body(Body::from(body.to_string())).unwrap())
            .await
    }

    /// The current code of an app with this seed in base32.
    pub fn app_code(&self, seed: &str) -> String {
        let step = u64::try_from(self.now() / 30).unwrap();
        let code = Seed::from_base32(seed).unwrap().code(step);
        self.watch_secret(code.expose());
        code.expose().to_owned()
    }

    /// The password step of a user for the MFA API, with these scopes.
    pub async fn password_for_mfa(&self, email: &str, scope: &str) -> Answer {
        let fields = [
            ("grant_type", "password"),
            ("client_id", demo::CLIENT),
            ("username", email),
            ("password", demo::PASSWORD_OF_ALL),
            ("audience", MFA),
            ("scope", scope),
        ];
        self.post_form("/oauth/token", &fields).await
    }

    /// An access token of the demo user for the MFA API, after the code of
    /// the authenticator app.
    pub async fn strong_token(&self) -> String {
        let begun = self.password_for_mfa(demo::USER, MFA_SCOPES).await;
        let token = begun.text("mfa_token");
        let answer = self.redeem_otp(&token, &self.totp()).await;
        answer.text("access_token")
    }

    /// The listed authenticators, as `(kind of the id, active)`.
    pub async fn listed(&self, bearer: &str) -> Vec<(String, bool)> {
        let answer = self.get("/mfa/authenticators", Some(bearer)).await;
        assert_eq!(answer.status, 200, "{}", answer.raw);
        let one = |one: &Value| {
            let id = one["id"].as_str().unwrap();
            let kind = id.split('|').next().unwrap().to_owned();
            (kind, one["active"].as_bool().unwrap())
        };
        answer.body.as_array().unwrap().iter().map(one).collect()
    }
}
