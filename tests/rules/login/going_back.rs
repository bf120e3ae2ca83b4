//! A user goes back and signs in again within half a minute. The code that was just
//! sent completes the new login too, in every dialect, and works only once.

use countersign_local::demo;
use futures_util::future::join_all;
use serde_json::json;

use crate::dialects::abp::login::password::{begin as abp_begin, connect, send as abp_send};
use crate::harness::browser::Browser;
use crate::harness::{Answer, Service};

const WRONG: &str = "Invalid binding_code.";
const SOON: &str = "A code was sent just now. Please wait.";

/// A login of the demo user, and the `oob_code` of its challenge.
async fn challenged(service: &Service, channel: &str) -> (String, String) {
    let token = service.begin().await;
    let sent = service.challenge(&token, channel).await;
    assert_eq!(sent.status, 200, "{}", sent.raw);
    (token, sent.text("oob_code"))
}

/// Two logins and one code. The second login began twenty seconds after the code was
/// sent for the first.
async fn gone_back(service: &Service, channel: &str) -> [(String, String); 2] {
    let first = challenged(service, channel).await;
    service.advance(20);
    let second = challenged(service, channel).await;
    assert_eq!(service.messages().len(), 1, "one code is on its way");
    assert_ne!(first.1, second.1);
    [first, second]
}

#[track_caller]
fn is_wrong(answer: &Answer) {
    answer.is_refused(403, "invalid_grant", WRONG);
}

#[tokio::test]
async fn the_code_on_its_way_completes_the_new_login_and_then_no_other() {
    for channel in ["sms", "email"] {
        let service = Service::start().await;
        let [(old, old_oob), (new, new_oob)] = gone_back(&service, channel).await;
        let code = service.newest_code();
        let done = service.redeem_oob(&new, &new_oob, &code).await;
        assert_eq!(done.status, 200, "{}", done.raw);
        is_wrong(&service.redeem_oob(&old, &old_oob, &code).await);
        let again = service.redeem_oob(&new, &new_oob, &code).await;
        again.is_refused(401, "expired_token", "mfa_token is expired");
    }
}

#[tokio::test]
async fn the_code_that_completed_the_old_login_is_none_of_the_new_one() {
    let service = Service::start().await;
    let [(old, old_oob), (new, new_oob)] = gone_back(&service, "sms").await;
    let code = service.newest_code();
    let done = service.redeem_oob(&old, &old_oob, &code).await;
    assert_eq!(done.status, 200, "{}", done.raw);
    is_wrong(&service.redeem_oob(&new, &new_oob, &code).await);
    // After that, the new login uses its own next code.
    service.advance(30);
    let sent = service.challenge(&new, "sms").await;
    let oob_code = sent.text("oob_code");
    let done = service
        .redeem_oob(&new, &oob_code, &service.newest_code())
        .await;
    assert_eq!(done.status, 200, "{}", done.raw);
}

#[tokio::test]
async fn many_requests_at_once_complete_one_of_the_logins_once() {
    let service = Service::start().await;
    let logins = gone_back(&service, "sms").await;
    service.advance(5);
    let third = challenged(&service, "sms").await;
    let code = service.newest_code();
    assert_eq!(service.messages().len(), 1);
    let [first, second] = &logins;
    // Five at the same time: each guess is charged until its code is known to be right.
    let tries = [first, second, &third, first, &third];
    let answers = join_all(
        tries
            .iter()
            .map(|(token, oob)| service.redeem_oob(token, oob, &code)),
    )
    .await;
    let done = answers.iter().filter(|answer| answer.status == 200).count();
    let told: Vec<&String> = answers.iter().map(|answer| &answer.raw).collect();
    assert_eq!(done, 1, "{told:?}");
}

#[tokio::test]
async fn the_code_keeps_its_own_five_minutes() {
    let service = Service::start().await;
    let [_, (new, new_oob)] = gone_back(&service, "sms").await;
    let code = service.newest_code();
    service.advance(279);
    let good = service.verify(&new, &code).await;
    assert_eq!(good.status, 200, "{}", good.raw);
    let service = Service::start().await;
    let [_, (new, new_oob_late)] = gone_back(&service, "sms").await;
    let code = service.newest_code();
    service.advance(280);
    is_wrong(&service.redeem_oob(&new, &new_oob_late, &code).await);
    assert_ne!(new_oob, new_oob_late);
}

#[tokio::test]
async fn a_code_that_verified_the_new_login_is_spent_in_the_old_one() {
    let service = Service::start().await;
    let [(old, old_oob), (new, new_oob)] = gone_back(&service, "email").await;
    let code = service.newest_code();
    for _ in 0..2 {
        let verified = service.verify(&new, &code).await;
        assert_eq!(verified.status, 200, "{}", verified.raw);
    }
    is_wrong(&service.redeem_oob(&old, &old_oob, &code).await);
    let done = service.redeem_oob(&new, &new_oob, &code).await;
    assert_eq!(done.status, 200, "{}", done.raw);
}

#[tokio::test]
async fn a_code_for_another_client_or_factor_is_not_taken_over() {
    let service = Service::start().await;
    challenged(&service, "sms").await;
    let token = service.begin().await;
    let other = service.challenge(&token, "email").await;
    assert_eq!(other.status, 200, "another factor has another code");
    assert_eq!(service.messages().len(), 2);
    // The same phone, for a login at another client.
    let fields = [
        ("grant_type", "password"),
        ("client_id", demo::SERVER_CLIENT),
        ("client_secret", demo::SERVER_SECRET),
        ("username", demo::USER),
        ("password", demo::PASSWORD_OF_ALL),
    ];
    let begun = service.post_form("/oauth/token", &fields).await;
    let body = json!({
        "mfa_token": begun.text("mfa_token"),
        "client_id": demo::SERVER_CLIENT,
        "client_secret": demo::SERVER_SECRET,
        "challenge_type": "oob",
        "oob_channel": "sms",
    });
    let refused = service.post_json("/mfa/challenge", &body).await;
    refused.is_refused(429, "too_many_attempts", SOON);
}

#[tokio::test]
async fn the_same_login_waits_for_its_next_code_as_before() {
    let service = Service::start().await;
    let [_, (new, _)] = gone_back(&service, "sms").await;
    let refused = service.challenge(&new, "sms").await;
    refused.is_refused(429, "too_many_attempts", SOON);
}

#[tokio::test]
async fn going_back_is_no_dead_end_in_abps_words() {
    let service = Service::start().await;
    let (user, token) = abp_begin(&service).await;
    assert_eq!(abp_send(&service, &user, &token, "Email").await.status, 204);
    service.advance(10);
    let (user, token) = abp_begin(&service).await;
    let sent = abp_send(&service, &user, &token, "Email").await;
    assert_eq!(sent.status, 204, "{}", sent.raw);
    assert_eq!(service.messages().len(), 1);
    let code = service.newest_code();
    let beside = [("TwoFactorProvider", "Email"), ("TwoFactorCode", &*code)];
    let done = connect(&service, &beside).await;
    assert_eq!(done.status, 200, "{}", done.raw);
    let again = connect(&service, &beside).await;
    assert_eq!(again.status, 400, "{}", again.raw);
}

#[tokio::test]
async fn going_back_is_no_dead_end_on_the_pages() {
    let service = Service::start().await;
    let mut steps = Vec::new();
    for _ in 0..2 {
        let browser = Browser::new(&service);
        let step = browser
            .password("/auth/login", demo::USER, demo::PASSWORD_OF_ALL)
            .await;
        let send = step.form_of("Send a code by e-mail to");
        let sent = browser.submit(&send).await;
        assert!(sent.status < 400, "{}", sent.raw);
        steps.push((browser, sent));
        service.advance(10);
    }
    assert_eq!(service.messages().len(), 1);
    let (browser, sent) = steps.pop().unwrap();
    let form = sent.form(0).with("token", &service.newest_code());
    let done = browser.submit(&form).await;
    assert_eq!(done.status, 303, "{}", done.raw);
}
