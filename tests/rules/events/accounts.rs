//! The events of a sign-up, a confirmation, a new password and a change of factors.

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_local::demo;
use serde_json::{Value, json};

use super::types::{event, said};
use crate::attacks::accounts::text;
use crate::harness::Service;
use crate::harness::account::{EMAIL, NEW_PASSWORD, PASSWORD, USER_NAME};
use crate::harness::browser::Browser;
use crate::harness::enrolment::MFA_SCOPES;

#[tokio::test]
async fn an_account_leaves_its_making_its_confirmation_and_each_new_password() {
    let service = Service::start().await;
    let made = event(service.register(USER_NAME, EMAIL, PASSWORD)).await;
    assert_eq!(said(&made)[0], "ss");
    let id = made["user_id"].as_str().unwrap().to_owned();
    let taken = event(service.register(USER_NAME, EMAIL, PASSWORD)).await;
    assert_eq!(said(&taken), json!(["fs", "sign_up.refused", "name_taken"]));
    assert!(!taken.to_string().contains(USER_NAME), "{taken}");
    let access = service.sign_in(EMAIL, PASSWORD).await.text("access_token");
    service.advance(31);
    let sent = event(service.ask_to_confirm_email(Some(&access), &id)).await;
    assert_eq!(said(&sent), json!(["svr", "confirmation.sent"]));
    let token = service.link_parameter("confirmationToken");
    let confirmed = event(service.confirm_email(&id, &token)).await;
    assert_eq!(said(&confirmed), json!(["sv", "email.confirmed"]));
    let again = event(service.confirm_email(&id, &token)).await;
    assert_eq!(said(&again), json!(["nothing_changed", "nothing.changed"]));
    let forged = event(service.confirm_email(&id, "forged")).await;
    let expected = json!([
        "confirmation_refused",
        "confirmation.refused",
        "action_token_invalid"
    ]);
    assert_eq!(said(&forged), expected);
    let path = "/api/account/my-profile/change-password";
    let wrong = json!({ "currentPassword": "wrong", "newPassword": NEW_PASSWORD });
    let wrong = event(service.post_as(Some(&access), path, &wrong)).await;
    let expected = json!(["fcp", "password.refused", "current_password_wrong"]);
    assert_eq!(said(&wrong), expected);
    let right = json!({ "currentPassword": PASSWORD, "newPassword": NEW_PASSWORD });
    let changed = event(service.post_as(Some(&access), path, &right)).await;
    assert_eq!(said(&changed), json!(["scp", "password.changed"]));
    for event in [sent, confirmed, wrong, changed] {
        assert_eq!(event["user_id"], id.as_str(), "{event}");
    }
}

#[tokio::test]
async fn a_forgotten_password_leaves_the_same_number_of_events_for_an_address_of_nobody() {
    let service = Service::start().await;
    let id = service.registered_owner().await;
    let nobody = event(service.forgot("nobody@example.com")).await;
    assert_eq!(
        said(&nobody),
        json!(["fcpr", "reset.refused", "user_unknown"])
    );
    let sent = event(service.forgot(EMAIL)).await;
    assert_eq!(said(&sent), json!(["scpr", "reset.sent"]));
    assert_eq!(sent["user_id"], id.as_str());
    let token = service.link_parameter("resetToken");
    let reset = event(service.reset(&id, &token, NEW_PASSWORD)).await;
    assert_eq!(said(&reset), json!(["scp", "password.changed"]));
    let used = event(service.reset(&id, &token, NEW_PASSWORD)).await;
    let expected = json!(["fcp", "password.refused", "action_token_invalid"]);
    assert_eq!(said(&used), expected);
    // The event of the link was kept within the time of the answer.
    let kept = service.operated(&["user", "events", EMAIL]).await;
    let kept = kept.as_array().unwrap().iter();
    let types: Vec<&Value> = kept.map(|event| &event["type"]).collect();
    assert!(types.contains(&&json!("scpr")), "{types:?}");
}

#[tokio::test]
async fn a_factor_leaves_its_beginning_its_confirmation_and_its_end() {
    let service = Service::start().await;
    let access = service.strong_token().await;
    service.advance(30);
    let body = json!({ "authenticator_types": ["otp"] });
    let begun = event(service.associate(&access, &body)).await;
    assert_eq!(said(&begun), json!(["gd_start_enroll", "enrolment.begun"]));
    assert_eq!(begun["factor"], "totp");
    let seed = service.associate_app(&access).await;
    let code = service.app_code(&seed);
    let confirmed = event(service.redeem_otp(&access, &code)).await;
    let expected = json!(["gd_enrollment_complete", "factor.enrolled"]);
    assert_eq!(said(&confirmed), expected);
    let listed = service.get("/mfa/authenticators", Some(&access)).await;
    let ids = listed.body.as_array().unwrap().iter();
    let mut ids = ids.map(|one| one["id"].as_str().unwrap().to_owned());
    let phone = ids.find(|id| id.starts_with("sms|")).unwrap();
    let removed = event(service.remove(&access, &phone)).await;
    assert_eq!(said(&removed), json!(["gd_unenroll", "factor.removed"]));
    assert_eq!(removed["factor"], "sms");
    let weak = service.password_for_mfa(demo::PLAIN_USER, MFA_SCOPES).await;
    let weak = weak.text("access_token");
    let forbidden = service.remove(&weak, "sms|none");
    let forbidden = event(forbidden).await;
    assert_eq!(forbidden["event"], "factor_change.refused", "{forbidden}");
}

#[tokio::test]
async fn our_pages_leave_one_event_for_a_form_and_none_for_the_page_that_repeats_its_refusal() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    let form = browser.get("/auth/login").await.form(0);
    let form = form
        .with("username", demo::PLAIN_USER)
        .with("password", "wrong");
    let (page, lines) = crate::harness::logged(browser.submit(&form)).await;
    assert!(page.status >= 400, "{}", page.raw);
    let events = crate::harness::events::events_of(&lines);
    let types: Vec<&Value> = events.iter().map(|event| &event["type"]).collect();
    assert_eq!(types, [&json!("fp")]);
}

#[tokio::test]
async fn a_refused_new_number_is_fcpn_and_a_refused_code_for_the_stored_number_is_fvr() {
    let service = Service::start().await;
    let id = service.registered().await;
    let access = service.sign_in(EMAIL, PASSWORD).await.text("access_token");
    let path = "/api/account/send-phone-number-confirmation-token";
    let body = |number: &str| json!({ "userId": id, "phoneNumber": number });
    for (number, reason) in [
        ("no number", "request_malformed"),
        ("+15555550199", "user_unconfirmed"),
    ] {
        let refused = event(service.post_as(Some(&access), path, &body(number))).await;
        let expected = json!(["fcpn", "phone_change.refused", reason]);
        assert_eq!(said(&refused), expected, "{number}");
        assert_eq!(refused["user_id"], id.as_str());
    }
    let none = event(service.post_as(Some(&access), path, &json!({ "userId": id }))).await;
    let expected = json!(["fvr", "confirmation.not_sent", "address_missing"]);
    assert_eq!(said(&none), expected);
    let confirmed = AttributeValue::Bool(true);
    let own = "+15555550122";
    service.set_profile(EMAIL, "phone", text(own)).await;
    service
        .set_profile(EMAIL, "phone_confirmed", confirmed)
        .await;
    let other = event(service.post_as(Some(&access), path, &body("+15555550199"))).await;
    let expected = json!(["fcpn", "phone_change.refused", "address_missing"]);
    assert_eq!(said(&other), expected);
    let same = event(service.post_as(Some(&access), path, &body(own))).await;
    assert_eq!(said(&same), json!(["nothing_changed", "nothing.changed"]));
}
