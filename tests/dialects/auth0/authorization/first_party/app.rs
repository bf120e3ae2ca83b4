//! An app of the operator's own, with and without a key.

use axum::http::Method;
use countersign::domain::authorization::client::Client;
use countersign::domain::authorization::grant::Grant;
use countersign_local::demo;

use crate::dialects::aidbox::authorization::authorize::{CHALLENGE, VERIFIER};
use crate::dialects::oauth::sessions::key_holder::KeyHolder;
use crate::harness::{Answer, Service};

/// The client of the app. It may use no grant but codes and refresh tokens.
pub const NATIVE: &str = "native";

/// The endpoint.
pub const PATH: &str = "/authorize-challenge";

/// What the app asks for, with its challenge.
pub const ASKED: [(&str, &str); 4] = [
    ("response_type", "code"),
    ("scope", "openid offline_access"),
    ("code_challenge", CHALLENGE),
    ("code_challenge_method", "S256"),
];

/// An app, which may hold a key.
pub struct NativeApp<'a> {
    pub service: &'a Service,
    pub client: &'a str,
    pub key: Option<KeyHolder>,
}

/// Makes the clients of two apps of the operator's own.
pub async fn add_apps(service: &Service) {
    for id in [NATIVE, "other-native"] {
        let grants = [Grant::AuthorizationCode, Grant::RefreshToken];
        let own = |client: &mut Client| {
            client.first_party = true;
            client.grants = grants.into();
            client.redirect_uris = vec!["com.example.native:/back".to_owned()];
        };
        service.add_client(id, own).await;
    }
}

/// Changes the client of the app, before its first request.
pub async fn change_app(service: &Service, change: impl FnOnce(&mut Client)) {
    let store = &service.app.store;
    let mut client = store.read_client(NATIVE).await.unwrap().unwrap();
    change(&mut client);
    store.put_client(&client).await.unwrap();
}

/// A service with both apps.
pub async fn with_apps() -> Service {
    let service = Service::start().await;
    add_apps(&service).await;
    service
}

impl<'a> NativeApp<'a> {
    /// The app without a key.
    pub fn new(service: &'a Service) -> Self {
        Self {
            service,
            client: NATIVE,
            key: None,
        }
    }

    /// The app with a new key.
    pub fn with_key(service: &'a Service) -> Self {
        Self {
            key: Some(KeyHolder::new()),
            ..Self::new(service)
        }
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut all = vec![("client_id", self.client)];
        all.extend_from_slice(fields);
        for (name, value) in fields {
            if ["auth_session", "code", "code_verifier", "binding_code"].contains(name) {
                self.service.watch_secret(value);
            }
        }
        let key = self.key.as_ref();
        let proof = key.map(|key| key.proof(self.service, (Method::POST, path), None));
        self.service
            .post_with_proof(path, proof.as_deref(), &all)
            .await
    }

    /// One step.
    pub async fn step(&self, fields: &[(&str, &str)]) -> Answer {
        self.post(PATH, fields).await
    }

    /// The step `password` of this user.
    pub async fn password_of(&self, user: &str) -> Answer {
        let mut fields = ASKED.to_vec();
        fields.extend([("username", user), ("password", demo::PASSWORD_OF_ALL)]);
        self.step(&fields).await
    }

    /// The `auth_session` after the right password of the demo user with factors.
    pub async fn begin(&self) -> String {
        let answer = self.password_of(demo::USER).await;
        assert_eq!(answer.status, 403, "{}", answer.raw);
        answer.text("auth_session")
    }

    /// The step `code` with an app's code.
    pub async fn otp(&self, session: &str, code: &str) -> Answer {
        let fields = [("auth_session", session), ("otp", code)];
        self.step(&fields).await
    }

    /// The exchange with this verifier.
    pub async fn exchange_with(&self, code: &str, more: &[(&str, &str)]) -> Answer {
        let mut fields = vec![("grant_type", "authorization_code"), ("code", code)];
        fields.extend_from_slice(more);
        self.post("/oauth/token", &fields).await
    }

    /// The exchange as the app makes it.
    pub async fn exchange(&self, code: &str) -> Answer {
        self.exchange_with(code, &[("code_verifier", VERIFIER)])
            .await
    }

    /// A code for the demo user with factors.
    pub async fn code(&self) -> String {
        let session = self.begin().await;
        let done = self.otp(&session, &self.service.totp()).await;
        assert_eq!(done.status, 200, "{}", done.raw);
        done.text("authorization_code")
    }

    /// A refresh, which may ask for a stronger or a younger authentication.
    pub async fn refresh(&self, token: &str, more: &[(&str, &str)]) -> Answer {
        let mut fields = vec![("grant_type", "refresh_token"), ("refresh_token", token)];
        fields.extend_from_slice(more);
        self.post("/oauth/token", &fields).await
    }
}
