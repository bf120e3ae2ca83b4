//! The tokens of a login: their claims (RFC 9068, OpenID Connect Core 2), their
//! signature, and their scope and audience.

use countersign_local::demo;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use serde_json::{Value, json};

use crate::dialects::oauth::sessions::tokens::half_hash;
use crate::harness::snapshot::by_shape;
use crate::harness::{Answer, START, Service};

const ISSUER: &str = "https://localhost:8788/";
const USERINFO: &str = "https://localhost:8788/userinfo";

/// Checks a token as an API does: only with the published key set.
async fn verified(service: &Service, token: &str, audience: &str) -> (Header, Value) {
    let served = service.get("/.well-known/jwks.json", None).await;
    let keys: JwkSet = serde_json::from_value(served.body).unwrap();
    let header = jsonwebtoken::decode_header(token).unwrap();
    let key = keys.find(header.kid.as_deref().unwrap()).unwrap();
    let mut validation = Validation::new(header.alg);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[audience]);
    // The test sets the service's time, so the library must not check the expiry.
    validation.validate_exp = false;
    let decoding = DecodingKey::from_jwk(key).unwrap();
    let claims = jsonwebtoken::decode(token, &decoding, &validation).unwrap();
    (header, claims.claims)
}

async fn login(service: &Service) -> Answer {
    let token = service.begin().await;
    service.redeem_otp(&token, &service.totp()).await
}

#[tokio::test]
async fn an_access_token_has_exactly_the_claims_of_rfc_9068_and_ours() {
    let service = Service::start().await;
    let token = service.begin().await;
    service.advance(45);
    let answer = service.redeem_otp(&token, &service.totp()).await;
    let signed = answer.text("access_token");
    let (header, mut claims) = verified(&service, &signed, demo::AUDIENCE).await;
    assert_eq!(header.typ.as_deref(), Some("at+jwt"));
    assert_eq!(header.alg, Algorithm::RS256);
    for name in ["jti", "sid"] {
        let identifier = claims.as_object_mut().unwrap().remove(name).unwrap();
        assert!(uuid::Uuid::parse_str(identifier.as_str().unwrap()).is_ok());
    }
    let user = service.account(demo::USER).await.user;
    assert_eq!(
        claims,
        json!({
            "iss": ISSUER,
            "sub": user.id.dashed(),
            "aud": [demo::AUDIENCE, USERINFO],
            "client_id": "demo",
            "azp": "demo",
            "scope": "openid profile email phone read:sample offline_access",
            "iat": START + 45,
            "exp": START + 45 + 3600,
            "auth_time": START + 45,
            "acr": "aal2",
            "amr": ["pwd", "otp", "mfa"],
            "epoch": 1,
        })
    );
}

#[tokio::test]
async fn an_id_token_has_exactly_the_claims_of_its_scopes() {
    let service = Service::start().await;
    let answer = login(&service).await;
    let signed = answer.text("id_token");
    let (header, claims) = verified(&service, &signed, demo::CLIENT).await;
    assert_eq!(header.typ.as_deref(), Some("JWT"));
    let user = service.account(demo::USER).await.user;
    assert_eq!(
        claims,
        json!({
            "sub": user.id.dashed(),
            "name": "Demo User",
            "preferred_username": demo::USER,
            "given_name": "Demo",
            "family_name": "User",
            "email": demo::USER,
            "email_verified": true,
            "phone_number": demo::PHONE,
            "phone_number_verified": true,
            "iss": ISSUER,
            "aud": "demo",
            "iat": START,
            "exp": START + 1200,
            "auth_time": START,
            "acr": "aal2",
            "amr": ["pwd", "otp", "mfa"],
            "at_hash": half_hash(&answer.text("access_token")),
        })
    );
}

#[tokio::test]
async fn an_id_token_without_further_scopes_names_the_user_only() {
    let service = Service::start().await;
    let token = service.password("openid").await.text("mfa_token");
    let answer = service.redeem_otp(&token, &service.totp()).await;
    let claims = answer.claims("id_token");
    let at_hash = half_hash(&answer.text("access_token"));
    let mut claims = claims;
    assert_eq!(claims["at_hash"], at_hash);
    claims["at_hash"] = json!("[hash]");
    insta::assert_snapshot!(by_shape(&format!("{claims:#}")), @r#"
    {
      "sub": "[id]",
      "iss": "https://localhost:8788/",
      "aud": "demo",
      "iat": 1800000000,
      "exp": 1800001200,
      "auth_time": 1800000000,
      "acr": "aal2",
      "amr": [
        "pwd",
        "otp",
        "mfa"
      ],
      "at_hash": "[hash]"
    }
    "#);
}

#[tokio::test]
async fn every_access_token_has_an_identifier_of_its_own() {
    let service = Service::start().await;
    let one = service.password_as(demo::PLAIN_USER).await;
    let other = service.password_as(demo::PLAIN_USER).await;
    assert_ne!(
        one.claims("access_token")["jti"],
        other.claims("access_token")["jti"]
    );
}

#[tokio::test]
async fn an_id_token_comes_with_openid_and_a_refresh_token_with_offline_access_only() {
    let service = Service::start().await;
    for (scope, further) in [
        ("read:sample", vec![]),
        ("openid", vec!["id_token"]),
        ("offline_access", vec!["refresh_token"]),
    ] {
        let token = service.password(scope).await.text("mfa_token");
        let answer = service.redeem_otp(&token, &service.totp()).await;
        let members = ["access_token", "scope", "expires_in", "token_type"];
        let expected: Vec<&str> = members.into_iter().chain(further).collect();
        assert_eq!(answer.members(), expected, "{scope}");
        service.advance(30);
    }
}

#[tokio::test]
async fn methods_and_level_follow_the_factor_and_email_never_gives_the_second_level() {
    let service = Service::start().await;
    let says = |answer: &Answer, amr: Value, acr: &str| {
        for token in ["access_token", "id_token"] {
            let claims = answer.claims(token);
            assert_eq!((&claims["amr"], &claims["acr"]), (&amr, &json!(acr)));
        }
    };
    says(&login(&service).await, json!(["pwd", "otp", "mfa"]), "aal2");
    for (channel, amr, acr) in [
        ("sms", json!(["pwd", "sms", "mfa"]), "aal2"),
        ("email", json!(["pwd", "otp", "mfa"]), "aal1"),
    ] {
        let token = service.begin().await;
        let oob = service.challenge(&token, channel).await.text("oob_code");
        let code = service.newest_code();
        says(&service.redeem_oob(&token, &oob, &code).await, amr, acr);
    }
    let token = service.begin().await;
    let answer = service.redeem_recovery(&token, demo::RECOVERY_CODE).await;
    says(&answer, json!(["pwd", "mfa"]), "aal2");
    let fields = [
        ("grant_type", "password"),
        ("client_id", demo::CLIENT),
        ("username", demo::PLAIN_USER),
        ("password", demo::PASSWORD_OF_ALL),
        ("scope", "openid"),
    ];
    let plain = service.post_form("/oauth/token", &fields).await;
    says(&plain, json!(["pwd"]), "aal1");
}

#[tokio::test]
async fn scope_and_audience_come_from_the_login_and_not_from_the_last_request() {
    let service = Service::start().await;
    let token = service.password("read:sample").await.text("mfa_token");
    let otp = service.totp();
    let fields = [
        ("mfa_token", token.as_str()),
        ("otp", &otp),
        ("scope", "openid offline_access read:authenticators"),
        ("audience", "https://localhost:8788/mfa/"),
    ];
    let answer = service.grant("mfa-otp", &fields).await;
    insta::assert_snapshot!(answer.shown(), @r#"
    200 application/json no-store no-cache
    {"access_token":"[jwt]","scope":"read:sample","expires_in":3600,"token_type":"Bearer"}
    "#);
    let claims = answer.claims("access_token");
    assert_eq!(claims["scope"], "read:sample");
    assert_eq!(claims["aud"], demo::AUDIENCE);
}

/// The password step of the plain user with this scope and audience.
async fn plain(service: &Service, client: &str, more: &[(&str, &str)]) -> Answer {
    let mut fields = vec![
        ("grant_type", "password"),
        ("client_id", client),
        ("username", demo::PLAIN_USER),
        ("password", demo::PASSWORD_OF_ALL),
    ];
    fields.extend_from_slice(more);
    service.post_form("/oauth/token", &fields).await
}

#[tokio::test]
async fn an_absent_audience_is_the_clients_default_and_openid_adds_userinfo() {
    let service = Service::start().await;
    let mfa = "https://localhost:8788/mfa/";
    for (asked, audience) in [
        (vec![("scope", "read:sample")], json!(demo::AUDIENCE)),
        (vec![("scope", "openid")], json!([demo::AUDIENCE, USERINFO])),
        (
            vec![("scope", "read:sample"), ("audience", mfa)],
            json!(mfa),
        ),
        (
            vec![("scope", "openid"), ("audience", mfa)],
            json!([mfa, USERINFO]),
        ),
    ] {
        let answer = plain(&service, demo::CLIENT, &asked).await;
        assert_eq!(
            answer.claims("access_token")["aud"],
            audience,
            "{}",
            answer.raw
        );
    }
    service
        .add_client("no-api", |client| client.audiences.clear())
        .await;
    let answer = plain(&service, "no-api", &[]).await;
    assert_eq!(answer.claims("access_token")["aud"], USERINFO);
}

#[tokio::test]
async fn an_absent_scope_is_the_clients_own_without_a_refresh_token() {
    let service = Service::start().await;
    let answer = plain(&service, demo::CLIENT, &[]).await;
    insta::assert_snapshot!(answer.shown(), @r#"
    200 application/json no-store no-cache
    {
      "access_token": "[jwt]",
      "scope": "read:sample enroll read:authenticators remove:authenticators",
      "expires_in": 3600,
      "token_type": "Bearer"
    }
    "#);
}

#[tokio::test]
async fn a_client_may_have_a_lifetime_of_its_own_for_access_tokens() {
    let service = Service::start().await;
    service
        .add_client("brief", |client| client.access_token_seconds = Some(90))
        .await;
    let answer = plain(&service, "brief", &[]).await;
    insta::assert_snapshot!(answer.shown(), @r#"
    200 application/json no-store no-cache
    {
      "access_token": "[jwt]",
      "scope": "read:sample enroll read:authenticators remove:authenticators",
      "expires_in": 90,
      "token_type": "Bearer"
    }
    "#);
    assert_eq!(answer.claims("access_token")["exp"], START + 90);
}

#[tokio::test]
async fn es256_signs_where_it_is_set_and_is_the_only_key_made() {
    let service = Service::start_with(&[("COUNTERSIGN_SIGNING_ALGORITHM", "ES256")]).await;
    let answer = login(&service).await;
    let (header, _) = verified(&service, &answer.text("access_token"), USERINFO).await;
    assert_eq!(header.alg, Algorithm::ES256);
    let served = service.get("/.well-known/jwks.json", None).await;
    let keys = served.body["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 1);
    assert_eq!(
        (&keys[0]["kty"], &keys[0]["alg"]),
        (&json!("EC"), &json!("ES256"))
    );
    let userinfo = service
        .get("/userinfo", Some(&answer.text("access_token")))
        .await;
    insta::assert_snapshot!(userinfo.shown(), @r#"
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
