//! `GET /mfa/authenticators` and how `POST /mfa/challenge` chooses a factor.

use countersign::domain::factors::factor::Channel;
use countersign_local::demo;
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::harness::{Answer, Service, address_factor, alike, totp_factor};

const MFA: &str = "https://localhost:8788/mfa/";

const UNSUPPORTED: &str = "User does not have any authenticators of the given type.";

#[tokio::test]
async fn the_list_has_every_authenticator_with_the_members_that_sdks_read() {
    let service = Service::start().await;
    let token = service.begin().await;
    let listed = service.get("/mfa/authenticators", Some(&token)).await;
    assert_snapshot!(listed.shown(), @r#"
    200 application/json no-store no-cache
    [
      {"id":"recovery-code|dev_[id]","authenticator_type":"recovery-code","type":"recovery-code","active":true},
      {"id":"totp|dev_[id]","authenticator_type":"otp","type":"otp","active":true},
      {
        "id": "sms|dev_[id]",
        "authenticator_type": "oob",
        "type": "phone",
        "active": true,
        "oob_channel": "sms",
        "oob_channels": ["sms"],
        "name": "XXXXXXXX0100"
      },
      {
        "id": "email|dev_[id]",
        "authenticator_type": "oob",
        "type": "email",
        "active": true,
        "oob_channel": "email",
        "oob_channels": ["email"],
        "name": "user@example.com"
      }
    ]
    "#);
    let account = service.account(demo::USER).await;
    let recovery = account.recovery.unwrap().id;
    let ids = [recovery]
        .into_iter()
        .chain(account.factors.iter().map(|factor| factor.id));
    for (at, id) in ids.enumerate() {
        let told = listed.body[at]["id"].as_str().unwrap();
        assert!(told.ends_with(&format!("|dev_{id}")), "{told}");
    }
}

#[tokio::test]
async fn every_type_that_a_login_asks_for_is_a_type_in_the_list() {
    let service = Service::start().await;
    let answer = service.password("openid").await;
    let token = answer.text("mfa_token");
    let listed = service.get("/mfa/authenticators", Some(&token)).await;
    let types = |list: &Value| {
        let list = list.as_array().unwrap().iter();
        let mut types: Vec<String> = list.map(|one| one["type"].to_string()).collect();
        types.sort();
        types
    };
    assert_eq!(
        types(&listed.body),
        types(&answer.body["mfa_requirements"]["challenge"])
    );
}

/// An access token of the demo user for this audience and scope.
async fn access_token(service: &Service, audience: &str, scope: &str) -> Answer {
    let fields = [
        ("grant_type", "password"),
        ("client_id", demo::CLIENT),
        ("username", demo::USER),
        ("password", demo::PASSWORD_OF_ALL),
        ("audience", audience),
        ("scope", scope),
    ];
    let token = service
        .post_form("/oauth/token", &fields)
        .await
        .text("mfa_token");
    service.redeem_otp(&token, &service.totp()).await
}

#[tokio::test]
async fn an_access_token_for_the_mfa_api_with_the_scope_lists_too() {
    let service = Service::start().await;
    let answer = access_token(&service, MFA, "read:authenticators").await;
    let token = answer.text("access_token");
    let listed = service.get("/mfa/authenticators", Some(&token)).await;
    assert_eq!(listed.status, 200, "{}", listed.raw);
    assert_eq!(listed.body.as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn any_other_bearer_is_refused_the_list() {
    let service = Service::start().await;
    let answer = access_token(
        &service,
        demo::AUDIENCE,
        "openid offline_access read:authenticators",
    )
    .await;
    let elsewhere = answer.text("access_token");
    let (id, refresh) = (answer.text("id_token"), answer.text("refresh_token"));
    let mut answers = Vec::new();
    for bearer in [&*elsewhere, &*id, &*refresh, "a.b.c"] {
        answers.push(service.get("/mfa/authenticators", Some(bearer)).await);
    }
    assert_snapshot!(alike(&answers), @r#"
    401 application/json no-store no-cache
    www-authenticate: Bearer error="invalid_token"
    {"error":"invalid_token","error_description":"The access token is invalid or expired."}
    "#);
    service.advance(30);
    let narrow = access_token(&service, MFA, "read:sample").await;
    let bearer = narrow.text("access_token");
    let answer = service.get("/mfa/authenticators", Some(&bearer)).await;
    assert_snapshot!(answer.shown(), @r#"
    403 application/json no-store no-cache
    www-authenticate: Bearer error="insufficient_scope"
    {"error":"insufficient_scope","error_description":"The access token lacks the scope."}
    "#);
}

#[tokio::test]
async fn an_access_token_lists_no_longer_once_it_or_its_user_has_ended() {
    let service = Service::start().await;
    let answer = access_token(&service, MFA, "read:authenticators").await;
    let token = answer.text("access_token");
    service.raise_epoch(demo::USER).await;
    let refused = service.get("/mfa/authenticators", Some(&token)).await;
    assert_eq!(refused.status, 401, "{}", refused.raw);
    service.advance(30);
    let answer = access_token(&service, MFA, "read:authenticators").await;
    let token = answer.text("access_token");
    service.advance(3599);
    assert_eq!(
        service
            .get("/mfa/authenticators", Some(&token))
            .await
            .status,
        200
    );
    service.advance(1);
    assert_eq!(
        service
            .get("/mfa/authenticators", Some(&token))
            .await
            .status,
        401
    );
}

/// Challenges a new login, with these members in addition.
async fn challenge(service: &Service, more: Value) -> Answer {
    let mut body = json!({ "mfa_token": service.begin().await, "client_id": demo::CLIENT });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    service.post_json("/mfa/challenge", &body).await
}

#[track_caller]
fn is_otp(answer: &Answer) {
    assert_eq!(
        (answer.status, &*answer.raw),
        (200, r#"{"challenge_type":"otp"}"#)
    );
    answer.is_private();
}

#[track_caller]
fn is_oob(answer: &Answer, service: &Service, to: &str) {
    let oob = answer.text("oob_code");
    let body = json!({ "challenge_type": "oob", "oob_code": oob, "binding_method": "prompt" });
    assert_eq!((answer.status, &answer.body), (200, &body));
    answer.is_private();
    assert_eq!(service.messages()[0].to, to);
}

#[tokio::test]
async fn the_strongest_factor_of_the_types_that_were_asked_for_is_challenged() {
    let service = Service::start().await;
    let mut answers = Vec::new();
    for types in [
        json!("otp"),
        json!("otp oob"),
        json!("oob otp"),
        json!(null),
        json!(" otp  push "),
    ] {
        answers.push(challenge(&service, json!({ "challenge_type": types })).await);
    }
    assert_snapshot!(alike(&answers), @r#"
    200 application/json no-store no-cache
    {"challenge_type":"otp"}
    "#);
    assert_eq!(service.messages(), []);
    let answer = challenge(&service, json!({ "challenge_type": "oob" })).await;
    is_oob(&answer, &service, demo::PHONE);
    assert_snapshot!(answer.shown(), @r#"
    200 application/json no-store no-cache
    {"challenge_type":"oob","oob_code":"[opaque]","binding_method":"prompt"}
    "#);
    assert_eq!(service.messages().len(), 1);
}

#[tokio::test]
async fn a_channel_chooses_among_the_factors_that_codes_are_sent_to() {
    let service = Service::start().await;
    for (channel, to) in [("sms", demo::PHONE), ("email", demo::USER)] {
        let asked = json!({ "challenge_type": "oob", "oob_channel": channel });
        is_oob(&challenge(&service, asked).await, &service, to);
    }
    let mut answers = Vec::new();
    for asked in [
        json!({ "challenge_type": "oob", "oob_channel": "voice" }),
        json!({ "challenge_type": "oob", "oob_channel": "auth0" }),
        json!({ "challenge_type": "push" }),
        json!({ "challenge_type": " " }),
        json!({ "challenge_type": "OTP" }),
    ] {
        answers.push(challenge(&service, asked).await);
    }
    assert_snapshot!(alike(&answers), @r#"
    400 application/json no-store no-cache
    {
      "error": "unsupported_challenge_type",
      "error_description": "User does not have any authenticators of the given type."
    }
    "#);
    assert_eq!(service.messages().len(), 2);
}

#[tokio::test]
async fn a_named_authenticator_is_challenged_with_its_bar_raw_or_encoded() {
    let service = Service::start().await;
    let token = service.begin().await;
    let (sms, email, totp) = (
        service.authenticator(&token, "sms").await,
        service.authenticator(&token, "email").await,
        service.authenticator(&token, "totp").await,
    );
    is_oob(
        &challenge(
            &service,
            json!({ "challenge_type": "oob", "authenticator_id": email }),
        )
        .await,
        &service,
        demo::USER,
    );
    is_otp(
        &challenge(
            &service,
            json!({ "challenge_type": "otp", "authenticator_id": totp }),
        )
        .await,
    );
    is_otp(&challenge(&service, json!({ "authenticator_id": totp })).await);
    for id in [sms.clone(), sms.replace('|', "%7C")] {
        let body =
            format!("mfa_token={token}&client_id=demo&challenge_type=oob&authenticator_id={id}");
        let request = axum::http::Request::post("/mfa/challenge")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.into());
        is_oob(&service.send(request.unwrap()).await, &service, demo::PHONE);
        service.advance(30);
    }
}

#[tokio::test]
async fn a_named_authenticator_of_another_type_user_or_kind_is_refused() {
    let service = Service::start().await;
    let app = service.app.clone();
    let other = service.add_user("other@example.com", |_| {}).await;
    let theirs = totp_factor(&app, other, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", true).await;
    let theirs_id = theirs.id;
    service
        .add_user("third@example.com", |account| {
            account.factors = vec![theirs]
        })
        .await;
    let token = service.begin().await;
    let totp = service.authenticator(&token, "totp").await;
    let email = service.authenticator(&token, "email").await;
    let recovery = service.authenticator(&token, "recovery-code").await;
    for asked in [
        json!({ "challenge_type": "oob", "authenticator_id": totp }),
        json!({ "challenge_type": "otp", "authenticator_id": email }),
        json!({ "challenge_type": "oob", "oob_channel": "sms", "authenticator_id": email }),
        json!({ "challenge_type": "oob", "authenticator_id": recovery }),
        json!({ "challenge_type": "otp oob", "authenticator_id": recovery }),
        json!({ "challenge_type": "otp", "authenticator_id": format!("totp|dev_{theirs_id}") }),
        json!({ "challenge_type": "oob", "authenticator_id": "push|dev_1" }),
        json!({ "challenge_type": "oob", "authenticator_id": "nonsense" }),
        // The kind in the name must match the factor.
        json!({ "challenge_type": "oob", "authenticator_id": email.replace("email", "sms") }),
    ] {
        let answer = challenge(&service, asked.clone()).await;
        assert_eq!(answer.status, 400, "{asked}: {}", answer.raw);
        answer.is_refused(400, "unsupported_challenge_type", UNSUPPORTED);
    }
    assert_eq!(service.messages(), []);
}

/// The channels that Auth0's SDKs accept. auth0-server-python refuses the whole list of
/// authenticators for any other channel.
const CHANNELS: [&str; 4] = ["sms", "voice", "auth0", "email"];

/// auth0-spa-js shows only authenticators of these types.
const TYPES: [&str; 4] = ["otp", "phone", "email", "recovery-code"];

#[track_caller]
fn is_known(listed: &Value) {
    for one in listed.as_array().unwrap() {
        let channel = &one["oob_channel"];
        let known = channel.is_null() || CHANNELS.iter().any(|known| channel == known);
        assert!(known, "{one}");
        assert!(TYPES.iter().any(|known| one["type"] == *known), "{one}");
    }
}

#[tokio::test]
async fn a_webhook_enrolled_in_aidbox_leaves_auth0s_list_readable_and_can_be_challenged() {
    let service = Service::start().await;
    let user = service.account(demo::USER).await.user.id;
    let webhook = address_factor(Channel::Webhook, "phone", true);
    service.add_factor(user, &webhook).await;
    let required = service.password("openid").await;
    let asked = &required.body["mfa_requirements"]["challenge"];
    let types = ["otp", "phone", "email", "recovery-code"];
    let types: Vec<Value> = types.iter().map(|kind| json!({ "type": kind })).collect();
    assert_eq!(*asked, json!(types), "each kind once");
    let token = required.text("mfa_token");
    let listed = service.get("/mfa/authenticators", Some(&token)).await;
    assert_eq!(listed.body.as_array().unwrap().len(), 5, "{}", listed.raw);
    is_known(&listed.body);
    // Each authenticator is reached by its identifier, as the SDKs do, and in no other
    // way.
    for (channel, to) in [("sms", demo::PHONE), ("email", demo::USER)] {
        let challenge = service.challenge(&token, channel).await;
        assert_eq!(challenge.status, 200, "{}", challenge.raw);
        assert_eq!(service.messages()[0].to, to);
    }
    let by_id = json!({
        "mfa_token": token,
        "client_id": demo::CLIENT,
        "challenge_type": "oob",
        "oob_channel": "sms",
        "authenticator_id": service.authenticator(&token, "webhook").await,
    });
    let sent = service.post_json("/mfa/challenge", &by_id).await;
    assert_eq!(sent.status, 200, "{}", sent.raw);
    let message = service.messages().remove(0);
    assert_eq!(
        message.channel,
        countersign_local::stand_in::Channel::Webhook
    );
    let code = service.newest_code();
    let tokens = service
        .redeem_oob(&token, &sent.text("oob_code"), &code)
        .await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
}
