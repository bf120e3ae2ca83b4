//! The cost of Auth0's browser flow: requests to DynamoDB.

use countersign_local::demo;

use crate::dialects::auth0::authorization::authorize::{
    exchange, path_of, push, request, sign_in_at,
};
use crate::dialects::auth0::authorization::first_party::app::{NativeApp, add_apps};
use crate::dialects::auth0::sessions::sign_out::BYE;
use crate::harness::browser::Browser;
use crate::rules::requests::login::Counted;

#[tokio::test]
async fn a_request_costs_nothing_before_the_sign_in_and_a_code_two_one_more_if_it_was_pushed() {
    let counted = Counted::start().await;
    let service = &counted.service;
    let browser = Browser::new(service);
    browser.get(&request("")).await;
    assert_eq!(counted.cost(303, browser.get(&request(""))).await.1, 0);
    sign_in_at(&browser, &request("")).await;
    let (given, cost) = counted.cost(302, browser.get(&request(""))).await;
    assert_eq!(cost, 2);
    let code = given.parameter("code");
    let exchanged = exchange(service, &code);
    assert_eq!(counted.cost(200, exchanged).await.1, 2);
    let (pushed, cost) = counted.cost(201, push(service, &[])).await;
    assert_eq!(cost, 0);
    let path = path_of("web", &pushed.text("request_uri"));
    let (given, cost) = counted.cost(302, browser.get(&path)).await;
    assert_eq!(cost, 3, "{}", given.raw);
    let out = format!("/v2/logout?client_id=web&returnTo={BYE}");
    assert_eq!(counted.cost(302, browser.get(&out)).await.1, 2);
    assert_eq!(counted.cost(302, browser.get(&out)).await.1, 0);
}

#[tokio::test]
async fn two_calls_and_the_token_request_cost_ten_by_totp() {
    let counted = Counted::start().await;
    let service = &counted.service;
    add_apps(service).await;
    let app = NativeApp::new(service);
    app.password_of(demo::PLAIN_USER).await;
    let (first, password) = counted.cost(403, app.password_of(demo::USER)).await;
    let session = first.text("auth_session");
    let code = service.totp();
    let (second, factor) = counted.cost(200, app.otp(&session, &code)).await;
    let code = second.text("authorization_code");
    let (_, exchange) = counted.cost(200, app.exchange(&code)).await;
    assert_eq!((password, factor, exchange), (5, 3, 2));
}
