//! What `doctor` finds in the table itself: keys and clients.

use countersign_cli::upkeep::doctor::{Patient, examine};
use countersign_local::demo;
use countersign_local::storage::database::sdk_config;
use serde_json::json;

use crate::harness::Service;
use crate::operate::import::{BCRYPT, Files};
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
        "aws configure set profile.countersign.role_arn",
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

#[tokio::test]
async fn a_browsers_client_without_a_redirect_uri_is_found() {
    let service = Service::start().await;
    let audience = ["--audience", "https://api.example.com/"];
    let add = ["client", "add", "site", "--for", "browser"];
    let uri = ["--redirect-uri", "https://app.example.com/"];
    service
        .operated(&[&add[..], &audience, &uri].concat())
        .await;
    assert_eq!(service.operated(&["doctor"]).await["findings"], json!([]));
    let mut client = service
        .app
        .store
        .read_client("site")
        .await
        .unwrap()
        .unwrap();
    client.redirect_uris.clear();
    service.app.store.put_client(&client).await.unwrap();
    let command = "countersign client update site --redirect-uri";
    only_at_home(&service, "site signs users in by a browser", command).await;
}

#[tokio::test]
async fn dialects_whose_links_lead_to_pages_of_an_app_need_the_apps_origin() {
    let issuer = ("COUNTERSIGN_ISSUER", "https://login.example.com/");
    for (dialect, found) in [("abp", true), ("codemaze", true), ("auth0", false)] {
        let dialects = ("COUNTERSIGN_DIALECTS", dialect);
        let alone = Service::start_with(&[issuer, dialects]).await;
        let findings = alone.operated(&["doctor"]).await["findings"].to_string();
        let words = format!("the dialect {dialect} is on, and no origin of an app is set");
        assert_eq!(findings.contains(&words), found, "{findings}");
        assert_eq!(findings.contains("LinkOrigins="), found, "{findings}");
        let origins = ("COUNTERSIGN_LINK_ORIGINS", "https://app.example.com");
        let set = Service::start_with(&[issuer, dialects, origins]).await;
        let findings = set.operated(&["doctor"]).await["findings"].to_string();
        assert!(!findings.contains("LinkOrigins="), "{findings}");
    }
}

#[tokio::test]
async fn kinds_of_imported_hashes_whose_work_wrong_passwords_cost_are_noted() {
    let (service, files) = (Service::start().await, Files::new());
    let file = files.lines(&[json!({ "username": "ann", "password_hash": BCRYPT })]);
    files.import(&service, &file, &[]).await;
    let printed = service.operate(&["doctor"]).await.unwrap();
    let told =
        "Note: passwords: each wrong password also computes the imported kinds 2b 05, so that";
    assert!(printed.text.starts_with(told), "{}", printed.text);
    assert!(
        printed.text.contains("Nothing was found."),
        "{}",
        printed.text
    );
    assert_eq!(
        (printed.exit_code, &printed.json["findings"]),
        (0, &json!([]))
    );
    assert_eq!(printed.json["notes"][0]["area"], "passwords");
}
