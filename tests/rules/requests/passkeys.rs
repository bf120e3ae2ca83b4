//! The cost of passkeys: requests to DynamoDB.

use countersign_local::demo;

use crate::dialects::aidbox::pages::passkeys::{ADD, SIGN_IN, authenticator, passkey_form};
use crate::dialects::auth0::login::passkeys::authenticator::{
    Authenticator, DOMAIN, add_clients, begin, challenge, my_token, options, request, sign_in,
    verify,
};
use crate::dialects::auth0::login::passkeys::second_factor;
use crate::harness::browser::Browser;
use crate::rules::requests::login::Counted;

#[tokio::test]
async fn a_challenge_costs_nothing_and_a_sign_in_with_a_passkey_three() {
    let counted = Counted::start_with(&[DOMAIN]).await;
    let service = &counted.service;
    add_clients(service).await;
    let token = my_token(service, demo::PLAIN_USER).await;
    let (begun, cost) = counted.cost(202, begin(service, &token)).await;
    assert_eq!(cost, 2);
    let mut authenticator = Authenticator::new();
    let response = authenticator.create(&begun.body["authn_params_public_key"]);
    let verified = verify(service, &begun, response, &token);
    // One of them charges the notice.
    assert_eq!(counted.cost(201, verified).await.1, 4);
    for _ in 0..2 {
        let (asked, cost) = counted.cost(200, challenge(service, "mine")).await;
        assert_eq!(cost, 0);
        let response = authenticator.sign(options(&asked));
        let signed = sign_in(service, &asked, response);
        assert_eq!(counted.cost(200, signed).await.1, 3);
    }
    let asked = challenge(service, "mine").await;
    let response = authenticator.sign(options(&asked));
    let mut forged = request("mine", &asked, response.clone());
    forged["auth_session"] = serde_json::json!("AAAA");
    let refused = service.post_json("/oauth/token", &forged);
    assert_eq!(counted.cost(403, refused).await.1, 0);
    let unknown = authenticator.sign_spoiled(options(&asked), |it| {
        it.handle = Some(vec![7; 32]);
    });
    assert_eq!(
        counted.cost(403, sign_in(service, &asked, unknown)).await.1,
        1
    );
}

#[tokio::test]
async fn the_pages_cost_as_much_with_a_passkey_as_the_api() {
    let counted = Counted::start_with(&[DOMAIN]).await;
    let service = &counted.service;
    let browser = Browser::new(service);
    browser.sign_in_plain().await;
    let (page, cost) = counted.cost(200, browser.get(ADD)).await;
    assert_eq!(cost, 2);
    let mut authenticator = authenticator();
    let (options, form) = passkey_form(&page);
    let made = form.with("passkey", &authenticator.create(&options).to_string());
    // One of them charges the notice.
    assert_eq!(counted.cost(303, browser.submit(&made)).await.1, 4);
    let (options, form) = passkey_form(&browser.get(SIGN_IN).await);
    let signed = authenticator.sign(&options).to_string();
    browser.submit(&form.with("passkey", &signed)).await;
    let (page, cost) = counted.cost(200, browser.get("/auth/two-factor")).await;
    assert_eq!(cost, 2);
    let form = page.form_of("Remove the passkey");
    let removed = browser.post(&form, &[("sec-fetch-site", "same-origin")]);
    assert_eq!(counted.cost(303, removed).await.1, 4);
    // Signing in with a passkey again.
    let (options, form) = passkey_form(&browser.get(ADD).await);
    let made = form.with("passkey", &authenticator.create(&options).to_string());
    browser.submit(&made).await;
    let browser = Browser::new(service);
    let (page, cost) = counted.cost(200, browser.get(SIGN_IN)).await;
    assert_eq!(cost, 0);
    let (options, form) = passkey_form(&page);
    let signed = form.with("passkey", &authenticator.sign(&options).to_string());
    assert_eq!(counted.cost(303, browser.submit(&signed)).await.1, 3);
}

#[tokio::test]
async fn a_passkey_after_a_password_costs_two_to_ask_and_five_to_show() {
    let counted = Counted::start_with(&[DOMAIN]).await;
    let service = &counted.service;
    add_clients(service).await;
    let mut authenticator = second_factor::demanding(service).await;
    for _ in 0..2 {
        let password = second_factor::password_at(service, "mine", demo::PLAIN_USER);
        let (required, of_password) = counted.cost(403, password).await;
        let token = required.text("mfa_token");
        let asked = second_factor::asked(service, &token);
        let (asked, of_challenge) = counted.cost(200, asked).await;
        let response = authenticator.sign(options(&asked));
        let shown = second_factor::redeem(service, &token, &response);
        let (_, of_passkey) = counted.cost(200, shown).await;
        assert_eq!([of_password, of_challenge, of_passkey], [4, 2, 5]);
    }
}
