//! Stories that cause the requests to AWS of codes in place of a password.

use countersign::routes::Function;
use countersign_local::demo;
use serde_json::json;

use crate::dialects::auth0::accounts::{change_password, sign_up};
use crate::dialects::auth0::passwordless::{by_mailbox, by_session, challenge, start};
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
    service.advance(86_400);
    start(service, demo::USER).await;
    let needed = by_mailbox(service, demo::USER, &service.newest_code()).await;
    assert!(needed.status < 500, "{}", needed.raw);
    let more = json!({ "user_metadata": { "plan": "premium" } });
    sign_up(service, signed_up, &more).await;
    service.advance(60);
    start(service, signed_up).await;
    change_password(service, signed_up).await;
}
