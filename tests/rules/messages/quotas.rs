//! How many messages one phone or address may get, over all logins.

use countersign_local::demo;

use crate::harness::{Answer, Service};

const HOUR: i64 = 3600;

#[track_caller]
fn is_exhausted(answer: &Answer, seconds: i64, now: i64) {
    let told = "too_many_attempts: Too many codes were sent. Please wait.";
    assert_eq!((answer.status, &*answer.error()), (429, told));
    answer.is_private();
    assert_eq!(answer.number_header("retry-after"), seconds);
    assert_eq!(answer.number_header("x-ratelimit-limit"), 10);
    assert_eq!(answer.number_header("x-ratelimit-remaining"), 0);
    assert_eq!(answer.number_header("x-ratelimit-reset"), now + seconds);
}

/// A send over this channel, in a new login.
async fn send(service: &Service, channel: &str) -> Answer {
    let token = service.begin().await;
    service.challenge(&token, channel).await
}

/// Sends ten times, each in a new login, 30 seconds apart: 270 seconds in all.
async fn send_ten(service: &Service, channel: &str) {
    for at in 0..10 {
        if at > 0 {
            service.advance(30);
        }
        let answer = send(service, channel).await;
        assert_eq!(answer.status, 200, "{at}: {}", answer.raw);
    }
}

#[tokio::test]
async fn a_phone_gets_ten_messages_and_then_one_more_each_hour() {
    let service = Service::start().await;
    send_ten(&service, "sms").await;
    service.advance(30);
    is_exhausted(&send(&service, "sms").await, HOUR - 300, service.now());
    service.advance(HOUR - 301);
    is_exhausted(&send(&service, "sms").await, 1, service.now());
    service.advance(1);
    assert_eq!(send(&service, "sms").await.status, 200);
    service.advance(30);
    is_exhausted(&send(&service, "sms").await, HOUR - 30, service.now());
    service.advance(2 * HOUR - 30);
    assert_eq!(send(&service, "sms").await.status, 200);
    service.advance(30);
    assert_eq!(send(&service, "sms").await.status, 200);
    service.advance(30);
    assert_eq!(send(&service, "sms").await.status, 429);
    assert_eq!(service.messages().len(), 13);
}

#[tokio::test]
async fn an_address_gets_ten_messages_and_then_one_more_every_six_minutes() {
    let service = Service::start().await;
    send_ten(&service, "email").await;
    service.advance(30);
    is_exhausted(&send(&service, "email").await, 60, service.now());
    service.advance(60);
    assert_eq!(send(&service, "email").await.status, 200);
    service.advance(30);
    is_exhausted(&send(&service, "email").await, 330, service.now());
    assert_eq!(service.messages().len(), 11);
}

#[tokio::test]
async fn the_quota_of_a_phone_does_not_hold_up_the_other_factors() {
    let service = Service::start().await;
    send_ten(&service, "sms").await;
    service.advance(30);
    assert_eq!(send(&service, "sms").await.status, 429);
    assert_eq!(send(&service, "email").await.status, 200);
    let token = service.begin().await;
    let answer = service.redeem_otp(&token, &service.totp()).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
}

#[tokio::test]
async fn completed_logins_give_no_message_back() {
    let service = Service::start().await;
    for at in 0..11 {
        let token = service.begin().await;
        let answer = service.challenge(&token, "sms").await;
        if at == 10 {
            assert_eq!(answer.status, 429);
            continue;
        }
        let code = service.newest_code();
        let oob = answer.text("oob_code");
        let done = service.redeem_oob(&token, &oob, &code).await;
        assert_eq!(done.status, 200, "{}", done.raw);
        service.advance(30);
    }
}

#[tokio::test]
async fn a_refused_send_is_not_counted() {
    let service = Service::start().await;
    let token = service.begin().await;
    assert_eq!(service.challenge(&token, "email").await.status, 200);
    for _ in 0..20 {
        assert_eq!(service.challenge(&token, "email").await.status, 429);
    }
    service.advance(30);
    for at in 0..9 {
        let answer = send(&service, "email").await;
        assert_eq!(answer.status, 200, "{at}: {}", answer.raw);
        service.advance(30);
    }
    assert_eq!(service.messages().len(), 10);
}

#[tokio::test]
async fn a_quota_outlives_a_cold_start() {
    let mut service = Service::start().await;
    send_ten(&service, "sms").await;
    service.take(service.restarted());
    service.advance(30);
    assert_eq!(send(&service, "sms").await.status, 429);
    assert!(
        service
            .messages()
            .iter()
            .all(|message| message.to == demo::PHONE)
    );
}
