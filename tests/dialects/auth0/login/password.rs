//! Whole logins in Auth0's dialect, with every factor, every kind of client and every
//! form of request.

use axum::body::Body;
use axum::http::{Request, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use countersign::domain::factors::factor::Channel;
use countersign_local::demo;
use insta::{allow_duplicates, assert_snapshot};
use serde_json::json;

use crate::harness::{Answer, Service, address_factor};

#[track_caller]
fn gives_tokens(answer: &Answer) {
    allow_duplicates! {
        assert_snapshot!(answer.shown(), @r#"
        200 application/json no-store no-cache
        {
          "access_token": "[jwt]",
          "scope": "openid profile email phone read:sample offline_access",
          "expires_in": 3600,
          "token_type": "Bearer",
          "id_token": "[jwt]",
          "refresh_token": "[opaque]"
        }
        "#);
    }
}

#[tokio::test]
async fn a_right_password_and_a_totp_code_give_tokens() {
    let service = Service::start().await;
    let token = service.begin().await;
    let answer = service.redeem_otp(&token, &service.totp()).await;
    assert_snapshot!(answer.shown(), @r#"
    200 application/json no-store no-cache
    {
      "access_token": "[jwt]",
      "scope": "openid profile email phone read:sample offline_access",
      "expires_in": 3600,
      "token_type": "Bearer",
      "id_token": "[jwt]",
      "refresh_token": "[opaque]"
    }
    "#);
}

#[tokio::test]
async fn a_right_password_and_a_code_by_email_give_tokens() {
    let service = Service::start().await;
    let token = service.begin().await;
    let oob = service.challenge(&token, "email").await.text("oob_code");
    gives_tokens(
        &service
            .redeem_oob(&token, &oob, &service.newest_code())
            .await,
    );
}

#[tokio::test]
async fn a_right_password_and_a_code_by_sms_give_tokens() {
    let service = Service::start().await;
    let token = service.begin().await;
    let oob = service.challenge(&token, "sms").await.text("oob_code");
    gives_tokens(
        &service
            .redeem_oob(&token, &oob, &service.newest_code())
            .await,
    );
}

#[tokio::test]
async fn a_recovery_code_gives_tokens_and_a_new_code_in_its_place() {
    let service = Service::start().await;
    let token = service.begin().await;
    let answer = service.redeem_recovery(&token, demo::RECOVERY_CODE).await;
    assert_snapshot!(answer.shown(), @r#"
    200 application/json no-store no-cache
    {
      "access_token": "[jwt]",
      "scope": "openid profile email phone read:sample offline_access",
      "expires_in": 3600,
      "token_type": "Bearer",
      "id_token": "[jwt]",
      "refresh_token": "[opaque]",
      "recovery_code": "[recovery code]"
    }
    "#);
    let new = answer.text("recovery_code");
    let plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    assert!(new.len() == 24 && new.bytes().all(plain), "{}", new.len());

    let token = service.begin().await;
    let spent = service.redeem_recovery(&token, demo::RECOVERY_CODE).await;
    spent.is_refused(403, "invalid_grant", "MFA Authorization rejected.");
    let again = service.redeem_recovery(&token, &new).await;
    assert_eq!(again.status, 200, "{}", again.raw);
    assert_ne!(again.text("recovery_code"), new);
}

#[tokio::test]
async fn codes_may_be_typed_in_groups_and_recovery_codes_in_lower_case() {
    let service = Service::start().await;
    let token = service.begin().await;
    let code = service.totp();
    let typed = format!(" {} {} ", &code[..3], &code[3..]);
    assert_eq!(service.redeem_otp(&token, &typed).await.status, 200);
    let token = service.begin().await;
    let typed = "coun-ters-ign2 reco-ver4-demo";
    assert_eq!(service.redeem_recovery(&token, typed).await.status, 200);
}

#[tokio::test]
async fn a_user_without_a_second_factor_gets_tokens_at_once() {
    let service = Service::start().await;
    let answer = service.password_as(demo::PLAIN_USER).await;
    assert_snapshot!(answer.shown(), @r#"
    200 application/json no-store no-cache
    {
      "access_token": "[jwt]",
      "scope": "read:sample enroll read:authenticators remove:authenticators",
      "expires_in": 3600,
      "token_type": "Bearer"
    }
    "#);
    assert_eq!(answer.claims("access_token")["amr"], json!(["pwd"]));
}

#[tokio::test]
async fn a_name_is_read_in_any_case_and_with_spaces_around_it() {
    let service = Service::start().await;
    let answer = service.password_as("  User@EXAMPLE.com ").await;
    assert_eq!(answer.text("error"), "mfa_required");
}

#[tokio::test]
async fn the_answer_that_asks_for_the_second_factor_is_exactly_auth0s() {
    let service = Service::start().await;
    let answer = service.password("openid").await;
    assert_snapshot!(answer.shown(), @r#"
    403 application/json no-store no-cache
    {
      "error": "mfa_required",
      "error_description": "Multifactor authentication required",
      "mfa_token": "[opaque]",
      "mfa_requirements": {"challenge":[{"type":"otp"},{"type":"phone"},{"type":"email"},{"type":"recovery-code"}]}
    }
    "#);
}

#[tokio::test]
async fn a_user_who_has_no_factor_yet_is_told_to_enrol() {
    let service = Service::start().await;
    service
        .add_user("new@example.com", |account| account.user.email = None)
        .await;
    is_told_to_enrol(&service, "new@example.com").await;
    let token = service.begin_as("new@example.com").await;
    assert_snapshot!(service.challenge(&token, "sms").await.shown(), @r#"
    400 application/json no-store no-cache
    {
      "error": "association_required",
      "error_description": "User is not enrolled. You can use /mfa/associate endpoint to enroll the first authenticator."
    }
    "#);
    let listed = service.get("/mfa/authenticators", Some(&token)).await;
    assert_snapshot!(listed.shown(), @r"
    200 application/json no-store no-cache
    []
    ");
}

#[tokio::test]
async fn a_factor_that_was_never_confirmed_does_not_count() {
    let service = Service::start().await;
    let half = address_factor(Channel::Sms, "+15555550111", false);
    let id = half.id;
    let add = |account: &mut countersign::domain::accounts::user::Account| {
        account.factors = vec![half];
        account.user.email = None;
    };
    service.add_user("half@example.com", add).await;
    is_told_to_enrol(&service, "half@example.com").await;
    let token = service.begin_as("half@example.com").await;
    let listed = service.get("/mfa/authenticators", Some(&token)).await;
    assert_eq!(listed.body[0]["active"], false);
    let named = json!({
        "mfa_token": token, "client_id": demo::CLIENT, "challenge_type": "oob",
        "authenticator_id": format!("sms|dev_{id}"),
    });
    let answer = service.post_json("/mfa/challenge", &named).await;
    let description = "User does not have any authenticators of the given type.";
    answer.is_refused(400, "unsupported_challenge_type", description);
    assert_eq!(service.messages(), []);
}

async fn is_told_to_enrol(service: &Service, email: &str) {
    let answer = service.password_as(email).await;
    allow_duplicates! {
        assert_snapshot!(answer.shown(), @r#"
        403 application/json no-store no-cache
        {
          "error": "mfa_required",
          "error_description": "Multifactor authentication required",
          "mfa_token": "[opaque]",
          "mfa_requirements": {"enroll":[{"type":"otp"},{"type":"phone"},{"type":"email"}]}
        }
        "#);
    }
    let token = answer.text("mfa_token");
    let description = "User is not enrolled. You can use /mfa/associate endpoint to enroll the \
        first authenticator.";
    for channel in ["sms", "email"] {
        let answer = service.challenge(&token, channel).await;
        answer.is_refused(400, "association_required", description);
    }
}

#[tokio::test]
async fn a_confidential_client_logs_in_by_its_secret_in_the_body() {
    let service = Service::start().await;
    let named = |more: &[(&'static str, String)]| {
        let mut fields = vec![
            ("client_id", demo::SERVER_CLIENT.to_owned()),
            ("client_secret", demo::SERVER_SECRET.to_owned()),
        ];
        fields.extend_from_slice(more);
        fields
    };
    let post = async |path: &str, fields: Vec<(&'static str, String)>| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
        service.post_form(path, &fields).await
    };
    let password = named(&[
        ("grant_type", "password".to_owned()),
        ("username", demo::USER.to_owned()),
        ("password", demo::PASSWORD_OF_ALL.to_owned()),
    ]);
    let token = post("/oauth/token", password).await.text("mfa_token");
    let challenge = named(&[
        ("mfa_token", token.clone()),
        ("challenge_type", "oob".to_owned()),
    ]);
    let oob = post("/mfa/challenge", challenge).await.text("oob_code");
    let grant = named(&[
        (
            "grant_type",
            "http://auth0.com/oauth/grant-type/mfa-oob".to_owned(),
        ),
        ("mfa_token", token),
        ("oob_code", oob),
        ("binding_code", service.newest_code()),
    ]);
    let answer = post("/oauth/token", grant).await;
    assert_eq!(
        answer.claims("access_token")["client_id"],
        demo::SERVER_CLIENT
    );
}

#[tokio::test]
async fn a_confidential_client_logs_in_by_basic_authentication() {
    let service = Service::start().await;
    let pair = STANDARD.encode(format!("{}:{}", demo::SERVER_CLIENT, demo::SERVER_SECRET));
    let send = async |path: &str, body: String| {
        let request = Request::post(path)
            .header(header::AUTHORIZATION, format!("Basic {pair}"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body));
        service.send(request.unwrap()).await
    };
    let password = format!("grant_type=password&username={}&password=pwd", demo::USER);
    let token = send("/oauth/token", password).await.text("mfa_token");
    let grant = "http://auth0.com/oauth/grant-type/mfa-otp";
    let otp = service.totp();
    let grant = format!("grant_type={grant}&mfa_token={token}&otp={otp}");
    let answer = send("/oauth/token", grant).await;
    assert_eq!(
        answer.claims("access_token")["client_id"],
        demo::SERVER_CLIENT
    );
}

#[tokio::test]
async fn password_realm_is_a_password_login_whatever_the_realm() {
    let service = Service::start().await;
    for realm in [
        json!("Username-Password-Authentication"),
        json!(null),
        json!(""),
    ] {
        let answer = service
            .post_json(
                "/oauth/token",
                &json!({
                    "grant_type": "http://auth0.com/oauth/grant-type/password-realm",
                    "client_id": demo::CLIENT,
                    "username": demo::PLAIN_USER,
                    "password": demo::PASSWORD_OF_ALL,
                    "realm": realm,
                    "audience": null,
                    "scope": "openid profile email",
                }),
            )
            .await;
        assert_eq!(answer.status, 200, "{}", answer.raw);
        assert_eq!(answer.text("scope"), "openid profile email");
    }
}

/// A password login of the plain user at the confidential client.
async fn raw_login(service: &Service, content_type: Option<&str>, body: &str) -> Answer {
    let mut request = Request::post("/oauth/token");
    if let Some(kind) = content_type {
        request = request.header(header::CONTENT_TYPE, kind);
    }
    let request = request.body(Body::from(body.to_owned())).unwrap();
    service.send(request).await
}

const FORM: Option<&str> = Some("application/x-www-form-urlencoded");

#[tokio::test]
async fn the_form_of_the_seed_is_read_with_raw_spaces_and_signs() {
    let service = Service::start().await;
    let body = "grant_type=password&username=plain@example.com&password=pwd\
        &client_id=demo-server&client_secret=demo-secret\
        &audience=https://someapi.com/api&scope=openid profile read:sample";
    for body in [
        body.to_owned(),
        body.replace(' ', "+"),
        body.replace(' ', "%20")
            .replace('@', "%40")
            .replace(':', "%3A")
            .replace('/', "%2F"),
    ] {
        let answer = raw_login(&service, FORM, &body).await;
        assert_eq!(answer.status, 200, "{body}: {}", answer.raw);
        assert_eq!(answer.text("scope"), "openid profile read:sample");
        let audience = json!([demo::AUDIENCE, "https://localhost:8788/userinfo"]);
        assert_eq!(answer.claims("access_token")["aud"], audience);
    }
}

#[tokio::test]
async fn json_is_read_under_any_content_type_and_null_means_absent() {
    let service = Service::start().await;
    let body = json!({
        "grant_type": "password", "client_id": "demo-server", "client_secret": "demo-secret",
        "username": "plain@example.com", "password": "pwd", "scope": "read:sample",
        "audience": null, "realm": null, "mfa_token": null, "custom": { "nested": [1, 2] },
    })
    .to_string();
    for kind in [
        Some("application/json"),
        Some("application/json; charset=utf-8"),
        FORM,
        Some("text/plain"),
        None,
    ] {
        let answer = raw_login(&service, kind, &body).await;
        assert_eq!(answer.status, 200, "{kind:?}: {}", answer.raw);
        assert_eq!(answer.claims("access_token")["aud"], demo::AUDIENCE);
    }
}
