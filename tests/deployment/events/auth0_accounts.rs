//! Sign-up and forgotten passwords in Auth0's words, as Lambda serves them.

use countersign_local::demo;

use crate::harness::Service;
use crate::harness::account::EMAIL;

#[tokio::test]
async fn a_user_signs_up_and_forgets_a_password_by_one_function() {
    let service = Service::start().await;
    let made = service
        .event("account-auth0-post-dbconnections-signup", &[])
        .await;
    assert_eq!(made.status, 200, "{}", made.raw);
    let user = service.account(EMAIL).await.user;
    assert_eq!(made.text("_id"), user.id.dashed());
    let asked = service
        .event("account-auth0-post-dbconnections-change-password", &[])
        .await;
    assert_eq!(asked.status, 200, "{}", asked.raw);
    let to: Vec<String> = service.messages().into_iter().map(|m| m.to).collect();
    assert_eq!(to, [demo::USER, EMAIL]);
}

#[tokio::test]
async fn codes_that_sign_in_are_sent_by_one_function() {
    let service = Service::start().await;
    for event in [
        "account-auth0-post-otp-challenge",
        "account-auth0-post-passwordless-start",
    ] {
        let asked = service.event(event, &[]).await;
        assert_eq!(asked.status, 200, "{}", asked.raw);
        service.advance(86_400);
    }
    assert_eq!(service.messages().len(), 2);
}
