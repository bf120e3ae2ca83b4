//! The cost of Auth0's browser flow: requests to DynamoDB.

use countersign_local::demo;

use crate::attacks::auth0::multi_factor::signed_in_by_mail;
use crate::dialects::auth0::authorization::authorize::{
    exchange, path_of, push, request, sign_in_at,
};
use crate::dialects::auth0::authorization::first_party::app::{
    ASKED, NativeApp, add_apps, change_app,
};
use crate::dialects::auth0::login::passkeys::authenticator::{
    DOMAIN, ORIGIN, add_clients, enrolled,
};
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
async fn a_request_for_the_factor_alone_costs_three() {
    let counted = Counted::start().await;
    let browser = Browser::new(&counted.service);
    signed_in_by_mail(&browser).await;
    let strong = request("&acr_values=aal2");
    assert_eq!(counted.cost(303, browser.get(&strong)).await.1, 3);
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

#[tokio::test]
async fn two_calls_and_the_token_request_cost_five_by_passkey() {
    let counted = Counted::start_with(&[DOMAIN]).await;
    let service = &counted.service;
    add_clients(service).await;
    add_apps(service).await;
    change_app(service, |client| {
        client.web_origins = vec![ORIGIN.to_owned()]
    })
    .await;
    let app = NativeApp::new(service);
    let mut passkey = enrolled(service).await;
    app.step(&ASKED).await;
    let (offered, challenge) = counted.cost(403, app.step(&ASKED)).await;
    let signed = passkey.sign(&offered.body["authn_params_public_key"]);
    let (session, signed) = (offered.text("auth_session"), signed.to_string());
    let mut fields = ASKED.to_vec();
    fields.extend([
        ("auth_session", session.as_str()),
        ("authn_response", &signed),
    ]);
    let (shown, signature) = counted.cost(200, app.step(&fields)).await;
    let code = shown.text("authorization_code");
    let (_, exchange) = counted.cost(200, app.exchange(&code)).await;
    assert_eq!((challenge, signature, exchange), (0, 3, 2));
}
