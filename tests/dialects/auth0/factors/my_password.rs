//! `/me/v1`: a signed-in user sets a password.

use axum::http::Method;
use countersign_local::demo;
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::dialects::auth0::accounts::sign_up::CONNECTION;
use crate::dialects::auth0::factors::my_account::{
    ME, METHODS, SCOPES, call, place_of, post, start, strong_token, token_of,
};
use crate::dialects::auth0::login::passwordless::GRANT;
use crate::harness::account::NEW_PASSWORD;
use crate::harness::{Answer, Service};

async fn begin(service: &Service, token: &str) -> Answer {
    post(service, METHODS, json!({ "type": "password" }), token).await
}

/// Sets the password that `begun` has begun.
async fn set(service: &Service, begun: &Answer, password: Value, token: &str) -> Answer {
    let path = format!("{}/verify", place_of(&begun.text("id")));
    let body = json!({ "auth_session": begun.text("auth_session"), "new_password": password });
    post(service, &path, body, token).await
}

#[tokio::test]
async fn a_session_that_has_shown_the_strongest_factor_sets_a_password_and_ends_the_others() {
    let service = start().await;
    let token = strong_token(&service).await;
    service.advance(30);
    let other = strong_token(&service).await;
    let begun = begin(&service, &token).await;
    assert_snapshot!(begun.shown(), @r#"
    202 application/json no-store no-cache
    location: https://localhost:8788/me/v1/authentication-methods/password%7Cdev_[id]
    {
      "id": "password|dev_[id]",
      "auth_session": "[opaque]",
      "policy": {
        "complexity": {
          "min_length": 8,
          "character_types": [],
          "character_type_rule": "all",
          "identical_characters": "allow",
          "sequential_characters": "allow",
          "max_length_exceeded": "error"
        },
        "profile_data": {"active":true,"blocked_fields":["username","email","given_name","family_name"]},
        "history": {"active":false,"size":0},
        "dictionary": {"active":true,"default":"en_10k"}
      }
    }
    "#);
    let weak = set(&service, &begun, json!("password1"), &token).await;
    assert_snapshot!(weak.shown(), @r#"
    400 application/json no-store no-cache
    {
      "type": "invalid_password",
      "status": 400,
      "title": "Bad Request",
      "detail": "Password is too weak",
      "validation_errors": [{"field":"new_password","detail":"Password is too common"}]
    }
    "#);
    let done = set(&service, &begun, json!(NEW_PASSWORD), &token).await;
    assert_snapshot!(done.shown(), @r#"
    201 application/json no-store no-cache
    location: https://localhost:8788/me/v1/authentication-methods/password%7Cdev_[id]
    {
      "id": "password|dev_[id]",
      "type": "password",
      "created_at": "2027-01-15T08:00:00Z",
      "usage": ["primary"],
      "identity_user_id": "[id]",
      "last_password_reset": "2027-01-15T08:00:30Z"
    }
    "#);
    let notice = &service.messages()[0];
    let subject = notice.subject.as_deref();
    assert_eq!(subject, Some("Your Countersign Demo password was changed"));
    let place = place_of(&begun.text("id"));
    assert_eq!(service.get(&place, Some(&token)).await.body, done.body);
    assert_eq!(service.get(&place, Some(&other)).await.status, 401);
    let old = service.password_of(demo::USER, demo::PASSWORD_OF_ALL).await;
    old.is_refused(403, "invalid_grant", "Wrong email or password.");
    let new = service.password_of(demo::USER, NEW_PASSWORD).await;
    assert_eq!(new.text("error"), "mfa_required");
    // What has begun is good once.
    let again = set(
        &service,
        &begun,
        json!("another tractor lighthouse 9"),
        &token,
    )
    .await;
    assert_eq!(again.body["validation_errors"][0]["field"], "auth_session");
}

#[tokio::test]
async fn an_old_a_weak_and_another_session_set_no_password() {
    let service = start().await;
    let strong = strong_token(&service).await;
    let begun = begin(&service, &strong).await;
    service.advance(30);
    let other = strong_token(&service).await;
    let stolen = set(&service, &begun, json!(NEW_PASSWORD), &other).await;
    assert_eq!(stolen.body["validation_errors"][0]["field"], "auth_session");
    service.advance(600);
    for refused in [
        begin(&service, &strong).await,
        set(&service, &begun, json!(NEW_PASSWORD), &strong).await,
    ] {
        assert_eq!(refused.status, 401, "{}", refused.raw);
        assert_eq!(refused.text("type"), "insufficient_user_authentication");
    }
}

#[tokio::test]
async fn a_session_that_a_code_began_sets_no_password() {
    let service = start().await;
    let body = json!({
        "client_id": "mine", "connection": CONNECTION, "email": demo::PLAIN_USER,
    });
    let asked = service.post_json("/otp/challenge", &body).await;
    let body = json!({
        "grant_type": GRANT, "client_id": "mine", "otp": service.newest_code(),
        "auth_session": asked.text("auth_session"), "audience": ME, "scope": SCOPES,
    });
    let tokens = service.post_json("/oauth/token", &body).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    let refused = begin(&service, &tokens.text("access_token")).await;
    assert_eq!(refused.status, 401, "{}", refused.raw);
    assert_eq!(refused.text("type"), "insufficient_user_authentication");
}

#[tokio::test]
async fn a_new_password_with_a_wrong_parameter_is_refused_by_the_parameters_name() {
    let service = start().await;
    let token = token_of(&service, SCOPES).await;
    let text = "an array or an object stands where a text belongs";
    for (name, value, detail) in [
        ("connection", json!([]), text),
        ("connection", json!("another"), "unknown"),
        ("identity_user_id", json!({}), text),
        (
            "identity_user_id",
            json!("another"),
            "identity_user_id is not the user's",
        ),
    ] {
        let body = json!({ "type": "password", name: value });
        let refused = post(&service, METHODS, body, &token).await;
        let expected = json!([{ "field": name, "detail": detail }]);
        assert_eq!(
            refused.body["validation_errors"], expected,
            "{}",
            refused.raw
        );
    }
    let begun = begin(&service, &token).await;
    for (password, detail) in [
        (Value::Null, "required"),
        (json!([]), text),
        (json!("short"), "Password is too weak"),
        (json!("password1"), "Password is too common"),
        (json!("x".repeat(1025)), "Password is too long"),
        (
            json!(format!("{}1", demo::PLAIN_USER)),
            "Password contains user information",
        ),
        (
            json!("tractor\u{7}lighthouse plum"),
            "new_password has no control characters",
        ),
    ] {
        let refused = set(&service, &begun, password, &token).await;
        let expected = json!([{ "field": "new_password", "detail": detail }]);
        assert_eq!(
            refused.body["validation_errors"], expected,
            "{}",
            refused.raw
        );
        assert_eq!(refused.status, 400);
    }
    let done = set(&service, &begun, json!(NEW_PASSWORD), &token).await;
    assert_eq!(done.status, 201, "{}", done.raw);
    let begun = begin(&service, &token).await;
    // The present password is taken too: a refusal would tell that a guess was right.
    let same = set(&service, &begun, json!(NEW_PASSWORD), &token).await;
    assert_eq!(same.status, 201, "{}", same.raw);
}

#[tokio::test]
async fn a_password_is_not_removed_and_not_anothers() {
    let service = start().await;
    let token = token_of(&service, SCOPES).await;
    let id = begin(&service, &token).await.text("id");
    let kept = call(&service, Method::DELETE, &place_of(&id), None, &token).await;
    assert_eq!((kept.status, &*kept.text("type")), (403, "access_denied"));
    let nobodys = place_of("password|dev_07070707070707070707070707070707");
    let none = call(&service, Method::DELETE, &nobodys, None, &token).await;
    assert_eq!((none.status, &*none.text("type")), (404, "not_found"));
    let body = json!({ "auth_session": "x", "new_password": NEW_PASSWORD });
    let none = post(&service, &format!("{nobodys}/verify"), body, &token).await;
    assert_eq!(none.body["validation_errors"][0]["field"], "auth_session");
}
