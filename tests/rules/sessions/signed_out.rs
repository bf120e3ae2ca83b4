//! Access tokens of an ended session: all of our endpoints refuse them, however the
//! session ended and in whichever dialect it began.

use axum::http::Method;
use countersign_local::demo;
use serde_json::json;

use crate::dialects::aidbox::authorization::authorize::{FOR_TOKEN, VERIFIER, code, exchange};
use crate::harness::browser::Browser;
use crate::harness::document::take_access_tokens;
use crate::harness::enrolment::MFA_SCOPES;
use crate::harness::{Answer, Service};

/// The audience of these routes is not the account: user information, and the
/// factors in Auth0's words. The last two end a session.
const OF_OTHERS: [&str; 5] = [
    "/userinfo",
    "/mfa/",
    "/me/v1/",
    "/Session",
    "/api/account/logout",
];

/// The routes that take an access token for the account, with a user in the path where the
/// path names one. Aidbox's own user information takes a token for the account too.
fn of_the_account() -> Vec<(Method, String)> {
    let named = |path: &str| {
        let named = path.replace("{userName}", "admin");
        named.replace("{email}", "admin@example.com")
    };
    let all = take_access_tokens().into_iter().map(|takes| takes.route);
    let ours = all.filter(|(_, path)| {
        let is_of_others = OF_OTHERS.iter().any(|other| path.contains(other));
        *path == "/auth/userinfo" || !is_of_others
    });
    let calls: Vec<(Method, String)> = ours.map(|(method, path)| (method, named(path))).collect();
    assert!(calls.len() > 20, "{calls:?}");
    calls
}

/// Calls a route with what the routes for the account read, in query and body.
async fn call(service: &Service, method: &Method, path: &str, access: &str, id: &str) -> Answer {
    let path = format!("{}?id={id}&enabled=true", path.replace("{id}", id));
    if method == Method::GET {
        return service.get(&path, Some(access)).await;
    }
    let body = json!({
        "userId": id, "token": "123456", "code": "123456",
        "currentPassword": demo::PASSWORD_OF_ALL, "newPassword": "three red kites at noon",
    });
    service.post_as(Some(access), &path, &body).await
}

async fn plain_id(service: &Service) -> String {
    service.account(demo::PLAIN_USER).await.user.id.dashed()
}

async fn is_refused_everywhere(service: &Service, access: &str) {
    let id = plain_id(service).await;
    for (method, path) in of_the_account() {
        let answer = call(service, &method, &path, access, &id).await;
        assert_eq!(answer.status, 401, "{method} {path}: {}", answer.raw);
    }
    for path in ["/userinfo", "/connect/userinfo"] {
        let answer = service.get(path, Some(access)).await;
        assert_eq!(answer.status, 401, "{path}: {}", answer.raw);
    }
}

/// A session in Aidbox's dialect. Its tokens are for the account and for user
/// information.
async fn session(service: &Service) -> Answer {
    let scope = json!({ "scope": "openid offline_access" });
    let answer = service
        .aidbox_password(demo::PLAIN_USER, demo::PASSWORD_OF_ALL, &scope)
        .await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    let access = answer.text("access_token");
    let user = service.get("/userinfo", Some(&access)).await;
    assert_eq!(user.status, 200, "{}", user.raw);
    answer
}

#[tokio::test]
async fn an_access_token_of_a_session_that_was_signed_out_is_refused_by_every_endpoint() {
    let service = Service::start().await;
    let tokens = session(&service).await;
    let access = tokens.text("access_token");
    assert_eq!(service.delete_session(&access).await.status, 200);
    is_refused_everywhere(&service, &access).await;
}

#[tokio::test]
async fn an_access_token_without_a_refresh_token_is_refused_everywhere_once_it_was_signed_out() {
    let service = Service::start().await;
    let access = service.aidbox_plain().await;
    assert_eq!(service.delete_session(&access).await.status, 200);
    is_refused_everywhere(&service, &access).await;
}

#[tokio::test]
async fn revoking_the_refresh_token_ends_the_access_token_at_every_endpoint() {
    let service = Service::start().await;
    let tokens = session(&service).await;
    let refresh = tokens.text("refresh_token");
    revoke(&service, &refresh).await;
    is_refused_everywhere(&service, &tokens.text("access_token")).await;
}

#[tokio::test]
async fn revoking_the_access_token_ends_it_at_every_endpoint() {
    let service = Service::start().await;
    let access = session(&service).await.text("access_token");
    revoke(&service, &access).await;
    is_refused_everywhere(&service, &access).await;
}

#[tokio::test]
async fn revoking_what_a_browser_was_given_ends_it_everywhere_and_signs_the_browser_out() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    browser.sign_in_plain().await;
    let given = browser.get(&format!("/auth/authorize?{FOR_TOKEN}")).await;
    let implicit = given.parameter("access_token");
    revoke(&service, &implicit).await;
    is_refused_everywhere(&service, &implicit).await;
    let out = browser.get("/auth/two-factor").await;
    assert_eq!(out.location(), "/auth/login");
}

async fn revoke(service: &Service, token: &str) {
    let fields = [("client_id", demo::AIDBOX_CLIENT), ("token", token)];
    let revoked = service.post_form("/oauth/revoke", &fields).await;
    assert_eq!(revoked.status, 200, "{}", revoked.raw);
}

#[tokio::test]
async fn a_replayed_refresh_token_ends_the_access_tokens_of_its_family_at_every_endpoint() {
    let service = Service::start().await;
    let tokens = session(&service).await;
    let refresh = tokens.text("refresh_token");
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", demo::AIDBOX_CLIENT),
        ("refresh_token", &*refresh),
    ];
    let next = service.post_form("/auth/token", &fields).await;
    assert_eq!(next.status, 200, "{}", next.raw);
    service.advance(61);
    let replayed = service.post_form("/auth/token", &fields).await;
    assert_eq!(replayed.status, 400, "{}", replayed.raw);
    for tokens in [tokens, next] {
        is_refused_everywhere(&service, &tokens.text("access_token")).await;
    }
}

#[tokio::test]
async fn what_a_browser_was_given_ends_with_it_at_every_endpoint() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    browser.sign_in_plain().await;
    let given = browser.get(&format!("/auth/authorize?{FOR_TOKEN}")).await;
    let implicit = given.parameter("access_token");
    let settings = browser.get("/auth/two-factor").await;
    browser.submit(&settings.form_of("Sign out")).await;
    is_refused_everywhere(&service, &implicit).await;
}

#[tokio::test]
async fn a_code_that_is_shown_twice_ends_its_access_token_at_every_endpoint() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    browser.sign_in_plain().await;
    let code = code(&browser).await;
    let tokens = exchange(&service, &code, &[("code_verifier", VERIFIER)]).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    let again = exchange(&service, &code, &[("code_verifier", VERIFIER)]).await;
    assert_eq!(again.status, 400, "{}", again.raw);
    is_refused_everywhere(&service, &tokens.text("access_token")).await;
}

#[tokio::test]
async fn a_signed_out_access_token_neither_lists_nor_enrols_nor_removes_nor_confirms() {
    let service = Service::start().await;
    let scope = format!("{MFA_SCOPES} offline_access");
    let tokens = service.password_for_mfa(demo::PLAIN_USER, &scope).await;
    let access = tokens.text("access_token");
    let seed = service.associate_app(&access).await;
    let refresh = tokens.text("refresh_token");
    let fields = [("client_id", demo::CLIENT), ("token", &*refresh)];
    let revoked = service.post_form("/oauth/revoke", &fields).await;
    assert_eq!(revoked.status, 200, "{}", revoked.raw);
    let list = service.get("/mfa/authenticators", Some(&access)).await;
    assert_eq!(list.status, 401, "{}", list.raw);
    for kind in ["otp", "recovery-code"] {
        let body = json!({ "authenticator_types": [kind] });
        let refused = service.associate(&access, &body).await;
        assert_eq!(refused.status, 401, "{}", refused.raw);
    }
    let id = service.account(demo::PLAIN_USER).await.factors[0].id;
    let removed = service.remove(&access, &format!("totp|dev_{id}")).await;
    assert_eq!(removed.status, 401, "{}", removed.raw);
    let confirmed = service.redeem_otp(&access, &service.app_code(&seed)).await;
    confirmed.is_refused(403, "invalid_grant", "Malformed mfa_token");
    let challenged = service.challenge(&access, "sms").await;
    challenged.is_refused(403, "invalid_grant", "Malformed mfa_token");
    let account = service.account(demo::PLAIN_USER).await;
    assert!(account.active_factors().next().is_none());
}

#[tokio::test]
async fn an_ended_session_is_kept_for_as_long_as_an_access_token_of_it_could_be_good() {
    let service = Service::start().await;
    service
        .add_client("short", |client| client.refresh_idle_seconds = Some(60))
        .await;
    let fields = [
        ("grant_type", "password"),
        ("client_id", "short"),
        ("username", demo::PLAIN_USER),
        ("password", demo::PASSWORD_OF_ALL),
        ("scope", "offline_access"),
    ];
    let tokens = service.post_form("/oauth/token", &fields).await;
    let refresh = tokens.text("refresh_token");
    let fields = [("client_id", "short"), ("token", &*refresh)];
    service.post_form("/oauth/revoke", &fields).await;
    let items = service.items().await;
    let sessions = items.iter().filter(|item| item.contains_key("revoked_at"));
    let ttl = |item: &&std::collections::HashMap<_, _>| -> i64 {
        let ttl: &aws_sdk_dynamodb::types::AttributeValue = &item["ttl"];
        ttl.as_n().unwrap().parse().unwrap()
    };
    let ttls: Vec<i64> = sessions.map(|item| ttl(&item)).collect();
    assert_eq!(ttls.len(), 1);
    assert!(ttls[0] > service.now() + 2_592_000, "{ttls:?}");
}

#[tokio::test]
async fn a_signed_out_access_token_binds_no_phone() {
    let service = Service::start().await;
    let access = service.aidbox_plain().await;
    let id = service.account(demo::PLAIN_USER).await.user.id.dashed();
    let send = "/api/account/send-phone-number-confirmation-token";
    let phone = json!({ "userId": id, "phoneNumber": "+15555550155" });
    let sent = service.post_as(Some(&access), send, &phone).await;
    assert_eq!(sent.status, 204, "{}", sent.raw);
    let code = json!({ "userId": id, "token": service.newest_code() });
    assert_eq!(service.delete_session(&access).await.status, 200);
    let confirm = "/api/account/confirm-phone-number";
    let confirmed = service.post_as(Some(&access), confirm, &code).await;
    assert_eq!(confirmed.status, 401, "{}", confirmed.raw);
    service.advance(31);
    let sent = service.post_as(Some(&access), send, &phone).await;
    assert_eq!(sent.status, 401, "{}", sent.raw);
    let user = service.account(demo::PLAIN_USER).await.user;
    assert!(!user.phone_confirmed);
}

#[tokio::test]
async fn a_sign_out_ends_the_code_and_the_token_that_the_browser_was_given() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    browser.sign_in().await;
    let code = code(&browser).await;
    let given = browser.get(&format!("/auth/authorize?{FOR_TOKEN}")).await;
    let access = given.parameter("access_token");
    let user = service.get("/auth/userinfo", Some(&access)).await;
    assert_eq!(user.status, 200, "{}", user.raw);
    let settings = browser.get("/auth/two-factor").await;
    browser.submit(&settings.form_of("Sign out")).await;
    let late = exchange(&service, &code, &[("code_verifier", VERIFIER)]).await;
    late.is_refused(400, "invalid_grant", "Wrong code");
    let user = service.get("/auth/userinfo", Some(&access)).await;
    assert_eq!(user.status, 401, "{}", user.raw);
}

#[tokio::test]
async fn a_sign_in_ends_the_session_that_the_browser_had() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    browser.sign_in_plain().await;
    let thief = Browser::new(&service);
    thief.cookies.replace(browser.cookies.borrow().clone());
    assert_eq!(thief.get("/auth/two-factor").await.status, 200);
    browser.sign_in_plain().await;
    assert_eq!(
        thief.get("/auth/two-factor").await.location(),
        "/auth/login"
    );
    assert_eq!(browser.get("/auth/two-factor").await.status, 200);
}
