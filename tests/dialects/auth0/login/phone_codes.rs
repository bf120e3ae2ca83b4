//! Codes to a phone as the first factor, in Auth0's words.

use countersign::domain::accounts::login_name::LoginName;
use countersign::domain::accounts::user::{Account, User};
use countersign::domain::id::UserId;
use countersign::keyring::random_bytes;
use countersign::store::NewAccount;
use countersign_local::demo;
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::dialects::auth0::accounts::sign_up::CONNECTION;
use crate::dialects::auth0::login::passwordless::{GRANT, by_session};
use crate::harness::account::{PASSWORD, USER_NAME};
use crate::harness::{Answer, Service};

/// The number of `with_phone`.
pub const NUMBER: &str = "+15555550144";
/// The address of that user.
pub const OWNER: &str = "phone@example.com";

/// A user with a confirmed number, a confirmed address and no second factor.
pub async fn with_phone(service: &Service, email: &str) -> UserId {
    let id = UserId::random(random_bytes().unwrap());
    let user = User {
        email: Some(email.to_owned()),
        email_confirmed: true,
        phone: Some(NUMBER.to_owned()),
        phone_confirmed: true,
        ..User::new(id, email, service.now())
    };
    let account = Account {
        user,
        factors: Vec::new(),
        recovery: None,
        closed_factor: false,
    };
    let new = NewAccount {
        account: &account,
        names: &[LoginName::parse(email).unwrap()],
    };
    service.app.store.create_user(new).await.unwrap();
    id
}

/// `POST /otp/challenge` with a number.
pub async fn challenge_phone(service: &Service, number: &str) -> Answer {
    let body = json!({
        "client_id": demo::CLIENT, "connection": CONNECTION, "phone_number": number,
        "allow_signup": true,
    });
    service.post_json("/otp/challenge", &body).await
}

/// `POST /passwordless/start` with a number.
pub async fn start_phone(service: &Service, number: &str) -> Answer {
    let body = json!({
        "client_id": demo::CLIENT, "connection": "sms", "phone_number": number, "send": "code",
    });
    service.post_json("/passwordless/start", &body).await
}

/// The grant with the name of a mailbox or phone.
pub async fn by_name(service: &Service, realm: &str, name: &str, otp: &str) -> Answer {
    let body = json!({
        "grant_type": GRANT, "client_id": demo::CLIENT, "username": name, "realm": realm,
        "otp": otp, "scope": "openid profile email offline_access enroll",
        "audience": "https://localhost:8788/mfa/",
    });
    service.post_json("/oauth/token", &body).await
}

#[tokio::test]
async fn a_user_signs_in_by_a_code_to_the_confirmed_phone() {
    let service = Service::start().await;
    let id = with_phone(&service, OWNER).await;
    let asked = start_phone(&service, "+1 (555) 555-0144").await;
    assert_snapshot!(asked.shown(), @r#"
    200 application/json no-store no-cache
    {"_id":"[id]","phone_number":"+1 (555) 555-0144","phone_verified":false}
    "#);
    assert_eq!(service.messages()[0].to, NUMBER);
    let code = service.newest_code();
    let tokens = by_name(&service, "sms", "+1 555 555 0144", &code).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    let claims = tokens.claims("id_token");
    assert_eq!(claims["sub"], id.dashed());
    assert_eq!(
        (&claims["amr"], &claims["acr"]),
        (&json!(["sms"]), &json!("aal1"))
    );
    let refreshed = service.refresh(&tokens.text("refresh_token")).await;
    assert_eq!(refreshed.claims("id_token")["amr"], json!(["sms"]));
    let used = by_name(&service, "sms", NUMBER, &code).await;
    assert_snapshot!(used.in_short(), @r#"
    403 application/json
    {"error":"invalid_grant","error_description":"Wrong phone number or verification code."}
    "#);
}

#[tokio::test]
async fn a_code_to_the_phone_is_shown_beside_its_auth_session_too() {
    let service = Service::start().await;
    with_phone(&service, OWNER).await;
    let asked = challenge_phone(&service, NUMBER).await;
    assert_snapshot!(asked.shown(), @r#"
    200 application/json no-store no-cache
    {"auth_session":"[opaque]"}
    "#);
    let (session, code) = (asked.text("auth_session"), service.newest_code());
    let tokens = by_session(&service, &session, &code).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    let again = by_session(&service, &session, &code).await;
    again.is_refused(400, "invalid_request", "Wrong or expired code.");
}

#[tokio::test]
async fn a_number_signs_in_once_its_user_has_confirmed_it() {
    let service = Service::start().await;
    let id = service.registered_owner().await;
    let bearer = service.sign_in(USER_NAME, PASSWORD).await;
    let bearer = bearer.text("access_token");
    let path = "/api/account/send-phone-number-confirmation-token";
    let body = json!({ "userId": id, "phoneNumber": NUMBER });
    service.post_as(Some(&bearer), path, &body).await;
    let confirmation = service.newest_code();
    service.advance(31);
    let before = service.messages().len();
    start_phone(&service, NUMBER).await;
    assert_eq!(service.messages().len(), before);
    let body = json!({ "userId": id, "token": confirmation });
    let path = "/api/account/confirm-phone-number";
    let done = service.post_as(Some(&bearer), path, &body).await;
    assert_eq!(done.status, 204, "{}", done.raw);
    service.advance(3600);
    start_phone(&service, NUMBER).await;
    let tokens = by_name(&service, "sms", NUMBER, &service.newest_code()).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    assert_eq!(tokens.claims("id_token")["sub"], id);
}

#[tokio::test]
async fn the_user_who_was_the_last_to_confirm_a_number_signs_in_by_it() {
    let service = Service::start().await;
    with_phone(&service, OWNER).await;
    let last = with_phone(&service, "last@example.com").await;
    start_phone(&service, NUMBER).await;
    let tokens = by_name(&service, "sms", NUMBER, &service.newest_code()).await;
    assert_eq!(tokens.claims("id_token")["sub"], last.dashed());
    let deleted = service
        .operated(&["user", "delete", "last@example.com", "--yes"])
        .await;
    assert_eq!(deleted["deleted"]["confirmed numbers"], 1, "{deleted}");
    service.advance(3600);
    let before = service.messages().len();
    start_phone(&service, NUMBER).await;
    assert_eq!(service.messages().len(), before);
    // An operator vouches for the number.
    service.operated(&["user", "confirm-phone", OWNER]).await;
    service.advance(3600);
    start_phone(&service, NUMBER).await;
    assert_eq!(service.messages()[0].to, NUMBER);
}

#[tokio::test]
async fn an_operator_who_renames_a_former_owner_of_a_number_gives_the_number_to_nobody() {
    let service = Service::start().await;
    with_phone(&service, OWNER).await;
    let last = with_phone(&service, "last@example.com").await;
    let named = ["user", "update", OWNER, "--given-name", "Ann"];
    service.operated(&named).await;
    start_phone(&service, NUMBER).await;
    let tokens = by_name(&service, "sms", NUMBER, &service.newest_code()).await;
    assert_eq!(tokens.claims("id_token")["sub"], last.dashed());
}

#[tokio::test]
async fn a_second_factor_is_demanded_after_the_text_and_the_phone_is_none() {
    let service = Service::start().await;
    start_phone(&service, demo::PHONE).await;
    let needed = by_name(&service, "sms", demo::PHONE, &service.newest_code()).await;
    assert_snapshot!(needed.shown(), @r#"
    403 application/json no-store no-cache
    {
      "error": "mfa_required",
      "error_description": "Multifactor authentication required",
      "mfa_token": "[opaque]",
      "mfa_requirements": {"challenge":[{"type":"otp"},{"type":"email"},{"type":"recovery-code"}]}
    }
    "#);
    let token = needed.text("mfa_token");
    let before = service.messages().len();
    let body = json!({
        "mfa_token": token, "client_id": demo::CLIENT, "challenge_type": "oob",
        "oob_channel": "sms",
    });
    let by_text = service.post_json("/mfa/challenge", &body).await;
    assert_eq!(by_text.status, 400, "{}", by_text.raw);
    assert_eq!(service.messages().len(), before);
    let tokens = service.redeem_otp(&token, &service.totp()).await;
    let claims = tokens.claims("id_token");
    assert_eq!(claims["amr"], json!(["sms", "otp", "mfa"]));
}

#[tokio::test]
async fn after_a_text_no_number_is_enrolled_and_the_confirmed_address_is_the_second_factor() {
    let service = Service::start_with(&[("COUNTERSIGN_MFA_POLICY", "required")]).await;
    with_phone(&service, OWNER).await;
    start_phone(&service, NUMBER).await;
    let needed = by_name(&service, "sms", NUMBER, &service.newest_code()).await;
    assert_eq!(needed.body["error"], "mfa_required", "{}", needed.raw);
    let token = needed.text("mfa_token");
    let phone = json!({
        "authenticator_types": ["oob"], "oob_channels": ["sms"], "phone_number": "+15555550145",
    });
    let refused = service.associate(&token, &phone).await;
    assert_eq!(refused.status, 403, "{}", refused.raw);
    let sent = service.challenge(&token, "email").await;
    assert_eq!(sent.status, 200, "{}", sent.raw);
    let oob = sent.text("oob_code");
    let tokens = service
        .redeem_oob(&token, &oob, &service.newest_code())
        .await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);

    let service = Service::start().await;
    with_phone(&service, OWNER).await;
    start_phone(&service, NUMBER).await;
    let tokens = by_name(&service, "sms", NUMBER, &service.newest_code()).await;
    let access = tokens.text("access_token");
    service.advance(60);
    let refused = service.associate(&access, &phone).await;
    assert_eq!(refused.status, 401, "{}", refused.raw);
    service.associate_app(&access).await;
}

#[tokio::test]
async fn what_a_request_for_a_text_lacks_is_told_in_auth0s_words() {
    let service = Service::start().await;
    let post = async |path: &str, more: Value| {
        let mut body = json!({ "client_id": demo::CLIENT });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        service.post_json(path, &body).await.in_short()
    };
    let (otp, start) = ("/otp/challenge", "/passwordless/start");
    let here = |number: &str| json!({ "connection": CONNECTION, "phone_number": number });
    assert_snapshot!(post(otp, here("555")).await, @r#"
    400 application/json
    {"error":"invalid_request","error_description":"Invalid phone number.","validation_errors":[{"field":"phone_number","message":"invalid format"}]}
    "#);
    assert_snapshot!(post(otp, here("+18765550100")).await, @r#"
    400 application/json
    {"error":"invalid_request","error_description":"Invalid phone number.","validation_errors":[{"field":"phone_number","message":"country not supported"}]}
    "#);
    let voice =
        json!({ "connection": CONNECTION, "phone_number": NUMBER, "delivery_method": "voice" });
    assert_snapshot!(post(otp, voice).await, @r#"
    400 application/json
    {"error":"invalid_request","error_description":"Codes are sent as text only.","validation_errors":[{"field":"delivery_method","message":"Codes are sent as text only."}]}
    "#);
    let both = json!({ "connection": CONNECTION, "phone_number": NUMBER, "email": OWNER });
    assert_snapshot!(post(otp, both).await, @r#"
    400 application/json
    {"error":"invalid_request","error_description":"Name either an email or a phone_number.","validation_errors":[{"field":"phone_number","message":"Name either an email or a phone_number."}]}
    "#);
    let sms = |number: Value| json!({ "connection": "sms", "phone_number": number });
    assert_snapshot!(post(start, sms(Value::Null)).await, @r#"
    400 application/json
    {"name":"BadRequestError","code":"invalid_request","description":"Missing required parameter: phone_number","statusCode":400,"error":"invalid_request","error_description":"Missing required parameter: phone_number"}
    "#);
    assert_snapshot!(post(start, sms(json!("555"))).await, @r#"
    400 application/json
    {"name":"BadRequestError","code":"bad.phone_number","description":"error in phone_number - phone number format validation failed","statusCode":400,"error":"bad.phone_number","error_description":"error in phone_number - phone number format validation failed"}
    "#);
    assert_snapshot!(post(start, sms(json!("+18765550100"))).await, @r#"
    400 application/json
    {"name":"BadRequestError","code":"bad.phone_number","description":"error in phone_number - text messages are not sent to this country","statusCode":400,"error":"bad.phone_number","error_description":"error in phone_number - text messages are not sent to this country"}
    "#);
    assert!(service.messages().is_empty());
}
