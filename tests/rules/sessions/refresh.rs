//! Sessions: rotation of refresh tokens, the grace period of a retry, reuse, and
//! everything that ends a session.

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_local::demo;
use serde_json::json;

use crate::harness::{Answer, START, Service};

const UNKNOWN: &str = "Unknown or invalid refresh token.";
const DAY: i64 = 86_400;

#[track_caller]
fn is_over(answer: &Answer) {
    answer.is_refused(403, "invalid_grant", UNKNOWN);
    assert_eq!(answer.header("www-authenticate"), None);
}

#[track_caller]
fn successor(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.raw);
    answer.text("refresh_token")
}

/// The refresh token of a new login of the demo user.
async fn login(service: &Service) -> String {
    let token = service.begin().await;
    successor(&service.redeem_otp(&token, &service.totp()).await)
}

/// A refresh token of the plain user at a client of this name.
async fn login_at(service: &Service, client: &str) -> String {
    let fields = [
        ("grant_type", "password"),
        ("client_id", client),
        ("username", demo::PLAIN_USER),
        ("password", demo::PASSWORD_OF_ALL),
        ("scope", "read:sample offline_access"),
    ];
    successor(&service.post_form("/oauth/token", &fields).await)
}

async fn refresh_at(service: &Service, client: &str, more: &[(&str, &str)]) -> Answer {
    let mut fields = vec![("grant_type", "refresh_token"), ("client_id", client)];
    fields.extend_from_slice(more);
    service.post_form("/oauth/token", &fields).await
}

#[tokio::test]
async fn a_refresh_gives_new_tokens_and_the_next_refresh_token() {
    let service = Service::start().await;
    let first = login(&service).await;
    service.advance(10);
    let answer = service.refresh(&first).await;
    let members = [
        "access_token",
        "scope",
        "expires_in",
        "token_type",
        "id_token",
        "refresh_token",
    ];
    assert_eq!((answer.status, answer.members()), (200, members.into()));
    answer.is_private();
    assert_ne!(answer.text("refresh_token"), first);
    assert_eq!(answer.claims("access_token")["exp"], START + 10 + 3600);
}

#[tokio::test]
async fn a_retry_within_the_grace_gets_the_very_same_refresh_token() {
    let service = Service::start().await;
    let first = login(&service).await;
    let second = successor(&service.refresh(&first).await);
    for seconds in [0, 30, 29] {
        service.advance(seconds);
        let again = service.refresh(&first).await;
        assert_eq!(successor(&again), second);
        assert_eq!(again.claims("access_token")["iat"], service.now());
    }
    // The successor is valid, whichever answer brought it.
    assert_ne!(successor(&service.refresh(&second).await), second);
}

#[tokio::test]
async fn a_refresh_token_shown_again_after_the_grace_ends_the_family_newest_included() {
    let service = Service::start().await;
    let first = login(&service).await;
    let second = successor(&service.refresh(&first).await);
    service.advance(60);
    is_over(&service.refresh(&first).await);
    is_over(&service.refresh(&second).await);
    is_over(&service.refresh(&first).await);
}

#[tokio::test]
async fn an_older_generation_ends_the_family_even_within_the_grace() {
    let service = Service::start().await;
    let first = login(&service).await;
    let second = successor(&service.refresh(&first).await);
    let third = successor(&service.refresh(&second).await);
    is_over(&service.refresh(&first).await);
    is_over(&service.refresh(&third).await);
}

#[tokio::test]
async fn reuse_in_one_family_leaves_the_users_other_sessions_alone() {
    let service = Service::start().await;
    let stolen = login(&service).await;
    service.advance(30);
    let other = login(&service).await;
    successor(&service.refresh(&stolen).await);
    service.advance(60);
    is_over(&service.refresh(&stolen).await);
    successor(&service.refresh(&other).await);
}

#[tokio::test]
async fn the_grace_is_a_setting() {
    let service = Service::start_with(&[("COUNTERSIGN_REFRESH_GRACE_SECONDS", "120")]).await;
    let first = login(&service).await;
    let second = successor(&service.refresh(&first).await);
    service.advance(119);
    assert_eq!(successor(&service.refresh(&first).await), second);
    service.advance(1);
    is_over(&service.refresh(&first).await);
}

#[tokio::test]
async fn a_lost_answer_costs_nothing_because_the_retry_gets_it_again() {
    let service = Service::start().await;
    let mut token = login(&service).await;
    for _ in 0..5 {
        // The client never reads the first answer.
        service.refresh(&token).await;
        service.advance(29);
        token = successor(&service.refresh(&token).await);
        service.advance(3600);
    }
}

#[tokio::test]
async fn generations_count_on_over_many_rotations() {
    let service = Service::start().await;
    let mut seen = vec![login(&service).await];
    for _ in 0..30 {
        service.advance(61);
        let next = successor(&service.refresh(seen.last().unwrap()).await);
        assert!(!seen.contains(&next));
        seen.push(next);
    }
    is_over(&service.refresh(&seen[3]).await);
    is_over(&service.refresh(seen.last().unwrap()).await);
}

#[tokio::test]
async fn an_unused_session_ends_after_its_idle_lifetime_and_use_renews_it() {
    let service = Service::start().await;
    let used = login(&service).await;
    service.advance(30);
    let unused = login(&service).await;
    service.advance(14 * DAY - 31);
    let used = successor(&service.refresh(&used).await);
    service.advance(31);
    is_over(&service.refresh(&unused).await);
    service.advance(14 * DAY - 32);
    successor(&service.refresh(&used).await);
}

#[tokio::test]
async fn a_session_ends_after_its_absolute_lifetime_however_often_it_is_used() {
    let service = Service::start().await;
    let mut token = login(&service).await;
    for _ in 0..3 {
        service.advance(9 * DAY);
        token = successor(&service.refresh(&token).await);
    }
    service.advance(3 * DAY - 1);
    let last = successor(&service.refresh(&token).await);
    service.advance(1);
    is_over(&service.refresh(&last).await);
    // The retry of a moment ago is refused too.
    is_over(&service.refresh(&token).await);
}

#[tokio::test]
async fn lifetimes_are_settings() {
    let service = Service::start_with(&[
        ("COUNTERSIGN_REFRESH_IDLE_SECONDS", "600"),
        ("COUNTERSIGN_REFRESH_ABSOLUTE_SECONDS", "1000"),
    ])
    .await;
    let idle = login_at(&service, demo::CLIENT).await;
    let token = login_at(&service, demo::CLIENT).await;
    service.advance(599);
    let token = successor(&service.refresh(&token).await);
    service.advance(1);
    is_over(&service.refresh(&idle).await);
    service.advance(399);
    let token = successor(&service.refresh(&token).await);
    service.advance(1);
    is_over(&service.refresh(&token).await);
}

#[tokio::test]
async fn a_client_may_have_lifetimes_of_its_own() {
    let service = Service::start().await;
    service
        .add_client("brief", |client| {
            client.refresh_idle_seconds = Some(100);
            client.refresh_absolute_seconds = Some(250);
        })
        .await;
    let idle = login_at(&service, "brief").await;
    let mut token = login_at(&service, "brief").await;
    for _ in 0..2 {
        service.advance(99);
        let answer = refresh_at(&service, "brief", &[("refresh_token", &token)]).await;
        token = successor(&answer);
    }
    is_over(&refresh_at(&service, "brief", &[("refresh_token", &idle)]).await);
    service.advance(52);
    is_over(&refresh_at(&service, "brief", &[("refresh_token", &token)]).await);
}

#[tokio::test]
async fn a_session_ends_with_its_users_epoch() {
    let service = Service::start().await;
    let token = login(&service).await;
    service.raise_epoch(demo::USER).await;
    is_over(&service.refresh(&token).await);
    service.advance(30);
    let new = login(&service).await;
    successor(&service.refresh(&new).await);
}

#[tokio::test]
async fn an_inactive_user_refreshes_nothing_until_active_again() {
    let service = Service::start().await;
    let token = login(&service).await;
    let active = |yes| service.set_profile(demo::USER, "active", AttributeValue::Bool(yes));
    active(false).await;
    is_over(&service.refresh(&token).await);
    active(true).await;
    successor(&service.refresh(&token).await);
}

#[tokio::test]
async fn another_client_refreshes_nothing_and_ends_nothing() {
    let service = Service::start().await;
    service.add_client("stranger", |_| {}).await;
    let first = login(&service).await;
    let second = successor(&service.refresh(&first).await);
    service.advance(60);
    for token in [&first, &second] {
        is_over(&refresh_at(&service, "stranger", &[("refresh_token", token)]).await);
    }
    successor(&service.refresh(&second).await);
}

#[tokio::test]
async fn a_confidential_client_needs_its_secret_to_refresh() {
    let service = Service::start().await;
    let secret = ("client_secret", demo::SERVER_SECRET);
    let fields = [
        ("grant_type", "password"),
        ("client_id", demo::SERVER_CLIENT),
        secret,
        ("username", demo::PLAIN_USER),
        ("password", demo::PASSWORD_OF_ALL),
        ("scope", "offline_access"),
    ];
    let token = successor(&service.post_form("/oauth/token", &fields).await);
    let token = ("refresh_token", &*token);
    let answer = refresh_at(&service, demo::SERVER_CLIENT, &[token]).await;
    answer.is_refused(401, "invalid_client", "Client authentication failed.");
    successor(&refresh_at(&service, demo::SERVER_CLIENT, &[token, secret]).await);
}

#[tokio::test]
async fn a_refresh_may_narrow_its_scope_and_the_session_keeps_the_whole() {
    let service = Service::start().await;
    let token = login(&service).await;
    let asked = [("refresh_token", &*token), ("scope", "read:sample")];
    let answer = refresh_at(&service, demo::CLIENT, &asked).await;
    assert_eq!(answer.text("scope"), "read:sample");
    assert_eq!(answer.claims("access_token")["scope"], "read:sample");
    assert_eq!(answer.body.get("id_token"), None);
    let whole = service.refresh(&successor(&answer)).await;
    assert_eq!(
        whole.text("scope"),
        "openid profile email phone read:sample offline_access"
    );
}

#[tokio::test]
async fn a_refresh_never_gives_more_than_was_granted() {
    let service = Service::start().await;
    let token = login(&service).await;
    let asked = [("refresh_token", &*token), ("scope", "openid admin")];
    let answer = refresh_at(&service, demo::CLIENT, &asked).await;
    assert_eq!(answer.text("scope"), "openid");
    assert_eq!(answer.claims("access_token")["scope"], "openid");
}

#[tokio::test]
async fn a_refresh_for_nothing_that_was_granted_is_refused_and_rotates_nothing() {
    let service = Service::start().await;
    let token = login(&service).await;
    for scope in ["read:authenticators", "admin"] {
        let asked = [("refresh_token", &*token), ("scope", scope)];
        let answer = refresh_at(&service, demo::CLIENT, &asked).await;
        let description = "The client may not ask for one of these scopes.";
        answer.is_refused(400, "invalid_scope", description);
    }
    service.advance(61);
    successor(&service.refresh(&token).await);
}

#[tokio::test]
async fn a_refresh_keeps_when_and_how_the_user_authenticated_and_for_whom() {
    let service = Service::start().await;
    let token = service.begin().await;
    let oob = service.challenge(&token, "email").await.text("oob_code");
    let code = service.newest_code();
    service.advance(20);
    let first = service.redeem_oob(&token, &oob, &code).await;
    service.advance(5000);
    let second = service.refresh(&successor(&first)).await;
    service.advance(5000);
    let asked = [
        ("refresh_token", &*successor(&second)),
        ("audience", "https://localhost:8788/mfa/"),
    ];
    let third = refresh_at(&service, demo::CLIENT, &asked).await;
    for answer in [&second, &third] {
        for name in ["access_token", "id_token"] {
            let claims = answer.claims(name);
            assert_eq!(claims["auth_time"], START + 20);
            assert_eq!(claims["acr"], "aal1");
            assert_eq!(claims["amr"], json!(["pwd", "otp", "mfa"]));
            assert_eq!(claims["aud"], first.claims(name)["aud"]);
            assert_eq!(claims["sub"], first.claims(name)["sub"]);
        }
    }
    assert_eq!(third.claims("access_token")["iat"], START + 10_020);
}

#[tokio::test]
async fn a_text_that_is_no_refresh_token_of_ours_is_refused() {
    let service = Service::start().await;
    let token = service.begin().await;
    let oob = service.challenge(&token, "sms").await.text("oob_code");
    let answer = service.redeem_otp(&token, &service.totp()).await;
    let good = successor(&answer);
    let mut changed = good.clone().into_bytes();
    changed[60] = if changed[60] == b'A' { b'B' } else { b'A' };
    let changed = String::from_utf8(changed).unwrap();
    let pending = service.begin().await;
    for bad in [
        "nonsense-token",
        "\u{0}\u{0}",
        &*"A".repeat(60_000),
        &*changed,
        &good[1..],
        &*format!("{good}A"),
        // Tokens of other kinds.
        &*pending,
        &*oob,
        &*answer.text("access_token"),
        &*answer.text("id_token"),
    ] {
        is_over(&service.refresh(bad).await);
    }
    // And a refresh token is no token of a login.
    let answer = service.redeem_otp(&good, &service.totp()).await;
    answer.is_refused(403, "invalid_grant", "Malformed mfa_token");
    let answer = service.challenge(&good, "sms").await;
    answer.is_refused(403, "invalid_grant", "Malformed mfa_token");
    successor(&service.refresh(&good).await);
}

#[tokio::test]
async fn refresh_tokens_are_good_after_a_cold_start_and_with_a_client_that_changed() {
    let mut service = Service::start().await;
    let token = login(&service).await;
    service.take(service.restarted());
    let token = successor(&service.refresh(&token).await);
    service
        .add_client(demo::CLIENT, |client| client.grants.clear())
        .await;
    service.take(service.restarted());
    let answer = service.refresh(&token).await;
    let description = "Grant type not allowed for the client.";
    answer.is_refused(403, "unauthorized_client", description);
}
