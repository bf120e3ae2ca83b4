//! `/userinfo` (OpenID Connect Core 5.3), and every token that it refuses.

use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use countersign_local::demo;
use insta::assert_snapshot;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use crate::harness::{Answer, Service, alike};
use crate::store::accounts::users::{number, partition, set};

/// The tokens of a login of the demo user.
async fn login(service: &Service) -> Answer {
    let token = service.begin().await;
    let answer = service.redeem_otp(&token, &service.totp()).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    answer
}

#[track_caller]
fn is_invalid(answer: &Answer) {
    let description = "The access token is invalid or expired.";
    answer.is_refused(401, "invalid_token", description);
    let challenge = answer.header("www-authenticate");
    assert_eq!(challenge, Some("Bearer error=\"invalid_token\""));
}

/// Signs claims with the service's own key.
async fn sign(service: &Service, typ: &str, claims: &Value) -> String {
    let ring = service
        .app
        .keyring
        .current_ring(service.now())
        .await
        .unwrap();
    let token = ring.sign(typ, claims).unwrap().expose().to_owned();
    service.watch_secret(&token);
    token
}

#[tokio::test]
async fn it_gives_the_claims_of_the_tokens_scopes_by_get_and_post() {
    let service = Service::start().await;
    let token = login(&service).await.text("access_token");
    let user = service.account(demo::USER).await.user;
    let got = service.get("/userinfo", Some(&token)).await;
    let posted = service
        .post_form("/userinfo", &[("access_token", &token)])
        .await;
    assert_eq!(got.text("sub"), user.id.dashed());
    assert_eq!(got.body, posted.body);
    assert_snapshot!(alike(&[got, posted]), @r#"
    200 application/json no-store no-cache
    {
      "sub": "[id]",
      "name": "Demo User",
      "preferred_username": "user@example.com",
      "given_name": "Demo",
      "family_name": "User",
      "email": "user@example.com",
      "email_verified": true,
      "phone_number": "+15555550100",
      "phone_number_verified": true
    }
    "#);
}

#[tokio::test]
async fn a_token_without_openid_lacks_the_scope() {
    let service = Service::start().await;
    service
        .add_client("no-api", |client| client.audiences.clear())
        .await;
    let fields = [
        ("grant_type", "password"),
        ("client_id", "no-api"),
        ("username", demo::PLAIN_USER),
        ("password", demo::PASSWORD_OF_ALL),
        ("scope", "profile"),
    ];
    let token = service
        .post_form("/oauth/token", &fields)
        .await
        .text("access_token");
    let answer = service.get("/userinfo", Some(&token)).await;
    assert_snapshot!(answer.shown(), @r#"
    403 application/json no-store no-cache
    www-authenticate: Bearer error="insufficient_scope"
    {"error":"insufficient_scope","error_description":"The access token lacks the scope."}
    "#);
}

#[tokio::test]
async fn a_token_that_is_no_access_token_for_it_is_invalid() {
    let service = Service::start().await;
    let answer = login(&service).await;
    let mfa_token = service.begin().await;
    let mut answers = Vec::new();
    for token in [
        &*answer.text("id_token"),
        &*answer.text("refresh_token"),
        &*mfa_token,
        "garbage",
        "a.b.c",
        "..",
        "",
    ] {
        answers.push(service.get("/userinfo", Some(token)).await);
    }
    assert_snapshot!(alike(&answers), @r#"
    401 application/json no-store no-cache
    www-authenticate: Bearer error="invalid_token"
    {"error":"invalid_token","error_description":"The access token is invalid or expired."}
    "#);
    assert_snapshot!(service.get("/userinfo", None).await.shown(), @r#"
    401 application/json no-store no-cache
    www-authenticate: Bearer
    {"error":"invalid_token","error_description":"The access token is missing."}
    "#);
}

#[tokio::test]
async fn a_token_of_ours_with_one_thing_wrong_is_invalid() {
    let service = Service::start().await;
    let mut good = login(&service).await.claims("access_token");
    // Without its session, which may have moved along, it stands for itself.
    good.as_object_mut().unwrap().remove("sid");
    let now = service.now();
    let resigned = sign(&service, "at+jwt", &good).await;
    let control = service.get("/userinfo", Some(&resigned)).await;
    assert_eq!(control.status, 200, "{}", control.raw);
    for (name, value) in [
        ("iss", json!("https://localhost:8788")),
        ("iss", json!("https://evil.example/")),
        ("aud", json!(demo::AUDIENCE)),
        ("aud", json!("https://localhost:8788/userinfo/")),
        ("exp", json!(now)),
        ("exp", json!(now - 3600)),
        ("iat", json!(now + 61)),
        ("sub", json!("00000000-0000-4000-8000-000000000000")),
        ("sub", json!("nobody")),
        ("epoch", json!(0)),
        ("epoch", json!(2)),
    ] {
        let mut bad = good.clone();
        bad[name] = value.clone();
        let token = sign(&service, "at+jwt", &bad).await;
        let answer = service.get("/userinfo", Some(&token)).await;
        assert_eq!(answer.status, 401, "{name} {value}");
        is_invalid(&answer);
    }
    for name in [
        "iss",
        "aud",
        "exp",
        "iat",
        "sub",
        "epoch",
        "scope",
        "amr",
        "acr",
        "auth_time",
    ] {
        let mut bad = good.clone();
        bad.as_object_mut().unwrap().remove(name);
        let token = sign(&service, "at+jwt", &bad).await;
        let answer = service.get("/userinfo", Some(&token)).await;
        assert_eq!(answer.status, 401, "without {name}");
    }
    for typ in ["JWT", "logout+jwt", ""] {
        let token = sign(&service, typ, &good).await;
        is_invalid(&service.get("/userinfo", Some(&token)).await);
    }
}

#[tokio::test]
async fn a_token_of_an_earlier_epoch_is_good_only_if_its_session_moved_along() {
    let service = Service::start().await;
    let answer = login(&service).await;
    let token = answer.text("access_token");
    let user = service.account(demo::USER).await.user.id;
    let session = answer.claims("access_token")["sid"].to_string();
    let session = session.replace(['-', '"'], "");
    let (partition, sort) = (partition(user), format!("SESSION#{session}"));
    let key = (&*partition, &*sort);
    service.raise_epoch(demo::USER).await;
    is_invalid(&service.get("/userinfo", Some(&token)).await);
    set(&service, key, "epoch", number(2)).await;
    let answer = service.get("/userinfo", Some(&token)).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    set(&service, key, "revoked_at", number(service.now())).await;
    is_invalid(&service.get("/userinfo", Some(&token)).await);
}

#[tokio::test]
async fn a_token_that_the_service_did_not_sign_is_invalid() {
    let service = Service::start().await;
    let token = login(&service).await.text("access_token");
    let parts: Vec<&str> = token.split('.').collect();
    let [header, claims, signature] = parts[..] else {
        panic!("three parts");
    };
    let read: Header = jsonwebtoken::decode_header(&token).unwrap();
    let kid = read.kid.clone().unwrap();
    let encoded = |header: Value| URL_SAFE_NO_PAD.encode(header.to_string());

    let none = encoded(json!({ "alg": "none", "typ": "at+jwt", "kid": kid }));
    let mut changed = signature.to_owned().into_bytes();
    changed[10] = if changed[10] == b'A' { b'B' } else { b'A' };
    let changed = String::from_utf8(changed).unwrap();
    let mut raised: Value =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    raised["scope"] = json!("openid profile email phone admin");
    let raised = encoded(raised);
    let unknown_key = encoded(json!({ "alg": "RS256", "typ": "at+jwt", "kid": "../../key" }));
    let no_key = encoded(json!({ "alg": "RS256", "typ": "at+jwt" }));
    let mut forged = vec![
        format!("{none}.{claims}."),
        format!("{none}.{claims}.{signature}"),
        format!("{header}.{claims}."),
        format!("{header}.{claims}.{changed}"),
        format!("{header}.{raised}.{signature}"),
        format!("{unknown_key}.{claims}.{signature}"),
        format!("{no_key}.{claims}.{signature}"),
    ];

    // The public key used as the secret of an HMAC (RFC 8725 2.1), in each published
    // form.
    let served = service.get("/.well-known/jwks.json", None).await;
    let key = served.body["keys"][0].clone();
    let modulus = URL_SAFE_NO_PAD.decode(key["n"].as_str().unwrap()).unwrap();
    let mut symmetric = Header::new(Algorithm::HS256);
    symmetric.typ = Some("at+jwt".to_owned());
    symmetric.kid = Some(kid);
    let claims = URL_SAFE_NO_PAD.decode(claims).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    for secret in [key.to_string().into_bytes(), modulus] {
        let secret = EncodingKey::from_secret(&secret);
        forged.push(jsonwebtoken::encode(&symmetric, &claims, &secret).unwrap());
    }
    for token in forged {
        is_invalid(&service.get("/userinfo", Some(&token)).await);
    }
    assert_eq!(service.get("/userinfo", Some(&token)).await.status, 200);
}

#[tokio::test]
async fn a_token_ends_on_its_last_second() {
    let service = Service::start().await;
    let token = login(&service).await.text("access_token");
    service.advance(3599);
    assert_eq!(service.get("/userinfo", Some(&token)).await.status, 200);
    service.advance(1);
    is_invalid(&service.get("/userinfo", Some(&token)).await);
}

#[tokio::test]
async fn a_user_made_inactive_or_changed_since_is_shown_no_more() {
    let service = Service::start().await;
    let token = login(&service).await.text("access_token");
    let active = |yes| service.set_profile(demo::USER, "active", AttributeValue::Bool(yes));
    active(false).await;
    is_invalid(&service.get("/userinfo", Some(&token)).await);
    active(true).await;
    assert_eq!(service.get("/userinfo", Some(&token)).await.status, 200);
    service.raise_epoch(demo::USER).await;
    is_invalid(&service.get("/userinfo", Some(&token)).await);
}

#[tokio::test]
async fn what_it_says_comes_from_the_profile_and_not_from_the_token() {
    let service = Service::start().await;
    let token = login(&service).await.text("access_token");
    let name = AttributeValue::S("Renamed".to_owned());
    service.set_profile(demo::USER, "given_name", name).await;
    let answer = service.get("/userinfo", Some(&token)).await;
    assert_eq!(answer.text("name"), "Renamed User");
}
