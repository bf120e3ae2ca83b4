//! Signing up in Auth0's words reveals to nobody whether an address has an account: by no
//! text, no status, no time and no message that the stranger sees.

use countersign_local::demo;
use serde_json::json;

use crate::attacks::account_enumeration::held;
use crate::dialects::auth0::accounts::sign_up::{auth0_only, change_password, sign_up};
use crate::harness::account::EMAIL;
use crate::harness::{Answer, Service};

/// What a stranger can compare of an answer.
#[derive(Debug, PartialEq)]
pub struct Seen {
    status: u16,
    raw: String,
    headers: Vec<String>,
}

/// Everything of an answer that a stranger can compare. The identifier is random.
pub fn seen(answer: &Answer, email: &str) -> Seen {
    let mut headers: Vec<String> = answer
        .headers
        .iter()
        .filter(|(name, _)| name.as_str() != "x-request-id")
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    headers.sort();
    let id = answer.body["_id"].as_str().unwrap_or("none");
    let raw = answer.raw.replace(id, "[id]").replace(email, "[email]");
    Seen {
        status: answer.status,
        raw,
        headers,
    }
}

/// Addresses of equal length, so that the answers have one length: free, taken and
/// confirmed, taken and never confirmed.
const FREE: &str = "free@example.com";
const TAKEN: &str = "user@example.com";

#[tokio::test]
async fn a_sign_up_is_answered_alike_for_a_free_and_a_taken_address() {
    assert_eq!(TAKEN, demo::USER);
    let service = auth0_only().await;
    let more = json!({ "nickname": "nick", "user_metadata": { "plan": "free" } });
    let free = sign_up(&service, FREE, &more).await;
    assert_eq!(free.status, 200, "{}", free.raw);
    let taken = sign_up(&service, TAKEN, &more).await;
    assert_eq!(seen(&taken, TAKEN), seen(&free, FREE));
    service.advance(30);
    let unconfirmed = sign_up(&service, FREE, &more).await;
    assert_eq!(seen(&unconfirmed, FREE), seen(&free, FREE));
    // Each of the three is answered by one message to the mailbox, and to nobody else.
    let to: Vec<String> = service.messages().into_iter().map(|m| m.to).collect();
    assert_eq!(to, [FREE, TAKEN, FREE]);
    // The identifiers of the answer tell nothing either.
    let own = service.account(TAKEN).await.user.id.dashed();
    assert_ne!(taken.text("_id"), own);
    assert_ne!(unconfirmed.text("_id"), free.text("_id"));
    for answer in [&free, &taken, &unconfirmed] {
        let id = uuid::Uuid::parse_str(&answer.text("_id")).unwrap();
        let made = uuid::Uuid::parse_str(&free.text("_id")).unwrap();
        assert_eq!(id.get_version_num(), made.get_version_num());
    }
}

#[tokio::test]
async fn a_sign_up_at_a_taken_address_changes_nothing_of_the_account() {
    let service = auth0_only().await;
    let before = service.account(demo::USER).await;
    let more = json!({ "nickname": "thief", "user_metadata": { "plan": "free" } });
    assert_eq!(sign_up(&service, demo::USER, &more).await.status, 200);
    let after = service.account(demo::USER).await;
    assert_eq!(format!("{after:?}"), format!("{before:?}"));
    let login = service.password_of(demo::USER, demo::PASSWORD_OF_ALL).await;
    assert_eq!(login.body["error"], "mfa_required", "{}", login.raw);
}

#[tokio::test]
async fn the_answer_waits_for_its_time_though_the_user_is_made_and_the_message_has_gone_out() {
    for reset in [false, true] {
        for email in [EMAIL, demo::USER] {
            let (service, gate) = held(None).await;
            let answer = async {
                match reset {
                    true => change_password(&service, email).await,
                    false => sign_up(&service, email, &json!({})).await,
                }
            };
            tokio::pin!(answer);
            let work = async {
                while service.messages().is_empty() && (!reset || email == demo::USER) {
                    tokio::task::yield_now().await;
                }
                for _ in 0..1000 {
                    tokio::task::yield_now().await;
                }
            };
            tokio::select! {
                biased;
                early = &mut answer => panic!("{email} was answered early: {}", early.status),
                () = work => {}
            }
            gate.notify_one();
            assert_eq!(answer.await.status, 200);
        }
    }
}

#[tokio::test]
async fn a_forgotten_password_is_answered_alike_for_everyone() {
    let service = auth0_only().await;
    let known = change_password(&service, demo::USER).await;
    assert_eq!(known.status, 200, "{}", known.raw);
    for other in ["nobody@example.net", demo::USER, "not an address"] {
        let answer = change_password(&service, other).await;
        assert_eq!(seen(&answer, other), seen(&known, demo::USER), "{other}");
    }
    assert_eq!(service.messages().len(), 1);
}

#[tokio::test]
async fn a_network_that_signs_many_up_waits_whoever_they_are() {
    let service = Service::start().await;
    for at in 0..20 {
        let email = format!("user{at}@example.net");
        let answer = sign_up(&service, &email, &json!({})).await;
        assert_eq!(answer.status, 200, "{}", answer.raw);
    }
    for email in ["another@example.net", demo::USER] {
        let answer = sign_up(&service, email, &json!({})).await;
        assert_eq!(answer.status, 429, "{}", answer.raw);
        assert_eq!(answer.body["code"], "too_many_requests");
        assert_eq!(answer.number_header("retry-after"), 180);
    }
}
