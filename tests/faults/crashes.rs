//! The process of a function dies between two of its calls to AWS. The app gets no
//! answer. Nothing is lost but the request, nothing happens twice, and the next try
//! works without a restart of anything.

use std::future::Future;

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_local::demo;

use crate::harness::proxy::{Fault, Proxy};
use crate::harness::{Answer, Service};

/// SES and SNS, which name no operation in a header.
const SES: &str = "/v2/email/outbound-emails";

/// A service behind two proxies.
struct Proxied {
    service: Service,
    /// The proxy before DynamoDB.
    table: Proxy,
    /// The proxy before SES, SNS and KMS.
    others: Proxy,
}

async fn behind_both() -> Proxied {
    let (table, others) = (Proxy::start().await, Proxy::start().await);
    let service = Service::start_through(&[], |dynamodb, aws| {
        (table.before(dynamodb), others.before(aws))
    });
    Proxied {
        service: service.await,
        table,
        others,
    }
}

/// Lets the process die at the `number`-th call of this request, before the call is
/// carried out (`Hold`) or after (`HoldAnswer`). Gives the answer if the request makes
/// fewer calls.
async fn dies(
    proxy: &Proxy,
    (number, fault): (usize, Fault),
    request: impl Future<Output = Answer>,
) -> Option<Answer> {
    for _ in 1..number {
        proxy.queue("", Fault::Pass);
    }
    proxy.queue("", fault);
    let answer = tokio::select! {
        () = proxy.held() => None,
        answer = request => Some(answer),
    };
    proxy.clear();
    answer
}

/// The sessions of the demo user.
async fn sessions(service: &Service) -> usize {
    let items = service.items().await;
    let sessions = items
        .iter()
        .filter(|item| item["SK"].as_s().unwrap().starts_with("SESSION#"));
    sessions.count()
}

/// How many seconds the demo user's budget of codes is from full.
async fn charged(service: &Service) -> i64 {
    let items = service.items().await;
    let guesses = items
        .iter()
        .find(|item| item["SK"] == AttributeValue::S("GUESSES".to_owned()));
    let tat = guesses.and_then(|item| item.get("tat"));
    let tat: i64 = tat.map_or(0, |tat| tat.as_n().unwrap().parse().unwrap());
    (tat - service.now()).max(0)
}

/// The owner signs in from the start, by a code in a mail.
async fn signs_in_by_mail(service: &Service) -> Answer {
    let token = service.begin().await;
    let sent = service.challenge(&token, "email").await;
    assert_eq!(sent.status, 200, "{}", sent.raw);
    let code = service.newest_code();
    service
        .redeem_oob(&token, &sent.text("oob_code"), &code)
        .await
}

/// Each place where a process can die: the number of the call, before or after it.
fn places() -> impl Iterator<Item = (usize, Fault)> {
    (1..).flat_map(|number| [(number, Fault::Hold), (number, Fault::HoldAnswer)])
}

#[tokio::test]
async fn whatever_call_a_password_step_dies_at_its_owner_signs_in_with_the_next_try() {
    let Proxied {
        service,
        table,
        others: _others,
    } = behind_both().await;
    // The first request reads the keys and the client.
    signs_in_by_mail(&service).await;
    let mut deaths = 0;
    for place in places() {
        service.advance(3600);
        let before = sessions(&service).await;
        let answer = dies(&table, place, service.password("openid offline_access")).await;
        if let Some(answer) = answer {
            assert_eq!(answer.status, 403, "{}", answer.raw);
            break;
        }
        deaths += 1;
        let tokens = signs_in_by_mail(&service).await;
        assert_eq!(tokens.status, 200, "{place:?}: {}", tokens.raw);
        assert_eq!(sessions(&service).await, before + 1, "{place:?}");
    }
    // Five requests at least, each before and after. After an hour, a request reads the
    // keys again.
    assert!(deaths >= 10, "{deaths}");
}

#[tokio::test]
async fn whatever_call_a_send_dies_at_the_next_code_comes_half_a_minute_later() {
    let Proxied {
        service,
        table,
        others,
    } = behind_both().await;
    signs_in_by_mail(&service).await;
    let mut deaths = 0;
    for proxy in [&table, &others] {
        for place in places() {
            service.advance(3600);
            let token = service.begin().await;
            let answer = dies(proxy, place, service.challenge(&token, "email")).await;
            if let Some(answer) = answer {
                assert_eq!(answer.status, 200, "{}", answer.raw);
                break;
            }
            deaths += 1;
            service.advance(30);
            let sent = service.challenge(&token, "email").await;
            assert_eq!(sent.status, 200, "{place:?}: {}", sent.raw);
            let code = service.newest_code();
            let tokens = service
                .redeem_oob(&token, &sent.text("oob_code"), &code)
                .await;
            assert_eq!(tokens.status, 200, "{place:?}: {}", tokens.raw);
        }
    }
    // Two requests to DynamoDB and one to SES at least, each before and after.
    assert!(deaths >= 6, "{deaths}");
}

#[tokio::test]
async fn whatever_call_a_redemption_dies_at_its_code_gives_tokens_once_at_most() {
    let Proxied {
        service,
        table,
        others: _others,
    } = behind_both().await;
    signs_in_by_mail(&service).await;
    let mut deaths = 0;
    for place in places() {
        service.advance(3600);
        let token = service.begin().await;
        let sent = service.challenge(&token, "email").await.text("oob_code");
        let code = service.newest_code();
        let before = sessions(&service).await;
        if let Some(answer) = dies(&table, place, service.redeem_oob(&token, &sent, &code)).await {
            assert_eq!(answer.status, 200, "{}", answer.raw);
            break;
        }
        deaths += 1;
        // The app sends the request again, twice.
        let mut given = 0;
        for _ in 0..2 {
            let again = service.redeem_oob(&token, &sent, &code).await;
            match again.status {
                200 => given += 1,
                401 | 403 => {}
                _ => panic!("{place:?}: {}", again.raw),
            }
        }
        // Tokens or their session were made once, whether or not the app got them.
        assert!(given <= 1, "{place:?}");
        assert_eq!(sessions(&service).await, before + 1, "{place:?}");
        // The guess of the process that died may stay charged: one of ten.
        assert!(charged(&service).await <= 360, "{place:?}");
        service.advance(30);
        let tokens = signs_in_by_mail(&service).await;
        assert_eq!(tokens.status, 200, "{place:?}: {}", tokens.raw);
    }
    assert!(deaths >= 8, "{deaths}");
}

#[tokio::test]
async fn whatever_call_a_refresh_dies_at_the_same_token_is_good_for_the_retry() {
    let Proxied {
        service,
        table,
        others: _others,
    } = behind_both().await;
    let mut refresh = signs_in_by_mail(&service).await.text("refresh_token");
    let mut deaths = 0;
    for place in places() {
        service.advance(3600);
        if let Some(answer) = dies(&table, place, service.refresh(&refresh)).await {
            assert_eq!(answer.status, 200, "{}", answer.raw);
            break;
        }
        deaths += 1;
        let again = service.refresh(&refresh).await;
        assert_eq!(again.status, 200, "{place:?}: {}", again.raw);
        refresh = again.text("refresh_token");
        service.advance(3600);
        let next = service.refresh(&refresh).await;
        assert_eq!(next.status, 200, "{place:?}: {}", next.raw);
        refresh = next.text("refresh_token");
    }
    assert_eq!(sessions(&service).await, 1);
    // Two requests at least, each before and after.
    assert!(deaths >= 4, "{deaths}");
}

#[tokio::test]
async fn a_crash_between_the_record_of_a_send_and_its_mail_costs_half_a_minute_and_one_message() {
    let Proxied {
        service,
        table: _table,
        others,
    } = behind_both().await;
    let token = service.begin().await;
    others.queue(SES, Fault::Hold);
    tokio::select! {
        () = others.held() => {}
        answer = service.challenge(&token, "email") => panic!("{}", answer.raw),
    }
    assert!(service.messages().is_empty());
    // Nobody can know whether SES took the mail, so the send counts as made.
    let soon = service.challenge(&token, "email").await;
    assert_eq!(soon.status, 429, "{}", soon.raw);
    assert_eq!(soon.header("retry-after"), Some("30"));
    // Another factor is not held up.
    let text = service.challenge(&token, "sms").await;
    assert_eq!(text.status, 200, "{}", text.raw);
    service.advance(30);
    let mut sent = 0;
    let tokens = loop {
        let token = service.begin().await;
        let challenge = service.challenge(&token, "email").await;
        if challenge.status == 429 {
            break service.redeem_otp(&token, &service.totp()).await;
        }
        sent += 1;
        service.advance(30);
    };
    // Ten at once and one more every six minutes, without the one that was lost: five
    // minutes have passed since.
    assert_eq!(sent, 9);
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    assert_eq!(demo::USER, service.messages()[0].to);
}
