//! `keys replace`: what was made with the old keys ends at once.

use countersign::routes::Function;
use countersign_local::demo;
use serde_json::{Value, json};

use crate::harness::events::{events_of, problems_of};
use crate::harness::{Service, logged};
use crate::operate::upkeep::keys::{DAY, states};
use crate::rules::keys::rotation::{ES256, check, key_set, tokens};

const TOKENS: [&str; 5] = ["keys", "replace", "tokens", "--reason", "table restored"];
const PAIR: [&str; 5] = ["keys", "replace", "pair", "--reason", "DataKey was used"];

/// `key done` of every key in the answer.
fn done(answer: &Value) -> Vec<String> {
    let line = |key: &Value| {
        let text = |name: &str| key[name].as_str().unwrap().to_owned();
        format!("{} {}", text("key"), text("done"))
    };
    answer.as_array().unwrap().iter().map(line).collect()
}

async fn replace(service: &Service, command: &[&str]) -> Vec<String> {
    let command = [command, &["--yes"]].concat();
    done(&service.operated(&command).await)
}

#[tokio::test]
async fn a_replaced_token_key_ends_logins_and_sessions_and_new_ones_begin() {
    let mut service = Service::start().await;
    let refresh = tokens(&service).await.text("refresh_token");
    let pending = service.begin().await;
    service.operated(&["keys", "rotate", "tokens"]).await;
    service.advance(1);
    let (replaced, lines) = logged(replace(&service, &TOKENS)).await;
    assert_eq!(
        replaced,
        ["tokens-1 deleted", "tokens-2 deleted", "tokens-3 made"]
    );
    service.take(service.restarted());
    assert_eq!(service.refresh(&refresh).await.status, 403);
    service.advance(30);
    let late = service.redeem_otp(&pending, &service.totp()).await;
    assert_eq!(late.error(), "invalid_grant: Malformed mfa_token");
    let refresh = tokens(&service).await.text("refresh_token");
    assert_eq!(service.refresh(&refresh).await.status, 200);
    assert!(states(&service).await[0].starts_with("tokens-3 "));

    let told = events_of(&lines);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(problems_of(&told[0]), [""; 0], "{told:?}");
    assert_eq!(told[0]["type"], "key_made");
    assert_eq!(told[0]["also"], json!(["key_retired"]));
    let acts = service.operated(&["acts", "list", "--limit", "1"]).await;
    assert_eq!(acts[0]["act"], "keys replace");
    assert_eq!(acts[0]["subject"], "tokens-3");
    assert_eq!(acts[0]["why"], "table restored");
    assert_eq!(acts[0]["event"], "key.made");
}

#[tokio::test]
async fn a_replaced_key_pair_signs_at_once_and_the_old_pairs_of_each_algorithm_are_gone() {
    let mut service = Service::start().await;
    let old = tokens(&service).await.text("access_token");
    let keys = service.restarted_as(Function::Keys, &[ES256]);
    countersign::wire::task::carry_out_rotation(&keys)
        .await
        .unwrap();
    let replaced = replace(&service, &PAIR).await;
    assert_eq!(
        replaced,
        ["RS256-1 deleted", "ES256-1 deleted", "RS256-2 made"]
    );
    service.take(service.restarted());
    let set = key_set(&service).await;
    assert_eq!(set["keys"].as_array().unwrap().len(), 1, "{set}");
    assert_eq!(service.get("/userinfo", Some(&old)).await.status, 401);
    let new = tokens(&service).await.text("access_token");
    check(&set, &new, demo::AUDIENCE);
    assert_eq!(service.get("/userinfo", Some(&new)).await.status, 200);
    let acts = service.operated(&["acts", "list", "--limit", "1"]).await;
    assert_eq!(acts[0]["subject"], set["keys"][0]["kid"]);
}

#[tokio::test]
async fn a_replacement_wants_a_reason_and_a_yes_and_a_dry_run_replaces_nothing() {
    let service = Service::start().await;
    let before = service.items().await;
    for (wrong, code) in [
        (&["keys", "replace", "tokens", "--yes"][..], 2),
        (&["keys", "replace", "seeds", "--reason", "x", "--yes"], 2),
        (&TOKENS, 2),
        (&PAIR, 2),
    ] {
        let (found, line) = service.not_operated(wrong).await;
        assert_eq!(found, code, "{wrong:?}: {line}");
    }
    let (_, line) = service.not_operated(&TOKENS).await;
    assert!(line.contains("--yes"), "{line}");
    let dry = [&TOKENS[..], &["--dry-run"]].concat();
    let would = service.operated(&dry).await;
    assert_eq!(done(&would), ["tokens-1 would be deleted"]);
    assert_eq!(service.items().await, before);
}

#[tokio::test]
async fn a_deployment_without_such_keys_gets_none() {
    let service = Service::start().await;
    service.delete_items("KEYS").await;
    for command in [TOKENS, PAIR] {
        let command = [&command[..], &["--yes"]].concat();
        let (code, line) = service.not_operated(&command).await;
        assert_eq!(code, 1, "{line}");
        assert!(line.contains("the keys function makes the first keys"));
    }
    let left = service.app.store.read_keys().await.unwrap();
    assert!(left.is_empty());
}

#[tokio::test]
async fn the_daily_task_leaves_a_replaced_pair_as_it_is() {
    let service = Service::start().await;
    replace(&service, &PAIR).await;
    let keys = service.restarted_as(Function::Keys, &[]);
    service.advance(DAY);
    let rotated = countersign::wire::task::carry_out_rotation(&keys).await;
    assert_eq!(rotated.unwrap(), json!({ "published": [], "retired": [] }));
}
