//! The real binaries of the functions, each run as Lambda runs it: the process polls a
//! Runtime API that the test provides.

use countersign::routes::Function;
use countersign_local::storage::database::{create_table, sdk_config};
use serde_json::{Value, json};

use crate::deployment::events::routes::{filler, names};
use crate::harness::deployment::binary::Stream;
use crate::harness::deployment::event::{function_of, kept};
use crate::harness::deployment::runtime_api::Lambda;
use crate::harness::{START, Service, holds};
use crate::rules::messages::delivery_events::bounce;

/// The demo user's authenticator by the system's clock, because a function's process
/// uses only that clock.
fn totp(service: &Service) -> String {
    service.totp_at(countersign::clock::system_time())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_runs_through_the_real_binaries_of_all_functions() {
    let service = Service::start_at_the_systems_time().await;
    let environment = service.environment();
    let token = Lambda::start("token", &environment).await;
    let begun = token.invoke(kept("token-auth0-password", &[]));
    assert_eq!(begun.body["error"], "mfa_required", "{}", begun.raw);
    let mfa_token = begun.text("mfa_token");
    let values = [("mfa_token", mfa_token.as_str())];

    let send_code = Lambda::start("send-code", &environment).await;
    let sent = send_code.invoke(kept("send-code-auth0-challenge-email", &values));
    assert_eq!(sent.status, 200, "{}", sent.raw);

    let verify = Lambda::start("verify", &environment).await;
    let otp = totp(&service);
    let values = [("mfa_token", mfa_token.as_str()), ("otp", &otp)];
    let mut event = kept("verify-auth0-totp", &values);
    // A code was sent, so the verify must name the factor.
    let listed = send_code.invoke(kept("send-code-auth0-authenticators", &values[..1]));
    let ids = listed.body.as_array().unwrap().iter().map(|one| &one["id"]);
    let id = ids
        .into_iter()
        .find(|id| id.as_str().unwrap().starts_with("totp|"));
    let mut body: Value = serde_json::from_str(event["body"].as_str().unwrap()).unwrap();
    body["authenticator_id"] = id.unwrap().clone();
    event["body"] = json!(body.to_string());
    let verified = verify.invoke(event);
    assert_eq!(
        verified.body,
        json!({ "verified": true }),
        "{}",
        verified.raw
    );

    let tokens = token.invoke(kept("token-auth0-mfa-otp", &values));
    assert_eq!(tokens.status, 200, "{}", tokens.raw);

    let keys = Lambda::start("keys", &environment).await;
    let set = keys.invoke(kept("keys-oauth-jwks", &[]));
    let header = jsonwebtoken::decode_header(tokens.text("access_token")).unwrap();
    assert_eq!(set.body["keys"][0]["kid"], json!(header.kid.unwrap()));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kept_event_is_answered_by_the_real_process_as_by_its_routes() {
    let service = Service::start_at_the_systems_time().await;
    let filler = filler();
    for function in Function::ALL.map(Function::name) {
        let lambda = Lambda::start(function, &service.environment()).await;
        let mine = |name: &String| function_of(name).name() == function;
        for name in names().into_iter().filter(mine) {
            let answered = lambda.invoke(kept(&name, &filler));
            // A name that was registered is taken, and a network has twenty sign-ups and
            // resets at once.
            let names = ["NAME#annlee", "NAME#ann.lee@", "NAME#bea.fox@"];
            for used in names.into_iter().chain(["BUDGET#anonymous#"]) {
                service.delete_items(used).await;
            }
            let expected = service.event(&name, &filler).await;
            assert_eq!(answered.status, expected.status, "{name}: {}", answered.raw);
            assert_eq!(answered.error(), expected.error(), "{name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_is_told_to_stop_ends_without_a_complaint() {
    let service = Service::start_at_the_systems_time().await;
    for function in Function::ALL.map(Function::name) {
        let lambda = Lambda::start(function, &service.environment()).await;
        lambda.polled();
        let lines = lambda.stop();
        let complaint = lines
            .iter()
            .find(|(stream, line)| *stream == Stream::Error || line.contains("\"ERROR\""));
        assert_eq!(complaint, None, "{function}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_function_polls_survives_a_malformed_event_and_serves_the_next() {
    let service = Service::start_at_the_systems_time().await;
    let environment = service.environment();
    for (name, event, status) in [
        ("token", "token-auth0-password", 403),
        ("send-code", "send-code-auth0-authenticators-no-token", 401),
        ("verify", "verify-auth0-token-malformed", 403),
        ("account", "account-abp-my-profile-no-token", 401),
        ("enroll", "enroll-auth0-associate-no-token", 401),
        ("keys", "keys-oauth-openid-configuration", 200),
    ] {
        let mut lambda = Lambda::start(name, &environment).await;
        lambda.polled();
        let good = kept(event, &[]);
        let mut bad = good.clone();
        bad["rawQueryString"] = json!("a \"b\"");
        bad["requestContext"]["http"]["sourceIp"] = json!(null);
        let answer = lambda.invoke(bad);
        assert_eq!(answer.status, 400, "{name}: {}", answer.raw);
        for bad in [json!({ "junk": 1 }), json!([1]), json!("x"), json!(null)] {
            // `keys` has tasks too, so an event that is no request is a task that failed.
            if name == "keys" {
                lambda.fails(bad);
                continue;
            }
            let answer = lambda.invoke(bad);
            assert_eq!(answer.status, 400, "{name}: {}", answer.raw);
        }
        let answer = lambda.invoke(good.clone());
        assert_eq!(answer.status, status, "{name}: {}", answer.raw);
        let id = good["requestContext"]["requestId"].as_str().unwrap();
        let request = |line: &Value| line["request_id"] == id && line["message"] == "request";
        let line = lambda.log_line_with(request);
        assert_eq!(line["function"], name);
        assert_eq!(line["route"], good["rawPath"]);
        assert_eq!(line["status"], status);
        let dialect = if name == "account" { "abp" } else { "auth0" };
        assert_eq!(line["dialect"], dialect);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_log_level_makes_a_function_log_an_event() {
    let service = Service::start_at_the_systems_time().await;
    let lambda = Lambda::start("token", &service.environment()).await;
    lambda.invoke(kept("token-auth0-password-plain-text-form", &[]));
    lambda.invoke(kept("token-oauth-userinfo-no-token", &[]));
    let process = lambda.into_process();
    process.signal("TERM");
    let (_, lines) = process.end();
    assert!(!lines.is_empty());
    for (_, line) in lines {
        assert!(serde_json::from_str::<Value>(&line).is_ok(), "{line}");
        // As words, because a random identifier may hold three such letters.
        for secret in ["plain@example.com", "pwd", "rawPath"] {
            assert!(!holds(&line, secret), "{secret} in {line}");
        }
        // A token of this service, and a JWT.
        for beginning in ["\"v1.", "\"eyJ"] {
            assert!(!line.contains(beginning), "{beginning} in {line}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_kms_or_dynamodb_down_a_function_still_polls_and_answers_503() {
    let service = Service::start_at_the_systems_time().await;
    // A port that nobody listens on.
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    for (down, name, event) in [
        ("KMS", "token", "token-auth0-password"),
        ("DYNAMODB", "token", "token-auth0-password"),
        ("KMS", "verify", "verify-auth0-token-malformed"),
        ("DYNAMODB", "keys", "keys-oauth-jwks"),
    ] {
        let mut environment = service.environment();
        environment.push((format!("AWS_ENDPOINT_URL_{down}"), closed.clone()));
        let mut lambda = Lambda::start(name, &environment).await;
        lambda.polled();
        let line = lambda.log_line("message", "the keys could not be loaded at the cold start");
        assert_eq!(line["level"], "WARN", "{line}");
        let answer = lambda.invoke(kept(event, &[]));
        assert_eq!(answer.status, 503, "{down} {name}: {}", answer.raw);
        assert!(answer.number_header("retry-after") > 0);
        let line = lambda.log_line("outcome", "broken");
        assert_eq!(line["level"], "ERROR", "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn public_keys_are_served_while_kms_is_down() {
    let service = Service::start_at_the_systems_time().await;
    let mut environment = service.environment();
    environment.push(("AWS_ENDPOINT_URL_KMS".into(), "http://127.0.0.1:1".into()));
    let keys = Lambda::start("keys", &environment).await;
    let set = keys.invoke(kept("keys-oauth-jwks", &[]));
    assert_eq!(set.status, 200, "{}", set.raw);
    assert_eq!(set.body["keys"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn on_an_empty_table_only_keys_makes_the_keys_and_the_others_answer_503_until_then() {
    let service = Service::start_at_the_systems_time().await;
    let mut environment = service.environment();
    let endpoint = |environment: &[(String, String)]| {
        let found = environment
            .iter()
            .find(|(name, _)| name == "AWS_ENDPOINT_URL_DYNAMODB");
        found.unwrap().1.clone()
    };
    let client = aws_sdk_dynamodb::Client::new(&sdk_config(&endpoint(&environment)));
    let table = format!("test-{}", uuid::Uuid::new_v4().simple());
    create_table(&client, &table).await.unwrap();
    environment.push(("COUNTERSIGN_TABLE".into(), table));
    let send_code = Lambda::start("send-code", &environment).await;
    let event = || kept("send-code-auth0-authenticators", &[("mfa_token", "none")]);
    let answer = send_code.invoke(event());
    assert_eq!(answer.status, 503, "{}", answer.raw);
    let keys = Lambda::start("keys", &environment).await;
    let set = keys.invoke(kept("keys-oauth-jwks", &[]));
    assert_eq!(set.body["keys"].as_array().unwrap().len(), 1, "{}", set.raw);
    let answer = send_code.invoke(event());
    assert_eq!(answer.status, 401, "{}", answer.raw);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_real_process_of_feedback_takes_a_report_and_fails_at_what_is_none() {
    let service = Service::start_at_the_systems_time().await;
    let mut lambda = Lambda::start("feedback", &service.environment()).await;
    let user = "user@example.com";
    let taken = lambda.run(bounce("Permanent", user, START));
    assert_eq!(taken, json!({ "reports": 1, "marked": 1 }));
    let marked = service.account(user).await.user;
    assert_eq!(marked.troubles().count(), 1);
    lambda.fails(json!({ "version": "2.0", "rawPath": "/" }));
    let line = lambda.log_line("message", "a delivery report could not be processed");
    assert_eq!(line["error"], "a report of a delivery lacks source");
}
