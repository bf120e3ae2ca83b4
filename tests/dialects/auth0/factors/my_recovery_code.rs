//! `/me/v1`: a signed-in user replaces the recovery code.

use countersign_local::demo;
use insta::assert_snapshot;
use serde_json::json;

use crate::dialects::auth0::factors::my_account::{
    METHODS, SCOPES, enrol_app, place_of, post, start, strong_token, token_of,
};

#[tokio::test]
async fn the_session_that_made_a_recovery_code_confirms_it_and_the_old_code_is_dead() {
    let service = start().await;
    let token = strong_token(&service).await;
    let begun = post(
        &service,
        METHODS,
        json!({ "type": "recovery-code" }),
        &token,
    )
    .await;
    assert_snapshot!(begun.shown(), @r#"
    202 application/json no-store no-cache
    location: https://localhost:8788/me/v1/authentication-methods/recovery-code%7Cdev_[id]
    {"id":"recovery-code|dev_[id]","auth_session":"[opaque]","recovery_code":"[recovery code]"}
    "#);
    let place = place_of(&begun.text("id"));
    let forged = json!({ "auth_session": "x" });
    let forged = post(&service, &format!("{place}/verify"), forged, &token).await;
    assert_eq!(forged.status, 400, "{}", forged.raw);
    let first = json!({ "auth_session": begun.text("auth_session") });
    let done = post(&service, &format!("{place}/verify"), first, &token).await;
    assert_snapshot!(done.shown(), @r#"
    201 application/json no-store no-cache
    location: https://localhost:8788/me/v1/authentication-methods/recovery-code%7Cdev_[id]
    {
      "id": "recovery-code|dev_[id]",
      "type": "recovery-code",
      "created_at": "2027-01-15T08:00:00Z",
      "usage": ["secondary"],
      "confirmed": true
    }
    "#);
    let listed = service.get(&place, Some(&token)).await;
    assert_eq!(listed.body, done.body);
    let login = service.begin().await;
    let old = service.redeem_recovery(&login, demo::RECOVERY_CODE).await;
    assert_ne!(old.status, 200, "{}", old.raw);
    let new = begun.text("recovery_code");
    let signed_in = service.redeem_recovery(&login, &new).await;
    assert_eq!(signed_in.status, 200, "{}", signed_in.raw);
}

#[tokio::test]
async fn a_user_without_a_factor_and_a_weak_session_make_no_recovery_code() {
    let service = start().await;
    let body = json!({ "type": "recovery-code" });
    let token = token_of(&service, SCOPES).await;
    let none = post(&service, METHODS, body.clone(), &token).await;
    assert_snapshot!(none.shown(), @r#"
    400 application/json no-store no-cache
    {
      "type": "association_required",
      "status": 400,
      "title": "Bad Request",
      "detail": "User is not enrolled. You can use /mfa/associate endpoint to enroll the first authenticator."
    }
    "#);
    enrol_app(&service, &token).await;
    let weak = post(&service, METHODS, body, &token).await;
    assert_eq!(weak.text("type"), "insufficient_user_authentication");
}
