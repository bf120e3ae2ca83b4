//! The cost of signing up, of forgotten passwords and of codes in place of a password, in
//! Auth0's words.

use countersign_local::demo;
use serde_json::json;

use crate::dialects::auth0::accounts::sign_up::{change_password, sign_up};
use crate::dialects::auth0::login::mailed_link::{
    allow_links, auth_params, path_of_link, start_link,
};
use crate::dialects::auth0::login::passwordless::{by_session, challenge};
use crate::dialects::auth0::login::phone_codes::{
    NUMBER, OWNER, by_name, challenge_phone, start_phone, with_phone,
};
use crate::harness::account::EMAIL;
use crate::harness::browser::Browser;
use crate::rules::requests::login::Counted;

#[tokio::test]
async fn a_sign_up_costs_three() {
    let counted = Counted::start().await;
    let none = json!({});
    let asked = sign_up(&counted.service, EMAIL, &none);
    assert_eq!(counted.cost(200, asked).await.1, 3);
}

#[tokio::test]
async fn a_forgotten_password_costs_five_in_auth0s_words_too() {
    let counted = Counted::start().await;
    let asked = change_password(&counted.service, demo::PLAIN_USER);
    assert_eq!(counted.cost(200, asked).await.1, 5);
}

#[tokio::test]
async fn a_code_in_place_of_a_password_costs_five_to_send_and_five_to_take() {
    for (email, signs_up) in [(demo::PLAIN_USER, false), (EMAIL, true)] {
        let counted = Counted::start().await;
        let service = &counted.service;
        let asked = challenge(service, email, signs_up);
        let (asked, cost) = counted.cost(200, asked).await;
        assert_eq!(cost, 5);
        let (session, code) = (asked.text("auth_session"), service.newest_code());
        let taken = by_session(service, &session, &code);
        assert_eq!(counted.cost(200, taken).await.1, 5);
    }
}

#[tokio::test]
async fn a_code_for_a_mailbox_of_nobody_costs_one_less_because_nothing_is_kept() {
    let counted = Counted::start().await;
    let asked = challenge(&counted.service, EMAIL, false);
    assert_eq!(counted.cost(200, asked).await.1, 4);
}

#[tokio::test]
async fn a_text_in_place_of_a_password_costs_seven_to_send_six_from_a_known_network_and_five_to_take()
 {
    let counted = Counted::start().await;
    let service = &counted.service;
    with_phone(service, OWNER).await;
    service.advance(1);
    for expected in [7, 6] {
        let asked = start_phone(service, NUMBER);
        assert_eq!(counted.cost(200, asked).await.1, expected);
        let code = service.newest_code();
        let taken = by_name(service, "sms", NUMBER, &code);
        assert_eq!(counted.cost(200, taken).await.1, 5);
        service.advance(60);
    }
    let nobody = challenge_phone(service, "+15555550155");
    assert_eq!(counted.cost(200, nobody).await.1, 6);
}

#[tokio::test]
async fn a_link_in_place_of_a_password_costs_seven_to_send_one_to_look_at_and_six_to_take() {
    let counted = Counted::start().await;
    let service = &counted.service;
    allow_links(service).await;
    let params = auth_params();
    // The first request reads the client.
    start_link(service, EMAIL, &params).await;
    let asked = start_link(service, demo::PLAIN_USER, &params);
    assert_eq!(counted.cost(200, asked).await.1, 7);
    let (browser, link) = (Browser::new(service), path_of_link(service));
    let (page, cost) = counted.cost(200, browser.get(&link)).await;
    assert_eq!(cost, 1);
    let form = page.form_of("Sign in");
    let taken = browser.submit(&form);
    assert_eq!(counted.cost(303, taken).await.1, 6);
}
