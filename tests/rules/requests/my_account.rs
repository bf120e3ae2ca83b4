//! The cost of the My Account API: requests to DynamoDB.

use axum::http::Method;
use countersign_local::demo;
use serde_json::json;

use crate::dialects::auth0::factors::my_account::{
    METHODS, SCOPES, add_client, call, enrol_app, place_of, token_of,
};
use crate::dialects::auth0::sessions::my_sessions::{SESSIONS, kept_session};
use crate::harness::account::NEW_PASSWORD;
use crate::rules::requests::login::Counted;

#[tokio::test]
async fn a_list_of_methods_costs_two_and_an_enrolment_four_and_its_first_code_eight() {
    let counted = Counted::start().await;
    let service = &counted.service;
    add_client(service).await;
    let token = token_of(service, SCOPES).await;
    for path in ["/me/v1/factors", METHODS] {
        let listed = call(service, Method::GET, path, None, &token);
        assert_eq!(counted.cost(200, listed).await.1, 2, "{path}");
    }
    let body = json!({ "type": "totp" });
    let begun = call(service, Method::POST, METHODS, Some(body), &token);
    let (begun, cost) = counted.cost(202, begun).await;
    assert_eq!(cost, 4);
    let code = service.app_code(&begun.text("manual_input_code"));
    let first = json!({ "auth_session": begun.text("auth_session"), "otp_code": code });
    let place = format!("{}/verify", place_of(&begun.text("id")));
    let verified = call(service, Method::POST, &place, Some(first), &token);
    assert_eq!(counted.cost(201, verified).await.1, 8);
}

#[tokio::test]
async fn a_name_of_a_method_costs_three_and_a_new_password_two_and_four() {
    let counted = Counted::start().await;
    let service = &counted.service;
    add_client(service).await;
    let token = token_of(service, SCOPES).await;
    let body = json!({ "type": "password" });
    let begun = call(service, Method::POST, METHODS, Some(body), &token);
    let (begun, cost) = counted.cost(202, begun).await;
    assert_eq!(cost, 2);
    let new = json!({
        "auth_session": begun.text("auth_session"), "new_password": NEW_PASSWORD,
    });
    let place = format!("{}/verify", place_of(&begun.text("id")));
    let set = call(service, Method::POST, &place, Some(new), &token);
    assert_eq!(counted.cost(201, set).await.1, 4);
    let (id, _) = enrol_app(service, &token).await;
    let body = json!({ "name": "Mine" });
    let place = place_of(&id);
    let named = call(service, Method::PATCH, &place, Some(body), &token);
    assert_eq!(counted.cost(200, named).await.1, 3);
}

#[tokio::test]
async fn a_list_of_sessions_costs_two_and_the_end_of_one_three_and_of_none_two() {
    let counted = Counted::start().await;
    let service = &counted.service;
    add_client(service).await;
    let tokens = kept_session(service, demo::PLAIN_USER).await;
    let token = tokens.text("access_token");
    let listed = service.get(SESSIONS, Some(&token));
    assert_eq!(counted.cost(200, listed).await.1, 2);
    let other = kept_session(service, demo::PLAIN_USER).await;
    let id = other.claims("access_token")["sid"].clone();
    let path = format!("{SESSIONS}/{}", id.as_str().unwrap());
    for requests in [3, 2] {
        let ended = call(service, Method::DELETE, &path, None, &token);
        assert_eq!(counted.cost(204, ended).await.1, requests);
    }
}
