//! What the values of metrics count.

use countersign::domain::metrics::metric::Metric;
use countersign::routes::Function;
use countersign::wire::task::carry_out_rotation;
use countersign_local::demo;
use serde_json::json;

use crate::faults::aws::{behind_proxy, others_behind_proxy};
use crate::harness::events::metrics::values;
use crate::harness::proxy::Fault;
use crate::harness::{Service, measured};

const DAY: i64 = 86_400;

#[tokio::test]
async fn a_login_counts_by_its_second_factor_and_a_refusal_by_what_was_wrong() {
    let service = Service::start().await;
    let story = async {
        service.password_of("nobody@example.com", "wrong").await;
        let token = service.begin().await;
        service.verify(&token, "000000").await;
        service.redeem_otp(&token, &service.totp()).await;
        for _ in 0..11 {
            service.password_of(demo::USER, "wrong").await;
        }
    };
    let ((), documents) = measured(story).await;
    let accepted = values(&documents, Metric::LoginsAccepted);
    assert_eq!(accepted, [(vec!["totp"], 1.0)]);
    let refused = values(&documents, Metric::LoginsRefused);
    let count = |label: &str| {
        let same = refused.iter().filter(|(labels, _)| *labels == [label]);
        same.map(|(_, value)| value).sum::<f64>()
    };
    assert_eq!(count("name_unknown"), 1.0);
    assert_eq!(count("code_wrong"), 1.0);
    // The guess that locks the name is one of the ten.
    assert_eq!(count("credentials_wrong"), 10.0);
    assert_eq!(count("name_locked"), 1.0);
    let budgets = values(&documents, Metric::BudgetRefusals);
    assert_eq!(budgets, [(vec!["passwords"], 1.0)]);
}

#[tokio::test]
async fn messages_count_by_channel_country_and_kind_and_a_failed_message_counts_as_failed() {
    let (service, proxy) = others_behind_proxy().await;
    let token = service.begin().await;
    let story = async {
        service.challenge(&token, "sms").await;
        service.advance(31);
        service.challenge(&token, "email").await;
        service.advance(31);
        proxy.always("/", Fault::ServerError);
        service.challenge(&token, "sms").await;
        proxy.heal();
    };
    let ((), documents) = measured(story).await;
    let sent = values(&documents, Metric::MessagesSent);
    let (texted, mailed) = (vec!["sms", "US", "code"], vec!["email", "none", "code"]);
    assert_eq!(sent, [(texted.clone(), 1.0), (mailed, 1.0)]);
    let failed = values(&documents, Metric::MessagesFailed);
    assert_eq!(failed, [(texted, 1.0)]);
}

#[tokio::test]
async fn a_message_that_a_budget_refuses_counts_by_the_row_of_the_budget() {
    let service = Service::start_with(&[("COUNTERSIGN_SMS_DAILY", "1")]).await;
    let story = async {
        for number in ["+15555553000", "+15555553001"] {
            let name = format!("{}@example.com", number.trim_start_matches('+'));
            service.add_user(&name, |_| {}).await;
            let token = service.begin_shown(&name).await;
            let body = json!({
                "authenticator_types": ["oob"], "oob_channels": ["sms"], "phone_number": number,
            });
            service.associate(&token, &body).await;
        }
        let token = service.begin().await;
        service.challenge(&token, "email").await;
        service.challenge(&token, "email").await;
    };
    let ((), documents) = measured(story).await;
    let budgets = values(&documents, Metric::BudgetRefusals);
    assert_eq!(budgets, [(vec!["texts"], 1.0), (vec!["cool-down"], 1.0)]);
}

#[tokio::test]
async fn requests_to_dynamodb_count_with_their_retries_and_throttled_attempts_count_apart() {
    let (service, proxy) = behind_proxy().await;
    let token = service.begin().await;
    let tokens = service.redeem_otp(&token, &service.totp()).await;
    let first = tokens.text("refresh_token");
    proxy.take_calls();
    proxy.queue("UpdateItem", Fault::Throttle);
    let (answer, documents) = measured(service.refresh(&first)).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    #[allow(clippy::cast_precision_loss, reason = "a few calls")]
    let calls = proxy.take_calls().len() as f64;
    let requests = values(&documents, Metric::DynamoDbRequests);
    assert_eq!(requests, [(vec!["token"], calls)]);
    let throttles = values(&documents, Metric::DynamoDbThrottles);
    assert_eq!(throttles, [(vec![], 1.0)]);
    let latency = values(&documents, Metric::Latency);
    assert_eq!(latency[0].0, ["token"]);
    assert!(latency[0].1 > 0.0);
}

#[tokio::test]
async fn the_daily_task_of_keys_measures_each_kind_and_how_late_its_next_key_is() {
    let service = Service::start().await;
    let keys = service.restarted_as(Function::Keys, &[]);
    let ages = async |days: i64| {
        service.advance(days * DAY);
        let (done, documents) = measured(carry_out_rotation(&keys)).await;
        done.unwrap();
        let mut overdue = values(&documents, Metric::KeyOverdue);
        overdue.retain(|(_, late)| *late > 0.0);
        let names = overdue.iter().map(|(labels, _)| labels[0].to_owned());
        let late: Vec<String> = names.collect();
        (values(&documents, Metric::KeyAge).len(), late)
    };
    assert_eq!(ages(89).await, (4, Vec::new()));
    // The pair is followed in time, and nobody rotates the data keys.
    for _ in 0..4 {
        ages(92).await;
    }
    let late = ["tokens", "seeds", "signing"].map(str::to_owned);
    assert_eq!(ages(1).await, (4, late.to_vec()));
}
