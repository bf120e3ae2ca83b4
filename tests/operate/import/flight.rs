//! What an import does while DynamoDB is overloaded, and while others make users.

use serde_json::{Value, json};

use super::{BCRYPT, Files, PASSWORD};
use crate::harness::Service;
use crate::harness::proxy::{Fault, Proxy};

const ROWS: usize = 130;

fn rows() -> Vec<Value> {
    let row = |at: usize| {
        json!({
            "email": format!("u{at}@flight.example.com"), "email_verified": true,
            "user_id": format!("{at:024x}"), "password_hash": BCRYPT,
            "mfa_factors": if at.is_multiple_of(2) {
                json!([{ "phone": { "value": "+15555550142" } }])
            } else {
                json!([])
            },
        })
    };
    (0..ROWS).map(row).collect()
}

async fn behind_proxy() -> (Service, Proxy) {
    let dynamodb = Proxy::start().await;
    let through = dynamodb.clone();
    let service =
        Service::start_through(&[], |dynamodb, others| (through.before(dynamodb), others)).await;
    (service, dynamodb)
}

#[tokio::test]
async fn an_import_goes_on_after_dynamodb_was_overloaded_and_loses_and_doubles_nobody() {
    let (service, dynamodb) = behind_proxy().await;
    let files = Files::new();
    let file = files.lines(&rows());
    // The first transaction keeps the act. The SDK tries each request twice.
    dynamodb.queue("TransactWriteItems", Fault::Pass);
    for _ in 0..4 {
        dynamodb.queue("TransactWriteItems", Fault::Throttle);
    }
    dynamodb.queue("BatchGetItem", Fault::ServerError);
    dynamodb.queue("BatchGetItem", Fault::ServerError);
    let done = files.import(&service, &file, &[]).await;
    let counts = ["rows", "made", "kept", "refused"].map(|name| done[name].clone());
    assert_eq!(counts, [json!(ROWS), json!(ROWS), json!(0), json!(0)]);
    let found = service.operated(&["user", "find", "@flight.example.com"]);
    assert_eq!(found.await.as_array().unwrap().len(), ROWS);
}

#[tokio::test]
async fn an_import_makes_users_with_few_requests() {
    let (service, dynamodb) = behind_proxy().await;
    let files = Files::new();
    let file = files.lines(&rows());
    dynamodb.take_seen();
    let done = files.import(&service, &file, &[]).await;
    assert_eq!(done["made"], json!(ROWS));
    let seen = dynamodb.take_seen();
    let count = |name: &str| seen.iter().filter(|one| one.ends_with(name)).count();
    // The act, the kinds of hashes, and six batches: 25 users with a name and a profile
    // each, and half of them with a factor, are 62 parts of at most 100.
    assert_eq!(
        (count("TransactWriteItems"), count("BatchGetItem")),
        (8, 12)
    );
}

#[tokio::test]
async fn a_name_that_somebody_else_takes_during_the_import_refuses_its_own_row_only() {
    let (service, dynamodb) = behind_proxy().await;
    let files = Files::new();
    let file = files.lines(&rows()[..10]);
    dynamodb.queue("TransactWriteItems", Fault::Pass);
    dynamodb.queue("TransactWriteItems", Fault::Hold);
    let meanwhile = async {
        dynamodb.held().await;
        service
            .register("u4", "u4@flight.example.com", "another long passphrase")
            .await;
        dynamodb.release();
    };
    let (done, ()) = tokio::join!(files.import(&service, &file, &[]), meanwhile);
    assert_eq!((&done["made"], &done["refused"]), (&json!(9), &json!(1)));
    // The summary names the reason, and no user.
    assert_eq!(
        done["reasons"],
        json!({ "the name belongs to another user": 1 })
    );
    let refused = &files.rejects()[0];
    assert_eq!(refused["number"], json!(5));
    assert_eq!(
        refused["reason"],
        "the name belongs to another user: \"u4@flight.example.com\""
    );
    let tokens = service.password_of("u9@flight.example.com", PASSWORD).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_imports_of_one_file_at_once_make_each_user_once_and_refuse_nobody() {
    let service = Service::start().await;
    let (one, other) = (Files::new(), Files::new());
    let (first, second) = (one.lines(&rows()), other.lines(&rows()));
    let (one, other) = tokio::join!(
        one.import(&service, &first, &[]),
        other.import(&service, &second, &[])
    );
    let count = |name: &str| [&one, &other].map(|done| done[name].as_u64().unwrap());
    assert_eq!(count("refused"), [0, 0]);
    let [made, other_made] = count("made");
    assert_eq!(made + other_made, ROWS as u64);
}
