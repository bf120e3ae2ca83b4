//! `keys`: what is listed, what a rotation makes, what is deleted and when.

use std::sync::Arc;

use countersign::domain::factors::factor::FactorKind;
use countersign::routes::Function;
use countersign_local::demo;
use serde_json::{Value, json};

use crate::dialects::abp::login::password as login;
use crate::harness::Service;
use crate::races::logins::at_once;
use crate::rules::keys::rotation::{key_set, tokens};

pub const DAY: i64 = 86_400;
pub const KINDS: [&str; 4] = ["tokens", "seeds", "signing", "pair"];

/// `name state` of every key.
pub async fn states(service: &Service) -> Vec<String> {
    let listed = service.operated(&["keys", "list"]).await;
    let state = |key: &Value| {
        let text = |name: &str| key[name].as_str().unwrap().to_owned();
        format!("{} {}", text("key"), text("state"))
    };
    listed.as_array().unwrap().iter().map(state).collect()
}

/// `name needed` of every old key. Those that nothing needs are deleted.
pub async fn retired(service: &Service) -> Vec<String> {
    let seen = service.operated(&["keys", "retire"]).await;
    let line = |key: &Value| {
        let needed = key["needed"].as_str().unwrap_or("nothing");
        assert_eq!(key["deleted"], json!(needed == "nothing"));
        format!("{} {needed}", key["key"].as_str().unwrap())
    };
    seen.as_array().unwrap().iter().map(line).collect()
}

/// The number of the data key that sealed the demo user's seed.
async fn sealed_by(service: &Service) -> u32 {
    let account = service.account(demo::USER).await;
    match &account.default_totp().unwrap().kind {
        FactorKind::Totp { seed, .. } => seed.key,
        FactorKind::Address { .. } | FactorKind::Passkey(_) => panic!("the default app is no app"),
    }
}

#[tokio::test]
async fn every_kind_of_key_is_listed_with_its_state_and_rotated_by_its_name() {
    let service = Service::start().await;
    let first = ["tokens-1", "seeds-1", "signing-1", "RS256-1"].map(|key| format!("{key} current"));
    assert_eq!(states(&service).await, first);
    for (kind, made) in KINDS
        .iter()
        .zip(["tokens-2", "seeds-2", "signing-2", "RS256-2"])
    {
        let rotated = service.operated(&["keys", "rotate", kind]).await;
        assert_eq!(rotated[0]["key"], made);
        assert_eq!(rotated[0]["state"], "next");
        // Asked again, the same key is the next.
        assert_eq!(service.operated(&["keys", "rotate", kind]).await, rotated);
    }
    service.advance(900);
    let later = states(&service).await;
    for key in ["tokens", "seeds", "signing"] {
        assert!(later.contains(&format!("{key}-1 old")), "{later:?}");
        assert!(later.contains(&format!("{key}-2 current")), "{later:?}");
    }
    assert!(later.contains(&"RS256-1 current".to_owned()), "{later:?}");
    service.advance(DAY - 900);
    let signs = states(&service).await;
    assert!(signs.contains(&"RS256-1 old".to_owned()), "{signs:?}");
    assert!(signs.contains(&"RS256-2 current".to_owned()), "{signs:?}");
}

#[tokio::test]
async fn what_is_no_kind_of_key_is_a_wrong_command_line() {
    let service = Service::start().await;
    for wrong in [&["keys", "rotate"][..], &["keys", "rotate", "codes"]] {
        let (code, line) = service.not_operated(wrong).await;
        assert_eq!(code, 2, "{line}");
    }
}

#[tokio::test]
async fn a_deployment_without_keys_gets_none_from_the_tool() {
    let service = Service::start().await;
    service.delete_items("KEYS").await;
    for kind in KINDS {
        let (code, line) = service.not_operated(&["keys", "rotate", kind]).await;
        assert_eq!(code, 1);
        assert!(
            line.contains("the keys function makes the first keys"),
            "{line}"
        );
    }
    assert!(service.app.store.read_keys().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn operators_who_rotate_every_kind_at_once_make_one_key_of_each() {
    let service = Arc::new(Service::start().await);
    let all = [&["keys", "rotate"][..], &KINDS].concat();
    let made = at_once(4, |_| {
        let (service, all) = (service.clone(), all.clone());
        async move { service.operated(&all).await }
    })
    .await;
    assert!(made.iter().all(|one| *one == made[0]), "{made:?}");
    assert_eq!(states(&service).await.len(), 2 * KINDS.len());
    for kind in KINDS {
        let subject = format!("keys {kind}");
        let acts = service.app.store.list_acts(&subject, 100).await.unwrap();
        assert_eq!(acts.len(), 1, "an act for each key that was made");
    }
}

#[tokio::test]
async fn a_seed_is_sealed_with_the_new_key_at_the_next_login_with_its_app_and_not_before() {
    let service = Service::start().await;
    service.operated(&["keys", "rotate", "seeds"]).await;
    tokens(&service).await;
    assert_eq!(sealed_by(&service).await, 1, "the new key is not used yet");
    service.advance(1200);
    // A wrong code writes nothing.
    let token = service.begin().await;
    let wrong = service.redeem_otp(&token, "000000").await;
    assert_eq!(wrong.status, 403, "{}", wrong.raw);
    assert_eq!(sealed_by(&service).await, 1);
    tokens(&service).await;
    assert_eq!(sealed_by(&service).await, 2);
    tokens(&service).await;

    // A verify without tokens seals it too.
    service.operated(&["keys", "rotate", "seeds"]).await;
    service.advance(1200);
    let token = service.begin().await;
    let verified = service.verify(&token, &service.totp()).await;
    assert_eq!(verified.status, 200, "{}", verified.raw);
    assert_eq!(sealed_by(&service).await, 3);
    let redeemed = service
        .grant("mfa-otp", &[("mfa_token", token.as_str())])
        .await;
    assert_eq!(redeemed.status, 200, "{}", redeemed.raw);
}

#[tokio::test]
async fn a_function_that_learned_of_a_key_early_leaves_what_the_newer_key_sealed() {
    let mut service = Service::start().await;
    service.operated(&["keys", "rotate", "seeds"]).await;
    // Its ring knows the new key, and does not use it for up to five minutes more.
    service.advance(899);
    let early = service.restarted();
    early.keyring.current_ring(service.now()).await.unwrap();
    service.advance(1);
    service.take(service.restarted());
    tokens(&service).await;
    assert_eq!(sealed_by(&service).await, 2);
    service.take(early);
    tokens(&service).await;
    assert_eq!(sealed_by(&service).await, 2);
}

#[tokio::test]
async fn an_old_data_key_goes_only_when_nothing_needs_it() {
    let mut service = Service::start().await;
    let refresh = tokens(&service).await.text("refresh_token");
    for kind in ["tokens", "seeds", "signing"] {
        service.operated(&["keys", "rotate", kind]).await;
    }
    service.advance(900);
    let until = |key: &str| format!("{key} until 2027-01-17T08:15:30Z");
    let waits = ["tokens-1", "seeds-1", "signing-1"].map(until);
    assert_eq!(retired(&service).await, waits);

    service.advance(2 * DAY);
    let dry = service.operated(&["keys", "retire", "--dry-run"]).await;
    assert_eq!(dry[0]["needed"], "1 session(s)", "{dry:#}");
    let needed = retired(&service).await;
    let [sessions, seeds, pairs] = needed.try_into().unwrap();
    assert_eq!(sessions, "tokens-1 1 session(s)");
    assert_eq!(seeds, "seeds-1 2 authenticator app(s)");
    assert_eq!(pairs, "signing-1 1 key pair(s)");

    // The session moves to the new key with its next refresh.
    let refreshed = service.refresh(&refresh).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.raw);
    assert_eq!(retired(&service).await[0], "tokens-1 nothing");
    let refresh = refreshed.text("refresh_token");
    service.take(service.restarted());
    let refreshed = service.refresh(&refresh).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.raw);

    // The seeds, with the next login of each user; then they open without the key.
    tokens(&service).await;
    assert_eq!(retired(&service).await[0], "seeds-1 1 authenticator app(s)");
    let (user, token) = login::begin(&service).await;
    let code = login::totp(&service);
    let verified = login::verify(&service, &user, Some(&token), "Authenticator", &code).await;
    assert_eq!(verified.raw, "true");
    assert_eq!(retired(&service).await[0], "seeds-1 nothing");
    service.take(service.restarted());
    tokens(&service).await;

    // The key pair, with the next daily task.
    let keys = service.restarted_as(Function::Keys, &[]);
    countersign::wire::task::carry_out_rotation(&keys)
        .await
        .unwrap();
    assert_eq!(retired(&service).await, ["signing-1 nothing"]);

    // A pair goes when its successor signs and its tokens have expired.
    service.operated(&["keys", "rotate", "pair"]).await;
    service.advance(32 * DAY - 1);
    assert_eq!(retired(&service).await.len(), 1);
    service.advance(1);
    assert_eq!(retired(&service).await, ["RS256-1 nothing"]);
    assert_eq!(retired(&service).await.len(), 0);
    service.take(service.restarted());
    assert_eq!(key_set(&service).await["keys"].as_array().unwrap().len(), 1);
    tokens(&service).await;
    let names = ["tokens-2", "seeds-2", "signing-2", "RS256-2"].map(|key| format!("{key} current"));
    assert_eq!(states(&service).await, names);
}

#[tokio::test]
async fn the_daily_schedule_and_an_operator_agree_on_the_key_pairs() {
    let service = Service::start().await;
    let keys = service.restarted_as(Function::Keys, &[]);
    service.operated(&["keys", "rotate", "pair"]).await;
    service.advance(DAY);
    let rotated = countersign::wire::task::carry_out_rotation(&keys)
        .await
        .unwrap();
    assert_eq!(rotated, json!({ "published": [], "retired": [] }));
    let pairs = states(&service).await.into_iter();
    let pairs: Vec<String> = pairs.filter(|key| key.starts_with("RS256")).collect();
    assert_eq!(pairs, ["RS256-1 old", "RS256-2 current"]);
}
