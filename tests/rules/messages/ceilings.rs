//! The daily ceilings of text messages, and the answer to the owner of a factor whose
//! budget is used up.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use countersign::domain::metrics::metric::Metric;
use serde_json::json;

use crate::dialects::abp::login::password as login;
use crate::harness::deployment::cloud::SENDER;
use crate::harness::deployment::template::Stack;
use crate::harness::events::metrics::values;
use crate::harness::proxy::Fault;
use crate::harness::{Answer, Service, measured};

/// Sends a text message to a new number, on behalf of a new account.
pub async fn text(service: &Service, number: &str) -> Answer {
    let name = format!("{}@example.com", number.trim_start_matches('+'));
    service.add_user(&name, |_| {}).await;
    let token = service.begin_shown(&name).await;
    let body = json!({
        "authenticator_types": ["oob"], "oob_channels": ["sms"], "phone_number": number,
    });
    service.associate(&token, &body).await
}

/// The count in the item of this partition.
fn counted<'a>(items: &'a [HashMap<String, AttributeValue>], partition: &str) -> &'a str {
    let here =
        |item: &&HashMap<String, AttributeValue>| item["PK"].as_s().unwrap().starts_with(partition);
    items.iter().find(here).unwrap()["n"].as_n().unwrap()
}

#[tokio::test]
async fn a_calling_code_gets_so_many_texts_a_day_and_confirmed_numbers_are_not_charged() {
    let service = Service::start_with(&[("COUNTERSIGN_SMS_DAILY_TO_PREFIX", "3")]).await;
    for at in 0..3 {
        let answer = text(&service, &format!("+1555555300{at}")).await;
        assert_eq!(answer.status, 200, "{}", answer.raw);
    }
    let answer = text(&service, "+15555553009").await;
    assert_eq!(answer.status, 429, "{}", answer.raw);
    // The test began at eight o'clock, so the next day is sixteen hours away.
    assert_eq!(answer.number_header("retry-after"), 16 * 3600);
    let token = service.begin().await;
    let owner = service.challenge(&token, "sms").await;
    assert_eq!(owner.status, 200, "{}", owner.raw);
    service.advance(16 * 3600);
    assert_eq!(text(&service, "+15555553010").await.status, 200);
}

#[tokio::test]
async fn all_numbers_together_get_so_many_texts_a_day_and_a_prefix_gets_back_what_was_refused() {
    let settings = [
        ("COUNTERSIGN_SMS_DAILY", "2"),
        ("COUNTERSIGN_SMS_COUNTRIES", "+1,+44"),
    ];
    let service = Service::start_with(&settings).await;
    assert_eq!(text(&service, "+15555553000").await.status, 200);
    assert_eq!(text(&service, "+447700900100").await.status, 200);
    assert_eq!(text(&service, "+15555553001").await.status, 429);
    let items = service.items().await;
    assert_eq!(counted(&items, "BUDGET#send#texts-to-prefix#+1#"), "1");
    assert_eq!(counted(&items, "BUDGET#send#texts#"), "2");
}

#[tokio::test]
async fn a_text_that_fails_or_is_refused_gives_the_ceilings_theirs_back() {
    let (service, proxy) = crate::faults::aws::others_behind_proxy().await;
    proxy.always("/", Fault::ServerError);
    assert_eq!(text(&service, "+15555553000").await.status, 503);
    proxy.heal();
    for item in service.items().await {
        let partition = item["PK"].as_s().unwrap();
        if partition.starts_with("BUDGET#send#texts") {
            assert_eq!(item["n"].as_n().unwrap(), "0", "{partition}");
        }
    }
}

#[tokio::test]
async fn the_alarm_at_eighty_per_cent_reads_what_the_service_measures() {
    let service = Service::start_with(&[("COUNTERSIGN_SMS_DAILY", "5")]).await;
    let mut told = Vec::new();
    for at in 0..6 {
        let number = format!("+1555555300{at}");
        let (_, documents) = measured(text(&service, &number)).await;
        let values = values(&documents, Metric::TextMessagesPercent);
        let fullest = values.into_iter().map(|(_, value)| value);
        told.push(fullest.fold(0.0, f64::max));
    }
    assert_eq!(told, [20.0, 40.0, 60.0, 80.0, 100.0, 100.0]);
    let parameters = [("ProductName", "Example"), ("SenderAddress", SENDER)];
    let stack = Stack::new("local", &parameters, &[]);
    let alarms = stack.resources("AWS::CloudWatch::Alarm");
    let metric = "TextMessagesPercent";
    let (_, alarm) = alarms
        .iter()
        .find(|(_, one)| one["MetricName"] == metric)
        .unwrap();
    assert_eq!(alarm["Threshold"], 80);
    assert_eq!(alarm["Statistic"], "Maximum");
    assert_eq!(alarm["Namespace"], "Countersign/local");
    // The service writes the metric itself, so no filter of a log may count it again.
    for (name, filter) in stack.resources("AWS::Logs::MetricFilter") {
        assert_ne!(
            filter["MetricTransformations"][0]["MetricName"], metric,
            "{name}"
        );
    }
}

/// Uses up the budget of the demo user's phone.
async fn use_up(service: &Service) {
    for _ in 0..10 {
        let token = service.begin().await;
        assert_eq!(service.challenge(&token, "sms").await.status, 200);
        service.advance(30);
    }
}

#[tokio::test]
async fn an_owner_whose_phone_had_enough_is_told_the_other_factors_in_auth0s_words() {
    let service = Service::start().await;
    use_up(&service).await;
    let token = service.begin().await;
    let answer = service.challenge(&token, "sms").await;
    let told = "too_many_attempts: Too many codes were sent. Please wait.";
    assert_eq!((answer.status, &*answer.error()), (429, told));
    let others = answer.body["available_authenticators"].as_array().unwrap();
    let kinds: Vec<&str> = others
        .iter()
        .map(|other| other["id"].as_str().unwrap().split('|').next().unwrap())
        .collect();
    assert_eq!(kinds, ["totp", "email"]);
}

#[tokio::test]
async fn an_owner_whose_phone_had_enough_is_told_the_other_factors_in_abps_words() {
    let service = Service::start().await;
    for at in 0..11 {
        let (user, token) = login::begin(&service).await;
        let answer = login::send(&service, &user, &token, "Phone").await;
        if at == 10 {
            assert_eq!(answer.status, 429, "{}", answer.raw);
            let providers = &answer.body["error"]["data"]["providers"];
            assert_eq!(
                *providers,
                json!(["Email", "Authenticator"]),
                "{}",
                answer.raw
            );
        }
        service.advance(30);
    }
}
