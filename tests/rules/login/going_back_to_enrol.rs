//! A user goes back, and signs in or enrols again within half a minute after the first
//! code of a factor was sent. That code works for the new enrolment, and only once.

use std::net::{IpAddr, Ipv4Addr};

use countersign_local::demo;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::dialects::abp::login::password::send as abp_send;
use crate::dialects::codemaze::login::password_and_code as login;
use crate::harness::enrolment::MFA_SCOPES;
use crate::harness::{Answer, Service};

const REQUIRED: (&str, &str) = ("COUNTERSIGN_MFA_POLICY", "required");
const WRONG: &str = "Invalid binding_code.";
const SOON: &str = "A code was sent just now. Please wait.";
const NUMBER: &str = "+15555552000";

/// A login of the user without a factor, which asks for a code to the confirmed
/// address, and the `oob_code` of its challenge.
async fn challenged(service: &Service) -> (String, String) {
    let begun = service.password_for_mfa(demo::PLAIN_USER, MFA_SCOPES).await;
    let token = begun.text("mfa_token");
    let sent = service.challenge(&token, "email").await;
    assert_eq!(sent.status, 200, "{}", sent.raw);
    (token, sent.text("oob_code"))
}

/// Two such logins. The second began twenty seconds after the code was sent.
async fn gone_back(service: &Service) -> [(String, String); 2] {
    let first = challenged(service).await;
    service.advance(20);
    let second = challenged(service).await;
    assert_eq!(service.messages().len(), 1, "one code is on its way");
    assert_ne!(first.1, second.1);
    [first, second]
}

#[track_caller]
fn is_over(answer: &Answer) {
    answer.is_refused(401, "expired_token", "mfa_token is expired");
}

async fn factors(service: &Service, email: &str) -> usize {
    service.account(email).await.active_factors().count()
}

#[tokio::test]
async fn the_code_of_a_first_factor_completes_the_new_login_and_then_no_other() {
    let service = Service::start_with(&[REQUIRED]).await;
    let [(old, old_oob), (new, new_oob)] = gone_back(&service).await;
    let code = service.newest_code();
    let done = service.redeem_oob(&new, &new_oob, &code).await;
    assert_eq!(done.status, 200, "{}", done.raw);
    assert_eq!(factors(&service, demo::PLAIN_USER).await, 1);
    is_over(&service.redeem_oob(&old, &old_oob, &code).await);
    is_over(&service.redeem_oob(&new, &new_oob, &code).await);
}

#[tokio::test]
async fn the_code_of_a_first_factor_completes_the_old_login_and_then_no_other() {
    let service = Service::start_with(&[REQUIRED]).await;
    let [(old, old_oob), (new, new_oob)] = gone_back(&service).await;
    let code = service.newest_code();
    let done = service.redeem_oob(&old, &old_oob, &code).await;
    assert_eq!(done.status, 200, "{}", done.raw);
    is_over(&service.redeem_oob(&new, &new_oob, &code).await);
}

#[tokio::test]
async fn a_first_factors_code_that_verified_one_login_is_wrong_for_the_other() {
    for verified in [0, 1] {
        let service = Service::start_with(&[REQUIRED]).await;
        let logins = gone_back(&service).await;
        let code = service.newest_code();
        let (theirs, other) = (&logins[verified], &logins[1 - verified]);
        let answer = service.verify(&theirs.0, &code).await;
        assert_eq!(answer.status, 200, "{}", answer.raw);
        let wrong = service.redeem_oob(&other.0, &other.1, &code).await;
        wrong.is_refused(403, "invalid_grant", WRONG);
        let done = service.redeem_oob(&theirs.0, &theirs.1, &code).await;
        assert_eq!(done.status, 200, "{verified}: {}", done.raw);
    }
}

#[tokio::test]
async fn many_requests_at_once_make_one_factor_and_complete_one_login() {
    let service = Service::start_with(&[REQUIRED]).await;
    let [first, second] = gone_back(&service).await;
    let code = service.newest_code();
    let tries = [&first, &second, &second, &first];
    let answers = join_all(
        tries
            .iter()
            .map(|(token, oob)| service.redeem_oob(token, oob, &code)),
    )
    .await;
    let done = answers.iter().filter(|answer| answer.status == 200).count();
    let told: Vec<&String> = answers.iter().map(|answer| &answer.raw).collect();
    assert_eq!(done, 1, "{told:?}");
    assert_eq!(factors(&service, demo::PLAIN_USER).await, 1);
}

#[tokio::test]
async fn the_same_login_of_a_first_factor_waits_for_its_next_code() {
    let service = Service::start_with(&[REQUIRED]).await;
    let [_, (new, _)] = gone_back(&service).await;
    let refused = service.challenge(&new, "email").await;
    refused.is_refused(429, "too_many_attempts", SOON);
}

#[tokio::test]
async fn a_first_factor_is_no_dead_end_in_abps_words() {
    let service = Service::start_with(&[REQUIRED]).await;
    let (name, password) = (demo::PLAIN_USER, demo::PASSWORD_OF_ALL);
    for _ in 0..2 {
        let begun = service.sign_in(name, password).await;
        let (user, token) = (begun.text("userId"), begun.text("twoFactorToken"));
        let sent = abp_send(&service, &user, &token, "Email").await;
        assert_eq!(sent.status, 204, "{}", sent.raw);
        service.advance(10);
    }
    assert_eq!(service.messages().len(), 1);
    let code = service.newest_code();
    let beside = [("TwoFactorProvider", "Email"), ("TwoFactorCode", &*code)];
    let done = service.sign_in_with(name, password, &beside).await;
    assert_eq!(done.status, 200, "{}", done.raw);
}

#[tokio::test]
async fn a_first_factor_is_no_dead_end_in_codemazes_and_aidboxs_words() {
    let service = Service::start_with(&[REQUIRED]).await;
    let (name, password) = (demo::PLAIN_USER, demo::PASSWORD_OF_ALL);
    for _ in 0..2 {
        let asked = login::login(&service, name, password).await;
        assert_eq!(asked.status, 200, "{}", asked.raw);
        service.advance(10);
    }
    let done = login::second_step(&service, name, &service.newest_code()).await;
    assert_eq!(done.status, 200, "{}", done.raw);
    let service = Service::start_with(&[REQUIRED]).await;
    for _ in 0..2 {
        let asked = service.aidbox_login(name, None).await;
        asked.is_refused(400, "invalid_grant", "2FA token is required");
        service.advance(10);
    }
    assert_eq!(service.messages().len(), 1);
    let done = service
        .aidbox_login(name, Some(&service.newest_code()))
        .await;
    assert_eq!(done.status, 200, "{}", done.raw);
}

fn phone() -> Value {
    json!({ "authenticator_types": ["oob"], "oob_channels": ["sms"], "phone_number": NUMBER })
}

/// A user who has to enrol.
async fn forced(service: &Service, name: &str) -> String {
    service.add_user(name, |_| {}).await;
    service.begin_shown(name).await
}

#[tokio::test]
async fn who_signs_in_again_and_enrols_the_same_number_takes_the_code_that_is_on_its_way() {
    let service = Service::start().await;
    let (name, mut logins) = ("forced@example.com", Vec::new());
    service.add_user(name, |_| {}).await;
    for _ in 0..2 {
        let token = service.begin_shown(name).await;
        let begun = service.associate(&token, &phone()).await;
        assert_eq!(begun.status, 200, "{}", begun.raw);
        assert!(begun.body["recovery_codes"].is_array(), "{}", begun.raw);
        logins.push((token, begun.text("oob_code")));
        service.advance(10);
    }
    assert_eq!(service.messages().len(), 1);
    let code = service.newest_code();
    let (new, oob) = &logins[1];
    let done = service.redeem_oob(new, oob, &code).await;
    assert_eq!(done.status, 200, "{}", done.raw);
    assert_eq!(factors(&service, name).await, 1);
    let (old, oob) = &logins[0];
    is_over(&service.redeem_oob(old, oob, &code).await);
}

#[tokio::test]
async fn the_code_for_one_users_number_never_confirms_anothers() {
    let service = Service::start().await;
    let mine = forced(&service, "one@example.com").await;
    let sent = service.associate(&mine, &phone()).await;
    assert_eq!(sent.status, 200, "{}", sent.raw);
    let code = service.newest_code();
    let theirs = forced(&service, "another@example.com").await;
    let refused = service.associate(&theirs, &phone()).await;
    refused.is_refused(429, "too_many_attempts", SOON);
    // The enrolment has begun, but no message was sent for it.
    let wrong = service.verify(&theirs, &code).await;
    assert_eq!(wrong.status, 403, "{}", wrong.raw);
    assert_eq!(factors(&service, "another@example.com").await, 0);
    assert_eq!(service.messages().len(), 1);
}

#[tokio::test]
async fn another_number_has_a_code_of_its_own_and_takes_no_other() {
    let service = Service::start().await;
    let name = "forced@example.com";
    let token = forced(&service, name).await;
    service.associate(&token, &phone()).await;
    let code = service.newest_code();
    let token = service.begin_shown(name).await;
    let mut other = phone();
    other["phone_number"] = json!("+15555552001");
    let sent = service.associate(&token, &other).await;
    assert_eq!(sent.status, 200, "{}", sent.raw);
    assert_eq!(service.messages().len(), 2);
    let oob = sent.text("oob_code");
    let wrong = service.redeem_oob(&token, &oob, &code).await;
    wrong.is_refused(403, "invalid_grant", WRONG);
}

#[tokio::test]
async fn a_session_that_enrols_the_same_number_again_takes_the_code_that_is_on_its_way() {
    let service = Service::start().await;
    let answer = service.password_for_mfa(demo::PLAIN_USER, MFA_SCOPES).await;
    let access = answer.text("access_token");
    let mut codes = Vec::new();
    for _ in 0..2 {
        let begun = service.associate(&access, &phone()).await;
        assert_eq!(begun.status, 200, "{}", begun.raw);
        codes.push(begun.text("oob_code"));
        service.advance(10);
    }
    assert_eq!(service.messages().len(), 1);
    let code = service.newest_code();
    let done = service.redeem_oob(&access, &codes[1], &code).await;
    assert_eq!(done.status, 200, "{}", done.raw);
    assert_eq!(factors(&service, demo::PLAIN_USER).await, 1);
}

#[tokio::test]
async fn whoever_enrols_again_from_elsewhere_has_no_more_sent() {
    let service = Service::start().await;
    let token = forced(&service, "forced@example.com").await;
    for at in 1..=20 {
        let from = IpAddr::V4(Ipv4Addr::new(198, 51, 100, at));
        let body = phone();
        let request = axum::http::Request::builder()
            .method("POST")
            .uri("/mfa/associate")
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {token}"))
            .extension(countersign::wire::input::SourceAddress(from))
            .body(axum::body::Body::from(body.to_string()));
        let begun = service.send(request.unwrap()).await;
        assert_eq!(begun.status, 200, "{}", begun.raw);
    }
    assert_eq!(service.messages().len(), 1);
}
