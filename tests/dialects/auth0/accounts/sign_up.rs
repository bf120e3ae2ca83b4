//! Signing up and forgotten passwords in Auth0's dialect, in a deployment that serves no
//! other dialect.

use countersign_local::demo;
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::harness::account::{EMAIL, NEW_PASSWORD, PASSWORD};
use crate::harness::browser::{Browser, ORIGIN};
use crate::harness::{Answer, Service};

/// The directory of users.
pub const CONNECTION: &str = "Username-Password-Authentication";

/// A service that serves Auth0's dialect only, with its theme.
pub async fn auth0_only() -> Service {
    let settings = [
        ("COUNTERSIGN_DIALECTS", "auth0"),
        ("COUNTERSIGN_SIGN_UP", "auth0"),
        ("COUNTERSIGN_CONFIRMATION_REQUIRED", "email"),
        ("COUNTERSIGN_THEME_BRAND", "Acme Bikes"),
    ];
    Service::start_with(&settings).await
}

/// A sign-up with an address, and with more members or others.
pub fn sign_up_body(email: &str, more: &Value) -> Value {
    let mut body = json!({
        "client_id": demo::CLIENT, "connection": CONNECTION, "email": email, "password": PASSWORD,
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    body
}

/// `POST /dbconnections/signup`.
pub async fn sign_up(service: &Service, email: &str, more: &Value) -> Answer {
    let body = sign_up_body(email, more);
    service.post_json("/dbconnections/signup", &body).await
}

/// `POST /dbconnections/change_password`.
pub async fn change_password(service: &Service, email: &str) -> Answer {
    let body = json!({ "client_id": demo::CLIENT, "connection": CONNECTION, "email": email });
    let path = "/dbconnections/change_password";
    service.post_json(path, &body).await
}

/// Opens the newest link in a browser and sends the form behind it. Gives the page after.
pub async fn follow_newest_link(browser: &Browser<'_>, password: Option<&str>) -> Answer {
    let link = browser.service.newest_link();
    assert!(link.as_str().starts_with(ORIGIN), "{link}");
    let page = browser.get(&link[url::Position::BeforePath..]).await;
    assert_eq!(page.status, 200, "{}", page.raw);
    assert!(page.raw.contains("Acme Bikes"), "{}", page.raw);
    let mut form = page.form(0);
    if let Some(password) = password {
        form = form.with("new_password", password);
    }
    browser.submit(&form).await
}

#[tokio::test]
async fn a_user_signs_up_confirms_the_address_on_our_page_and_signs_in() {
    let service = auth0_only().await;
    let more = json!({
        "given_name": "Ann", "family_name": "Lee", "nickname": "annie",
        "picture": "https://cdn.example.com/ann.png",
        "user_metadata": { "plan": "premium", "color": "red" },
    });
    let made = sign_up(&service, EMAIL, &more).await;
    assert_snapshot!(made.shown(), @r#"
    200 application/json no-store no-cache
    {
      "_id": "[id]",
      "email": "ann.lee@example.net",
      "email_verified": false,
      "given_name": "Ann",
      "family_name": "Lee",
      "nickname": "annie",
      "picture": "https://cdn.example.com/ann.png",
      "user_metadata": {"color":"red","plan":"premium"}
    }
    "#);
    let unconfirmed = service.password_of(EMAIL, PASSWORD).await;
    insta::assert_snapshot!(unconfirmed.shown(), @r#"
    403 application/json no-store no-cache
    {"error":"access_denied","error_description":"Please verify your email or phone number before logging in."}
    "#);
    assert_eq!(service.messages()[0].to, EMAIL);
    let browser = Browser::new(&service);
    let done = follow_newest_link(&browser, None).await;
    assert!(done.raw.contains("address is confirmed"), "{}", done.raw);
    let fields = [
        (
            "grant_type",
            "http://auth0.com/oauth/grant-type/password-realm",
        ),
        ("realm", CONNECTION),
        ("client_id", demo::CLIENT),
        ("username", EMAIL),
        ("password", PASSWORD),
        ("scope", "openid profile"),
    ];
    let tokens = service.post_form("/oauth/token", &fields).await;
    insta::assert_snapshot!(tokens.shown(), @r#"
    200 application/json no-store no-cache
    {"access_token":"[jwt]","scope":"openid profile","expires_in":3600,"token_type":"Bearer","id_token":"[jwt]"}
    "#);
    let claims = tokens.claims("id_token");
    let access = tokens.text("access_token");
    let told = service.get("/userinfo", Some(&access)).await.body;
    for said in [&claims, &told] {
        assert_eq!(said["sub"], made.body["_id"]);
        assert_eq!(said["name"], "Ann Lee");
        assert_eq!(said["given_name"], "Ann");
        assert_eq!(said["nickname"], "annie");
        assert_eq!(said["picture"], "https://cdn.example.com/ann.png");
        assert_eq!(said.get("user_metadata"), None);
    }
    let user = service.account(EMAIL).await.user;
    let kept: Vec<_> = user.profile.metadata.into_iter().collect();
    let pair = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    assert_eq!(kept, [pair("color", "red"), pair("plan", "premium")]);
}

#[tokio::test]
async fn a_name_that_was_given_whole_is_the_name_of_the_tokens() {
    let service = Service::start_with(&[("COUNTERSIGN_CONFIRMATION_REQUIRED", "none")]).await;
    let more = json!({ "name": "Ann B. Lee", "given_name": "Ann", "username": EMAIL });
    assert_eq!(sign_up(&service, EMAIL, &more).await.status, 200);
    let body = json!({
        "grant_type": "password", "client_id": demo::CLIENT, "username": EMAIL,
        "password": PASSWORD, "scope": "openid profile",
    });
    let tokens = service.post_json("/oauth/token", &body).await;
    assert_eq!(tokens.claims("id_token")["name"], "Ann B. Lee");
}

#[tokio::test]
async fn a_forgotten_password_is_reset_on_our_page_and_the_second_factor_is_still_demanded() {
    let service = auth0_only().await;
    let asked = change_password(&service, demo::USER).await;
    assert_snapshot!(asked.shown(), @r"
    200 text/plain; charset=utf-8 no-store no-cache
    We've just sent you an email to reset your password.
    ");
    assert_eq!(service.messages()[0].to, demo::USER);
    let browser = Browser::new(&service);
    let done = follow_newest_link(&browser, Some(NEW_PASSWORD)).await;
    assert!(done.status < 400, "{}", done.raw);
    let old = service.password_of(demo::USER, demo::PASSWORD_OF_ALL).await;
    old.is_refused(403, "invalid_grant", "Wrong email or password.");
    let new = service.password_of(demo::USER, NEW_PASSWORD).await;
    assert_eq!(new.body["error"], "mfa_required", "{}", new.raw);
    let token = new.text("mfa_token");
    let tokens = service.redeem_otp(&token, &service.totp()).await;
    insta::assert_snapshot!(tokens.shown(), @r#"
    200 application/json no-store no-cache
    {
      "access_token": "[jwt]",
      "scope": "openid offline_access",
      "expires_in": 3600,
      "token_type": "Bearer",
      "id_token": "[jwt]",
      "refresh_token": "[opaque]"
    }
    "#);
}

#[tokio::test]
async fn a_link_of_a_message_that_a_scanner_opens_stays_good() {
    let service = auth0_only().await;
    assert_eq!(sign_up(&service, EMAIL, &json!({})).await.status, 200);
    let scanner = Browser::new(&service);
    let link = service.newest_link();
    for _ in 0..3 {
        let path = &link[url::Position::BeforePath..];
        assert_eq!(scanner.get(path).await.status, 200);
    }
    assert!(!service.account(EMAIL).await.user.email_confirmed);
    let browser = Browser::new(&service);
    let done = follow_newest_link(&browser, None).await;
    assert!(done.raw.contains("address is confirmed"), "{}", done.raw);
}

#[tokio::test]
async fn a_refused_sign_up_is_told_in_the_members_that_auth0s_sdks_compare() {
    let service = auth0_only().await;
    let refused = async |more: Value| {
        let answer = sign_up(&service, EMAIL, &more).await;
        let body = &answer.body;
        assert_eq!(body["code"], body["error"], "{}", answer.raw);
        assert_eq!(body["description"], body["error_description"]);
        assert_eq!(body["statusCode"], answer.status);
        let text = |name: &str| body[name].as_str().unwrap().to_owned();
        format!("{} {}: {}", text("code"), text("name"), text("description"))
    };
    let many: Value = (0..11)
        .map(|at| (format!("n{at}"), json!("x")))
        .collect::<serde_json::Map<_, _>>()
        .into();
    for (more, told) in [
        (
            json!({ "password": "short" }),
            "invalid_password PasswordStrengthError: Password is too weak",
        ),
        (
            json!({ "password": "password1" }),
            "invalid_password PasswordDictionaryError: Password is too common",
        ),
        (
            json!({ "password": "ann.lee@example.net" }),
            "invalid_password PasswordNoUserInfoError: Password contains user information",
        ),
        (
            json!({ "email": "no address" }),
            "invalid_signup BadRequestError: Invalid sign up",
        ),
        (
            json!({ "email": null }),
            "invalid_request BadRequestError: Missing required parameter: email",
        ),
        (
            json!({ "connection": "another" }),
            "invalid_connection BadRequestError: There is no connection of this name.",
        ),
        (
            json!({ "connection": null }),
            "invalid_request BadRequestError: Missing required parameter: connection",
        ),
        (
            json!({ "client_id": "nobody" }),
            "invalid_client UnauthorizedError: Client authentication failed.",
        ),
        (
            json!({ "username": "annlee" }),
            "invalid_signup BadRequestError: This connection has no user names beside e-mail addresses.",
        ),
        (
            json!({ "user_metadata": many }),
            "invalid_request BadRequestError: user_metadata has more than 10 properties.",
        ),
        (
            json!({ "user_metadata": { "n": 1 } }),
            "invalid_request BadRequestError: user_metadata is no object whose properties are texts.",
        ),
        (
            json!({ "user_metadata": ["n"] }),
            "invalid_request BadRequestError: an array stands where an object belongs",
        ),
        (
            json!({ "picture": "javascript:alert(1)" }),
            "invalid_request BadRequestError: The picture is no web address of at most 1024 characters.",
        ),
    ] {
        assert_eq!(refused(more.clone()).await, told, "{more}");
    }
    assert!(service.messages().is_empty());
    let weak = sign_up(&service, EMAIL, &json!({ "password": "short" })).await;
    assert_snapshot!(weak.shown(), @r#"
    400 application/json no-store no-cache
    {
      "name": "PasswordStrengthError",
      "code": "invalid_password",
      "description": "Password is too weak",
      "statusCode": 400,
      "error": "invalid_password",
      "error_description": "Password is too weak",
      "policy": "At least 8 characters in length"
    }
    "#);
}

#[tokio::test]
async fn any_name_of_the_setting_is_the_directory_of_users() {
    let names = [("COUNTERSIGN_CONNECTIONS", "Users,acme-users")];
    let service = Service::start_with(&names).await;
    for (name, status) in [("acme-users", 200), ("Users", 200), (CONNECTION, 400)] {
        let body = json!({ "client_id": demo::CLIENT, "connection": name, "email": EMAIL });
        let path = "/dbconnections/change_password";
        let answer = service.post_json(path, &body).await;
        assert_eq!(answer.status, status, "{name}: {}", answer.raw);
    }
}

#[tokio::test]
async fn a_confidential_client_needs_no_secret_to_ask_what_anybody_may_ask() {
    let service = auth0_only().await;
    let more = json!({ "client_id": demo::SERVER_CLIENT });
    assert_eq!(sign_up(&service, EMAIL, &more).await.status, 200);
    assert_eq!(service.messages().len(), 1);
}
