//! `docs/first-day.md` as one story: each command of the page, and what people do
//! between the commands.

use axum::http::StatusCode;
use countersign::routes::Function;
use countersign::usecase::keys::maintain_keys::set_up;
use countersign_cli::stack::settings;
use countersign_local::storage::database::sdk_config;
use serde_json::json;

use crate::harness::account::PASSWORD;
use crate::harness::deployment::cloud::SENDER;
use crate::harness::deployment::template::{API_ENDPOINT, Stack};
use crate::harness::{Answer, Service};
use crate::operate::import::{self, Files};
use crate::operate::papers::console::{Known, Step, steps};
use crate::operate::stack::{described, stand_in};

const PAPER: &str = "docs/first-day.md";
const PARAMETERS: [(&str, &str); 3] = [
    ("ProductName", "Example"),
    ("SenderAddress", SENDER),
    ("Dialects", "auth0,abp"),
];

/// A deployment without users and clients, found by the outputs of its stack.
async fn deployed() -> Service {
    let mut service = Service::start().await;
    service.empty_table().await;
    let table = service.app.store.table().to_owned();
    let stack = Stack::new("login", &PARAMETERS, &[("Table", &table)]);
    let endpoint = stand_in(StatusCode::OK, described(&stack)).await;
    let found = settings(&sdk_config(&endpoint), "login").await.unwrap();
    assert_eq!(found.settings["COUNTERSIGN_TABLE"], table);
    let pairs = found.settings.iter();
    let pairs: Vec<(&str, &str)> = pairs
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let keys = service.restarted_as(Function::Keys, &pairs);
    set_up(&keys, service.now(), None).await.unwrap();
    let app = service.restarted_with(&pairs);
    service.take(app);
    service
}

/// Runs a command of the page. `cat FILE` writes the file that the page shows.
async fn run(service: &Service, files: &Files, step: &Step, known: &mut Known) {
    let words = known.words(step);
    if words[0] == "cat" {
        std::fs::write(files.path(&words[1]), step.output.join("\n") + "\n").unwrap();
        return;
    }
    assert_eq!(words[..3], ["countersign", "--stack", "login"]);
    let local = |word: &String| match word.ends_with(".ndjson") {
        true => files.path(word),
        false => word.clone(),
    };
    let words: Vec<String> = words[3..].iter().map(local).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match service.operate(&words).await {
        Ok(printed) => known.compare(step, &printed.text, &format!("{API_ENDPOINT}/")),
        Err(problem) => panic!("$ {}: {problem}", step.command),
    }
}

/// The password step of this user with the app of the page.
async fn sign_in(service: &Service, user: &str, password: &str) -> Answer {
    let fields = [
        ("grant_type", "password"),
        ("client_id", "shop-app"),
        ("username", user),
        ("password", password),
        ("scope", "openid offline_access"),
    ];
    service.post_form("/oauth/token", &fields).await
}

/// What people do before the commands below a heading.
async fn before(service: &Service, heading: &str) {
    if heading == "A user is locked out" {
        for _ in 0..11 {
            service.advance(1);
            sign_in(service, "bob@example.com", "wrong").await;
        }
        service.advance(1);
        let locked = sign_in(service, "bob@example.com", import::PASSWORD).await;
        assert_eq!(locked.status, 429, "{}", locked.raw);
    }
}

/// What people do after the commands below a heading.
async fn after(service: &Service, heading: &str) {
    match heading {
        "A client" => {}
        "An administrator" => {
            let ann = service.account("ann@example.com").await.user.id.dashed();
            let token = service.reset_token("ann@example.com").await;
            let reset = service.reset(&ann, &token, PASSWORD).await;
            assert_eq!(reset.status, 204, "{}", reset.raw);
            let tokens = sign_in(service, "ann@example.com", PASSWORD).await;
            assert_eq!(tokens.status, 200, "{}", tokens.raw);
            let audience = service.operated(&["user", "show", &ann]).await;
            assert_eq!(audience["roles"], json!(["admin"]));
        }
        "The users of the old system" => {
            let tokens = sign_in(service, "bob@example.com", import::PASSWORD).await;
            assert_eq!(tokens.status, 200, "{}", tokens.raw);
        }
        "A user is locked out" => {
            let told = &service.messages()[0];
            assert!(told.text.contains("unlocked"), "{}", told.text);
            service.advance(1);
            let tokens = sign_in(service, "bob@example.com", import::PASSWORD).await;
            assert_eq!(tokens.status, 200, "{}", tokens.raw);
        }
        "What happened" => {
            let bob = ["user", "events", "bob@example.com"];
            let events = service.operated(&bob).await;
            let events = events.as_array().unwrap().iter();
            let types: Vec<&str> = events
                .map(|event| event["type"].as_str().unwrap())
                .collect();
            let count = |wanted: &str| types.iter().filter(|one| **one == wanted).count();
            assert_eq!(count("ublkdu"), 1, "{types:?}");
            // The guess that locked, and the count of the guesses behind it.
            assert_eq!(count("limit_wc"), 2, "{types:?}");
            assert_eq!(count("fp"), 9, "{types:?}");
            assert_eq!(count("s"), 2, "{types:?}");
            let acts = service.operated(&["acts", "list"]).await;
            let acts = acts.as_array().unwrap().iter();
            let acts: Vec<&str> = acts.map(|act| act["act"].as_str().unwrap()).collect();
            let all = ["client add", "import", "user add", "user unlock"];
            assert!(all.iter().all(|act| acts.contains(act)), "{acts:?}");
        }
        "A user leaves" => {
            let items = service.items().await;
            let left =
                |item: &&std::collections::HashMap<_, _>| format!("{item:?}").contains("carol");
            assert!(items.iter().find(left).is_none());
        }
        other => panic!("the page has a new part: {other}"),
    }
}

#[tokio::test]
async fn the_first_day_goes_as_its_page_says() {
    let service = deployed().await;
    let empty = service.operated(&["doctor"]).await;
    assert_eq!(
        empty["findings"][0]["finding"],
        "there is no client: nobody can sign in"
    );
    let (files, mut known) = (Files::new(), Known::default());
    let steps = steps(PAPER);
    let mut parts: Vec<&str> = steps.iter().map(|step| step.heading.as_str()).collect();
    parts.dedup();
    assert_eq!(parts.len(), 6, "{parts:?}");
    for part in parts {
        before(&service, part).await;
        for step in steps.iter().filter(|step| step.heading == part) {
            run(&service, &files, step, &mut known).await;
        }
        after(&service, part).await;
    }
    // The reset went by ABP's call, so the test has ABP's dialect on, without the audience
    // and the origin of an app.
    let last = service.operated(&["doctor"]).await;
    let found = last["findings"].as_array().unwrap();
    let abp = |one: &serde_json::Value| one["finding"].as_str().unwrap().contains("dialect abp");
    assert!(found.len() == 2 && found.iter().all(abp), "{last}");
}
