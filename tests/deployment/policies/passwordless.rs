//! Stories that cause the requests to AWS of codes in place of a password, and of pushed
//! requests.

use countersign::routes::Function;
use countersign_local::demo;
use serde_json::json;

use crate::dialects::auth0::accounts::sign_up::{change_password, sign_up};
use crate::dialects::auth0::authorization::authorize::{path_of, push};
use crate::dialects::auth0::login::mailed_link::{
    allow_links, auth_params, path_of_link, press, start_link,
};
use crate::dialects::auth0::login::passwordless::{by_mailbox, by_session, challenge, start};
use crate::dialects::auth0::login::phone_codes::{NUMBER, by_name, start_phone, with_phone};
use crate::harness::browser::Browser;
use crate::harness::deployment::cloud::Cloud;
use crate::harness::proxy::Fault;

/// All of them.
pub async fn passwordless(cloud: &Cloud) {
    let service = &cloud.service;
    service.advance(86_400);
    let (email, signed_up) = ("by.code@example.net", "by.password@example.net");
    let (_, others) = cloud.proxies(Function::Account);
    others.always("outbound-emails", Fault::ServerError);
    challenge(service, email, true).await;
    others.heal();
    let asked = challenge(service, email, true).await.text("auth_session");
    let code = service.newest_code();
    by_session(service, &asked, "000000").await;
    let made = by_session(service, &asked, &code).await;
    assert_eq!(made.status, 200, "{}", made.raw);
    let pushed = push(service, &[]).await.text("request_uri");
    let brought = Browser::new(service).get(&path_of("web", &pushed)).await;
    assert_eq!(brought.status, 303, "{}", brought.raw);
    // Somebody signs up between the ask and the code.
    service.advance(86_400);
    let contested = "contested@example.net";
    let asked = challenge(service, contested, true)
        .await
        .text("auth_session");
    let code = service.newest_code();
    service.advance(31);
    sign_up(service, contested, &json!({})).await;
    let taken = by_session(service, &asked, &code).await;
    assert_eq!(taken.status, 200, "{}", taken.raw);
    service.advance(86_400);
    start(service, demo::USER).await;
    let needed = by_mailbox(service, demo::USER, &service.newest_code()).await;
    assert!(needed.status < 500, "{}", needed.raw);
    let more = json!({ "user_metadata": { "plan": "premium" } });
    sign_up(service, signed_up, &more).await;
    service.advance(60);
    start(service, signed_up).await;
    change_password(service, signed_up).await;
    Box::pin(texts_and_links(cloud)).await;
}

async fn texts_and_links(cloud: &Cloud) {
    let service = &cloud.service;
    service.advance(86_400);
    let owner = "by.text@example.net";
    with_phone(service, owner).await;
    let asked = start_phone(service, NUMBER).await;
    assert_eq!(asked.status, 200, "{}", asked.raw);
    let text = service.messages().remove(0);
    assert_eq!(text.to, NUMBER);
    let taken = by_name(service, "sms", NUMBER, &service.newest_code()).await;
    assert_eq!(taken.status, 200, "{}", taken.raw);
    allow_links(service).await;
    service.advance(600);
    start_link(service, owner, &auth_params()).await;
    let pressed = press(&Browser::new(service), &path_of_link(service)).await;
    assert_eq!(pressed.status, 303, "{}", pressed.raw);
}
