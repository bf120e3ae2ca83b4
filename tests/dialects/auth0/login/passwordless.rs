//! Codes to a mailbox as the first factor, in Auth0's words.

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_local::demo;
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::dialects::auth0::accounts::sign_up::{CONNECTION, auth0_only, sign_up};
use crate::harness::account::{EMAIL, PASSWORD};
use crate::harness::{Answer, Service};

const MFA: &str = "https://localhost:8788/mfa/";

pub const GRANT: &str = "http://auth0.com/oauth/grant-type/passwordless/otp";

/// `POST /otp/challenge`.
pub async fn challenge(service: &Service, email: &str, allow_signup: bool) -> Answer {
    let body = json!({
        "client_id": demo::CLIENT, "connection": CONNECTION, "email": email,
        "allow_signup": allow_signup,
    });
    service.post_json("/otp/challenge", &body).await
}

/// `POST /passwordless/start`.
pub async fn start(service: &Service, email: &str) -> Answer {
    let body = json!({
        "client_id": demo::CLIENT, "connection": "email", "email": email, "send": "code",
    });
    service.post_json("/passwordless/start", &body).await
}

/// The grant with the token of the challenge.
pub async fn by_session(service: &Service, session: &str, otp: &str) -> Answer {
    let body = json!({
        "grant_type": GRANT, "client_id": demo::CLIENT, "auth_session": session, "otp": otp,
        "scope": "openid profile email offline_access",
    });
    service.post_json("/oauth/token", &body).await
}

/// The grant with the mailbox.
pub async fn by_mailbox(service: &Service, email: &str, otp: &str) -> Answer {
    let body = json!({
        "grant_type": GRANT, "client_id": demo::CLIENT, "username": email, "realm": "email",
        "otp": otp, "scope": "openid profile email offline_access",
    });
    service.post_json("/oauth/token", &body).await
}

#[tokio::test]
async fn a_user_signs_in_by_a_code_with_the_token_of_the_challenge() {
    let service = auth0_only().await;
    let asked = challenge(&service, demo::PLAIN_USER, false).await;
    assert_snapshot!(asked.shown(), @r#"
    200 application/json no-store no-cache
    {"auth_session":"[opaque]"}
    "#);
    assert_eq!(service.messages()[0].to, demo::PLAIN_USER);
    let (session, code) = (asked.text("auth_session"), service.newest_code());
    let tokens = by_session(&service, &session, &code).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    let claims = tokens.claims("id_token");
    assert_eq!(
        (&claims["amr"], &claims["acr"]),
        (&json!(["otp"]), &json!("aal1"))
    );
    let refreshed = service.refresh(&tokens.text("refresh_token")).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.raw);
    assert_eq!(refreshed.claims("id_token")["amr"], json!(["otp"]));
    let again = by_session(&service, &session, &code).await;
    again.is_refused(400, "invalid_request", "Wrong or expired code.");
}

#[tokio::test]
async fn a_user_signs_in_by_a_code_with_the_address_and_late_codes_are_good_too() {
    let service = auth0_only().await;
    let asked = start(&service, demo::PLAIN_USER).await;
    assert_snapshot!(asked.shown(), @r#"
    200 application/json no-store no-cache
    {"_id":"[id]","email":"plain@example.com","email_verified":false}
    "#);
    let first = service.newest_code();
    service.advance(60);
    start(&service, demo::PLAIN_USER).await;
    assert_eq!(service.messages().len(), 2);
    let tokens = by_mailbox(&service, demo::PLAIN_USER, &first).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    let used = by_mailbox(&service, demo::PLAIN_USER, &first).await;
    used.is_refused(403, "invalid_grant", "Wrong email or verification code.");
}

#[tokio::test]
async fn a_code_signs_up_where_that_is_allowed_and_the_address_is_then_confirmed() {
    let service = auth0_only().await;
    let refused = challenge(&service, EMAIL, false).await;
    assert_eq!(refused.status, 200, "{}", refused.raw);
    assert!(service.messages().is_empty());
    service.advance(30);
    let asked = challenge(&service, EMAIL, true).await;
    let (session, code) = (asked.text("auth_session"), service.newest_code());
    let tokens = by_session(&service, &session, &code).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    let user = service.account(EMAIL).await.user;
    assert!(user.email_confirmed && user.password.is_none());
    assert_eq!(tokens.claims("id_token")["sub"], user.id.dashed());
    // The next code signs the same user in.
    service.advance(60);
    let asked = challenge(&service, EMAIL, true).await;
    let session = asked.text("auth_session");
    let tokens = by_session(&service, &session, &service.newest_code()).await;
    assert_eq!(tokens.claims("id_token")["sub"], user.id.dashed());
}

#[tokio::test]
async fn a_second_factor_is_demanded_after_the_code_and_the_mailbox_is_none() {
    let service = Service::start().await;
    let asked = challenge(&service, demo::USER, false).await;
    let session = asked.text("auth_session");
    let needed = by_session(&service, &session, &service.newest_code()).await;
    assert_snapshot!(needed.shown(), @r#"
    403 application/json no-store no-cache
    {
      "error": "mfa_required",
      "error_description": "Multifactor authentication required",
      "mfa_token": "[opaque]",
      "mfa_requirements": {"challenge":[{"type":"otp"},{"type":"phone"},{"type":"recovery-code"}]}
    }
    "#);
    let token = needed.text("mfa_token");
    let listed = service.get("/mfa/authenticators", Some(&token)).await;
    assert!(!listed.raw.contains("email|"), "{}", listed.raw);
    let before = service.messages().len();
    let body = json!({
        "mfa_token": token, "client_id": demo::CLIENT, "challenge_type": "oob",
        "oob_channel": "email",
    });
    let by_mail = service.post_json("/mfa/challenge", &body).await;
    assert_eq!(by_mail.status, 400, "{}", by_mail.raw);
    // Neither by the name of the authenticator, which another login has.
    let own = service.begin().await;
    let id = service.authenticator(&own, "email").await;
    let body = json!({
        "mfa_token": token, "client_id": demo::CLIENT, "challenge_type": "oob",
        "authenticator_id": id,
    });
    let by_mail = service.post_json("/mfa/challenge", &body).await;
    assert_eq!(by_mail.status, 400, "{}", by_mail.raw);
    assert_eq!(service.messages().len(), before);
    let tokens = service.redeem_otp(&token, &service.totp()).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    let claims = tokens.claims("id_token");
    assert_eq!(claims["amr"], json!(["otp", "mfa"]));
    assert_eq!(claims["acr"], "aal2");
}

#[tokio::test]
async fn a_user_whose_only_factor_is_the_mailbox_enrols_another_after_the_code() {
    let service = Service::start_with(&[("COUNTERSIGN_MFA_POLICY", "required")]).await;
    let asked = challenge(&service, EMAIL, true).await;
    let session = asked.text("auth_session");
    let needed = by_session(&service, &session, &service.newest_code()).await;
    assert_eq!(needed.body["error"], "mfa_required", "{}", needed.raw);
    assert!(needed.body["mfa_requirements"]["enroll"].is_array());
    let token = needed.text("mfa_token");
    let mailbox = json!({ "authenticator_types": ["oob"], "oob_channels": ["email"] });
    let refused = service.associate(&token, &mailbox).await;
    assert_eq!(refused.status, 403, "{}", refused.raw);
    let seed = service.associate_app(&token).await;
    let tokens = service.redeem_otp(&token, &service.app_code(&seed)).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
}

#[tokio::test]
async fn a_session_that_began_by_a_code_enrols_no_mailbox_and_an_app() {
    let service = Service::start().await;
    let asked = challenge(&service, EMAIL, true).await;
    let body = json!({
        "grant_type": GRANT, "client_id": demo::CLIENT, "auth_session": asked.text("auth_session"),
        "otp": service.newest_code(), "audience": MFA, "scope": "openid enroll",
    });
    let tokens = service.post_json("/oauth/token", &body).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    let access = tokens.text("access_token");
    service.advance(60);
    let before = service.messages().len();
    for address in [EMAIL, "another+1@example.com"] {
        let mailbox = json!({
            "authenticator_types": ["oob"], "oob_channels": ["email"], "email": address,
        });
        let refused = service.associate(&access, &mailbox).await;
        assert_eq!(refused.status, 401, "{}", refused.raw);
    }
    assert_eq!(service.messages().len(), before);
    let seed = service.associate_app(&access).await;
    let confirmed = service.redeem_otp(&access, &service.app_code(&seed)).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.raw);
}

#[tokio::test]
async fn an_address_that_was_never_confirmed_gets_a_link_to_a_new_password_and_no_code() {
    let service = auth0_only().await;
    assert_eq!(sign_up(&service, EMAIL, &json!({})).await.status, 200);
    service.advance(60);
    let asked = challenge(&service, EMAIL, true).await;
    let message = service.messages().remove(0);
    assert_eq!((message.to.as_str(), &message.code), (EMAIL, &None));
    assert!(service.newest_link().path().ends_with("/auth/reset"));
    let session = asked.text("auth_session");
    by_session(&service, &session, "000000").await.is_refused(
        400,
        "invalid_request",
        "Wrong or expired code.",
    );
    let squatter = service.password_of(EMAIL, PASSWORD).await;
    assert_eq!(squatter.status, 403, "{}", squatter.raw);
}

#[tokio::test]
async fn what_a_request_for_a_code_lacks_is_told_in_auth0s_words() {
    let service = auth0_only().await;
    let post = async |path: &str, more: Value| {
        let mut body = json!({
            "client_id": demo::CLIENT, "connection": "email", "email": EMAIL,
        });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        service.post_json(path, &body).await.in_short()
    };
    let otp = "/otp/challenge";
    let here = json!({ "connection": CONNECTION });
    assert_snapshot!(post(otp, json!({ "connection": null })).await, @r#"
    400 application/json
    {"error":"invalid_request","error_description":"Missing required parameter: connection","validation_errors":[{"field":"connection","message":"required"}]}
    "#);
    assert_snapshot!(post(otp, json!({ "connection": CONNECTION, "email": "x" })).await, @r#"
    400 application/json
    {"error":"invalid_request","error_description":"Invalid request.","validation_errors":[{"field":"email","message":"invalid format"}]}
    "#);
    assert_snapshot!(post(otp, json!({ "connection": CONNECTION, "allow_signup": "maybe" })).await, @r#"
    400 application/json
    {"error":"invalid_request","error_description":"allow_signup is true or false.","validation_errors":[{"field":"allow_signup","message":"allow_signup is true or false."}]}
    "#);
    assert_snapshot!(post(otp, json!({ "connection": CONNECTION, "email": ["a@example.com"] })).await, @r#"
    400 application/json
    {"error":"invalid_request","error_description":"an array or an object stands where a text belongs","validation_errors":[{"field":"email","message":"an array or an object stands where a text belongs"}]}
    "#);
    assert_snapshot!(post(otp, json!({ "connection": "another" })).await, @r#"
    400 application/json
    {"error":"invalid_connection","error_description":"There is no connection of this name."}
    "#);
    assert_snapshot!(post(otp, json!({ "connection": CONNECTION, "client_id": demo::CODEMAZE_CLIENT })).await, @r#"
    403 application/json
    {"error":"unauthorized_client","error_description":"Grant type not allowed for the client."}
    "#);
    let start = "/passwordless/start";
    assert_snapshot!(post(start, here).await, @r#"
    400 application/json
    {"name":"BadRequestError","code":"bad.connection","description":"Connection does not exist","statusCode":400,"error":"bad.connection","error_description":"Connection does not exist"}
    "#);
    assert_snapshot!(post(start, json!({ "email": "x" })).await, @r#"
    400 application/json
    {"name":"BadRequestError","code":"bad.email","description":"error in email - email format validation failed","statusCode":400,"error":"bad.email","error_description":"error in email - email format validation failed"}
    "#);
    assert_snapshot!(post(start, json!({ "send": "voice" })).await, @r#"
    400 application/json
    {"name":"BadRequestError","code":"invalid_request","description":"send must be code or link.","statusCode":400,"error":"invalid_request","error_description":"send must be code or link."}
    "#);
    assert!(service.messages().is_empty());
}

#[tokio::test]
async fn a_code_ends_with_its_five_minutes_and_with_a_change_of_the_account() {
    let service = auth0_only().await;
    let asked = challenge(&service, demo::PLAIN_USER, false).await;
    let (session, code) = (asked.text("auth_session"), service.newest_code());
    service.advance(300);
    let late = by_session(&service, &session, &code).await;
    late.is_refused(400, "invalid_request", "Wrong or expired code.");
    let asked = challenge(&service, demo::PLAIN_USER, false).await;
    let (session, code) = (asked.text("auth_session"), service.newest_code());
    let later = AttributeValue::N("7".to_owned());
    service.set_profile(demo::PLAIN_USER, "epoch", later).await;
    let changed = by_session(&service, &session, &code).await;
    changed.is_refused(400, "invalid_request", "Wrong or expired code.");
}
