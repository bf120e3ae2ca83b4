//! Wrong codes: a user has one budget over all factors and logins.

use countersign_local::demo;
use serde_json::json;

use crate::dialects::auth0::login::verify::{gives_tokens, is_verified};
use crate::harness::{Answer, Service};

/// A code that no authenticator app shows now.
fn wrong_code(service: &Service) -> String {
    let shown = [service.totp(), service.totp_at(service.now() - 30)];
    let mut codes = (0..).map(|number| format!("{number:06}"));
    codes.find(|code| !shown.contains(code)).unwrap()
}

async fn wrong_totp(service: &Service, token: &str) -> Answer {
    service.redeem_otp(token, &wrong_code(service)).await
}

/// Guesses wrong this many times. Each guess is compared.
async fn wrong(service: &Service, times: usize, token: &str) {
    for time in 1..=times {
        let answer = wrong_totp(service, token).await;
        assert_eq!(answer.status, 403, "guess {time}: {}", answer.raw);
        assert_eq!(
            answer.error(),
            "invalid_grant: Invalid otp_code.",
            "guess {time}"
        );
    }
}

/// The `Retry-After` of closed codes. Waiting does not open them.
const CLOSED: i64 = 3600;

/// Checks Auth0's answer and the rate headers: the next guess is compared after this
/// many seconds.
fn assert_blocked(service: &Service, answer: &Answer, seconds: i64) {
    assert_eq!(answer.status, 429, "{}", answer.raw);
    // Nobody is notified of wrong codes, so no answer says so.
    let helps = match seconds {
        CLOSED => "Use a recovery code, or reset your password.",
        _ => "Please wait.",
    };
    let told = "Your account has been blocked after multiple consecutive login attempts.";
    answer.is_refused(429, "too_many_attempts", &format!("{told} {helps}"));
    assert_eq!(answer.number_header("retry-after"), seconds);
    assert_eq!(answer.number_header("x-ratelimit-limit"), 10);
    assert_eq!(answer.number_header("x-ratelimit-remaining"), 0);
    assert_eq!(
        answer.number_header("x-ratelimit-reset"),
        service.now() + seconds
    );
}

/// Sends a wrong code after each wait that the answers name, until this many are wrong
/// in a row. Returns the token of a login that is still live.
async fn wrong_in_a_row(service: &Service, row: usize) -> String {
    let mut token = service.begin().await;
    for number in 1..=row {
        wrong(service, 1, &token).await;
        service.advance(360);
        // A login lasts ten minutes: two guesses.
        if number % 2 == 0 {
            token = service.begin().await;
        }
    }
    service.begin().await
}

#[tokio::test]
async fn ten_wrong_codes_are_compared_and_then_one_more_every_six_minutes() {
    let service = Service::start().await;
    let token = service.begin().await;
    wrong(&service, 10, &token).await;
    assert_blocked(&service, &wrong_totp(&service, &token).await, 360);
    for _ in 0..3 {
        let token = service.begin().await;
        service.advance(359);
        assert_blocked(&service, &wrong_totp(&service, &token).await, 1);
        service.advance(1);
        wrong(&service, 1, &token).await;
        assert_blocked(&service, &wrong_totp(&service, &token).await, 360);
    }
}

#[tokio::test]
async fn the_right_code_is_refused_while_none_is_compared_and_works_after_the_wait() {
    let service = Service::start().await;
    let token = service.begin().await;
    wrong(&service, 10, &token).await;
    let refused = service.redeem_otp(&token, &service.totp()).await;
    assert_blocked(&service, &refused, 360);
    service.advance(refused.number_header("retry-after"));
    let granted = service.redeem_otp(&token, &service.totp()).await;
    assert_eq!(granted.status, 200, "{}", granted.raw);
}

#[tokio::test]
async fn a_new_login_does_not_refill_the_budget() {
    let service = Service::start().await;
    for _ in 0..10 {
        let token = service.begin().await;
        wrong(&service, 1, &token).await;
    }
    let token = service.begin().await;
    let refused = service.redeem_otp(&token, &service.totp()).await;
    assert_blocked(&service, &refused, 360);
}

#[tokio::test]
async fn a_new_code_does_not_refill_the_budget() {
    let service = Service::start().await;
    let token = service.begin().await;
    let first = service.challenge(&token, "email").await.text("oob_code");
    wrong(&service, 5, &token).await;
    service.advance(30);
    let second = service.challenge(&token, "email").await.text("oob_code");
    assert_eq!(first, second);
    wrong(&service, 5, &token).await;
    let code = service.newest_code();
    let refused = service.redeem_oob(&token, &second, &code).await;
    assert_blocked(&service, &refused, 330);
}

#[tokio::test]
async fn every_factor_and_route_draws_on_the_one_budget() {
    let service = Service::start().await;
    let token = service.begin().await;
    let channels = ["sms", "email"];
    let mut challenges = Vec::new();
    for channel in channels {
        challenges.push(service.challenge(&token, channel).await.text("oob_code"));
    }
    let totp = service.authenticator(&token, "totp").await;
    let verify = |code: String| {
        let body = json!({
            "mfa_token": token, "client_id": demo::CLIENT,
            "code": code, "authenticator_id": totp,
        });
        let service = &service;
        async move { service.post_json("/mfa/verify", &body).await }
    };
    let wrong = wrong_code(&service);
    for _ in 0..2 {
        for challenge in &challenges {
            let answer = service.redeem_oob(&token, challenge, &wrong).await;
            assert_eq!(answer.error(), "invalid_grant: Invalid binding_code.");
        }
        let answer = service.redeem_recovery(&token, &"A".repeat(24)).await;
        assert_eq!(answer.error(), "invalid_grant: MFA Authorization rejected.");
        let answer = service.redeem_otp(&token, &wrong).await;
        assert_eq!(answer.error(), "invalid_grant: Invalid otp_code.");
        let answer = verify(wrong.clone()).await;
        assert_eq!(answer.error(), "invalid_grant: Invalid otp_code.");
    }
    let code = service.newest_code();
    let refused = [
        service.redeem_oob(&token, &challenges[1], &code).await,
        service.redeem_recovery(&token, demo::RECOVERY_CODE).await,
        service.redeem_otp(&token, &service.totp()).await,
        verify(service.totp()).await,
    ];
    for answer in refused {
        assert_blocked(&service, &answer, 360);
    }
}

#[tokio::test]
async fn a_request_that_names_no_live_login_of_its_client_costs_nothing() {
    let service = Service::start().await;
    let over = service.begin().await;
    service.advance(600);
    let token = service.begin().await;
    let (head, tail) = token.split_at(token.len() / 2);
    let flipped = if tail.starts_with('A') { "B" } else { "A" };
    let forged = format!("{head}{flipped}{}", &tail[1..]);
    let code = wrong_code(&service);
    for _ in 0..11 {
        let answer = service.redeem_otp(&over, &code).await;
        assert_eq!(answer.error(), "expired_token: mfa_token is expired");
        let answer = service.redeem_otp(&forged, &code).await;
        assert_eq!(answer.error(), "invalid_grant: Malformed mfa_token");
        let fields = [
            ("grant_type", "http://auth0.com/oauth/grant-type/mfa-otp"),
            ("client_id", demo::SERVER_CLIENT),
            ("client_secret", demo::SERVER_SECRET),
            ("mfa_token", &token),
            ("otp", &code),
        ];
        let foreign = service.post_form("/oauth/token", &fields).await;
        assert_eq!(foreign.error(), "invalid_grant: Malformed mfa_token");
        let missing = service.grant("mfa-otp", &[("mfa_token", &token)]).await;
        assert_eq!(
            missing.error(),
            "invalid_request: Missing required parameter: otp"
        );
    }
    wrong(&service, 10, &token).await;
    assert_blocked(&service, &wrong_totp(&service, &token).await, 360);
}

#[tokio::test]
async fn right_guesses_are_given_back() {
    let service = Service::start().await;
    let token = service.begin().await;
    let code = service.totp();
    for time in 1..=20 {
        let answer = service.verify(&token, &code).await;
        assert_eq!(answer.status, 200, "verify {time}: {}", answer.raw);
    }
    wrong(&service, 10, &token).await;
    assert_blocked(&service, &wrong_totp(&service, &token).await, 360);
}

#[tokio::test]
async fn a_right_guess_gives_itself_back_and_no_more() {
    let service = Service::start().await;
    let token = service.begin().await;
    wrong(&service, 9, &token).await;
    let granted = service.redeem_otp(&token, &service.totp()).await;
    assert_eq!(granted.status, 200, "{}", granted.raw);
    let token = service.begin().await;
    wrong(&service, 1, &token).await;
    assert_blocked(&service, &wrong_totp(&service, &token).await, 360);
}

#[tokio::test]
async fn a_right_recovery_code_is_given_back_too() {
    let service = Service::start().await;
    let mut code = demo::RECOVERY_CODE.to_owned();
    for time in 1..=12 {
        let token = service.begin().await;
        let granted = service.redeem_recovery(&token, &code).await;
        assert_eq!(granted.status, 200, "login {time}: {}", granted.raw);
        code = granted.text("recovery_code");
    }
}

#[tokio::test]
async fn after_a_hundred_wrong_in_a_row_only_a_recovery_code_opens_six_digits_again() {
    let service = Service::start().await;
    wrong_in_a_row(&service, 100).await;
    for days in [0, 30] {
        service.advance(days * 86_400);
        let token = service.begin().await;
        let closed = service.redeem_otp(&token, &service.totp()).await;
        assert_blocked(&service, &closed, 3600);
        let challenge = service.challenge(&token, "email").await.text("oob_code");
        let code = service.newest_code();
        let closed = service.redeem_oob(&token, &challenge, &code).await;
        assert_blocked(&service, &closed, 3600);
        let wrong = service.redeem_recovery(&token, &"A".repeat(24)).await;
        assert_eq!(wrong.error(), "invalid_grant: MFA Authorization rejected.");
    }
    let token = service.begin().await;
    let opened = service.redeem_recovery(&token, demo::RECOVERY_CODE).await;
    assert_eq!(opened.status, 200, "{}", opened.raw);
    let token = service.begin().await;
    let granted = service.redeem_otp(&token, &service.totp()).await;
    assert_eq!(granted.status, 200, "{}", granted.raw);
}

#[tokio::test]
async fn a_right_code_ends_a_row_of_wrong_ones() {
    let service = Service::start().await;
    let token = wrong_in_a_row(&service, 99).await;
    let granted = service.redeem_otp(&token, &service.totp()).await;
    assert_eq!(granted.status, 200, "{}", granted.raw);
    let token = service.begin().await;
    wrong(&service, 2, &token).await;
}

#[tokio::test]
async fn wrong_codes_at_verify_draw_on_the_same_budget() {
    let service = Service::start().await;
    let (token, other) = (service.begin().await, service.begin().await);
    for at in 0..10 {
        let token = if at % 2 == 0 { &token } else { &other };
        let answer = service.verify(token, "000000").await;
        answer.is_refused(403, "invalid_grant", "Invalid otp_code.");
    }
    for answer in [
        service.verify(&token, &service.totp()).await,
        service.verify(&other, demo::RECOVERY_CODE).await,
        service.redeem_otp(&token, &service.totp()).await,
    ] {
        assert_eq!(
            (answer.status, &*answer.text("error")),
            (429, "too_many_attempts")
        );
    }
}

#[tokio::test]
async fn right_codes_do_not_draw_on_the_budget() {
    let service = Service::start().await;
    for _ in 0..12 {
        let token = service.begin().await;
        is_verified(&service.verify(&token, &service.totp()).await);
        is_verified(&service.verify(&token, &service.totp()).await);
        gives_tokens(&service.redeem_otp(&token, &service.totp()).await);
        service.advance(30);
    }
}

#[tokio::test]
async fn an_expired_login_charges_no_guess() {
    let service = Service::start().await;
    let token = service.begin().await;
    service.advance(600);
    for _ in 0..12 {
        let answer = service.redeem_otp(&token, "000000").await;
        answer.is_refused(401, "expired_token", "mfa_token is expired");
    }
    let token = service.begin().await;
    let answer = service.redeem_otp(&token, &service.totp()).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
}
