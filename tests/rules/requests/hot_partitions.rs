//! No partition of the table is hot: logins of different users, from different networks,
//! touch no partition that both touch. So an attacked user or a busy network slows nobody
//! else down. The daily ceilings of text messages are the exception.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use countersign::domain::factors::factor::Channel;
use countersign_local::demo;
use serde_json::{Value, json};

use crate::faults::aws::behind_proxy;
use crate::harness::proxy::Proxy;
use crate::harness::{Answer, Service, address_factor};

const FIRST: &str = "first@example.com";
const SECOND: &str = "other@example.org";

fn network(number: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(203, 0, 113, number))
}

/// The partitions in the keys and items of a request, and in the condition of a query.
fn partitions(body: &Value, found: &mut BTreeSet<String>) {
    match body {
        Value::Object(members) => {
            for (name, value) in members {
                if let Some(text) = value["S"].as_str()
                    && (name == "PK" || (name.starts_with(':') && text.contains('#')))
                {
                    found.insert(text.to_owned());
                }
                partitions(value, found);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| partitions(value, found)),
        _ => {}
    }
}

/// The partitions that were touched since the last call.
fn touched(proxy: &Proxy) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for call in proxy.take_calls() {
        let body = serde_json::from_slice(&call.body).unwrap();
        partitions(&body, &mut found);
    }
    found
}

async fn password(service: &Service, from: IpAddr, name: &str, password: &str) -> Answer {
    let fields = [
        ("grant_type", "password"),
        ("client_id", demo::CLIENT),
        ("username", name),
        ("password", password),
        ("scope", "openid offline_access"),
    ];
    service.post_form_from(from, "/oauth/token", &fields).await
}

/// A user with a phone.
async fn with_phone(service: &Service, email: &str, number: &str) {
    let phone = address_factor(Channel::Sms, number, true);
    let id = service.add_user(email, |account| {
        account.user.email_confirmed = true;
    });
    service.add_factor(id.await, &phone).await;
}

/// Password, a code to the phone, tokens, a refresh.
async fn signs_in(service: &Service, from: IpAddr, name: &str) {
    let begun = password(service, from, name, demo::PASSWORD_OF_ALL).await;
    let token = begun.text("mfa_token");
    let body = json!({
        "mfa_token": token,
        "client_id": demo::CLIENT,
        "challenge_type": "oob",
        "oob_channel": "sms",
    });
    let sent = service.post_from(from, "/mfa/challenge", &body).await;
    let (oob, code) = (sent.text("oob_code"), service.newest_code());
    let fields = [
        ("grant_type", "http://auth0.com/oauth/grant-type/mfa-oob"),
        ("client_id", demo::CLIENT),
        ("mfa_token", &token),
        ("oob_code", &oob),
        ("binding_code", &code),
    ];
    let tokens = service.post_form_from(from, "/oauth/token", &fields).await;
    let refresh = tokens.text("refresh_token");
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", demo::CLIENT),
        ("refresh_token", &refresh),
    ];
    let refreshed = service.post_form_from(from, "/oauth/token", &fields).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.raw);
}

/// A service that has its keys and the client in memory, with two users.
async fn warm() -> (Service, Proxy) {
    let (service, proxy) = behind_proxy().await;
    with_phone(&service, FIRST, "+15555552001").await;
    with_phone(&service, SECOND, "+15555552002").await;
    signs_in(&service, network(9), demo::USER).await;
    touched(&proxy);
    (service, proxy)
}

#[tokio::test]
async fn two_users_who_sign_in_by_text_message_touch_no_partition_in_common() {
    let (service, proxy) = warm().await;
    signs_in(&service, network(1), FIRST).await;
    let first = touched(&proxy);
    signs_in(&service, network(2), SECOND).await;
    let second = touched(&proxy);
    assert!(first.len() >= 6, "{first:?}");
    let both: Vec<&String> = first.intersection(&second).collect();
    assert!(both.is_empty(), "{both:?}");
    // The same user from the same network does, so the test can tell.
    service.advance(60);
    signs_in(&service, network(1), FIRST).await;
    let again = touched(&proxy);
    assert!(first.intersection(&again).count() >= 5, "{again:?}");
}

#[tokio::test]
async fn an_attack_on_one_user_touches_no_partition_of_another_users_login() {
    let (service, proxy) = warm().await;
    for number in 1..=12 {
        for _ in 0..11 {
            let from = network(100 + number);
            let refused = password(&service, from, FIRST, "wrong").await;
            assert!(matches!(refused.status, 403 | 429), "{}", refused.raw);
        }
    }
    let attack = touched(&proxy);
    assert!(attack.len() >= 24, "{attack:?}");
    signs_in(&service, network(2), SECOND).await;
    let both: Vec<String> = attack.intersection(&touched(&proxy)).cloned().collect();
    assert!(both.is_empty(), "{both:?}");
}

#[tokio::test]
async fn texts_to_numbers_that_nobody_confirmed_share_the_daily_ceilings_and_nothing_else() {
    let (service, proxy) = warm().await;
    let mut partitions = Vec::new();
    for (number, email) in ["one@example.com", "two@example.org"].iter().enumerate() {
        service.add_user(email, |_| {}).await;
        let token = service.begin_shown(email).await;
        touched(&proxy);
        let body = json!({
            "authenticator_types": ["oob"],
            "oob_channels": ["sms"],
            "phone_number": format!("+1555555300{number}"),
        });
        let request = axum::http::Request::post("/mfa/associate")
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {token}"))
            .extension(countersign::wire::input::SourceAddress(network(
                u8::try_from(number).unwrap() + 1,
            )))
            .body(axum::body::Body::from(body.to_string()));
        let sent = service.send(request.unwrap()).await;
        assert_eq!(sent.status, 200, "{}", sent.raw);
        partitions.push(touched(&proxy));
    }
    let both: Vec<&String> = partitions[0].intersection(&partitions[1]).collect();
    assert_eq!(both.len(), 2, "{both:?}");
    assert!(
        both.iter()
            .all(|name| name.starts_with("BUDGET#send#texts")),
        "{both:?}"
    );
}
