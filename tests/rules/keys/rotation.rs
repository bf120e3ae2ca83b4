//! Keys: which are made and published, what they sign, and what survives a rotation.

use aws_sdk_kms::types::DataKeySpec;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use countersign::domain::factors::totp::Seed;
use countersign::routes::Function;
use countersign::store::StoredKey;
use countersign_local::demo;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{DecodingKey, Validation};
use serde_json::{Value, json};

use crate::faults::aws::{behind_proxy, count, is_unavailable, others_behind_proxy};
use crate::harness::proxy::Fault;
use crate::harness::{Answer, START, Service};

const KEY_SET: &str = "/.well-known/jwks.json";
pub const ES256: (&str, &str) = ("COUNTERSIGN_SIGNING_ALGORITHM", "ES256");
const RS256_HEADER: jsonwebtoken::Algorithm = jsonwebtoken::Algorithm::RS256;
const ES256_HEADER: jsonwebtoken::Algorithm = jsonwebtoken::Algorithm::ES256;
const DAY: i64 = 86_400;

/// The published key set.
pub async fn key_set(service: &Service) -> Value {
    let answer = service.get(KEY_SET, None).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    answer.body
}

fn members(key: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = key
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    names.sort_unstable();
    names
}

/// Checks a token as a third party does, only with the published keys. Returns its
/// header.
pub fn check(keys: &Value, token: &str, audience: &str) -> jsonwebtoken::Header {
    let keys: JwkSet = serde_json::from_value(keys.clone()).unwrap();
    let header = jsonwebtoken::decode_header(token).unwrap();
    let key = keys.find(header.kid.as_deref().unwrap()).unwrap();
    assert_eq!(
        key.common.key_algorithm.unwrap().to_string(),
        format!("{:?}", header.alg)
    );
    let mut validation = Validation::new(header.alg);
    validation.set_audience(&[audience]);
    validation.set_issuer(&["https://localhost:8788/"]);
    validation.validate_exp = false;
    let key = DecodingKey::from_jwk(key).unwrap();
    jsonwebtoken::decode::<Value>(token, &key, &validation).unwrap();
    header
}

pub async fn tokens(service: &Service) -> Answer {
    service.advance(30);
    let token = service.begin().await;
    let answer = service.redeem_otp(&token, &service.totp()).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    answer
}

/// Adds the second data key of a purpose, made at this time.
async fn add_data_key(service: &Service, purpose: &str, created_at: i64) {
    let made = service
        .kms()
        .generate_data_key_without_plaintext()
        .key_id("alias/countersign")
        .key_spec(DataKeySpec::Aes256)
        .encryption_context("stack", "local")
        .encryption_context("purpose", purpose)
        .send()
        .await
        .unwrap();
    let key = StoredKey::Data {
        purpose: purpose.to_owned(),
        number: 2,
        created_at,
        wrapped: made.ciphertext_blob.unwrap().into_inner(),
    };
    assert!(service.app.store.add_key(&key).await.unwrap());
}

/// The number of the data key that an opaque token is derived from.
fn key_number(token: &str) -> u32 {
    let bytes = URL_SAFE_NO_PAD.decode(token).unwrap();
    u32::from_be_bytes(bytes[2..6].try_into().unwrap())
}

/// The token with another key number, and so with a wrong MAC.
fn with_key_number(token: &str, number: u32) -> String {
    let mut bytes = URL_SAFE_NO_PAD.decode(token).unwrap();
    bytes[2..6].copy_from_slice(&number.to_be_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

#[tokio::test]
async fn tokens_are_signed_with_rs256_unless_set_otherwise() {
    for (setting, algorithm, public) in [
        (
            None,
            "RS256",
            ["alg", "e", "kid", "kty", "n", "use"].as_slice(),
        ),
        (
            Some(ES256),
            "ES256",
            ["alg", "crv", "kid", "kty", "use", "x", "y"].as_slice(),
        ),
    ] {
        let changes: Vec<_> = setting.into_iter().collect();
        let service = Service::start_with(&changes).await;
        let keys = key_set(&service).await;
        // One public key, and nothing of its private part.
        assert_eq!(keys["keys"].as_array().unwrap().len(), 1);
        assert_eq!(members(&keys["keys"][0]), public);
        assert_eq!(keys["keys"][0]["alg"], algorithm);
        let answer = tokens(&service).await;
        let header = check(&keys, &answer.text("access_token"), demo::AUDIENCE);
        assert_eq!(header.typ.as_deref(), Some("at+jwt"));
        let header = check(&keys, &answer.text("id_token"), demo::CLIENT);
        assert_eq!(header.typ.as_deref(), Some("JWT"));
        let metadata = service.get("/.well-known/openid-configuration", None).await;
        let algorithms = &metadata.body["id_token_signing_alg_values_supported"];
        // OpenID Connect Discovery 3 requires RS256 in the list.
        assert!(algorithms.as_array().unwrap().contains(&json!(algorithm)));
        assert!(algorithms.as_array().unwrap().contains(&json!("RS256")));
    }
}

#[tokio::test]
async fn after_a_change_of_algorithm_the_other_key_is_published_a_day_before_it_signs() {
    let mut service = Service::start().await;
    let before = tokens(&service).await.text("access_token");
    service.take(service.restarted_with(&[ES256]));
    let keys = key_set(&service).await;
    let algorithms: Vec<&Value> = keys["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| &key["alg"])
        .collect();
    assert_eq!(algorithms, ["RS256", "ES256"]);
    let meanwhile = tokens(&service).await.text("access_token");
    assert_eq!(check(&keys, &meanwhile, demo::AUDIENCE).alg, RS256_HEADER);
    service.advance(DAY);
    let after = tokens(&service).await.text("access_token");
    assert_eq!(check(&keys, &after, demo::AUDIENCE).alg, ES256_HEADER);
    assert_eq!(service.get("/userinfo", Some(&after)).await.status, 200);
    check(&keys, &before, demo::AUDIENCE);
    // And back: no key is made a second time.
    service.take(service.restarted());
    assert_eq!(key_set(&service).await, keys);
    let back = tokens(&service).await.text("access_token");
    assert_eq!(check(&keys, &back, demo::AUDIENCE).alg, RS256_HEADER);
}

#[tokio::test]
async fn a_token_signed_with_a_key_that_is_new_to_an_instance_is_known_within_a_minute() {
    let mut service = Service::start().await;
    let warm = service.app.clone();
    service.begin().await;
    delete_key(&service, "RS256-1").await;
    service.take(service.restarted());
    key_set(&service).await;
    let token = tokens(&service).await.text("access_token");
    service.take(warm);
    service.advance(29);
    assert_eq!(service.get("/userinfo", Some(&token)).await.status, 401);
    service.advance(1);
    assert_eq!(service.get("/userinfo", Some(&token)).await.status, 200);
}

#[tokio::test]
async fn without_a_signing_key_nothing_is_spent() {
    let mut service = Service::start().await;
    let token = service.begin().await;
    delete_key(&service, "RS256-1").await;
    service.take(service.restarted_with(&[ES256]));
    is_unavailable(&service.redeem_otp(&token, &service.totp()).await);
    key_set(&service).await;
    let answer = service.redeem_otp(&token, &service.totp()).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    assert_eq!(answer.body["token_type"], "Bearer");
}

#[tokio::test]
async fn the_key_set_is_served_although_a_further_key_cannot_be_made() {
    let (mut service, proxy) = others_behind_proxy().await;
    let keys = key_set(&service).await;
    service.take(service.restarted_as(Function::Keys, &[ES256]));
    proxy.always("Decrypt", Fault::ServerError);
    assert_eq!(key_set(&service).await, keys);
    proxy.heal();
    assert_eq!(key_set(&service).await["keys"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_new_signing_key_is_published_at_once_and_signs_from_its_time() {
    let mut service = Service::start().await;
    let old_kid = key_set(&service).await["keys"][0]["kid"].clone();
    // Makes the keys function make another pair in place of the first. Then stores the
    // first pair again, and the other pair as its successor.
    let stored = service.app.store.read_keys().await.unwrap();
    let first = stored.into_iter().find(is_signing).unwrap();
    delete_key(&service, "RS256-1").await;
    service
        .restarted()
        .keyring
        .make_first(START, &mut Vec::new())
        .await
        .unwrap();
    let stored = service.app.store.read_keys().await.unwrap();
    let mut second = stored.into_iter().find(is_signing).unwrap();
    delete_key(&service, "RS256-1").await;
    if let StoredKey::Signing {
        number,
        created_at,
        signs_from,
        ..
    } = &mut second
    {
        (*number, *created_at, *signs_from) = (2, START + 1, START + DAY);
    }
    for key in [&first, &second] {
        assert!(service.app.store.add_key(key).await.unwrap());
    }
    service.take(service.restarted());
    let keys = key_set(&service).await;
    assert_eq!(keys["keys"].as_array().unwrap().len(), 2);
    assert_eq!(keys["keys"][0]["kid"], old_kid);

    service.advance(DAY - 31);
    let before = tokens(&service).await.text("access_token");
    let kid = check(&keys, &before, demo::AUDIENCE).kid;
    assert_eq!(json!(kid), old_kid);
    service.advance(301);
    let after = tokens(&service).await.text("access_token");
    let kid = check(&keys, &after, demo::AUDIENCE).kid;
    assert_eq!(json!(kid), keys["keys"][1]["kid"]);
    for token in [before, after] {
        assert_eq!(service.get("/userinfo", Some(&token)).await.status, 200);
    }
    assert_eq!(key_set(&service).await, keys);
}

fn is_signing(key: &StoredKey) -> bool {
    matches!(key, StoredKey::Signing { .. })
}

/// Deletes a key directly in the table.
pub async fn delete_key(service: &Service, name: &str) {
    let store = &service.app.store;
    let text = |text: &str| aws_sdk_dynamodb::types::AttributeValue::S(text.to_owned());
    let delete = store.dynamodb().delete_item().table_name(store.table());
    let delete = delete.key("PK", text("KEYS"));
    let delete = delete.key("SK", text(&format!("KEY#{name}")));
    delete.send().await.unwrap();
}

#[tokio::test]
async fn what_is_in_flight_survives_a_rotation_of_every_data_key() {
    let mut service = Service::start().await;
    let refresh = tokens(&service).await.text("refresh_token");
    let by_totp = service.begin().await;
    let by_code = service.begin().await;
    let challenge = service.challenge(&by_code, "email").await.text("oob_code");
    let code = service.newest_code();
    for purpose in ["tokens", "seeds", "signing"] {
        add_data_key(&service, purpose, START - 900).await;
    }
    service.take(service.restarted());
    service.advance(30);
    let answer = service.redeem_otp(&by_totp, &service.totp()).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    let answer = service.redeem_oob(&by_code, &challenge, &code).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    let refreshed = service.refresh(&refresh).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.raw);

    // New codes and tokens are derived from the new keys.
    let login = service.begin().await;
    assert_eq!((key_number(&by_totp), key_number(&login)), (1, 2));
    assert_eq!(key_number(&refreshed.text("refresh_token")), 2);
    let challenge = service.challenge(&login, "email").await.text("oob_code");
    let answer = service
        .redeem_oob(&login, &challenge, &service.newest_code())
        .await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    let user = service.account(demo::USER).await;
    let ring = service
        .app
        .keyring
        .current_ring(service.now())
        .await
        .unwrap();
    let factor = user.default_totp().unwrap().id;
    let seed = Seed::new(vec![1; 20]);
    let sealed = ring.seal_seed(user.user.id, factor, &seed).unwrap();
    assert_eq!(sealed.key, 2);
}

#[tokio::test]
async fn a_new_data_key_derives_nothing_until_every_instance_knows_it() {
    let service = Service::start().await;
    add_data_key(&service, "tokens", START).await;
    service.advance(899);
    assert_eq!(key_number(&service.begin().await), 1);
    service.advance(301);
    assert_eq!(key_number(&service.begin().await), 2);
}

#[tokio::test]
async fn an_unknown_key_number_reads_the_keys_again_at_most_once_a_minute() {
    let (service, proxy) = behind_proxy().await;
    let known = service.begin().await;
    add_data_key(&service, "tokens", START - 900).await;
    let warm = service.app.clone();
    let elsewhere = service.restarted();
    let mut service = service;
    service.take(elsewhere);
    let token = service.begin().await;
    assert_eq!(key_number(&token), 2);
    service.take(warm);
    // The keys were just read, so a forged token costs no read.
    service.advance(59);
    let answer = service.redeem_otp(&token, &service.totp()).await;
    assert_eq!(answer.error(), "invalid_grant: Malformed mfa_token");
    service.advance(1);
    let answer = service.redeem_otp(&token, &service.totp()).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    // Of many forged tokens, only one causes a read, whether or not the read succeeds.
    for fault in [Fault::Pass, Fault::ServerError] {
        service.advance(60);
        proxy.always("Query", fault);
        proxy.take_seen();
        for _ in 0..5 {
            let forged = with_key_number(&known, 9);
            let answer = service.redeem_otp(&forged, "123456").await;
            assert_eq!(answer.error(), "invalid_grant: Malformed mfa_token");
            service.advance(11);
        }
        let attempts = if fault == Fault::Pass { 1 } else { 2 };
        assert_eq!(count(&proxy.take_seen(), "Query"), attempts, "{fault:?}");
    }
}

#[tokio::test]
async fn a_token_under_a_known_key_that_was_changed_costs_no_read_at_all() {
    let (service, proxy) = behind_proxy().await;
    let token = service.begin().await;
    add_data_key(&service, "tokens", START - 900).await;
    service.advance(301);
    service.begin().await;
    proxy.take_seen();
    let forged = with_key_number(&token, 2);
    let answer = service.redeem_otp(&forged, "123456").await;
    assert_eq!(answer.error(), "invalid_grant: Malformed mfa_token");
    assert!(proxy.take_seen().is_empty());
}
