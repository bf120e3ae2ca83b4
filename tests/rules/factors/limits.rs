//! Limits and policies of enrolment, and messages that could not be sent.

use aws_sdk_dynamodb::types::AttributeValue;
use countersign::domain::factors::factor::Channel;
use countersign_local::demo;
use serde_json::json;

use crate::dialects::auth0::factors::enrolment::{FORCED, enrolled, notices};
use crate::harness::enrolment::MFA_SCOPES;
use crate::harness::events::event_of;
use crate::harness::proxy::Fault;
use crate::harness::{Service, address_factor};

#[tokio::test]
async fn a_user_has_ten_factors_at_most() {
    let service = Service::start().await;
    let user = service.account(demo::USER).await.user.id;
    for number in 0..7 {
        let to = format!("+1555555020{number}");
        let factor = address_factor(Channel::Sms, &to, number % 2 == 0);
        service.add_factor(user, &factor).await;
    }
    let access = service.strong_token().await;
    let full = service
        .associate(&access, &json!({ "authenticator_types": ["otp"] }))
        .await;
    full.is_refused(
        403,
        "access_denied",
        "The user has too many authenticators.",
    );
}

#[tokio::test]
async fn a_policy_that_requires_a_factor_keeps_the_last_and_asks_everybody() {
    let mut service = Service::start().await;
    service.add_user(FORCED, |_| {}).await;
    let seed = enrolled(&service).await;
    service.take(service.restarted_with(&[("COUNTERSIGN_MFA_POLICY", "required")]));
    assert_eq!(
        service.password_as(demo::PLAIN_USER).await.text("error"),
        "mfa_required"
    );
    let token = service
        .password_for_mfa(FORCED, MFA_SCOPES)
        .await
        .text("mfa_token");
    let tokens = service.redeem_otp(&token, &service.app_code(&seed)).await;
    let id = service.account(FORCED).await.factors[0].id;
    let access = tokens.text("access_token");
    let answer = service.remove(&access, &format!("totp|dev_{id}")).await;
    answer.is_refused(
        403,
        "access_denied",
        "This authenticator cannot be removed.",
    );
    service.take(service.restarted_with(&[("COUNTERSIGN_MFA_POLICY", "disabled")]));
    assert_eq!(service.password_as(FORCED).await.status, 200);
}

#[tokio::test]
async fn phones_of_countries_that_are_not_served_are_not_enrolled() {
    let changes = [("COUNTERSIGN_SMS_COUNTRIES", "+1, +49")];
    let service = Service::start_with(&changes).await;
    service.add_user(FORCED, |_| {}).await;
    let token = service.begin_shown(FORCED).await;
    for (number, status) in [("+447700900123", 400), ("+4915555550123", 200)] {
        let body = json!({
            "authenticator_types": ["oob"], "oob_channels": ["sms"], "phone_number": number,
        });
        let answer = service.associate(&token, &body).await;
        assert_eq!(answer.status, status, "{number}: {}", answer.raw);
    }
    assert_eq!(service.messages().len(), 1);
}

#[tokio::test]
async fn a_first_code_that_cannot_be_sent_costs_nothing_and_is_the_same_next_time() {
    let (service, others) = crate::faults::aws::others_behind_proxy().await;
    service.add_user(FORCED, |_| {}).await;
    let token = service.begin_shown(FORCED).await;
    let body = json!({
        "authenticator_types": ["oob"], "oob_channels": ["sms"], "phone_number": "+15555550123",
    });
    others.always("/", Fault::ServerError);
    let failed = service.associate(&token, &body).await;
    assert_eq!(
        (failed.status, failed.text("error")),
        (503, "delivery_failed".into())
    );
    others.heal();
    let sent = service.associate(&token, &body).await;
    assert_eq!(sent.status, 200, "{}", sent.raw);
    let code = service.newest_code();
    let tokens = service
        .redeem_oob(&token, &sent.text("oob_code"), &code)
        .await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    assert_eq!(service.account(FORCED).await.factors.len(), 1);
}

#[tokio::test]
async fn a_notice_that_cannot_be_sent_undoes_nothing_and_stands_in_the_log() {
    let (service, others) = crate::faults::aws::others_behind_proxy().await;
    let access = service.strong_token().await;
    let id = service.account(demo::USER).await.factors[1].id;
    others.always("/v2/email/outbound-emails", Fault::ServerError);
    let id = format!("sms|dev_{id}");
    let removal = service.remove(&access, &id);
    let (answer, lines) = crate::harness::logged(removal).await;
    assert_eq!(answer.status, 204, "{}", answer.raw);
    let told = |line: &&serde_json::Value| line["message"] == "a notice was not sent";
    assert_eq!(lines.iter().filter(told).count(), 1, "{lines:?}");
    let event = lines.iter().find_map(event_of).unwrap();
    assert_eq!(event["event"], "factor.removed");
    assert_eq!(event["also"], json!(["fn"]));
    assert_eq!(service.account(demo::USER).await.factors.len(), 2);
    assert_eq!(notices(&service), [""; 0]);
}

#[tokio::test]
async fn an_address_that_was_never_confirmed_gets_no_notice() {
    let service = Service::start().await;
    let unconfirmed = AttributeValue::Bool(false);
    service
        .set_profile(demo::USER, "email_confirmed", unconfirmed)
        .await;
    let access = service.strong_token().await;
    let factors = service.account(demo::USER).await.factors;
    let phone = factors.iter().find(|one| one.rank() == 1).unwrap().id;
    let removed = service.remove(&access, &format!("sms|dev_{phone}")).await;
    assert_eq!(removed.status, 204, "{}", removed.raw);
    assert_eq!(service.messages(), []);
}
