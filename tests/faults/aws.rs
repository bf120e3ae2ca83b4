//! AWS is down, slow or busy: the answer is 503 with `Retry-After`. No check is
//! skipped, no retry is endless, and everything works again once AWS is back.

use countersign_local::demo;

use crate::harness::proxy::{Fault, Proxy};
use crate::harness::{Answer, Service, lines_since_start};

/// A service with a proxy before DynamoDB.
pub async fn behind_proxy() -> (Service, Proxy) {
    let proxy = Proxy::start().await;
    let service = Service::start_through(&[], |dynamodb, others| (proxy.before(dynamodb), others));
    (service.await, proxy)
}

/// A service with a proxy before SES, SNS and KMS.
pub async fn others_behind_proxy() -> (Service, Proxy) {
    let proxy = Proxy::start().await;
    let service = Service::start_through(&[], |dynamodb, others| (dynamodb, proxy.before(others)));
    (service.await, proxy)
}

/// The time limits of the functions. Other tests wait longer, because the machine may
/// be busy.
const AS_IN_THE_CLOUD: (&str, &str) = ("COUNTERSIGN_AWS_ATTEMPT_MILLISECONDS", "1000");

/// Checks that an answer is a plain 503 with `Retry-After`.
pub fn is_unavailable(answer: &Answer) {
    assert_eq!(answer.status, 503, "{}", answer.raw);
    assert_eq!(
        answer.error(),
        "temporarily_unavailable: The service is unavailable. Please try again."
    );
    assert_eq!(answer.header("retry-after"), Some("2"));
    assert_eq!(answer.body.as_object().unwrap().len(), 2);
}

/// The number of these operations whose name ends in this text.
pub fn count(seen: &[String], operation: &str) -> usize {
    let named = seen.iter().filter(|seen| seen.ends_with(operation));
    named.count()
}

/// The tokens that a client of the demo user has.
struct Held {
    login: String,
    challenge: String,
    code: String,
    access: String,
    refresh: String,
}

async fn held(service: &Service) -> Held {
    let login = service.begin().await;
    let tokens = service.redeem_otp(&login, &service.totp()).await;
    let login = service.begin().await;
    let challenge = service.challenge(&login, "email").await.text("oob_code");
    service.advance(60);
    Held {
        code: service.newest_code(),
        login,
        challenge,
        access: tokens.text("access_token"),
        refresh: tokens.text("refresh_token"),
    }
}

/// A request to every route that needs the table.
async fn every_route(service: &Service, held: &Held) -> Vec<(&'static str, Answer)> {
    let login = &held.login;
    let revoke = [("client_id", demo::CLIENT), ("token", &held.refresh)];
    let posted = [("access_token", held.access.as_str())];
    vec![
        ("password", service.password("openid").await),
        ("otp", service.redeem_otp(login, &service.totp()).await),
        (
            "oob",
            service.redeem_oob(login, &held.challenge, &held.code).await,
        ),
        (
            "recovery",
            service.redeem_recovery(login, demo::RECOVERY_CODE).await,
        ),
        ("refresh", service.refresh(&held.refresh).await),
        ("revoke", service.post_form("/oauth/revoke", &revoke).await),
        (
            "userinfo",
            service.get("/userinfo", Some(&held.access)).await,
        ),
        ("userinfo", service.post_form("/userinfo", &posted).await),
        (
            "authenticators",
            service.get("/mfa/authenticators", Some(login)).await,
        ),
        ("challenge", service.challenge(login, "sms").await),
        ("verify", service.verify(login, &service.totp()).await),
    ]
}

#[tokio::test]
async fn without_dynamodb_every_route_answers_503_and_the_keys_are_still_published() {
    let (service, proxy) = behind_proxy().await;
    let held = held(&service).await;
    let keys = service.get("/.well-known/jwks.json", None).await;
    let sent = service.messages().len();
    for fault in [Fault::ServerError, Fault::Throttle] {
        proxy.always("", fault);
        for (_route, answer) in every_route(&service, &held).await {
            is_unavailable(&answer);
        }
        for _ in 0..2 {
            let published = service.get("/.well-known/jwks.json", None).await;
            assert_eq!((published.status, &published.raw), (200, &keys.raw));
            // The keys in memory are older than their reload time, and stay in use.
            service.advance(301);
        }
        proxy.heal();
        service.advance(-602);
    }
    assert_eq!(service.messages().len(), sent);
    // Nothing was consumed meanwhile.
    let answer = service
        .redeem_oob(&held.login, &held.challenge, &held.code)
        .await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    assert_eq!(service.refresh(&held.refresh).await.status, 200);
}

#[tokio::test]
async fn a_cold_start_without_dynamodb_answers_503_and_recovers_by_itself() {
    let (mut service, proxy) = behind_proxy().await;
    let held = held(&service).await;
    service.take(service.restarted());
    proxy.always("", Fault::ServerError);
    for (_route, answer) in every_route(&service, &held).await {
        is_unavailable(&answer);
    }
    is_unavailable(&service.get("/.well-known/jwks.json", None).await);
    let metadata = "/.well-known/openid-configuration";
    assert_eq!(service.get(metadata, None).await.status, 200);
    proxy.heal();
    let answer = service
        .redeem_oob(&held.login, &held.challenge, &held.code)
        .await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
}

#[tokio::test]
async fn a_failing_request_is_tried_twice_and_no_more() {
    let (service, proxy) = behind_proxy().await;
    let token = service.begin().await;
    for operation in ["BatchGetItem", "UpdateItem", "TransactWriteItems"] {
        for fault in [Fault::ServerError, Fault::Throttle] {
            proxy.always(operation, fault);
            proxy.take_seen();
            let answer = service.redeem_otp(&token, &service.totp()).await;
            is_unavailable(&answer);
            let expected = match operation {
                // The guess was counted before, and is given back.
                "TransactWriteItems" => (2, 2),
                _ => (2, 0),
            };
            let seen = proxy.take_seen();
            let updates = match operation {
                "UpdateItem" => 0,
                _ => count(&seen, "UpdateItem"),
            };
            assert_eq!((count(&seen, operation), updates), expected, "{operation}");
        }
    }
    proxy.heal();
    let answer = service.redeem_otp(&token, &service.totp()).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
}

#[tokio::test]
async fn a_hanging_dynamodb_is_answered_503_and_the_keys_are_still_published() {
    let (mut service, proxy) = behind_proxy().await;
    let held = held(&service).await;
    service.take(service.restarted_with(&[AS_IN_THE_CLOUD]));
    service.get("/.well-known/jwks.json", None).await;
    service.password("openid").await;
    proxy.always("", Fault::Hang);
    proxy.take_seen();
    // This limit only ends the test if the service does not answer.
    let guarded = tokio::time::timeout(std::time::Duration::from_secs(60), async {
        tokio::join!(
            service.password("openid"),
            service.refresh(&held.refresh),
            service.challenge(&held.login, "sms"),
        )
    });
    let (password, refresh, challenge) = guarded.await.unwrap();
    for answer in [password, refresh, challenge] {
        is_unavailable(&answer);
    }
    // Two attempts for each call. The password step makes three calls at the same time,
    // which count the guess and find the name. Every other step makes one.
    let seen = proxy.take_seen();
    assert!(seen.len() <= 2 * 4, "{seen:?}");
    service.advance(301);
    let keys = service.get("/.well-known/jwks.json", None).await;
    assert_eq!(keys.status, 200, "{}", keys.raw);
}

#[tokio::test]
async fn a_conflict_with_another_transaction_is_tried_again() {
    let (service, proxy) = behind_proxy().await;
    let token = service.begin().await;
    for _ in 0..3 {
        proxy.queue("TransactWriteItems", Fault::TransactionConflict);
    }
    let answer = service.redeem_otp(&token, &service.totp()).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    for _ in 0..3 {
        proxy.queue("UpdateItem", Fault::TransactionConflict);
    }
    let refreshed = service.refresh(&answer.text("refresh_token")).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.raw);
}

#[tokio::test]
async fn after_six_conflicts_the_answer_is_503_and_nothing_is_spent() {
    let (service, proxy) = behind_proxy().await;
    let token = service.begin().await;
    proxy.always("TransactWriteItems", Fault::TransactionConflict);
    proxy.take_seen();
    is_unavailable(&service.redeem_otp(&token, &service.totp()).await);
    assert_eq!(count(&proxy.take_seen(), "TransactWriteItems"), 6);
    proxy.heal();
    let answer = service.redeem_otp(&token, &service.totp()).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);

    proxy.always("UpdateItem", Fault::TransactionConflict);
    proxy.take_seen();
    let refresh = answer.text("refresh_token");
    is_unavailable(&service.refresh(&refresh).await);
    assert_eq!(count(&proxy.take_seen(), "UpdateItem"), 6);
    proxy.heal();
    assert_eq!(service.refresh(&refresh).await.status, 200);
}

#[tokio::test]
async fn what_a_batch_read_leaves_out_is_asked_for_again_and_never_taken_as_missing() {
    let (service, proxy) = behind_proxy().await;
    let token = service.begin().await;
    proxy.queue("BatchGetItem", Fault::LeaveOut);
    proxy.queue("BatchGetItem", Fault::LeaveOut);
    let answer = service.redeem_otp(&token, &service.totp()).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    proxy.always("BatchGetItem", Fault::LeaveOut);
    proxy.take_seen();
    is_unavailable(&service.refresh(&answer.text("refresh_token")).await);
    assert_eq!(count(&proxy.take_seen(), "BatchGetItem"), 4);
}

#[tokio::test]
async fn without_kms_a_cold_start_answers_503_and_the_same_instance_recovers() {
    let (mut service, proxy) = others_behind_proxy().await;
    let token = service.begin().await;
    for fault in [Fault::ServerError, Fault::Hang] {
        service.take(service.restarted_with(&[AS_IN_THE_CLOUD]));
        proxy.always("Decrypt", fault);
        is_unavailable(&service.redeem_otp(&token, &service.totp()).await);
        // Three keys are opened at the same time, and each is tried twice.
        assert_eq!(
            count(&proxy.take_seen(), "Decrypt"),
            6 + 3 * usize::from(fault == Fault::ServerError)
        );
        proxy.heal();
    }
    let answer = service.redeem_otp(&token, &service.totp()).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
}

#[tokio::test]
async fn without_kms_a_warm_instance_goes_on() {
    let (service, proxy) = others_behind_proxy().await;
    service.begin().await;
    proxy.always("Decrypt", Fault::ServerError);
    service.advance(400);
    let token = service.begin().await;
    let answer = service.redeem_otp(&token, &service.totp()).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
}

#[tokio::test]
async fn a_guess_is_given_back_with_one_request_whatever_becomes_of_it() {
    let (service, proxy) = behind_proxy().await;
    for (fault, left) in [(Fault::ServerError, 9), (Fault::LoseAnswer, 10)] {
        service.advance(3600);
        let token = service.begin().await;
        proxy.queue("UpdateItem", Fault::Pass);
        proxy.queue("UpdateItem", fault);
        proxy.take_seen();
        let answer = service.redeem_otp(&token, &service.totp()).await;
        assert_eq!(answer.status, 200, "{}", answer.raw);
        let seen = proxy.take_seen();
        assert_eq!(count(&seen, "UpdateItem"), 2, "{fault:?}: {seen:?}");
        assert_eq!(service.wrong_guesses_left().await, left, "{fault:?}");
    }
}

#[tokio::test]
async fn keys_that_are_gone_are_not_made_again_while_there_are_users() {
    let mut service = Service::start().await;
    service.delete_items("KEYS").await;
    service.take(service.restarted());
    let answer = service.get("/.well-known/jwks.json", None).await;
    assert_eq!(answer.status, 500);
    assert_eq!(
        answer.error(),
        "server_error: The service failed to answer this request."
    );
    let id = answer.header("x-request-id").unwrap().to_owned();
    let lines = lines_since_start();
    let line = lines.iter().find(|line| line.contains(&id)).unwrap();
    let why = "the table holds users but its data keys are gone: restore the KEYS items";
    assert!(line.contains(why), "{line}");
    assert!(service.app.store.read_keys().await.unwrap().is_empty());

    let answer = service.password("openid").await;
    is_unavailable(&answer);
    let id = answer.header("x-request-id").unwrap().to_owned();
    let lines = lines_since_start();
    let line = lines.iter().find(|line| line.contains(&id)).unwrap();
    assert!(line.contains("the keys function makes them"), "{line}");
}

#[tokio::test]
async fn one_data_key_that_is_gone_is_not_made_again_while_there_are_users() {
    for purpose in ["tokens", "seeds", "signing"] {
        let mut service = Service::start().await;
        let store = service.app.store.clone();
        let delete = store.dynamodb().delete_item().table_name(store.table());
        let text = |text: String| aws_sdk_dynamodb::types::AttributeValue::S(text);
        let delete = delete.key("PK", text("KEYS".into()));
        let delete = delete.key("SK", text(format!("KEY#{purpose}-1")));
        delete.send().await.unwrap();
        service.take(service.restarted());
        assert!(
            service
                .app
                .keyring
                .make_first(service.now(), &mut Vec::new())
                .await
                .is_err()
        );
        assert_eq!(store.read_keys().await.unwrap().len(), 3);
        is_unavailable(&service.password("openid").await);
    }
}

#[tokio::test]
async fn a_new_table_gets_its_keys_from_the_first_call_for_them() {
    let mut service = Service::start().await;
    // Everything but the clients.
    for partition in ["KEYS", "USER#", "NAME#"] {
        service.delete_items(partition).await;
    }
    service.take(service.restarted());
    is_unavailable(&service.password("openid").await);
    let answer = service.get("/.well-known/jwks.json", None).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    assert_eq!(answer.body["keys"].as_array().unwrap().len(), 1);
    assert_eq!(service.app.store.read_keys().await.unwrap().len(), 4);
    demo::make_demo(&service.app).await.unwrap();
    let token = service.begin().await;
    let answer = service.redeem_otp(&token, &service.totp()).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
}
