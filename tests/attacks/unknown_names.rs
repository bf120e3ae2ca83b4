//! An unknown name, a wrong password, and a wrong password of a user with a
//! second factor cannot be told apart; and strangers write nothing under `USER#`.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use axum::http::StatusCode;
use countersign_local::demo;
use serde_json::json;

use crate::faults::aws::behind_proxy;
use crate::harness::proxy::Proxy;
use crate::harness::{Answer, Service, totp_factor};

const UNKNOWN: &str = "nobody@example.com";

/// An unknown name, a user without a second factor, and a user with every factor.
const NAMES: [&str; 3] = [UNKNOWN, demo::PLAIN_USER, demo::USER];

/// What a caller sees of an answer.
#[derive(Debug, PartialEq)]
struct Seen {
    status: u16,
    headers: Vec<(String, String)>,
    raw: String,
}

/// Everything that a caller sees, except the request id.
fn seen(answer: &Answer) -> Seen {
    let headers = answer.headers.iter();
    let headers = headers
        .filter(|(name, _)| *name != "x-request-id")
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    Seen {
        status: answer.status,
        headers,
        raw: answer.raw.clone(),
    }
}

/// The keys of the items whose partition begins with this, with the items.
async fn items(service: &Service, prefix: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for item in service.items().await {
        let partition = item["PK"].as_s().unwrap();
        if partition.starts_with(prefix) {
            let sorted: std::collections::BTreeMap<_, _> = item.iter().collect();
            found.insert(format!("{partition} {sorted:?}"));
        }
    }
    found
}

async fn set_inactive(service: &Service, email: &str) {
    let user = service.account(email).await.user.id;
    let store = &service.app.store;
    let update = store.dynamodb().update_item().table_name(store.table());
    update
        .key("PK", AttributeValue::S(format!("USER#{user}")))
        .key("SK", AttributeValue::S("PROFILE".to_owned()))
        .update_expression("SET active = :no")
        .expression_attribute_values(":no", AttributeValue::Bool(false))
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn unknown_and_wrong_are_answered_alike_before_and_after_the_block() {
    let service = Service::start().await;
    for attempt in 1..=12 {
        let mut answers = Vec::new();
        for name in NAMES {
            answers.push(seen(&service.password_of(name, "wrong").await));
        }
        let expected = if attempt <= 10 { 403 } else { 429 };
        assert_eq!(answers[0].status, expected, "attempt {attempt}");
        assert_eq!(answers[0], answers[1], "attempt {attempt}");
        assert_eq!(answers[0], answers[2], "attempt {attempt}");
    }
}

#[tokio::test]
async fn unknown_and_wrong_make_the_same_requests_before_and_after_the_block() {
    let proxy = Proxy::start().await;
    let before = proxy.clone();
    let service =
        Service::start_through(&[], |dynamodb, others| (before.before(dynamodb), others)).await;
    // The very first request reads the keys and the client.
    service.password_of("another@example.com", "wrong").await;
    proxy.take_seen();
    for attempt in 1..=12 {
        let mut made = Vec::new();
        for name in NAMES {
            service.password_of(name, "wrong").await;
            let mut seen = proxy.take_seen();
            // Some of these requests run at the same time.
            seen.sort();
            made.push(seen);
        }
        // A guess that is compared keeps its event, for a known and an unknown name. The others
        // are counted by day.
        let kept = if attempt <= 10 { 1 } else { 0 };
        // By name and network, by name, and by network, which counts wrong ones only. The
        // tenth locks the network out, which the name's count notes.
        let writes = match attempt {
            ..10 => 3,
            10 => 4,
            _ => 2,
        };
        let mut expected = vec!["DynamoDB_20120810.BatchGetItem"];
        expected.extend(vec!["DynamoDB_20120810.PutItem"; kept]);
        expected.push("DynamoDB_20120810.Query");
        expected.extend(vec!["DynamoDB_20120810.UpdateItem"; writes]);
        if attempt == 10 {
            // This guess begins the lockout and sends its notice, which is charged
            // once. The answer takes two seconds for every name.
            assert_eq!(made[0], expected, "{UNKNOWN}");
            expected.insert(3, "DynamoDB_20120810.TransactWriteItems");
            made.remove(0);
        }
        for made in made {
            assert_eq!(made, expected, "attempt {attempt}");
        }
    }
}

/// Each request to DynamoDB with the length of its body, in no order, because some run
/// at the same time. The event that is kept of a guess names its user if there is one.
/// So its length is rounded up to a kilobyte, which is what DynamoDB charges for.
fn sizes(proxy: &Proxy) -> Vec<(String, usize)> {
    let calls = proxy.take_calls().into_iter();
    let mut sizes: Vec<(String, usize)> = calls
        .map(|call| {
            let event = call.operation.ends_with("PutItem");
            let length = call.body.len();
            let length = if event {
                length.next_multiple_of(1024)
            } else {
                length
            };
            (call.operation, length)
        })
        .collect();
    sizes.sort();
    sizes
}

#[tokio::test]
async fn unknown_wrong_and_wrong_with_a_factor_send_as_many_bytes_and_a_longer_name_is_seen() {
    let (service, proxy) = behind_proxy().await;
    // Names of one length: nobody, a user without a factor, a user with one.
    let names = [UNKNOWN, "single@example.com", "second@example.com"];
    service
        .add_user(names[1], |user| user.user.two_factor = false)
        .await;
    let id = service.add_user(names[2], |_| {}).await;
    let app = totp_factor(&service.app, id, demo::SEED, true).await;
    service.add_factor(id, &app).await;
    service.password_of("another@example.com", "wrong").await;
    proxy.take_seen();
    for attempt in 1..=9 {
        let mut made = Vec::new();
        for name in names {
            service.password_of(name, "wrong").await;
            made.push(sizes(&proxy));
        }
        assert_eq!(made[0], made[1], "attempt {attempt}");
        assert_eq!(made[0], made[2], "attempt {attempt}");
    }
    // The comparison finds a difference of one byte.
    service.password_of("anybody@example.com", "wrong").await;
    let longer = sizes(&proxy);
    service.password_of("nobody2@example.co", "wrong").await;
    assert_ne!(longer, sizes(&proxy));
}

#[tokio::test]
async fn that_an_account_is_inactive_is_told_after_its_right_password_only() {
    let service = Service::start().await;
    for name in [demo::PLAIN_USER, demo::USER] {
        set_inactive(&service, name).await;
        let wrong = service.password_of(name, "wrong").await;
        let unknown = service.password_of(UNKNOWN, "wrong").await;
        assert_eq!(seen(&wrong), seen(&unknown));
        let right = service.password_of(name, demo::PASSWORD_OF_ALL).await;
        assert_eq!(right.status, 403);
        assert_eq!(right.error(), "unauthorized: user is blocked");
    }
}

#[tokio::test]
async fn factors_are_told_after_the_right_password_only() {
    let service = Service::start().await;
    let right = service.password_of(demo::USER, demo::PASSWORD_OF_ALL).await;
    let told = right.body["mfa_requirements"]["challenge"].as_array();
    assert_eq!(told.map(Vec::len), Some(4), "{}", right.raw);
    let wrong = service.password_of(demo::USER, "wrong").await;
    let members: Vec<&String> = wrong.body.as_object().unwrap().keys().collect();
    assert_eq!(members, ["error", "error_description"]);
    for bearer in [None, Some("forged")] {
        let list = service.get("/mfa/authenticators", bearer).await;
        assert_eq!(list.status, 401);
        assert_eq!(list.body["error"], "invalid_token");
    }
}

#[tokio::test]
async fn strangers_write_budgets_and_events_of_counted_guesses_and_nothing_else() {
    let service = Service::start().await;
    let users = items(&service, "USER#").await;
    assert!(users.len() >= 6, "{users:?}");
    let others = |all: BTreeSet<String>| -> BTreeSet<String> {
        let kept = all.into_iter();
        kept.filter(|item| !item.starts_with("BUDGET#") && !item.starts_with("EVENTS#"))
            .collect()
    };
    let all = others(items(&service, "").await);
    for name in NAMES {
        for _ in 0..11 {
            service.password_of(name, "wrong").await;
        }
    }
    // A text with the form of our tokens, which is not one of them.
    let forged = "AQEAAAAB".repeat(15);
    service.redeem_otp(&forged, "123456").await;
    service.redeem_oob(&forged, &forged, "123456").await;
    service.redeem_recovery(&forged, demo::RECOVERY_CODE).await;
    service.verify(&forged, "123456").await;
    service.challenge(&forged, "email").await;
    service.get("/mfa/authenticators", Some(&forged)).await;
    service.get("/userinfo", Some(&forged)).await;
    service.refresh(&forged).await;
    let revoke = [("client_id", demo::CLIENT), ("token", forged.as_str())];
    service.post_form("/oauth/revoke", &revoke).await;
    assert_eq!(items(&service, "USER#").await, users);
    assert_eq!(others(items(&service, "").await), all);
    // Ten guesses are compared for each name. What is refused without a charge is one item
    // of its day.
    let events = items(&service, "EVENTS#").await;
    assert_eq!(events.len(), (10 + 1) * NAMES.len(), "{events:?}");
    let budgets = items(&service, "BUDGET#").await;
    // Two of each name, the network's over all of them, and the notices of two lockouts.
    assert_eq!(budgets.len(), 2 * NAMES.len() + 1 + 2, "{budgets:?}");
    for name in NAMES {
        assert!(!budgets.iter().any(|budget| budget.contains(name)));
    }
}

#[tokio::test]
async fn a_right_password_is_what_writes_under_a_user() {
    let service = Service::start().await;
    let before = items(&service, "USER#").await;
    service.begin().await;
    let after = items(&service, "USER#").await;
    let new: Vec<&String> = after.difference(&before).collect();
    assert_eq!(new.len(), 1, "{new:?}");
    assert!(new[0].contains("LOGIN#"), "{new:?}");
}

#[tokio::test]
async fn an_odd_name_is_a_wrong_name() {
    let service = Service::start().await;
    let long = "n".repeat(320);
    let names = [
        "NAME#user@example.com",
        "USER#00000000000000000000000000000000",
        "user@example.com.",
        "\u{1f511}",
        "e\u{301}",
        "\u{202e}moc.elpmaxe@resu",
        "' OR '1'='1",
        "{\"S\":\"user@example.com\"}",
        "#PK = :user",
        "user@example.com&password=pwd",
        "%00",
        ".",
        long.as_str(),
    ];
    for name in names {
        let answer = service.password_of(name, demo::PASSWORD_OF_ALL).await;
        assert_eq!(answer.status, 403, "{name}: {}", answer.raw);
        assert_eq!(answer.error(), "invalid_grant: Wrong email or password.");
    }
}

#[tokio::test]
async fn an_odd_name_is_blocked_like_any_other() {
    let service = Service::start().await;
    let name = "\u{1f511}".repeat(80);
    for _ in 0..10 {
        assert_eq!(service.password_of(&name, "wrong").await.status, 403);
    }
    assert_eq!(service.password_of(&name, "wrong").await.status, 429);
}

#[tokio::test]
async fn what_can_be_no_name_is_malformed() {
    let service = Service::start().await;
    for name in [
        "   ".to_owned(),
        "\u{3000}".to_owned(),
        "user\u{0}@example.com".to_owned(),
        "user@example.com\n@".to_owned(),
        "n".repeat(321),
        "n".repeat(60_000),
        // 320 bytes as typed and more in the form in which names compare.
        "\u{fdfa}".repeat(100),
    ] {
        let answer = service.password_of(&name, demo::PASSWORD_OF_ALL).await;
        assert_eq!(answer.status, 400, "{}", answer.raw);
        assert_eq!(
            answer.error(),
            "invalid_request: the user name is empty, too long or has control characters"
        );
    }
}

#[tokio::test]
async fn a_password_of_a_thousand_bytes_is_compared_and_a_longer_one_refused_for_any_name() {
    let service = Service::start().await;
    for name in NAMES {
        let whole = service.password_of(name, &"p".repeat(1024)).await;
        assert_eq!(whole.error(), "invalid_grant: Wrong email or password.");
        for _ in 0..11 {
            let longer = service.password_of(name, &"p".repeat(1025)).await;
            assert_eq!(longer.status, StatusCode::BAD_REQUEST);
            assert_eq!(longer.error(), "invalid_request: the password is too long");
        }
    }
}

#[tokio::test]
async fn a_name_and_a_password_of_any_json_type_are_read_or_refused_alike_for_any_name() {
    let service = Service::start().await;
    for password in [json!(null), json!(""), json!([]), json!({"a": 1}), json!(5)] {
        let mut answers = Vec::new();
        for name in NAMES {
            let body = json!({
                "grant_type": "password", "client_id": demo::CLIENT,
                "username": name, "password": password,
            });
            answers.push(seen(&service.post_json("/oauth/token", &body).await));
        }
        let expected = if password.is_number() { 403 } else { 400 };
        assert_eq!(
            answers[0].status, expected,
            "{password}: {}",
            answers[0].raw
        );
        assert_eq!(answers[0], answers[1]);
        assert_eq!(answers[0], answers[2]);
    }
}
