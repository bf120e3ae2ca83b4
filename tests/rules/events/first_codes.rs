//! The events of codes in place of a password. The answer is the same in every case, so
//! only the event says what happened.

use countersign_local::demo;
use serde_json::json;

use super::types::{event, said};
use crate::dialects::auth0::login::passwordless::challenge;
use crate::harness::Service;
use crate::harness::proxy::Fault;
use crate::rules::requests::login::Counted;

#[tokio::test]
async fn a_code_that_is_sent_is_told_apart_from_a_mailbox_of_nobody_and_a_budget_that_is_used_up() {
    let service = Service::start().await;
    let id = service.account(demo::USER).await.user.id.dashed();
    let sent = event(challenge(&service, demo::USER, false)).await;
    assert_eq!(said(&sent), json!(["cls", "first_code.sent"]));
    assert_eq!(sent["user_id"], id);
    assert_eq!(sent["factor"], "email");
    let refused = event(challenge(&service, demo::USER, false)).await;
    let expected = json!(["message_refused", "message.refused", "send_too_soon"]);
    assert_eq!(said(&refused), expected);
    let nobody = event(challenge(&service, "nobody@example.com", false)).await;
    let expected = json!(["gd_auth_failed", "factor.refused", "user_unknown"]);
    assert_eq!(said(&nobody), expected);
    assert!(!nobody.to_string().contains("nobody@"), "{nobody}");
}

#[tokio::test]
async fn a_code_that_could_not_be_sent_is_a_failed_message_and_is_kept_for_the_user() {
    let counted = Counted::start().await;
    let service = &counted.service;
    counted.others.always("outbound-emails", Fault::ServerError);
    let failed = event(challenge(service, demo::USER, false)).await;
    assert_eq!(
        said(&failed),
        json!(["fn", "message.failed", "delivery_failed"])
    );
    counted.others.heal();
    let kept = service.operated(&["user", "events", demo::USER]).await;
    let mut kept = kept.as_array().unwrap().iter();
    assert!(kept.any(|one| one["event"] == "message.failed"), "{kept:?}");
}

#[tokio::test]
async fn a_client_that_may_not_push_a_request_leaves_a_refused_push() {
    let service = Service::start().await;
    let body = json!({ "client_id": demo::CLIENT, "response_type": "nonsense" });
    let refused = event(service.post_json("/oauth/par", &body)).await;
    assert_eq!(refused["type"], "fpar", "{refused}");
    assert_eq!(refused["event"], "push.refused");
}
