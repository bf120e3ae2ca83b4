//! The story that causes the requests to AWS of the My Account API.

use axum::http::Method;
use countersign::domain::accounts::user::Account;
use serde_json::json;

use crate::dialects::auth0::factors::my_account::{METHODS, call, enrol_app, place_of, post};
use crate::dialects::auth0::login::passkeys::authenticator::my_token;
use crate::harness::account::NEW_PASSWORD;
use crate::harness::deployment::cloud::Cloud;

/// A new password, and a factor with a name. The client is the one of the story of passkeys.
pub async fn my_account(cloud: &Cloud) {
    let service = &cloud.service;
    service.advance(86_400);
    let email = "sets.a.password@example.net";
    let without = |account: &mut Account| account.user.two_factor = false;
    service.add_user(email, without).await;
    let token = my_token(service, email).await;
    let begun = post(service, METHODS, json!({ "type": "password" }), &token).await;
    let path = format!("{}/verify", place_of(&begun.text("id")));
    let new = json!({
        "auth_session": begun.text("auth_session"), "new_password": NEW_PASSWORD,
    });
    let set = post(service, &path, new, &token).await;
    assert_eq!(set.status, 201, "{}", set.raw);
    let (app, _) = enrol_app(service, &token).await;
    let name = Some(json!({ "name": "Mine" }));
    let named = call(service, Method::PATCH, &place_of(&app), name, &token).await;
    assert_eq!(named.status, 200, "{}", named.raw);
}
