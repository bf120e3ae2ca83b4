//! What a stranger tries with codes that are a first factor.

use countersign_local::demo;
use serde_json::json;

use crate::attacks::account_enumeration::held;
use crate::attacks::auth0::sign_up::seen;
use crate::dialects::auth0::accounts::sign_up::auth0_only;
use crate::dialects::auth0::login::passwordless::{
    GRANT, by_mailbox, by_session, challenge, start,
};
use crate::harness::Service;
use crate::harness::account::EMAIL;

const NOBODY: &str = "free@example.com";

#[tokio::test]
async fn a_request_for_a_code_is_answered_alike_for_everyone() {
    let service = auth0_only().await;
    for signs_up in [false, true] {
        let known = challenge(&service, demo::USER, signs_up).await;
        assert_eq!(known.status, 200, "{}", known.raw);
        let nobody = challenge(&service, NOBODY, signs_up).await;
        let token = |answer: &crate::harness::Answer| answer.text("auth_session").len();
        assert_eq!(token(&nobody), token(&known));
        assert_eq!(nobody.status, known.status);
        service.advance(60);
    }
    let known = start(&service, demo::USER).await;
    let nobody = start(&service, NOBODY).await;
    assert_eq!(seen(&nobody, NOBODY), seen(&known, demo::USER));
}

#[tokio::test]
async fn a_wrong_code_is_answered_alike_whoever_it_is_for() {
    let service = auth0_only().await;
    let known = challenge(&service, demo::USER, false)
        .await
        .text("auth_session");
    let nobody = challenge(&service, NOBODY, false)
        .await
        .text("auth_session");
    let wrong = by_session(&service, &known, "000000").await;
    for session in [nobody.as_str(), "forged", &known] {
        let answer = by_session(&service, session, "000000").await;
        assert_eq!(seen(&answer, ""), seen(&wrong, ""), "{session}");
    }
    let wrong = by_mailbox(&service, demo::USER, "000000").await;
    for email in [NOBODY, demo::PLAIN_USER, "no address"] {
        let answer = by_mailbox(&service, email, "000000").await;
        assert_eq!(seen(&answer, ""), seen(&wrong, ""), "{email}");
    }
}

#[tokio::test]
async fn the_answer_waits_for_its_time_though_the_code_has_gone_out() {
    for email in [demo::USER, NOBODY] {
        let (service, gate) = held(None).await;
        let answer = challenge(&service, email, false);
        tokio::pin!(answer);
        let work = async {
            while service.messages().is_empty() && email == demo::USER {
                tokio::task::yield_now().await;
            }
            for _ in 0..1000 {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            biased;
            early = &mut answer => panic!("{email} was answered early: {}", early.status),
            () = work => {}
        }
        gate.notify_one();
        assert_eq!(answer.await.status, 200);
    }
}

#[tokio::test]
async fn strangers_who_ask_for_codes_displace_no_code_that_its_owner_names() {
    let service = auth0_only().await;
    // From a known network, the mailbox gets more codes than are looked at by its name.
    let known = service
        .password_of(demo::PLAIN_USER, demo::PASSWORD_OF_ALL)
        .await;
    assert_eq!(known.status, 200, "{}", known.raw);
    let own = challenge(&service, demo::PLAIN_USER, false).await;
    let (session, code) = (own.text("auth_session"), service.newest_code());
    for _ in 0..5 {
        // Codes to one mailbox cool down for 30 seconds.
        service.advance(31);
        let asked = challenge(&service, demo::PLAIN_USER, false).await;
        assert_eq!(asked.status, 200, "{}", asked.raw);
    }
    assert_eq!(service.messages().len(), 6);
    let answer = by_session(&service, &session, &code).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
}

#[tokio::test]
async fn a_stranger_who_asks_for_codes_writes_nothing_under_the_user() {
    let service = Service::start().await;
    let under = async || {
        let items = service.items().await;
        let of_users = items
            .iter()
            .filter(|item| item["PK"].as_s().unwrap().starts_with("USER#"));
        of_users.count()
    };
    let before = under().await;
    challenge(&service, demo::USER, true).await;
    challenge(&service, NOBODY, true).await;
    assert_eq!(service.messages().len(), 2);
    assert_eq!(under().await, before);
}

#[tokio::test]
async fn a_code_of_one_purpose_is_none_for_another() {
    let service = Service::start().await;
    // A code that signs in is no second factor.
    challenge(&service, demo::USER, false).await;
    let first = service.newest_code();
    service.advance(60);
    let token = service.begin().await;
    let sent = service.challenge(&token, "email").await;
    let (oob, second) = (sent.text("oob_code"), service.newest_code());
    let crossed = service.redeem_oob(&token, &oob, &first).await;
    assert_eq!(crossed.status, 403, "{}", crossed.raw);
    // A second factor's code does not sign in.
    let asked = challenge(&service, demo::USER, false).await;
    let session = asked.text("auth_session");
    let crossed = by_session(&service, &session, &second).await;
    assert_eq!(crossed.status, 400, "{}", crossed.raw);
    // Neither does the token of one login serve as another's.
    let crossed = by_session(&service, &token, &second).await;
    crossed.is_refused(400, "invalid_request", "Wrong or expired code.");
    let body = json!({ "mfa_token": session, "client_id": demo::CLIENT, "challenge_type": "otp" });
    let crossed = service.post_json("/mfa/challenge", &body).await;
    assert_eq!(crossed.status, 403, "{}", crossed.raw);
}

#[tokio::test]
async fn a_code_is_of_the_client_that_asked_for_it() {
    let service = auth0_only().await;
    let asked = challenge(&service, demo::PLAIN_USER, false).await;
    let body = json!({
        "grant_type": GRANT, "client_id": demo::SERVER_CLIENT, "client_secret": demo::SERVER_SECRET,
        "auth_session": asked.text("auth_session"), "otp": service.newest_code(),
    });
    let other = service.post_json("/oauth/token", &body).await;
    other.is_refused(400, "invalid_request", "Wrong or expired code.");
}

#[tokio::test]
async fn one_code_gives_one_session_however_many_show_it_at_once() {
    let service = auth0_only().await;
    let asked = challenge(&service, EMAIL, true).await;
    let (session, code) = (asked.text("auth_session"), service.newest_code());
    let all = (0..6).map(|_| by_session(&service, &session, &code));
    let answers = futures_util::future::join_all(all).await;
    let done = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(done, 1);
}
