//! Races for a user's factors: fifty concurrent requests, with the real conditions of
//! the table.

use std::sync::Arc;

use countersign_local::demo;
use serde_json::json;

use crate::dialects::auth0::factors::enrolment::{FORCED, notices, with_forced_user};
use crate::harness::Service;
use crate::harness::enrolment::MFA_SCOPES;
use crate::races::logins::{MANY, at_once, with_status};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_confirmations_one_is_made_with_one_set_of_recovery_codes() {
    let service = Arc::new(with_forced_user().await);
    let token = service.begin_shown(FORCED).await;
    let body = json!({ "authenticator_types": ["otp"] });
    let begun = service.associate(&token, &body).await;
    let code = service.app_code(&begun.text("secret"));
    let answers = at_once(MANY, |_| {
        let (service, token, code) = (service.clone(), token.clone(), code.clone());
        async move { service.redeem_otp(&token, &code).await }
    })
    .await;
    assert_eq!(with_status(&answers, 200), 1);
    let account = service.account(FORCED).await;
    assert_eq!(account.active_factors().count(), 1);
    assert_eq!(account.recovery.unwrap().hashes.len(), 1);
    assert_eq!(account.user.epoch, 2);
    assert_eq!(notices(&service).len(), 1);
    service.advance(3600);
    let token = service.begin_shown(FORCED).await;
    let recovery = begun.body["recovery_codes"][0].as_str().unwrap();
    assert_eq!(service.redeem_recovery(&token, recovery).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_logins_that_confirm_their_own_first_factor_one_does() {
    let service = Arc::new(with_forced_user().await);
    let mut begun = Vec::new();
    for _ in 0..9 {
        let token = service.begin_shown(FORCED).await;
        let seed = service.associate_app(&token).await;
        begun.push((token, service.app_code(&seed)));
    }
    let answers = at_once(MANY, |number| {
        let (token, code) = begun[number % begun.len()].clone();
        let service = service.clone();
        async move { service.redeem_otp(&token, &code).await }
    })
    .await;
    assert_eq!(with_status(&answers, 200), 1);
    let account = service.account(FORCED).await;
    assert_eq!(account.active_factors().count(), 1);
    assert_eq!(account.user.epoch, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_confirmations_in_abps_words_one_gives_recovery_codes_and_they_are_good() {
    let service = Arc::new(Service::start().await);
    let fields = [
        ("grant_type", "password"),
        ("client_id", demo::ABP_CLIENT),
        ("scope", demo::ABP_SCOPE),
        ("username", demo::PLAIN_USER),
        ("password", demo::PASSWORD_OF_ALL),
    ];
    let access = service.post_form("/connect/token", &fields).await;
    let access = access.text("access_token");
    let info = "/api/account/authenticator-info";
    let key = service.get(info, Some(&access)).await.text("key");
    let body = json!({ "code": service.app_code(&key) });
    let answers = at_once(MANY, |_| {
        let (service, access, body) = (service.clone(), access.clone(), body.clone());
        let path = "/api/account/verify-authenticator-code";
        async move { service.bearer_json(path, &access, &body).await }
    })
    .await;
    assert_eq!(with_status(&answers, 200), 1);
    let won = answers.iter().find(|answer| answer.status == 200).unwrap();
    let shown = won.body["recoveryCodes"].as_array().unwrap();
    shown
        .iter()
        .for_each(|code| service.watch_secret(code.as_str().unwrap()));
    let account = service.account(demo::PLAIN_USER).await;
    assert_eq!(account.active_factors().count(), 1);
    assert_eq!(account.recovery.unwrap().hashes.len(), 10);
    service.advance(3600);
    for code in shown {
        let mut with = fields.to_vec();
        with.push(("RecoveryCode", code.as_str().unwrap()));
        let answer = service.post_form("/connect/token", &with).await;
        assert_eq!(answer.status, 200, "{}", answer.raw);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_removals_one_is_made_and_the_epoch_rises_once() {
    let service = Arc::new(Service::start().await);
    let access = service.strong_token().await;
    let id = service.account(demo::USER).await.factors[1].id;
    let answers = at_once(MANY, |_| {
        let (service, access) = (service.clone(), access.clone());
        async move { service.remove(&access, &format!("sms|dev_{id}")).await }
    })
    .await;
    assert_eq!(with_status(&answers, 204), 1);
    let account = service.account(demo::USER).await;
    assert_eq!((account.factors.len(), account.user.epoch), (2, 2));
    assert_eq!(notices(&service).len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_five_logins_that_associate_at_once_never_pass_the_limit() {
    let service = Arc::new(with_forced_user().await);
    let mut tokens = Vec::new();
    for _ in 0..25 {
        tokens.push(service.begin_shown(FORCED).await);
    }
    let answers = at_once(MANY, |number| {
        let (service, token) = (service.clone(), tokens[number % tokens.len()].clone());
        let body = json!({ "authenticator_types": ["otp"] });
        async move { service.associate(&token, &body).await }
    })
    .await;
    for answer in &answers {
        // A request that met another change in every attempt is asked to retry.
        assert!([200, 403, 503].contains(&answer.status), "{}", answer.raw);
    }
    assert!(answers.iter().any(|answer| answer.status == 200));
    let account = service.account(FORCED).await;
    assert!((1..=10).contains(&account.factors.len()));
    let access = service.password_for_mfa(FORCED, MFA_SCOPES).await;
    assert_eq!(access.text("error"), "mfa_required");
}
