//! A message that could not be sent: the answer is 503 with the other authenticators,
//! nothing is charged, and a retry sends the same code.

use countersign_local::demo;

use crate::faults::aws::{count, is_unavailable, others_behind_proxy};
use crate::harness::proxy::{Fault, Proxy};
use crate::harness::{Answer, Service};

const SES: &str = "/v2/email/outbound-emails";

/// Checks a `delivery_failed` that names these kinds of factors.
fn is_delivery_failed(answer: &Answer, left: &[&str]) {
    assert_eq!(answer.status, 503, "{}", answer.raw);
    assert_eq!(
        answer.error(),
        "delivery_failed: The code could not be sent. Try again, or use another authenticator."
    );
    assert_eq!(answer.header("retry-after"), Some("1"));
    let others = answer.body["available_authenticators"].as_array().unwrap();
    let kinds: Vec<&str> = others
        .iter()
        .map(|other| other["id"].as_str().unwrap().split('|').next().unwrap())
        .collect();
    assert_eq!(kinds, left);
}

#[tokio::test]
async fn a_failed_send_is_answered_503_with_the_other_authenticators_after_two_attempts() {
    let (service, proxy) = others_behind_proxy().await;
    for fault in [Fault::ServerError, Fault::Throttle] {
        let token = service.begin().await;
        proxy.take_seen();
        proxy.always(SES, fault);
        let answer = service.challenge(&token, "email").await;
        is_delivery_failed(&answer, &["totp", "sms"]);
        assert_eq!(count(&proxy.take_seen(), SES), 2);
        // SNS calls are recognised by their path, because they have no name.
        proxy.always("/", fault);
        let answer = service.challenge(&token, "sms").await;
        is_delivery_failed(&answer, &["totp", "email"]);
        assert_eq!(count(&proxy.take_seen(), "/"), 2);
        proxy.heal();
    }
    assert!(service.messages().is_empty());
}

#[tokio::test]
async fn another_authenticator_completes_the_login_whose_send_failed() {
    let (service, proxy) = others_behind_proxy().await;
    let token = service.begin().await;
    proxy.always(SES, Fault::ServerError);
    service.challenge(&token, "email").await;
    let answer = service.redeem_otp(&token, &service.totp()).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
}

#[tokio::test]
async fn a_failed_send_costs_no_cool_down() {
    let (service, proxy) = others_behind_proxy().await;
    let token = service.begin().await;
    for _ in 0..3 {
        proxy.always(SES, Fault::ServerError);
        is_delivery_failed(&service.challenge(&token, "email").await, &["totp", "sms"]);
        proxy.heal();
    }
    let challenge = service.challenge(&token, "email").await;
    assert_eq!(challenge.status, 200, "{}", challenge.raw);
    assert_eq!(service.challenge(&token, "email").await.status, 429);
    let (challenge, code) = (challenge.text("oob_code"), service.newest_code());
    let answer = service.redeem_oob(&token, &challenge, &code).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
}

/// Sends codes to the demo user's phone, half a minute apart, until the budget is used
/// up. Returns how many went out.
async fn sends_left(service: &Service) -> usize {
    let mut sent = 0;
    loop {
        let token = service.begin().await;
        let answer = service.challenge(&token, "sms").await;
        match answer.status {
            200 => sent += 1,
            429 => return sent,
            _ => panic!("{} {}", answer.status, answer.raw),
        }
        service.advance(30);
    }
}

#[tokio::test]
async fn a_failed_send_costs_no_quota() {
    let (service, proxy) = others_behind_proxy().await;
    let fail = async |service: &Service, proxy: &Proxy| {
        proxy.always("/", Fault::ServerError);
        let token = service.begin().await;
        let answer = service.challenge(&token, "sms").await;
        is_delivery_failed(&answer, &["totp", "email"]);
        proxy.heal();
    };
    // Once with an idle budget, once with a budget in use.
    fail(&service, &proxy).await;
    let token = service.begin().await;
    assert_eq!(service.challenge(&token, "sms").await.status, 200);
    service.advance(30);
    fail(&service, &proxy).await;
    assert_eq!(sends_left(&service).await, 9);
}

#[tokio::test]
async fn a_message_that_went_out_although_the_answer_was_lost_is_sent_again_with_the_same_code() {
    let (service, proxy) = others_behind_proxy().await;
    let token = service.begin().await;
    // The SDK's retry within the request corrects one lost response.
    proxy.queue(SES, Fault::LoseAnswer);
    let answer = service.challenge(&token, "email").await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    assert_eq!(service.messages().len(), 2);
    service.advance(30);
    // It does not correct two: the send counts as failed, and the next send repeats the
    // code.
    proxy.queue(SES, Fault::LoseAnswer);
    proxy.queue(SES, Fault::LoseAnswer);
    is_delivery_failed(&service.challenge(&token, "email").await, &["totp", "sms"]);
    let challenge = service.challenge(&token, "email").await.text("oob_code");
    let codes: Vec<String> = service
        .messages()
        .into_iter()
        .map(|message| message.code.unwrap())
        .collect();
    assert_eq!(codes.len(), 5);
    assert_eq!(codes[0], codes[1]);
    assert_eq!(codes[1], codes[2]);
    assert_eq!(codes[3], codes[4]);
    assert_ne!(codes[2], codes[3]);
    let answer = service.redeem_oob(&token, &challenge, &codes[2]).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
}

#[tokio::test]
async fn an_earlier_code_is_still_good_after_a_later_send_failed() {
    let (service, proxy) = others_behind_proxy().await;
    let token = service.begin().await;
    let challenge = service.challenge(&token, "email").await.text("oob_code");
    let code = service.newest_code();
    service.advance(30);
    proxy.always(SES, Fault::ServerError);
    is_delivery_failed(&service.challenge(&token, "email").await, &["totp", "sms"]);
    let answer = service.redeem_oob(&token, &challenge, &code).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
}

#[tokio::test]
async fn taking_a_send_back_survives_lost_answers() {
    let (dynamodb, others) = (Proxy::start().await, Proxy::start().await);
    let service = Service::start_through(&[], |first, second| {
        (dynamodb.before(first), others.before(second))
    })
    .await;
    let token = service.begin().await;
    others.always(SES, Fault::ServerError);
    // The writes of the login and of the budget, at the same time.
    dynamodb.queue("UpdateItem", Fault::LoseAnswer);
    dynamodb.queue("UpdateItem", Fault::LoseAnswer);
    is_delivery_failed(&service.challenge(&token, "email").await, &["totp", "sms"]);
    others.heal();
    let challenge = service.challenge(&token, "email").await;
    assert_eq!(challenge.status, 200, "{}", challenge.raw);
}

#[tokio::test]
async fn no_message_goes_out_that_could_not_be_recorded() {
    let proxy = Proxy::start().await;
    let service =
        Service::start_through(&[], |dynamodb, others| (proxy.before(dynamodb), others)).await;
    let token = service.begin().await;
    proxy.always("TransactWriteItems", Fault::ServerError);
    is_unavailable(&service.challenge(&token, "email").await);
    assert!(service.messages().is_empty());
    proxy.heal();
    assert_eq!(service.challenge(&token, "email").await.status, 200);
    assert_eq!(service.messages()[0].to, demo::USER);
}
