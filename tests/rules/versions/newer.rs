//! Items that a newer version wrote, while this version still runs. This version treats
//! only these items as missing.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_local::demo;

use crate::dialects::abp::login::password::connect;
use crate::dialects::codemaze::login::password_and_code::{begin as begin_codemaze, second_step};
use crate::harness::{Answer, Service};

type Stored = HashMap<String, AttributeValue>;

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

async fn put(service: &Service, item: Stored) {
    let store = &service.app.store;
    let put = store.dynamodb().put_item().table_name(store.table());
    put.set_item(Some(item)).send().await.unwrap();
}

/// The demo user's items whose sort key has this prefix.
async fn items_of(service: &Service, email: &str, prefix: &str) -> Vec<Stored> {
    let user = service.account(email).await.user.id;
    let partition = text(&format!("USER#{user}"));
    let mut items = service.items().await;
    items.retain(|item| item["PK"] == partition && item["SK"].as_s().unwrap().starts_with(prefix));
    items
}

/// Sets an attribute of those items, as a newer version could.
async fn newer(service: &Service, email: &str, prefix: &str, name: &str, value: AttributeValue) {
    let items = items_of(service, email, prefix).await;
    assert!(!items.is_empty(), "there is {prefix}");
    for mut item in items {
        item.insert(name.to_owned(), value.clone());
        item.insert("v".to_owned(), AttributeValue::N("2".to_owned()));
        put(service, item).await;
    }
}

async fn password_of(service: &Service, email: &str) -> Answer {
    let fields = [
        ("grant_type", "password"),
        ("client_id", demo::CLIENT),
        ("username", email),
        ("password", demo::PASSWORD_OF_ALL),
    ];
    service.post_form("/oauth/token", &fields).await
}

async fn one_more_factor(service: &Service, email: &str) {
    let user = service.account(email).await.user.id;
    let mut factor = Stored::from([
        ("PK".to_owned(), text(&format!("USER#{user}"))),
        (
            "SK".to_owned(),
            text("PROFILE#FACTOR#0000000000000000000000000000abcd"),
        ),
        ("kind".to_owned(), text("face")),
    ]);
    factor.insert("confirmed".to_owned(), AttributeValue::Bool(true));
    put(service, factor).await;
}

#[tokio::test]
async fn a_factor_of_an_unknown_kind_leaves_the_others() {
    let service = Service::start().await;
    one_more_factor(&service, demo::USER).await;
    let token = service.begin().await;
    let done = service.redeem_otp(&token, &service.totp()).await;
    assert_eq!(done.status, 200, "{}", done.raw);
}

#[tokio::test]
async fn a_factor_of_an_unknown_kind_alone_lets_a_password_enrol_nothing_beside_it() {
    let service = Service::start().await;
    service.add_user("newer@example.com", |_| {}).await;
    one_more_factor(&service, "newer@example.com").await;
    let begun = password_of(&service, "newer@example.com").await;
    assert_eq!(begun.status, 403, "{}", begun.raw);
    let token = begun.text("mfa_token");
    let body = serde_json::json!({ "authenticator_types": ["otp"] });
    let enrolled = service.post_as(Some(&token), "/mfa/associate", &body).await;
    assert_ne!(enrolled.status, 200, "{}", enrolled.raw);
    assert!(enrolled.status < 500, "{}", enrolled.raw);
    // CodeMaze's mailbox does not become a factor either.
    let first = crate::dialects::codemaze::login::password_and_code::login(
        &service,
        "newer@example.com",
        demo::PASSWORD_OF_ALL,
    );
    let first = first.await;
    assert!(first.status >= 400 && first.status < 500, "{}", first.raw);
    assert!(service.messages().is_empty());
}

#[tokio::test]
async fn recovery_codes_that_cannot_be_read_leave_the_app() {
    let service = Service::start().await;
    newer(
        &service,
        demo::USER,
        "PROFILE#RECOVERY",
        "id",
        text("another form"),
    )
    .await;
    let token = service.begin().await;
    let refused = service.redeem_recovery(&token, demo::RECOVERY_CODE).await;
    assert_eq!(refused.status, 403, "{}", refused.raw);
    let done = service.redeem_otp(&token, &service.totp()).await;
    assert_eq!(done.status, 200, "{}", done.raw);
}

#[tokio::test]
async fn a_password_hash_of_an_unknown_kind_is_right_for_no_password() {
    let service = Service::start().await;
    let token = service.begin().await;
    let hash = "$argon3$v=20$m=65536$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA";
    service
        .set_profile(demo::USER, "password_hash", text(hash))
        .await;
    let refused = service.password("openid").await;
    assert_eq!(refused.error(), "invalid_grant: Wrong email or password.");
    let other = password_of(&service, "nobody@example.com").await;
    assert_eq!((refused.status, &refused.raw), (other.status, &other.raw));
    // The pending login continues.
    let done = service.redeem_otp(&token, &service.totp()).await;
    assert_eq!(done.status, 200, "{}", done.raw);
}

#[tokio::test]
async fn a_login_of_an_unknown_dialect_state_or_proof_is_over_and_the_next_is_not() {
    let unknown_proof = AttributeValue::M(Stored::from([("kind".to_owned(), text("face"))]));
    for (name, value) in [
        ("dialect", text("keycloak")),
        ("state", text("paused")),
        ("state", text("verified")),
        ("proof", unknown_proof),
    ] {
        let service = Service::start().await;
        let token = service.begin().await;
        if name == "proof" {
            newer(&service, demo::USER, "LOGIN#", "state", text("verified")).await;
        }
        newer(&service, demo::USER, "LOGIN#", name, value).await;
        let over = service.redeem_otp(&token, &service.totp()).await;
        assert!(matches!(over.status, 401 | 403), "{name}: {}", over.raw);
        let token = service.begin().await;
        let done = service.redeem_otp(&token, &service.totp()).await;
        assert_eq!(done.status, 200, "{name}: {}", done.raw);
    }
}

#[tokio::test]
async fn a_code_sent_by_an_unknown_channel_leaves_the_codes_of_other_logins() {
    let service = Service::start().await;
    begin_codemaze(&service).await;
    let sent = AttributeValue::L(vec![AttributeValue::M(Stored::from([
        ("channel".to_owned(), text("push")),
        ("number".to_owned(), AttributeValue::N("1".to_owned())),
    ]))]);
    newer(&service, demo::USER, "LOGIN#", "sent", sent).await;
    service.advance(30);
    let code = begin_codemaze(&service).await;
    let done = second_step(&service, demo::USER, &code).await;
    assert_eq!(done.status, 200, "{}", done.raw);
}

#[tokio::test]
async fn a_session_of_an_unknown_dialect_or_method_is_over_and_its_user_signs_in() {
    for (name, value) in [("dialect", "keycloak"), ("method", "face")] {
        let service = Service::start().await;
        let token = service.begin().await;
        let tokens = service.redeem_otp(&token, &service.totp()).await;
        newer(&service, demo::USER, "SESSION#", name, text(value)).await;
        let refused = service.refresh(&tokens.text("refresh_token")).await;
        assert!(
            matches!(refused.status, 400 | 403),
            "{name}: {}",
            refused.raw
        );
        service.advance(30);
        let token = service.begin().await;
        let done = service.redeem_otp(&token, &service.totp()).await;
        assert_eq!(done.status, 200, "{name}: {}", done.raw);
    }
}

#[tokio::test]
async fn a_reset_of_an_unknown_kind_is_over_and_another_is_sent() {
    let service = Service::start().await;
    let user = service.account(demo::USER).await.user.id.to_string();
    let token = service.reset_token(demo::USER).await;
    for mut item in service.items().await {
        if item["PK"].as_s().unwrap().starts_with("ACTION#") {
            item.insert("kind".to_owned(), text("delete-account"));
            put(&service, item).await;
        }
    }
    let refused = service
        .reset(&user, &token, "seven brown foxes at dusk")
        .await;
    assert_eq!(refused.status, 403, "{}", refused.raw);
    service.advance(30);
    let token = service.reset_token(demo::USER).await;
    let done = service
        .reset(&user, &token, "seven brown foxes at dusk")
        .await;
    assert_eq!(done.status, 204, "{}", done.raw);
}

#[tokio::test]
async fn a_key_of_an_unknown_kind_purpose_or_algorithm_leaves_the_ring() {
    let mut service = Service::start().await;
    let items = service.items().await;
    let keys = items
        .iter()
        .filter(|item| item["PK"].as_s().is_ok_and(|partition| partition == "KEYS"));
    for (number, key) in keys.enumerate() {
        for (name, value) in [
            ("kind", "oracle"),
            ("purpose", "dreams"),
            ("algorithm", "ML-DSA"),
        ] {
            let mut item = key.clone();
            item.insert("SK".to_owned(), text(&format!("KEY#{name}-{number}")));
            item.insert(name.to_owned(), text(value));
            if item.contains_key("kid") {
                item.insert("kid".to_owned(), text(&format!("{name}-{number}")));
            }
            let newer = name == "kind" || key.contains_key(name);
            if newer {
                put(&service, item).await;
            }
        }
    }
    let cold = service.restarted();
    service.take(cold);
    let token = service.begin().await;
    let done = service.redeem_otp(&token, &service.totp()).await;
    assert_eq!(done.status, 200, "{}", done.raw);
    let keys = service.get("/.well-known/jwks.json", None).await;
    assert_eq!(keys.status, 200, "{}", keys.raw);
    assert!(!keys.raw.contains("ML-DSA"));
}

#[tokio::test]
async fn an_abp_user_with_a_login_of_a_newer_version_begins_another() {
    let service = Service::start().await;
    let begun = connect(&service, &[]).await;
    assert_eq!(begun.body["error_description"], "RequiresTwoFactor");
    newer(
        &service,
        demo::ABP_USER,
        "LOGIN#",
        "dialect",
        text("keycloak"),
    )
    .await;
    service.administrator().await;
}

#[tokio::test]
async fn a_grant_of_a_newer_version_allows_nothing_and_survives_a_change_of_the_client() {
    let service = Service::start().await;
    let items = service.items().await;
    let of_client = |item: &&Stored| item["PK"] == text(&format!("CLIENT#{}", demo::CLIENT));
    let mut item = items.iter().find(of_client).unwrap().clone();
    let names = ["password", "urn:newer:grant", "refresh_token"];
    let newer = AttributeValue::L(names.map(text).to_vec());
    item.insert("grants".to_owned(), newer);
    put(&service, item).await;
    let mut service = service;
    let cold = service.restarted();
    service.take(cold);
    let begun = password_of(&service, demo::USER).await;
    assert_eq!(
        begun.error(),
        "mfa_required: Multifactor authentication required"
    );
    for (grant, error) in [
        ("urn:newer:grant", "unsupported_grant_type"),
        ("authorization_code", "unauthorized_client"),
    ] {
        let fields = [("grant_type", grant), ("client_id", demo::CLIENT)];
        let refused = service.post_form("/oauth/token", &fields).await;
        assert_eq!(refused.body["error"], error, "{}", refused.raw);
    }
    let change = ["client", "update", demo::CLIENT, "--scope", "read:sample"];
    service.operated(&change).await;
    let items = service.items().await;
    let mut kept = items.iter().filter(of_client);
    let kept = kept.next().unwrap()["grants"].as_l().unwrap();
    assert!(kept.contains(&text("urn:newer:grant")), "{kept:?}");
}
