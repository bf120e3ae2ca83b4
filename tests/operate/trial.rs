//! `countersign try` against the real `cargo local`, over HTTPS.

use countersign::usecase::administration::operator::Operator;
use countersign::usecase::administration::users::trial::{add_trial_user, remove_trial_user};
use serde_json::{Value, json};

use crate::harness::Service;
use crate::harness::deployment::local::{Folder, Local};
use crate::harness::proxy::Proxy;
use crate::operate::process::{countersign, error};

fn json_of(output: &std::process::Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What the trial has left in the table: users, clients.
fn left(folder: &Folder) -> (Value, Vec<String>) {
    let users = json_of(&countersign(
        folder,
        &["--json", "user", "find", "countersign-try"],
    ));
    let clients = json_of(&countersign(folder, &["--json", "client", "list"]));
    let ids = clients.as_array().unwrap().iter();
    let ids = ids.map(|client| client["id"].as_str().unwrap().to_owned());
    let tried = ids.filter(|id| id.starts_with("countersign-try"));
    (users, tried.collect())
}

#[test]
fn a_trial_signs_in_in_every_dialect_sends_nothing_and_leaves_nothing() {
    let folder = Folder::new();
    let local = Local::start(&folder, &[]);
    let tried = countersign(&folder, &["--json", "try"]);
    assert_eq!(
        tried.status.code(),
        Some(0),
        "{}{}",
        String::from_utf8_lossy(&tried.stdout),
        String::from_utf8_lossy(&tried.stderr)
    );
    let steps = json_of(&tried)["steps"].as_array().unwrap().clone();
    let requests: Vec<String> = steps
        .iter()
        .map(|step| format!("{} {} {}", step["dialect"], step["request"], step["status"]))
        .collect();
    insta::assert_snapshot!(requests.join("\n"), @r#"
    "auth0" "POST /oauth/token" 403
    "auth0" "POST /oauth/token" 200
    "auth0" "GET /.well-known/jwks.json" 200
    "abp" "POST /connect/token" 400
    "abp" "POST /connect/token" 200
    "abp" "GET /.well-known/jwks.json" 200
    "codemaze" "POST /api/accounts/login" 200
    "codemaze" "POST /api/accounts/twostepverification" 200
    "codemaze" "GET /.well-known/jwks.json" 200
    "aidbox" "POST /auth/token" 400
    "aidbox" "POST /auth/token" 200
    "aidbox" "GET /.well-known/jwks.json" 200
    "#);
    assert_eq!(left(&folder), (json!([]), Vec::new()));
    assert_eq!(
        local.ask("GET", "/_local/messages", &[], "").body,
        json!([])
    );
    assert_eq!(local.stop(), Some(0));
}

#[test]
fn a_trial_of_a_deployment_without_second_factors_needs_the_password_alone() {
    let folder = Folder::new();
    let settings = [("COUNTERSIGN_MFA_POLICY", "disabled")];
    let local = Local::start_in(&folder, &[], &settings);
    let tried = countersign(&folder, &["try"]);
    let told = String::from_utf8_lossy(&tried.stdout).into_owned();
    assert_eq!(tried.status.code(), Some(0), "{told}");
    assert!(
        !told.contains("eyJ") && told.contains("auth0: POST /oauth/token: 200 after "),
        "{told}"
    );
    assert_eq!(local.stop(), Some(0));
}

#[test]
fn a_trial_that_reaches_no_api_says_so_and_leaves_nothing() {
    let folder = Folder::new();
    let local = Local::start(&folder, &[]);
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let tried = countersign(&folder, &["try", "--url", &closed]);
    assert_eq!(tried.status.code(), Some(6), "{}", error(&tried));
    let told = String::from_utf8_lossy(&tried.stdout).into_owned();
    assert!(
        told.starts_with("auth0: POST /oauth/token: no answer, the API cannot be reached\n"),
        "{told}"
    );
    assert_eq!(left(&folder), (json!([]), Vec::new()));
    let wrong = countersign(&folder, &["try", "--url", "login.example.com"]);
    assert_eq!(wrong.status.code(), Some(2), "{}", error(&wrong));
    assert_eq!(local.stop(), Some(0));
}

#[test]
fn a_trial_at_another_deployments_api_shows_the_refusal_of_its_client() {
    let (folder, another) = (Folder::new(), Folder::new());
    let (local, other) = (Local::start(&folder, &[]), Local::start(&another, &[]));
    let elsewhere = format!("http://127.0.0.1:{}", other.port);
    let tried = countersign(&folder, &["try", "--url", &elsewhere]);
    assert_eq!(tried.status.code(), Some(6), "{}", error(&tried));
    let told = String::from_utf8_lossy(&tried.stdout).into_owned();
    assert!(
        told.contains("auth0: POST /oauth/token: 401 after "),
        "{told}"
    );
    assert!(told.contains("A login failed."), "{told}");
    assert_eq!(left(&folder), (json!([]), Vec::new()));
    assert_eq!((local.stop(), other.stop()), (Some(0), Some(0)));
}

#[tokio::test]
async fn a_user_of_a_trial_is_removed_whole_without_reading_the_table() {
    let dynamodb = Proxy::start().await;
    let through = dynamodb.clone();
    let service =
        Service::start_through(&[], |dynamodb, others| (through.before(dynamodb), others)).await;
    let operator = Operator::new("olga".to_owned(), service.now());
    let user = add_trial_user(&service.app, &operator, "countersign-try-1")
        .await
        .unwrap();
    let begun = service
        .password_of(&user.name, user.password.expose())
        .await;
    assert_eq!(begun.status, 403, "{}", begun.raw);
    dynamodb.take_seen();
    remove_trial_user(&service.app, &operator, &user)
        .await
        .unwrap();
    let seen = dynamodb.take_seen();
    assert!(
        !seen.iter().any(|operation| operation.ends_with("Scan")),
        "{seen:?}"
    );
    // The acts of the operator stay.
    let left = service.items().await;
    let keys = left.iter().map(|item| item["PK"].as_s().unwrap().as_str());
    let others: Vec<&str> = keys
        .filter(|key| key.contains(&user.id.to_string()) && !key.starts_with("EVENTS#"))
        .collect();
    assert_eq!(others, [""; 0]);
}
