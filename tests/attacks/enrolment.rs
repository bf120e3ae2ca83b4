//! Attacks on enrolment by a thief of a password, a token or a phone number.

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_local::demo;
use serde_json::json;

use crate::dialects::auth0::factors::enrolment::{FORCED, enrolled, with_forced_user};
use crate::harness::enrolment::MFA_SCOPES;
use crate::harness::{Answer, Service};

const APP: &str = r#"{ "authenticator_types": ["otp"] }"#;

fn app() -> serde_json::Value {
    serde_json::from_str(APP).unwrap()
}

#[track_caller]
fn is_too_weak(answer: &Answer) {
    answer.is_refused(
        401,
        "insufficient_user_authentication",
        "Sign in again with your strongest authenticator.",
    );
    let challenge = answer.header("www-authenticate");
    let expected = "Bearer error=\"insufficient_user_authentication\", max_age=600";
    assert_eq!(challenge, Some(expected));
}

#[tokio::test]
async fn a_session_of_a_password_alone_changes_nothing_once_the_owner_has_a_factor() {
    let service = Service::start().await;
    // The account has factors, but two-factor is off.
    let value = AttributeValue::Bool(false);
    service.set_profile(demo::USER, "two_factor", value).await;
    let tokens = service.password_for_mfa(demo::USER, MFA_SCOPES).await;
    let access = tokens.text("access_token");
    let items = async || {
        let items = service.items().await.into_iter();
        let kept = items.filter(|item| !item["PK"].as_s().unwrap().starts_with("EVENTS#"));
        kept.count()
    };
    let before = items().await;
    is_too_weak(&service.associate(&access, &app()).await);
    let codes = json!({ "authenticator_types": ["recovery-code"] });
    is_too_weak(&service.associate(&access, &codes).await);
    for factor in service.account(demo::USER).await.factors {
        let id = format!(
            "{}|dev_{}",
            ["totp", "sms", "email"][usize::from(factor.rank())],
            factor.id
        );
        if factor.rank() < 2 {
            is_too_weak(&service.remove(&access, &id).await);
        }
    }
    assert_eq!(items().await, before);
    assert_eq!(service.messages(), []);
}

#[tokio::test]
async fn a_session_of_a_weaker_factor_is_too_weak_and_a_recovery_code_is_not() {
    let service = Service::start().await;
    let token = service
        .password_for_mfa(demo::USER, MFA_SCOPES)
        .await
        .text("mfa_token");
    let challenge = service.challenge(&token, "email").await.text("oob_code");
    let tokens = service
        .redeem_oob(&token, &challenge, &service.newest_code())
        .await;
    is_too_weak(
        &service
            .associate(&tokens.text("access_token"), &app())
            .await,
    );
    let token = service
        .password_for_mfa(demo::USER, MFA_SCOPES)
        .await
        .text("mfa_token");
    let tokens = service.redeem_recovery(&token, demo::RECOVERY_CODE).await;
    let answer = service
        .associate(&tokens.text("access_token"), &app())
        .await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
}

#[tokio::test]
async fn a_strong_session_is_too_old_after_ten_minutes_and_refreshing_does_not_help() {
    let service = Service::start().await;
    let scope = format!("offline_access {MFA_SCOPES}");
    let token = service
        .password_for_mfa(demo::USER, &scope)
        .await
        .text("mfa_token");
    let tokens = service.redeem_otp(&token, &service.totp()).await;
    service.advance(599);
    let refreshed = service.refresh(&tokens.text("refresh_token")).await;
    let access = refreshed.text("access_token");
    let id = service.account(demo::USER).await.factors[1].id;
    service.advance(1);
    is_too_weak(&service.associate(&access, &app()).await);
    is_too_weak(&service.remove(&access, &format!("sms|dev_{id}")).await);
    assert_eq!(service.account(demo::USER).await.factors.len(), 3);
}

#[tokio::test]
async fn a_login_token_enrols_nothing_beside_an_active_factor() {
    let service = Service::start().await;
    let token = service.begin().await;
    let answer = service.associate(&token, &app()).await;
    answer.is_refused(403, "access_denied", "User is already enrolled");
    assert_eq!(service.account(demo::USER).await.factors.len(), 3);
}

#[tokio::test]
async fn a_factor_begun_with_a_stolen_password_is_not_confirmed_after_the_owner_enrolled() {
    let service = with_forced_user().await;
    let thief = service.begin_shown(FORCED).await;
    let stolen = service.associate_app(&thief).await;
    let seed = enrolled(&service).await;
    let answer = service.redeem_otp(&thief, &service.app_code(&stolen)).await;
    answer.is_refused(401, "expired_token", "mfa_token is expired");
    let active: Vec<_> = service
        .account(FORCED)
        .await
        .active_factors()
        .cloned()
        .collect();
    assert_eq!(active.len(), 1);
    // In a login of the thief's own, the unconfirmed app is useless.
    let thief = service.begin_shown(FORCED).await;
    let answer = service.redeem_otp(&thief, &service.app_code(&stolen)).await;
    answer.is_refused(403, "invalid_grant", "Invalid otp_code.");
    let again = service.associate(&thief, &app()).await;
    again.is_refused(403, "access_denied", "User is already enrolled");
    assert_eq!(
        service
            .redeem_otp(&thief, &service.app_code(&seed))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_factor_that_one_login_began_is_not_confirmed_by_another() {
    let service = with_forced_user().await;
    let thief = service.begin_shown(FORCED).await;
    let stolen = service.associate_app(&thief).await;
    let owner = service.begin_shown(FORCED).await;
    let none = service.redeem_otp(&owner, &service.app_code(&stolen)).await;
    none.is_refused(403, "invalid_grant", "Invalid otp_code.");
    service.associate_app(&owner).await;
    let none = service.redeem_otp(&owner, &service.app_code(&stolen)).await;
    none.is_refused(403, "invalid_grant", "Invalid otp_code.");
    assert!(
        service
            .account(FORCED)
            .await
            .active_factors()
            .next()
            .is_none()
    );
}

#[tokio::test]
async fn an_app_that_waits_to_be_confirmed_completes_no_login_by_its_name() {
    let service = Service::start().await;
    let access = service.strong_token().await;
    let seed = service.associate_app(&access).await;
    let account = service.account(demo::USER).await;
    let waiting = account.factors.iter().find(|one| !one.confirmed).unwrap();
    let id = format!("totp|dev_{}", waiting.id);
    let token = service.begin().await;
    let mut body = json!({
        "mfa_token": token,
        "client_id": demo::CLIENT,
        "challenge_type": "otp",
        "authenticator_id": id,
    });
    let answer = service.post_json("/mfa/challenge", &body).await;
    assert_eq!(answer.text("error"), "unsupported_challenge_type");
    body["code"] = json!(service.app_code(&seed));
    let answer = service.post_json("/mfa/verify", &body).await;
    answer.is_refused(403, "invalid_grant", "Invalid otp_code.");
}

#[tokio::test]
async fn a_token_of_the_session_without_the_scope_confirms_nothing() {
    let service = Service::start().await;
    let scope = format!("offline_access {MFA_SCOPES}");
    let begun = service.password_for_mfa(demo::USER, &scope).await;
    let begun = begun.text("mfa_token");
    let tokens = service.redeem_otp(&begun, &service.totp()).await;
    let seed = service.associate_app(&tokens.text("access_token")).await;
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", demo::CLIENT),
        ("refresh_token", &tokens.text("refresh_token")),
        ("scope", "read:authenticators"),
    ];
    let narrow = service.post_form("/oauth/token", &fields).await;
    let (narrow, code) = (narrow.text("access_token"), service.app_code(&seed));
    for token in [&narrow, "a.b.c"] {
        let answer = service.redeem_otp(token, &code).await;
        answer.is_refused(403, "invalid_grant", "Malformed mfa_token");
    }
}

#[tokio::test]
async fn a_code_for_a_factor_that_was_given_up_confirms_nothing() {
    let service = with_forced_user().await;
    let token = service.begin_shown(FORCED).await;
    let sms = |number: &str| json!({ "authenticator_types": ["oob"], "oob_channels": ["sms"], "phone_number": number });
    let first = service
        .associate(&token, &sms("+15555550123"))
        .await
        .text("oob_code");
    let code = service.newest_code();
    let second = service.associate(&token, &sms("+15555550124")).await;
    assert_eq!(second.status, 200, "{}", second.raw);
    let answer = service.redeem_oob(&token, &first, &code).await;
    answer.is_refused(403, "invalid_grant", "Invalid binding_code.");
    let crossed = service
        .redeem_oob(&token, &second.text("oob_code"), &code)
        .await;
    assert_eq!(crossed.status, 403, "{}", crossed.raw);
    assert!(
        service
            .account(FORCED)
            .await
            .active_factors()
            .next()
            .is_none()
    );
}

#[tokio::test]
async fn beginning_an_app_again_takes_the_place_of_the_one_before() {
    let service = with_forced_user().await;
    let token = service.begin_shown(FORCED).await;
    let first = service.associate_app(&token).await;
    for _ in 0..10 {
        service.associate_app(&token).await;
    }
    let last = service.associate_app(&token).await;
    assert_eq!(service.account(FORCED).await.factors.len(), 1);
    let none = service.redeem_otp(&token, &service.app_code(&first)).await;
    none.is_refused(403, "invalid_grant", "Invalid otp_code.");
    let tokens = service.redeem_otp(&token, &service.app_code(&last)).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
}

#[tokio::test]
async fn a_login_that_confirmed_a_factor_begins_no_other() {
    let service = with_forced_user().await;
    let token = service.begin_shown(FORCED).await;
    let seed = service.associate_app(&token).await;
    assert_eq!(
        service
            .redeem_otp(&token, &service.app_code(&seed))
            .await
            .status,
        200
    );
    for answer in [
        service.associate(&token, &app()).await,
        service.redeem_otp(&token, &service.app_code(&seed)).await,
    ] {
        answer.is_refused(401, "expired_token", "mfa_token is expired");
    }
    assert_eq!(service.account(FORCED).await.factors.len(), 1);
}

#[tokio::test]
async fn the_code_that_confirmed_a_factor_signs_nobody_in() {
    let service = with_forced_user().await;
    let token = service.begin_shown(FORCED).await;
    let seed = service.associate_app(&token).await;
    let code = service.app_code(&seed);
    assert_eq!(service.redeem_otp(&token, &code).await.status, 200);
    let next = service.begin_shown(FORCED).await;
    let answer = service.redeem_otp(&next, &code).await;
    answer.is_refused(403, "invalid_grant", "Invalid otp_code.");
}

#[tokio::test]
async fn nobody_reaches_another_users_factor_or_enrolment() {
    let service = with_forced_user().await;
    let seed = enrolled(&service).await;
    let theirs = service.account(FORCED).await.factors[0].id;
    let access = service.strong_token().await;
    let answer = service.remove(&access, &format!("totp|dev_{theirs}")).await;
    answer.is_refused(404, "not_found", "The authenticator does not exist.");
    // The kind in the name must match the factor.
    let mine = service.account(demo::USER).await.factors[0].id;
    for id in [
        format!("sms|dev_{mine}"),
        "totp|dev_1".into(),
        "x".into(),
        "%FF".into(),
    ] {
        let answer = service.remove(&access, &id).await;
        assert_eq!(answer.status, 404, "{id}: {}", answer.raw);
    }
    let token = service.begin_shown(FORCED).await;
    assert_eq!(
        service
            .redeem_otp(&token, &service.app_code(&seed))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn the_access_token_of_another_client_or_session_confirms_nothing() {
    let service = Service::start().await;
    service.add_client("other", |_| {}).await;
    let access = service.strong_token().await;
    service.advance(30);
    let other = service.strong_token().await;
    let seed = service.associate_app(&access).await;
    let code = service.app_code(&seed);
    let none = service.redeem_otp(&other, &code).await;
    none.is_refused(401, "expired_token", "mfa_token is expired");
    let fields = [
        ("grant_type", "http://auth0.com/oauth/grant-type/mfa-otp"),
        ("client_id", "other"),
        ("mfa_token", &access),
        ("otp", &code),
    ];
    let stranger = service.post_form("/oauth/token", &fields).await;
    stranger.is_refused(403, "invalid_grant", "Malformed mfa_token");
    assert_eq!(
        service.account(demo::USER).await.active_factors().count(),
        3
    );
    assert_eq!(service.redeem_otp(&access, &code).await.status, 200);
}

#[tokio::test]
async fn a_revoked_session_is_not_carried_along_by_its_last_access_token() {
    let service = Service::start().await;
    let scope = format!("offline_access {MFA_SCOPES}");
    let token = service
        .password_for_mfa(demo::USER, &scope)
        .await
        .text("mfa_token");
    let tokens = service.redeem_otp(&token, &service.totp()).await;
    let fields = [
        ("token", &*tokens.text("refresh_token")),
        ("client_id", demo::CLIENT),
    ];
    assert_eq!(
        service.post_form("/oauth/revoke", &fields).await.status,
        200
    );
    let id = service.account(demo::USER).await.factors[1].id;
    let access = tokens.text("access_token");
    let answer = service.remove(&access, &format!("sms|dev_{id}")).await;
    answer.is_refused(
        401,
        "invalid_token",
        "The access token is invalid or expired.",
    );
    assert_eq!(service.account(demo::USER).await.factors.len(), 3);
}
