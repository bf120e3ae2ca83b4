//! What is sent and when: the messages that SES and SNS received, the cool-down of each
//! factor, and how long a sent code is valid.

use std::collections::BTreeMap;

use countersign::domain::factors::factor::Channel;
use countersign_local::demo;
use countersign_local::stand_in;
use serde_json::json;

use crate::harness::{Answer, START, Service, address_factor};

#[track_caller]
fn is_sent(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.raw);
    answer.text("oob_code")
}

#[track_caller]
fn is_too_soon(answer: &Answer, seconds: i64, now: i64) {
    let description = "A code was sent just now. Please wait.";
    answer.is_refused(429, "too_many_attempts", description);
    assert_eq!(answer.number_header("retry-after"), seconds);
    assert_eq!(answer.number_header("x-ratelimit-limit"), 1);
    assert_eq!(answer.number_header("x-ratelimit-remaining"), 0);
    assert_eq!(answer.number_header("x-ratelimit-reset"), now + seconds);
}

#[track_caller]
fn is_wrong(answer: &Answer) {
    answer.is_refused(403, "invalid_grant", "Invalid binding_code.");
}

#[track_caller]
fn is_expired(answer: &Answer) {
    answer.is_refused(401, "expired_token", "mfa_token is expired");
}

#[tokio::test]
async fn the_email_has_subject_text_and_page_and_its_code_is_the_right_one() {
    let service = Service::start().await;
    let token = service.begin().await;
    let oob = is_sent(&service.challenge(&token, "email").await);
    let messages = service.messages();
    let [mail] = &messages[..] else {
        panic!("one message");
    };
    let code = mail.code.clone().unwrap();
    assert_eq!(mail.channel, stand_in::Channel::Email);
    assert_eq!(mail.to, demo::USER);
    let sender = mail.sender.as_deref();
    assert_eq!(sender, Some("Countersign Demo <login@example.com>"));
    assert_eq!(mail.at, START);
    let subject = mail.subject.as_deref();
    assert_eq!(subject, Some("Your Countersign Demo sign-in code"));
    let expected = format!(
        "Your Countersign Demo sign-in code is:\n\n{code}\n\nThe code is valid for 5 minutes. \
         Enter the code where you are signing in.\n\nCountersign Demo never asks for this code. Do \
         not share it.\n\nIf you did not try to sign in, someone else has your password. Do not \
         give this code to anyone, and change your password now.\n"
    );
    assert_eq!(mail.text, expected);
    // The code is on a line of its own in the HTML too, so that one tap selects all of
    // it.
    let page = mail.html.as_deref().unwrap();
    assert!(
        page.contains(&format!("user-select:all;\">{code}</p>")),
        "no code"
    );
    assert_eq!(page.matches(&code).count(), 1);
    let answer = service.redeem_oob(&token, &oob, &code).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
}

#[tokio::test]
async fn the_sms_ends_in_the_line_that_phones_fill_in_and_is_transactional() {
    let service = Service::start_with(&[
        ("COUNTERSIGN_WEB_DOMAIN", "app.example.com"),
        ("COUNTERSIGN_SMS_SENDER_ID", "Example"),
        ("COUNTERSIGN_SMS_ORIGINATION_NUMBER", "+15555550199"),
    ])
    .await;
    let token = service.begin().await;
    is_sent(&service.challenge(&token, "sms").await);
    let messages = service.messages();
    let [sms] = &messages[..] else {
        panic!("one message");
    };
    let code = sms.code.clone().unwrap();
    assert_eq!(sms.channel, stand_in::Channel::Sms);
    assert_eq!((&*sms.to, sms.subject.as_deref()), (demo::PHONE, None));
    let expected = format!(
        "{code} is your Countersign Demo code. It expires in 5 minutes. Do not share it.\n\n\
         @app.example.com #{code}"
    );
    assert_eq!(sms.text, expected);
    let attribute = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let expected = BTreeMap::from([
        attribute("AWS.SNS.SMS.SMSType", "Transactional"),
        attribute("AWS.SNS.SMS.SenderID", "Example"),
        attribute("AWS.MM.SMS.OriginationNumber", "+15555550199"),
    ]);
    assert_eq!(sms.attributes, expected);
}

#[tokio::test]
async fn an_sms_without_settings_carries_the_issuers_host_and_no_sender() {
    let service = Service::start().await;
    let token = service.begin().await;
    is_sent(&service.challenge(&token, "sms").await);
    let sms = service.messages().remove(0);
    let code = sms.code.unwrap();
    assert_eq!(
        sms.text.lines().last(),
        Some(&*format!("@localhost #{code}"))
    );
    let names: Vec<&String> = sms.attributes.keys().collect();
    assert_eq!(names, ["AWS.SNS.SMS.SMSType"]);
}

#[tokio::test]
async fn a_factor_cools_down_for_thirty_seconds() {
    let service = Service::start().await;
    let token = service.begin().await;
    for channel in ["sms", "email"] {
        is_sent(&service.challenge(&token, channel).await);
        is_too_soon(&service.challenge(&token, channel).await, 30, service.now());
        service.advance(29);
        is_too_soon(&service.challenge(&token, channel).await, 1, service.now());
        service.advance(1);
        is_sent(&service.challenge(&token, channel).await);
    }
    assert_eq!(service.messages().len(), 4);
}

#[tokio::test]
async fn another_factor_is_not_held_up_by_a_cool_down() {
    let service = Service::start().await;
    let token = service.begin().await;
    is_sent(&service.challenge(&token, "sms").await);
    is_sent(&service.challenge(&token, "email").await);
    let otp = json!({ "mfa_token": token, "client_id": demo::CLIENT, "challenge_type": "otp" });
    assert_eq!(service.post_json("/mfa/challenge", &otp).await.status, 200);
    // The other sends in between do not shorten the cool-down.
    service.advance(10);
    is_too_soon(&service.challenge(&token, "sms").await, 20, service.now());
    is_too_soon(&service.challenge(&token, "email").await, 20, service.now());
}

#[tokio::test]
async fn many_factors_in_turn_do_not_shorten_the_cool_down_of_the_first() {
    let service = Service::start().await;
    let user = service.account(demo::USER).await.user.id;
    let mut more = address_factor(Channel::Email, "second@example.com", true);
    more.created_at += 1;
    service.add_factor(user, &more).await;
    let token = service.begin().await;
    is_sent(&service.challenge(&token, "sms").await);
    is_sent(&service.challenge(&token, "email").await);
    let named = json!({
        "mfa_token": token, "client_id": demo::CLIENT, "challenge_type": "oob",
        "authenticator_id": format!("email|dev_{}", more.id),
    });
    is_sent(&service.post_json("/mfa/challenge", &named).await);
    is_too_soon(&service.challenge(&token, "sms").await, 30, service.now());
    assert_eq!(service.messages().len(), 3);
}

#[tokio::test]
async fn a_new_login_gets_the_code_that_was_just_sent_and_does_not_reset_the_cool_down() {
    let service = Service::start().await;
    let first = service.begin().await;
    is_sent(&service.challenge(&first, "sms").await);
    service.advance(12);
    let second = service.begin().await;
    // The code that was just sent.
    is_sent(&service.challenge(&second, "sms").await);
    service.advance(17);
    for token in [&first, &second] {
        is_too_soon(&service.challenge(token, "sms").await, 1, service.now());
    }
    assert_eq!(service.messages().len(), 1);
    service.advance(1);
    let oob = is_sent(&service.challenge(&second, "sms").await);
    assert_eq!(service.messages().len(), 2);
    let code = service.newest_code();
    let answer = service.redeem_oob(&second, &oob, &code).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
}

#[tokio::test]
async fn two_users_with_one_phone_share_its_cool_down() {
    let service = Service::start().await;
    let phone = address_factor(Channel::Sms, demo::PHONE, true);
    let add =
        |account: &mut countersign::domain::accounts::user::Account| account.factors = vec![phone];
    service.add_user("same@example.com", add).await;
    let theirs = service.begin_as("same@example.com").await;
    is_sent(&service.challenge(&theirs, "sms").await);
    let ours = service.begin().await;
    is_too_soon(&service.challenge(&ours, "sms").await, 30, service.now());
}

#[tokio::test]
async fn resending_needs_the_mfa_token_only_and_gives_another_code() {
    let service = Service::start().await;
    let token = service.begin().await;
    let first_oob = is_sent(&service.challenge(&token, "sms").await);
    let first = service.newest_code();
    service.advance(30);
    let body = json!({
        "mfa_token": token, "client_id": demo::CLIENT, "challenge_type": "oob",
        "authenticator_id": service.authenticator(&token, "sms").await,
    });
    let second_oob = is_sent(&service.post_json("/mfa/challenge", &body).await);
    let second = service.newest_code();
    assert_ne!(first, second);
    // The `oob_code` names the login and the factor, so it stays the same.
    assert_eq!(first_oob, second_oob);
}

#[tokio::test]
async fn the_last_two_codes_of_a_login_are_good_and_the_third_last_is_not() {
    let service = Service::start().await;
    for take in 0..3 {
        let token = service.begin().await;
        let mut codes = Vec::new();
        let mut oob = String::new();
        for _ in 0..3 {
            oob = is_sent(&service.challenge(&token, "email").await);
            codes.push(service.newest_code());
            service.advance(30);
        }
        let answer = service.redeem_oob(&token, &oob, &codes[take]).await;
        if take == 0 {
            is_wrong(&answer);
        } else {
            assert_eq!(answer.status, 200, "{take}: {}", answer.raw);
        }
    }
}

#[tokio::test]
async fn a_send_to_another_factor_leaves_the_one_before_good_and_no_more() {
    let service = Service::start().await;
    let token = service.begin().await;
    let sms = is_sent(&service.challenge(&token, "sms").await);
    let first_sms = service.newest_code();
    let email = is_sent(&service.challenge(&token, "email").await);
    let first_email = service.newest_code();
    service.advance(30);
    is_sent(&service.challenge(&token, "sms").await);
    is_wrong(&service.redeem_oob(&token, &sms, &first_sms).await);
    let answer = service.redeem_oob(&token, &email, &first_email).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
}

#[tokio::test]
async fn each_code_is_good_for_five_minutes_from_its_own_send() {
    let service = Service::start().await;
    let token = service.begin().await;
    let oob = is_sent(&service.challenge(&token, "email").await);
    let first = service.newest_code();
    service.advance(200);
    is_sent(&service.challenge(&token, "email").await);
    let second = service.newest_code();
    service.advance(100);
    // 300 seconds after the first send, 100 after the second.
    is_wrong(&service.redeem_oob(&token, &oob, &first).await);
    is_wrong(&service.verify(&token, &first).await);
    service.advance(199);
    let answer = service.redeem_oob(&token, &oob, &second).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);

    let token = service.begin().await;
    let oob = is_sent(&service.challenge(&token, "sms").await);
    let code = service.newest_code();
    service.advance(300);
    is_wrong(&service.redeem_oob(&token, &oob, &code).await);
}

#[tokio::test]
async fn a_code_is_never_good_for_longer_than_its_login() {
    let service = Service::start().await;
    let (token, late) = (service.begin().await, service.begin().await);
    service.advance(500);
    let oob = is_sent(&service.challenge(&token, "sms").await);
    let code = service.newest_code();
    let late_oob = is_sent(&service.challenge(&late, "email").await);
    let late_code = service.newest_code();
    service.advance(99);
    let answer = service.redeem_oob(&token, &oob, &code).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    service.advance(1);
    is_expired(&service.redeem_oob(&late, &late_oob, &late_code).await);
}

#[tokio::test]
async fn nothing_is_sent_for_a_login_that_is_verified_redeemed_or_expired() {
    let service = Service::start().await;
    let (verified, expired) = (service.begin().await, service.begin().await);
    assert_eq!(service.verify(&verified, &service.totp()).await.status, 200);
    is_expired(&service.challenge(&verified, "sms").await);
    let fields = [("mfa_token", &*verified)];
    assert_eq!(service.grant("mfa-otp", &fields).await.status, 200);
    is_expired(&service.challenge(&verified, "sms").await);
    service.advance(600);
    is_expired(&service.challenge(&expired, "sms").await);
    assert_eq!(service.messages(), []);
}

#[tokio::test]
async fn a_code_goes_to_the_address_of_the_factor_and_not_to_the_profiles() {
    let service = Service::start().await;
    let factor = address_factor(Channel::Email, "factor@example.com", true);
    let add =
        |account: &mut countersign::domain::accounts::user::Account| account.factors = vec![factor];
    service.add_user("profile@example.com", add).await;
    let token = service.begin_as("profile@example.com").await;
    is_sent(&service.challenge(&token, "email").await);
    assert_eq!(service.messages()[0].to, "factor@example.com");
}

#[tokio::test]
async fn codes_have_six_digits_and_differ_between_logins() {
    let service = Service::start().await;
    let mut codes = Vec::new();
    for _ in 0..6 {
        let token = service.begin().await;
        is_sent(&service.challenge(&token, "sms").await);
        let code = service.newest_code();
        assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()));
        codes.push(code);
        service.advance(30);
    }
    codes.sort();
    codes.dedup();
    assert!(codes.len() > 4, "{} codes of 6 differ", codes.len());
}

#[tokio::test]
async fn two_factors_that_are_challenged_at_once_both_get_a_code_and_both_are_good() {
    let service = Service::start().await;
    for _ in 0..3 {
        let token = service.begin().await;
        let (sms, email) = tokio::join!(
            service.challenge(&token, "sms"),
            service.challenge(&token, "email"),
        );
        let (_, oob) = (is_sent(&sms), is_sent(&email));
        let messages = service.messages();
        let newest = messages.iter().find(|message| message.to == demo::USER);
        let code = newest.unwrap().code.clone().unwrap();
        let answer = service.redeem_oob(&token, &oob, &code).await;
        assert_eq!(answer.status, 200, "{}", answer.raw);
        service.advance(30);
    }
}

#[tokio::test]
async fn of_many_challenges_of_one_factor_at_once_one_is_sent() {
    let service = Service::start().await;
    let token = service.begin().await;
    let service = std::sync::Arc::new(service);
    let challenges: Vec<_> = (0..20)
        .map(|_| {
            let (service, token) = (service.clone(), token.clone());
            tokio::spawn(async move { service.challenge(&token, "sms").await.status })
        })
        .collect();
    let mut statuses = Vec::new();
    for challenge in challenges {
        statuses.push(challenge.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!((statuses[0], statuses[1], statuses[19]), (200, 429, 429));
    assert_eq!(service.messages().len(), 1);
}
