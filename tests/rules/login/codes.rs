//! Which code is valid for which login, factor and time. The rules are equal at
//! `/mfa/verify` and at `/oauth/token`.

use countersign::domain::factors::factor::Channel;
use countersign_local::demo;
use serde_json::json;

use crate::harness::{Answer, START, Service, address_factor};

#[track_caller]
fn is_wrong_otp(answer: &Answer) {
    answer.is_refused(403, "invalid_grant", "Invalid otp_code.");
}

#[track_caller]
fn is_wrong_binding(answer: &Answer) {
    answer.is_refused(403, "invalid_grant", "Invalid binding_code.");
}

/// A login that a code was sent for.
struct Sent {
    token: String,
    /// The `oob_code`.
    oob: String,
    code: String,
}

async fn sent(service: &Service, channel: &str) -> Sent {
    let token = service.begin().await;
    let oob = service.challenge(&token, channel).await.text("oob_code");
    let code = service.newest_code();
    Sent { token, oob, code }
}

#[tokio::test]
async fn a_code_of_one_login_is_wrong_in_another() {
    let service = Service::start().await;
    let Sent {
        token: first,
        oob: first_oob,
        code: first_code,
    } = sent(&service, "sms").await;
    service.advance(30);
    let Sent {
        token: second,
        oob: second_oob,
        code: second_code,
    } = sent(&service, "sms").await;
    assert_ne!(first_code, second_code);
    is_wrong_binding(&service.redeem_oob(&second, &second_oob, &first_code).await);
    is_wrong_binding(&service.verify(&second, &first_code).await);
    is_wrong_binding(&service.redeem_oob(&first, &first_oob, &second_code).await);
    // A new code in one login does not end the other login's code.
    let answer = service.redeem_oob(&first, &first_oob, &first_code).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    let answer = service.redeem_oob(&second, &second_oob, &second_code).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
}

#[tokio::test]
async fn an_oob_code_of_another_login_or_user_is_refused_and_charges_nothing() {
    let service = Service::start().await;
    let email = address_factor(Channel::Email, "other@example.com", true);
    let add =
        |account: &mut countersign::domain::accounts::user::Account| account.factors = vec![email];
    service.add_user("other@example.com", add).await;
    let theirs = service.begin_as("other@example.com").await;
    let their_oob = service.challenge(&theirs, "email").await.text("oob_code");
    let their_code = service.newest_code();
    let Sent {
        token: first,
        oob: first_oob,
        code: first_code,
    } = sent(&service, "sms").await;
    service.advance(30);
    let second = sent(&service, "sms").await.token;
    for _ in 0..5 {
        for (token, oob, code) in [
            (&second, &first_oob, &first_code),
            (&first, &their_oob, &their_code),
            (&theirs, &first_oob, &first_code),
            (&first, &first, &first_code),
        ] {
            let answer = service.redeem_oob(token, oob, code).await;
            answer.is_refused(403, "invalid_grant", "Invalid binding_code.");
        }
    }
    let answer = service.redeem_oob(&first, &first_oob, &first_code).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
}

#[tokio::test]
async fn a_code_is_good_only_for_the_factor_it_was_sent_to() {
    let service = Service::start().await;
    let token = service.begin().await;
    let by_sms = service.challenge(&token, "sms").await.text("oob_code");
    let sms_code = service.newest_code();
    let by_email = service.challenge(&token, "email").await.text("oob_code");
    let email_code = service.newest_code();
    is_wrong_binding(&service.redeem_oob(&token, &by_sms, &email_code).await);
    is_wrong_binding(&service.redeem_oob(&token, &by_email, &sms_code).await);
    // The code is refused even as an app's code, because an e-mail must never count as
    // an app.
    is_wrong_otp(&service.redeem_otp(&token, &email_code).await);
    is_wrong_otp(&service.redeem_otp(&token, &sms_code).await);
    let recovery = service.redeem_recovery(&token, &email_code).await;
    recovery.is_refused(403, "invalid_grant", "MFA Authorization rejected.");
    is_wrong_binding(&service.redeem_oob(&token, &by_sms, &service.totp()).await);
    let answer = service.redeem_oob(&token, &by_email, &email_code).await;
    assert_eq!(answer.claims("access_token")["acr"], "aal1");
}

#[tokio::test]
async fn a_sent_code_is_used_once() {
    let service = Service::start().await;
    let Sent { token, oob, code } = sent(&service, "email").await;
    let answer = service.redeem_oob(&token, &oob, &code).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    for answer in [
        service.redeem_oob(&token, &oob, &code).await,
        service.verify(&token, &code).await,
    ] {
        answer.is_refused(401, "expired_token", "mfa_token is expired");
    }
}

/// Whether a code that the app showed at `shown` is accepted at `time`. Uses a new
/// login on a new service.
async fn accepted(past_steps: Option<&str>, shown: i64, time: i64) -> bool {
    let setting = past_steps.map(|steps| ("COUNTERSIGN_TOTP_PAST_STEPS", steps));
    let service = Service::start_with(setting.as_slice()).await;
    service.advance(time - START);
    let token = service.begin().await;
    let code = service.totp_at(shown);
    let verified = service.verify(&token, &code).await;
    let redeemed = service.redeem_otp(&token, &code).await;
    assert_eq!(verified.status, redeemed.status);
    match redeemed.status {
        200 => true,
        _ => {
            is_wrong_otp(&redeemed);
            false
        }
    }
}

#[tokio::test]
async fn a_totp_code_is_good_in_its_step_and_the_next_and_never_before() {
    let step = START + 300;
    for (time, good) in [
        (step - 1, false),
        (step - 30, false),
        (step, true),
        (step + 29, true),
        (step + 30, true),
        (step + 59, true),
        (step + 60, false),
        (step + 90, false),
    ] {
        assert_eq!(accepted(None, step, time).await, good, "{}", time - step);
    }
}

#[tokio::test]
async fn the_number_of_past_steps_is_a_setting() {
    let step = START + 300;
    for (steps, last) in [("0", 29), ("5", 179)] {
        for (time, good) in [(-1, false), (0, true), (last, true), (last + 1, false)] {
            let good_now = accepted(Some(steps), step, step + time).await;
            assert_eq!(good_now, good, "{steps} {time}");
        }
    }
}

#[tokio::test]
async fn a_totp_step_is_accepted_once_over_all_logins() {
    let service = Service::start().await;
    let code = service.totp();
    let (first, second) = (service.begin().await, service.begin().await);
    assert_eq!(service.verify(&first, &code).await.status, 200);
    is_wrong_otp(&service.verify(&second, &code).await);
    is_wrong_otp(&service.redeem_otp(&second, &code).await);
    // It is refused at the other end of its window too.
    service.advance(59);
    is_wrong_otp(&service.redeem_otp(&second, &code).await);
    assert_eq!(
        service.redeem_otp(&second, &service.totp()).await.status,
        200
    );
}

#[tokio::test]
async fn an_older_step_is_not_accepted_after_a_newer_one() {
    let service = Service::start_with(&[("COUNTERSIGN_TOTP_PAST_STEPS", "5")]).await;
    service.advance(300);
    let now = service.now();
    let accepts = async |code: String| {
        let token = service.begin().await;
        service.redeem_otp(&token, &code).await.status == 200
    };
    assert!(accepts(service.totp_at(now - 120)).await);
    assert!(!accepts(service.totp_at(now - 120)).await);
    assert!(!accepts(service.totp_at(now - 150)).await);
    assert!(accepts(service.totp_at(now - 60)).await);
    assert!(!accepts(service.totp_at(now - 90)).await);
    assert!(accepts(service.totp_at(now)).await);
    assert!(!accepts(service.totp_at(now - 30)).await);
}

#[tokio::test]
async fn a_clock_that_went_back_does_not_reopen_a_step() {
    let service = Service::start_with(&[("COUNTERSIGN_TOTP_PAST_STEPS", "5")]).await;
    service.advance(300);
    let code = service.totp();
    let token = service.begin().await;
    assert_eq!(service.redeem_otp(&token, &code).await.status, 200);
    service.advance(-45);
    let token = service.begin().await;
    is_wrong_otp(&service.redeem_otp(&token, &service.totp()).await);
    service.advance(45);
    is_wrong_otp(&service.redeem_otp(&token, &code).await);
}

#[tokio::test]
async fn a_refused_totp_code_of_a_taken_step_still_counts() {
    let service = Service::start().await;
    let code = service.totp();
    let token = service.begin().await;
    assert_eq!(service.redeem_otp(&token, &code).await.status, 200);
    let token = service.begin().await;
    for _ in 0..10 {
        is_wrong_otp(&service.redeem_otp(&token, &code).await);
    }
    assert_eq!(service.redeem_otp(&token, &code).await.status, 429);
}

#[tokio::test]
async fn the_second_app_of_a_user_verifies_when_it_is_named() {
    let service = Service::start().await;
    let user = service.account(demo::USER).await.user.id;
    let seed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    let mut second = crate::harness::totp_factor(&service.app, user, seed, true).await;
    second.created_at += 1;
    service.add_factor(user, &second).await;
    let token = service.begin().await;
    let step = u64::try_from(service.now()).unwrap() / 30;
    let seed = countersign::domain::factors::totp::Seed::from_base32(seed).unwrap();
    let code = seed.code(step).expose().to_owned();
    is_wrong_otp(&service.redeem_otp(&token, &code).await);
    let body = json!({
        "mfa_token": token, "client_id": demo::CLIENT, "code": code,
        "authenticator_id": format!("totp|dev_{}", second.id),
    });
    assert_eq!(service.post_json("/mfa/verify", &body).await.status, 200);
    // At the token endpoint, the same code is compared with the code that verified the
    // login.
    let answer = service.redeem_otp(&token, &code).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
}
