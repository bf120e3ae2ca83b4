//! Whole logins of the demo user in Auth0's words, with every factor.

use crate::harness::Service;

#[tokio::test]
async fn a_right_password_and_a_totp_code_give_tokens() {
    let service = Service::start().await;
    let token = service.begin().await;
    let answer = service.redeem_otp(&token, &service.totp()).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    assert_eq!(
        answer.claims("access_token")["amr"],
        serde_json::json!(["pwd", "otp", "mfa"])
    );
}

#[tokio::test]
async fn a_right_password_and_a_code_by_email_give_tokens() {
    let service = Service::start().await;
    let token = service.begin().await;
    let challenge = service.challenge(&token, "email").await;
    let code = service.newest_code();
    let answer = service
        .redeem_oob(&token, &challenge.text("oob_code"), &code)
        .await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
}

#[tokio::test]
async fn a_recovery_code_gives_tokens_and_a_new_code() {
    let service = Service::start().await;
    let token = service.begin().await;
    let answer = service
        .redeem_recovery(&token, "COUNTERSIGN2RECOVER4DEMO")
        .await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    let token = service.begin().await;
    let again = service
        .redeem_recovery(&token, &answer.text("recovery_code"))
        .await;
    assert_eq!(again.status, 200, "{}", again.raw);
}
