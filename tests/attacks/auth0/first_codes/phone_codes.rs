//! What a stranger tries with codes to phones that are a first factor.

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_local::demo;
use serde_json::json;

use super::stranger;
use crate::attacks::account_enumeration::held;
use crate::attacks::auth0::sign_up::seen;
use crate::dialects::auth0::accounts::sign_up::sign_up;
use crate::dialects::auth0::login::passwordless::{by_mailbox, by_session, challenge, start};
use crate::dialects::auth0::login::phone_codes::{
    NUMBER, OWNER, by_name, challenge_phone, start_phone, with_phone,
};
use crate::harness::Service;
use crate::harness::account::{EMAIL, PASSWORD};

const NOBODY: &str = "+15555550155";

#[tokio::test]
async fn a_request_for_a_text_is_answered_alike_for_everyone_and_texts_nobody_without_an_account() {
    let service = Service::start().await;
    with_phone(&service, OWNER).await;
    let known = start_phone(&service, NUMBER).await;
    let nobody = start_phone(&service, NOBODY).await;
    assert_eq!(seen(&nobody, NOBODY), seen(&known, NUMBER));
    service.advance(60);
    let known = challenge_phone(&service, NUMBER).await;
    let nobody = challenge_phone(&service, NOBODY).await;
    assert_eq!(known.status, 200, "{}", known.raw);
    let length = |answer: &crate::harness::Answer| answer.text("auth_session").len();
    assert_eq!(
        (nobody.status, length(&nobody)),
        (known.status, length(&known))
    );
    let to: Vec<String> = service.messages().into_iter().map(|one| one.to).collect();
    assert_eq!(to, [NUMBER, NUMBER]);
    let wrong = by_name(&service, "sms", NUMBER, "000000").await;
    let at_nobody = by_name(&service, "sms", NOBODY, "000000").await;
    assert_eq!(seen(&at_nobody, ""), seen(&wrong, ""));
}

#[tokio::test]
async fn the_answer_to_a_request_for_a_text_waits_for_its_time() {
    for number in [demo::PHONE, NOBODY] {
        let (service, gate) = held(None).await;
        let answer = challenge_phone(&service, number);
        tokio::pin!(answer);
        let work = async {
            while service.messages().is_empty() && number == demo::PHONE {
                tokio::task::yield_now().await;
            }
            for _ in 0..1000 {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            biased;
            early = &mut answer => panic!("{number} was answered early: {}", early.status),
            () = work => {}
        }
        gate.notify_one();
        assert_eq!(answer.await.status, 200);
    }
}

#[tokio::test]
async fn a_code_of_one_channel_is_refused_in_another() {
    let service = Service::start().await;
    with_phone(&service, OWNER).await;
    start_phone(&service, NUMBER).await;
    let texted = service.newest_code();
    start(&service, OWNER).await;
    let mailed = service.newest_code();
    for (realm, name, code) in [
        ("email", OWNER, &texted),
        ("email", NUMBER, &texted),
        ("email", "tel:+15555550144", &texted),
        ("sms", NUMBER, &mailed),
        ("sms", OWNER, &mailed),
    ] {
        let crossed = by_name(&service, realm, name, code).await;
        assert_eq!(crossed.status, 403, "{realm} {name}: {}", crossed.raw);
    }
    let webhook = by_name(&service, "webhook", NUMBER, &texted).await;
    assert_eq!(webhook.status, 400, "{}", webhook.raw);
    // A text of a first factor is no second factor, and a code of a second factor signs nobody in.
    service.advance(60);
    let asked = challenge_phone(&service, demo::PHONE)
        .await
        .text("auth_session");
    let first = service.newest_code();
    let token = service.begin().await;
    let sent = service.challenge(&token, "sms").await;
    let second = service.newest_code();
    let crossed = service
        .redeem_oob(&token, &sent.text("oob_code"), &first)
        .await;
    assert_eq!(crossed.status, 403, "{}", crossed.raw);
    let crossed = by_session(&service, &asked, &second).await;
    assert_eq!(crossed.status, 400, "{}", crossed.raw);
    // The codes are still good where they belong.
    let mailed = by_mailbox(&service, OWNER, &mailed).await;
    assert_eq!(mailed.status, 200, "{}", mailed.raw);
}

#[tokio::test]
async fn a_number_that_nobody_has_shown_to_be_their_own_signs_in_to_no_account() {
    let service = Service::start().await;
    // An account that nobody owns, with a number that is confirmed.
    sign_up(&service, EMAIL, &json!({})).await;
    for (name, value) in [
        ("phone", AttributeValue::S(NUMBER.to_owned())),
        ("phone_confirmed", AttributeValue::Bool(true)),
    ] {
        service.set_profile(EMAIL, name, value).await;
    }
    let named = ["user", "update", EMAIL, "--given-name", "Ann"];
    service.operated(&named).await;
    let before = service.messages().len();
    start_phone(&service, NUMBER).await;
    assert_eq!(service.messages().len(), before);
    // A number is no name beside a password either.
    with_phone(&service, OWNER).await;
    for name in [NUMBER, "tel:+15555550144"] {
        for password in [demo::PASSWORD_OF_ALL, PASSWORD] {
            let answer = service.password_of(name, password).await;
            assert_eq!(answer.status, 403, "{name}: {}", answer.raw);
        }
    }
}

#[tokio::test]
async fn a_code_to_the_phone_ends_when_the_account_changes() {
    let service = Service::start().await;
    with_phone(&service, OWNER).await;
    start_phone(&service, NUMBER).await;
    let code = service.newest_code();
    let later = AttributeValue::N("7".to_owned());
    service.set_profile(OWNER, "epoch", later).await;
    let changed = by_name(&service, "sms", NUMBER, &code).await;
    assert_eq!(changed.status, 403, "{}", changed.raw);
    service.advance(3600);
    start_phone(&service, NUMBER).await;
    let code = service.newest_code();
    let doubted = AttributeValue::Bool(false);
    service.set_profile(OWNER, "phone_confirmed", doubted).await;
    let changed = by_name(&service, "sms", NUMBER, &code).await;
    assert_eq!(changed.status, 403, "{}", changed.raw);
}

#[tokio::test]
async fn one_text_gives_one_session_however_many_show_it_at_once() {
    let service = Service::start().await;
    with_phone(&service, OWNER).await;
    let asked = challenge_phone(&service, NUMBER).await;
    let (session, code) = (asked.text("auth_session"), service.newest_code());
    let all = (0..6).map(|_| by_session(&service, &session, &code));
    let answers = futures_util::future::join_all(all).await;
    let done = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(done, 1);
}

#[tokio::test]
async fn strangers_use_up_no_ceiling_of_texts_by_numbers_of_nobody() {
    let service = Service::start_with(&[("COUNTERSIGN_SMS_DAILY_TO_PREFIX", "2")]).await;
    with_phone(&service, OWNER).await;
    for last in 0..6 {
        let from = stranger(last);
        let body = json!({
            "client_id": demo::CLIENT, "connection": "sms", "send": "code",
            "phone_number": format!("+1555555016{last}"),
        });
        let asked = service.post_from(from, "/passwordless/start", &body).await;
        assert_eq!(asked.status, 200, "{}", asked.raw);
    }
    start_phone(&service, NUMBER).await;
    service.advance(60);
    start_phone(&service, NUMBER).await;
    assert_eq!(service.messages().len(), 2);
    // The third text of the day is above the ceiling, and the answer is the same.
    service.advance(60);
    let above = start_phone(&service, NUMBER).await;
    assert_eq!(above.status, 200, "{}", above.raw);
    assert_eq!(service.messages().len(), 2);
    // A code to a mailbox is no text.
    challenge(&service, demo::PLAIN_USER, false).await;
    assert_eq!(service.messages().len(), 3);
}
