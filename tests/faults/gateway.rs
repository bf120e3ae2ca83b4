//! API Gateway gives up after 29 seconds and answers 504, while the function goes on to
//! its end. So the app sends a request again that was carried out.

use countersign_local::demo;
use serde_json::json;

use crate::harness::Service;
use crate::harness::account::NEW_PASSWORD;

#[tokio::test]
async fn each_request_of_a_login_may_be_sent_again_and_the_user_gets_in() {
    let service = Service::start().await;
    // The password: the second login takes the place of the first.
    service.begin().await;
    let token = service.begin().await;
    // The send: the code is on its way, and the retry says when the next one may be.
    service.challenge(&token, "email").await;
    let code = service.newest_code();
    let again = service.challenge(&token, "email").await;
    assert_eq!(again.status, 429, "{}", again.raw);
    assert_eq!(service.messages().len(), 1);
    // The verify: the same code is answered yes again.
    for _ in 0..2 {
        let verified = service.verify(&token, &code).await;
        assert_eq!(verified.status, 200, "{}", verified.raw);
    }
    // The redemption: the tokens were made for the answer that was lost.
    let lost = service.grant("mfa-oob", &[("mfa_token", &token)]).await;
    assert_eq!(lost.status, 200, "{}", lost.raw);
    let again = service.grant("mfa-oob", &[("mfa_token", &token)]).await;
    assert_eq!(again.status, 401, "{}", again.raw);
    // The user begins once more, and waits for nothing but the next code.
    service.advance(30);
    let token = service.begin().await;
    let sent = service.challenge(&token, "email").await.text("oob_code");
    let tokens = service
        .redeem_oob(&token, &sent, &service.newest_code())
        .await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    // The refresh: the retry gets the successor that was lost.
    let refresh = tokens.text("refresh_token");
    let lost = service.refresh(&refresh).await.text("refresh_token");
    let again = service.refresh(&refresh).await;
    assert_eq!(again.text("refresh_token"), lost);
}

#[tokio::test]
async fn a_reset_that_is_sent_again_has_taken_effect_once() {
    let service = Service::start().await;
    let user = service.account(demo::USER).await.user.id.dashed();
    let token = service.reset_token(demo::USER).await;
    let lost = service.reset(&user, &token, NEW_PASSWORD).await;
    assert_eq!(lost.status, 204, "{}", lost.raw);
    let epoch = service.account(demo::USER).await.user.epoch;
    let again = service.reset(&user, &token, NEW_PASSWORD).await;
    assert!((400..500).contains(&again.status), "{}", again.raw);
    assert_eq!(service.account(demo::USER).await.user.epoch, epoch);
    let begun = service.password_of(demo::USER, NEW_PASSWORD).await;
    assert_eq!(begun.body["error"], "mfa_required", "{}", begun.raw);
}

#[tokio::test]
async fn an_enrolment_that_is_sent_again_leaves_one_factor_and_one_message() {
    let service = Service::start().await;
    let email = "late@example.com";
    service.add_user(email, |_| {}).await;
    let token = service.begin_shown(email).await;
    let body = json!({
        "authenticator_types": ["oob"],
        "oob_channels": ["sms"],
        "phone_number": "+15555552345",
    });
    let lost = service.associate(&token, &body).await;
    assert_eq!(lost.status, 200, "{}", lost.raw);
    let again = service.associate(&token, &body).await;
    assert_eq!(again.status, 200, "{}", again.raw);
    assert_eq!(service.messages().len(), 1);
    assert_eq!(service.account(email).await.factors.len(), 1);
    let code = service.newest_code();
    let done = service
        .redeem_oob(&token, &again.text("oob_code"), &code)
        .await;
    assert_eq!(done.status, 200, "{}", done.raw);
}
