//! An account must confirm its address before it may do what only an owner may. No
//! other factor and no policy replaces the confirmation.

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_local::demo;

use crate::dialects::codemaze::login::password_and_code as login;
use crate::harness::account::{EMAIL, PASSWORD, USER_NAME};
use crate::harness::{Service, totp_factor};

#[tokio::test]
async fn a_second_factor_does_not_stand_for_the_address_that_codemazes_token_names() {
    let service = Service::start().await;
    service.registered().await;
    let unconfirmed = login::login(&service, EMAIL, PASSWORD).await;
    assert_eq!(unconfirmed.body["errorMessage"], "Email is not confirmed");
    // An operator added the app to the user.
    let user = service.account(EMAIL).await.user.id;
    let app = totp_factor(&service.app, user, demo::SEED, true).await;
    service.add_factor(user, &app).await;
    let on = AttributeValue::Bool(true);
    service.set_profile(EMAIL, "two_factor", on).await;
    let still = login::login(&service, EMAIL, PASSWORD).await;
    assert_eq!(still.status, 401, "{}", still.raw);
    assert_eq!(still.body["errorMessage"], "Email is not confirmed");
    assert!(service.messages().iter().all(|one| one.code.is_none()));
}

#[tokio::test]
async fn whoever_would_only_now_enrol_a_factor_confirms_the_address_first() {
    let mut service = Service::start().await;
    service.registered().await;
    service.take(service.restarted_with(&[
        ("COUNTERSIGN_MFA_POLICY", "required"),
        ("COUNTERSIGN_CONFIRMATION_REQUIRED", "email"),
    ]));
    let answer = service.sign_in(USER_NAME, PASSWORD).await;
    assert_eq!(answer.error(), "invalid_grant: RequiresConfirmUser");
}
