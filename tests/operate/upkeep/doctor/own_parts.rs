//! What `doctor` finds in the table itself: keys and clients.

use countersign_cli::upkeep::doctor::{Patient, examine};
use countersign_local::demo;
use countersign_local::storage::database::sdk_config;
use serde_json::json;

use crate::harness::Service;
use crate::operate::upkeep::doctor::stand_in::{START_DATE, healthy, stand_in};
use crate::operate::upkeep::doctor::{alarms, only};
use crate::operate::upkeep::keys::DAY;

#[tokio::test]
async fn data_keys_that_do_not_open_are_found() {
    let service = Service::start().await;
    let mut other = healthy();
    other.insert(
        "Decrypt".to_owned(),
        (400, json!({ "message": "no" }).to_string()),
    );
    let endpoint = stand_in(other.clone(), START_DATE).await;
    let app = service.restarted_at(&endpoint);
    let aws = sdk_config(&endpoint);
    let patient = Patient {
        app: &app,
        aws: Some(&aws),
        alarms: Some(&alarms()),
    };
    let report = examine(&patient).await.unwrap();
    only(
        &report,
        "the data keys do not open",
        "aws kms get-key-policy",
    );
}

/// The one finding of `doctor` on a `cargo local`.
async fn only_at_home(service: &Service, words: &str, command: &str) {
    let local = Patient {
        app: &service.app,
        aws: None,
        alarms: None,
    };
    only(&examine(&local).await.unwrap(), words, command);
}

#[tokio::test]
async fn keys_that_are_old_missing_or_from_the_future_are_found() {
    let service = Service::start().await;
    service.advance(93 * DAY + 1);
    only_at_home(
        &service,
        "RS256-1 is 93 days old: the daily schedule",
        "countersign keys rotate pair",
    )
    .await;
    service.operated(&["keys", "rotate", "pair"]).await;
    service.advance(-DAY);
    only_at_home(
        &service,
        "RS256-2 was made 86400 seconds from now",
        "timedatectl",
    )
    .await;
    service.advance(DAY);
    assert_eq!(service.operated(&["doctor"]).await["findings"], json!([]));

    for _ in 0..6 {
        service.operated(&["keys", "rotate", "tokens"]).await;
        service.advance(900);
    }
    only_at_home(
        &service,
        "6 old keys are kept beside tokens-1",
        "countersign keys retire",
    )
    .await;
    service.advance(401 * DAY);
    let all = service.operated(&["doctor"]).await;
    let all = all["findings"].to_string();
    for kind in ["tokens", "seeds", "signing", "pair"] {
        assert!(
            all.contains(&format!("countersign keys rotate {kind}")),
            "{all}"
        );
    }
    service.delete_items("KEYS").await;
    let none = service.operated(&["doctor"]).await;
    assert_eq!(none["findings"].as_array().unwrap().len(), 4, "{none}");
    assert!(
        none.to_string().contains("no key of the kind seeds"),
        "{none}"
    );
}

#[tokio::test]
async fn clients_that_lack_what_the_dialects_need_are_found() {
    let service = Service::start().await;
    let own = "https://localhost:8788/mfa/".to_owned();
    service
        .add_client("bare", |client| client.audiences = vec![own])
        .await;
    let command = "countersign client update bare --audience https://api.example.com/ --audience \
                   https://localhost:8788/mfa/";
    only_at_home(&service, "bare lacks the audience of an API", command).await;
    service.operated(&["client", "remove", "bare"]).await;

    service
        .operated(&["client", "remove", demo::CODEMAZE_CLIENT])
        .await;
    only_at_home(
        &service,
        "the dialect codemaze is on, and its client codemaze is not there",
        "countersign client add codemaze",
    )
    .await;
    let clients = service.operated(&["client", "list"]).await;
    for client in clients.as_array().unwrap() {
        let id = client["id"].as_str().unwrap();
        service.operated(&["client", "remove", id]).await;
    }
    only_at_home(&service, "there is no client", "countersign client add app").await;
    let audience = ["--audience", "https://api.example.com/"];
    let add = ["client", "add", "codemaze", "--for", "mobile"];
    service.operated(&[&add[..], &audience].concat()).await;
    let missing = service.operated(&["doctor"]).await["findings"].to_string();
    assert!(
        !missing.contains("mfa/"),
        "a mobile client has it: {missing}"
    );
    let all = ["client", "update", "codemaze"];
    service.operated(&[&all[..], &audience].concat()).await;
    let found = service.operated(&["doctor"]).await["findings"].to_string();
    let words =
        "the dialect auth0 is on, and no client has the audience https://localhost:8788/mfa/";
    assert!(found.contains(words), "{found}");
    for dialect in ["abp", "aidbox"] {
        let words = format!("the dialect {dialect} is on, and no client has the audience");
        assert!(missing.contains(&words), "{missing}");
    }
}
