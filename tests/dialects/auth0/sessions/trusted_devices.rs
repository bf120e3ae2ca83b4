//! Trusted devices: an app that was remembered after a second factor signs in with the password
//! and a proof of its key (docs/trusted-devices.md).

use axum::body::Body;
use axum::http::{Method, Request};
use countersign_local::demo;
use serde_json::{Value, json};

use crate::dialects::auth0::authorization::first_party::app::{NativeApp, add_apps};
use crate::dialects::auth0::factors::my_account::{SCOPES, add_client};
use crate::dialects::oauth::sessions::key_holder::{KeyHolder, token_hash};
use crate::harness::{Answer, Service};

/// The setting that turns trusted devices on, for 30 days.
pub const ON: [(&str, &str); 1] = [("COUNTERSIGN_TRUSTED_DEVICE_DAYS", "30")];

/// Thirty days in seconds.
pub const LIFE: i64 = 2_592_000;

const PATH: &str = "/me/v1/trusted-devices";

/// A service that remembers devices.
pub async fn start() -> Service {
    Service::start_with(&ON).await
}

/// An app on a device.
pub struct Phone {
    pub holder: KeyHolder,
    pub client: &'static str,
    pub user: &'static str,
    pub scope: &'static str,
    pub audience: &'static str,
}

impl Phone {
    /// The demo client on a new device of the demo user with factors.
    pub fn new() -> Self {
        Self {
            holder: KeyHolder::new(),
            client: demo::CLIENT,
            user: demo::USER,
            scope: "openid offline_access",
            audience: demo::AUDIENCE,
        }
    }

    /// The client of the My Account API.
    pub fn of_my_account() -> Self {
        Self {
            client: "mine",
            scope: SCOPES,
            audience: "https://localhost:8788/me/",
            ..Self::new()
        }
    }

    /// The fields of the password grant.
    pub fn fields(&self) -> Vec<(&str, &str)> {
        vec![
            ("grant_type", "password"),
            ("client_id", self.client),
            ("username", self.user),
            ("password", demo::PASSWORD_OF_ALL),
            ("scope", self.scope),
            ("audience", self.audience),
        ]
    }

    /// The password with a proof of the key.
    pub async fn sign_in(&self, service: &Service) -> Answer {
        service.token_of(&self.holder, &self.fields()).await
    }

    /// The code of the app for a pending login, which asks that the device is remembered.
    pub async fn show(&self, service: &Service, token: &str, more: &[(&str, &str)]) -> Answer {
        let code = service.totp();
        let mut fields = vec![
            ("grant_type", "http://auth0.com/oauth/grant-type/mfa-otp"),
            ("client_id", self.client),
            ("mfa_token", token),
            ("otp", &code),
            ("remember_device", "true"),
        ];
        fields.extend_from_slice(more);
        service.token_of(&self.holder, &fields).await
    }

    /// A login with a factor that remembers the device, after the codes of earlier logins.
    pub async fn remember(&self, service: &Service) -> Answer {
        service.advance(30);
        let needed = self.sign_in(service).await;
        assert_eq!(needed.status, 403, "{}", needed.raw);
        let named = [("device_name", "Ann's phone")];
        let done = self.show(service, &needed.text("mfa_token"), &named).await;
        assert_eq!(done.status, 200, "{}", done.raw);
        assert_eq!(done.body["trusted_device_expires_in"], LIFE);
        done
    }

    /// Whether the password with the key signs in.
    pub async fn is_trusted(&self, service: &Service) -> bool {
        let answer = self.sign_in(service).await;
        match answer.status {
            200 => true,
            403 => {
                assert_eq!(answer.text("error"), "mfa_required", "{}", answer.raw);
                false
            }
            other => panic!("{other} {}", answer.raw),
        }
    }

    /// A call with an access token of the key.
    pub async fn call(&self, service: &Service, to: (Method, &str), token: &str) -> Answer {
        self.call_with(service, to, (token, Body::empty())).await
    }

    /// The same, with a body of JSON.
    pub async fn call_with(
        &self,
        service: &Service,
        (method, path): (Method, &str),
        (token, body): (&str, Body),
    ) -> Answer {
        let mut parts = self.holder.parts(&method, path, service.now());
        parts.claims["ath"] = json!(token_hash(token));
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("DPoP {token}"))
            .header("content-type", "application/json")
            .header("dpop", self.holder.signed(&parts));
        service.send(request.body(body).unwrap()).await
    }
}

/// How many items have a sort key with this prefix.
pub async fn stored(service: &Service, prefix: &str) -> usize {
    let items = service.items().await;
    let sorts = items.iter().map(|item| item["SK"].as_s().unwrap());
    sorts.filter(|sort| sort.starts_with(prefix)).count()
}

#[tokio::test]
async fn a_remembered_device_signs_in_by_the_password_alone_and_acr_says_so() {
    let service = start().await;
    let phone = Phone::new();
    let strong = phone.remember(&service).await;
    assert_eq!(strong.claims("access_token")["acr"], "aal2");
    service.advance(86_400);
    let tokens = phone.sign_in(&service).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    assert_eq!(tokens.body["token_type"], "DPoP");
    let left = tokens.body["trusted_device_expires_in"].as_i64().unwrap();
    assert_eq!(left, LIFE - 86_400);
    for name in ["access_token", "id_token"] {
        let claims = tokens.claims(name);
        assert_eq!(claims["acr"], "aal1", "{name}");
        assert_eq!(claims["amr"], json!(["pwd", "pop"]), "{name}");
    }
    let claims = tokens.claims("access_token");
    assert_eq!(claims["cnf"]["jkt"], phone.holder.thumbprint());
    // The family is bound to the key, and its refreshes say the same.
    let token = tokens.text("refresh_token");
    let bare = service.refresh_with_proof(&token, None).await;
    assert_eq!(bare.text("error"), "invalid_dpop_proof");
    let endpoint = (Method::POST, "/oauth/token");
    let proof = phone.holder.proof(&service, endpoint, None);
    let next = service.refresh_with_proof(&token, Some(&proof)).await;
    let claims = next.claims("access_token");
    assert_eq!(
        (&claims["acr"], &claims["amr"]),
        (&json!("aal1"), &json!(["pwd", "pop"]))
    );
}

#[tokio::test]
async fn the_password_is_never_skipped_and_without_the_key_the_factor_is_not() {
    let service = start().await;
    let phone = Phone::new();
    phone.remember(&service).await;
    let without = service.post_form("/oauth/token", &phone.fields()).await;
    assert_eq!(without.text("error"), "mfa_required", "{}", without.raw);
    let other = Phone::new();
    assert!(!other.is_trusted(&service).await);
    let mut wrong = phone.fields();
    wrong[3].1 = "a wrong password";
    let refused = service.token_of(&phone.holder, &wrong).await;
    refused.is_refused(403, "invalid_grant", "Wrong email or password.");
    assert!(phone.is_trusted(&service).await);
}

#[tokio::test]
async fn without_the_setting_nothing_is_remembered_and_nothing_is_refused() {
    let service = Service::start().await;
    let phone = Phone::new();
    let needed = phone.sign_in(&service).await;
    let done = phone.show(&service, &needed.text("mfa_token"), &[]).await;
    assert_eq!(done.status, 200, "{}", done.raw);
    assert_eq!(done.body["trusted_device_expires_in"], Value::Null);
    assert_eq!(stored(&service, "DEVICE#").await, 0);
    let bare = service.begin().await;
    service.advance(30);
    let code = service.totp();
    let fields = [
        ("mfa_token", bare.as_str()),
        ("otp", &code),
        ("remember_device", "true"),
    ];
    let done = service.grant("mfa-otp", &fields).await;
    assert_eq!(done.status, 200, "{}", done.raw);
}

#[tokio::test]
async fn a_device_that_was_remembered_is_not_trusted_where_the_setting_is_taken_back() {
    let mut service = start().await;
    let phone = Phone::new();
    phone.remember(&service).await;
    assert!(phone.is_trusted(&service).await);
    let app = service.restarted_with(&[("COUNTERSIGN_TRUSTED_DEVICE_DAYS", "0")]);
    service.take(app);
    assert!(!phone.is_trusted(&service).await);
}

#[tokio::test]
async fn what_an_app_asks_is_read_before_the_code_and_a_login_without_a_key_remembers_nothing() {
    let service = start().await;
    let phone = Phone::new();
    let needed = phone.sign_in(&service).await;
    let token = needed.text("mfa_token");
    let long = "n".repeat(65);
    for (name, value) in [
        ("device_name", long.as_str()),
        ("device_name", "two\nlines"),
    ] {
        let refused = phone.show(&service, &token, &[(name, value)]).await;
        assert_eq!(refused.text("error"), "invalid_request", "{}", refused.raw);
    }
    let code = service.totp();
    let ask = [
        ("grant_type", "http://auth0.com/oauth/grant-type/mfa-otp"),
        ("client_id", demo::CLIENT),
        ("mfa_token", token.as_str()),
        ("otp", code.as_str()),
        ("remember_device", "yes"),
    ];
    let refused = service.token_of(&phone.holder, &ask).await;
    refused.is_refused(400, "invalid_request", "remember_device is true or false");
    // A login that no key began, with and without a proof beside its code.
    let bare = service.begin().await;
    let ask = [
        ask[0],
        ask[1],
        ("mfa_token", bare.as_str()),
        ask[3],
        ("remember_device", "true"),
    ];
    let refused = service.post_form("/oauth/token", &ask).await;
    assert_eq!(refused.text("error"), "invalid_dpop_proof");
    let refused = service.token_of(&phone.holder, &ask).await;
    assert_eq!(refused.text("error"), "invalid_dpop_proof");
    // The code is good yet, and no guess was charged.
    let done = phone.show(&service, &token, &[]).await;
    assert_eq!(done.status, 200, "{}", done.raw);
    assert_eq!(stored(&service, "DEVICE#").await, 1);
    assert_eq!(service.wrong_guesses_left().await, 10);
}

#[tokio::test]
async fn a_user_lists_the_devices_and_ends_one() {
    let service = start().await;
    add_client(&service).await;
    let (phone, tablet) = (Phone::of_my_account(), Phone::of_my_account());
    phone.remember(&service).await;
    let token = tablet.remember(&service).await.text("access_token");
    assert!(phone.is_trusted(&service).await);
    let listed = tablet.call(&service, (Method::GET, PATH), &token).await;
    assert_eq!(listed.status, 200, "{}", listed.raw);
    let devices = listed.body["trusted_devices"].as_array().unwrap();
    let of = |device: &Value| device["id"].as_str().unwrap().to_owned();
    assert_eq!(devices.len(), 2);
    let ids: Vec<String> = devices.iter().map(of).collect();
    assert_eq!(ids, [tablet.holder.thumbprint(), phone.holder.thumbprint()]);
    assert_eq!(
        (&devices[0]["current"], &devices[1]["current"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(devices[0].get("last_used_at"), None);
    assert_eq!(devices[1]["last_used_at"], devices[0]["created_at"]);
    assert_eq!(devices[1]["name"], "Ann's phone");
    assert_eq!(devices[1]["client_id"], "mine");
    assert_eq!(devices[1]["created_at"], "2027-01-15T08:00:30Z");
    assert_eq!(devices[1]["expires_at"], "2027-02-14T08:00:30Z");
    let one = format!("{PATH}/{}", phone.holder.thumbprint());
    let ended = tablet.call(&service, (Method::DELETE, &one), &token).await;
    assert_eq!(ended.status, 204, "{}", ended.raw);
    let again = tablet.call(&service, (Method::DELETE, &one), &token).await;
    assert_eq!(again.status, 404, "{}", again.raw);
    assert!(!phone.is_trusted(&service).await);
    assert!(tablet.is_trusted(&service).await);
    let listed = tablet.call(&service, (Method::GET, PATH), &token).await;
    assert_eq!(listed.body["trusted_devices"].as_array().unwrap().len(), 1);
    // The key may be remembered again.
    phone.remember(&service).await;
    assert!(phone.is_trusted(&service).await);
}

#[tokio::test]
async fn an_app_of_the_operators_own_gets_its_code_by_the_password_on_a_trusted_device() {
    let service = start().await;
    add_apps(&service).await;
    let app = NativeApp::with_key(&service);
    let session = app.begin().await;
    let code = service.totp();
    let asked = [
        ("auth_session", session.as_str()),
        ("otp", code.as_str()),
        ("remember_device", "true"),
    ];
    let done = app.step(&asked).await;
    assert_eq!(done.status, 200, "{}", done.raw);
    assert_eq!(done.body["trusted_device_expires_in"], LIFE);
    let done = app.password_of(demo::USER).await;
    assert_eq!(done.status, 200, "{}", done.raw);
    assert_eq!(done.body["trusted_device_expires_in"], LIFE);
    let tokens = app.exchange(&done.text("authorization_code")).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    let claims = tokens.claims("access_token");
    assert_eq!(claims["acr"], "aal1");
    assert_eq!(claims["amr"], json!(["pwd", "pop"]));
    let bare = NativeApp::new(&service).password_of(demo::USER).await;
    assert_eq!(bare.text("error"), "insufficient_authorization");
}
