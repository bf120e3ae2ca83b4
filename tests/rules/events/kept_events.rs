//! The events that the table keeps for a user.

use countersign_local::demo;
use serde_json::json;

use crate::harness::Service;
use crate::harness::proxy::{Fault, Proxy};

const NINETY_DAYS: i64 = 90 * 86_400;

#[tokio::test]
async fn a_user_s_events_are_kept_for_ninety_days_the_newest_first() {
    let service = Service::start().await;
    let user = service.account(demo::USER).await.user.id;
    let token = service.begin().await;
    service.advance(1);
    service.redeem_otp(&token, &service.totp()).await;
    let (store, subject) = (&service.app.store, user.to_string());
    let page = store.list_events(&subject, false, None, 1).await;
    let page = page.unwrap();
    assert_eq!(page.events[0].get("type"), Some("s"));
    assert_eq!(page.events[0].also, ["session_begun", "gd_auth_succeed"]);
    let rest = store.list_events(&subject, false, page.next, 10);
    let rest = rest.await.unwrap();
    let types: Vec<_> = rest.events.iter().map(|event| event.get("type")).collect();
    assert_eq!(types, [Some("mfar")]);
    let items = service.items().await;
    let events = items.iter().filter(|item| {
        let partition = item["PK"].as_s().unwrap();
        *partition == format!("EVENTS#{user}")
    });
    for event in events {
        let number = |name: &str| event[name].as_n().unwrap().parse::<i64>().unwrap();
        assert_eq!(number("ttl"), number("at") + NINETY_DAYS);
    }
}

#[tokio::test]
async fn an_event_that_cannot_be_kept_fails_no_login() {
    let proxy = Proxy::start().await;
    let before = proxy.clone();
    let service =
        Service::start_through(&[], |dynamodb, others| (before.before(dynamodb), others)).await;
    let token = service.begin().await;
    proxy.always("PutItem", Fault::ServerError);
    let code = service.totp();
    let login = service.redeem_otp(&token, &code);
    let (answer, lines) = crate::harness::logged(login).await;
    proxy.heal();
    assert_eq!(answer.status, 200, "{}", answer.raw);
    let unkept = lines
        .iter()
        .filter(|line| line["unkept_events"] == json!(1));
    assert_eq!(unkept.count(), 1, "{lines:?}");
}

/// What the table says of one event.
#[derive(Debug, PartialEq)]
struct Told {
    event: String,
    reason: String,
    times: u64,
}

/// What the table says of a user, the newest event first.
async fn told(service: &Service, user: &str) -> Vec<Told> {
    let events = service.operated(&["user", "events", user]).await;
    let events = events.as_array().unwrap().iter();
    let told = events.map(|event| {
        let said = |name: &str| event[name].as_str().unwrap_or("-").to_owned();
        Told {
            event: said("event"),
            reason: said("reason"),
            times: event["times"].as_u64().unwrap_or(1),
        }
    });
    told.collect()
}

fn row(event: &str, reason: &str, times: u64) -> Told {
    Told {
        event: event.to_owned(),
        reason: reason.to_owned(),
        times,
    }
}

#[tokio::test]
async fn a_refusal_that_costs_the_caller_nothing_is_counted_by_day_for_its_user() {
    let service = Service::start().await;
    let user = service.account(demo::USER).await.user.id.dashed();
    for _ in 0..13 {
        service.password_of(demo::USER, "wrong").await;
        service.advance(1);
    }
    let events = service.operated(&["user", "events", demo::USER]).await;
    let locked = events.as_array().unwrap().iter();
    let mut locked = locked.filter(|event| event["reason"] == "passwords_exhausted");
    let counted = locked.next().unwrap();
    assert!(locked.next().is_none(), "{events:#}");
    assert_eq!(counted["times"], 3);
    assert_eq!(counted["type"], "limit_wc");
    assert_eq!(counted["user_id"], user.as_str());
    assert_eq!(counted["ip"], "192.0.2.1");
    assert!(counted["first_date"].as_str() < counted["date"].as_str());
    assert_eq!(events.as_array().unwrap().len(), 11, "{events:#}");
    // The next day has an item of its own.
    service.advance(86_400 - 3600);
    for _ in 0..11 {
        service.password_of(demo::USER, "wrong").await;
    }
    let told = told(&service, demo::USER).await;
    let exhausted = told
        .iter()
        .filter(|row| row.reason == "passwords_exhausted");
    let times: Vec<u64> = exhausted.map(|row| row.times).collect();
    assert_eq!(times, [1, 3]);
}

#[tokio::test]
async fn what_a_token_of_a_user_is_refused_is_counted_for_the_user_and_a_forged_token_for_nobody() {
    let service = Service::start().await;
    let token = service.begin().await;
    let tokens = service.redeem_otp(&token, &service.totp()).await;
    let refresh = tokens.text("refresh_token");
    let out = [("client_id", demo::CLIENT), ("token", refresh.as_str())];
    service.post_form("/oauth/revoke", &out).await;
    let expired = service.begin().await;
    service.advance(3600);
    for _ in 0..2 {
        service.refresh(&refresh).await;
        service.redeem_otp(&expired, "000000").await;
        service.refresh("forged").await;
        service.redeem_otp("forged", "000000").await;
    }
    let told = told(&service, demo::USER).await;
    for wanted in [
        row("session.refused", "refresh_token_ended", 2),
        row("factor.refused", "login_expired", 2),
    ] {
        assert!(told.contains(&wanted), "{wanted:?}: {told:?}");
    }
    let refused = told.iter().filter(|row| row.event.contains("refused"));
    assert_eq!(refused.count(), 2, "{told:?}");
}

#[tokio::test]
async fn a_wrong_code_without_a_password_is_counted_for_the_user_whether_or_not_a_login_is_pending()
{
    let service = Service::start().await;
    let wrong = async || {
        let body = json!({"email": demo::USER, "token": "000000", "provider": "Email"});
        let answer = service
            .post_json("/api/accounts/twostepverification", &body)
            .await;
        assert_eq!(answer.status, 400, "{}", answer.raw);
    };
    wrong().await;
    let login = json!({"email": demo::USER, "password": demo::PASSWORD_OF_ALL});
    service.post_json("/api/accounts/login", &login).await;
    wrong().await;
    let told = told(&service, demo::USER).await;
    let counted = row("factor.refused", "code_wrong", 2);
    assert!(told.contains(&counted), "{told:?}");
}

#[tokio::test]
async fn a_locked_name_costs_as_many_requests_whether_or_not_there_is_such_a_user() {
    let proxy = Proxy::start().await;
    let before = proxy.clone();
    let service =
        Service::start_through(&[], |dynamodb, others| (before.before(dynamodb), others)).await;
    let mut seen = Vec::new();
    for name in [demo::USER, "nobody@example.com"] {
        for _ in 0..10 {
            service.password_of(name, "wrong").await;
        }
        proxy.take_seen();
        let locked = service.password_of(name, "wrong").await;
        assert_eq!(locked.status, 429, "{}", locked.raw);
        let mut calls = proxy.take_seen();
        calls.sort();
        seen.push(calls);
    }
    assert_eq!(seen[0], seen[1]);
}
