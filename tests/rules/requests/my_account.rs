//! The cost of the My Account API: requests to DynamoDB.

use axum::http::Method;
use serde_json::json;

use crate::dialects::auth0::factors::my_account::{
    METHODS, SCOPES, add_client, call, place_of, token_of,
};
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
