//! A proof of a key that somebody has caught, and shows again (RFC 9449 11.1).

use axum::http::Method;
use countersign_local::demo;
use serde_json::json;

use crate::dialects::oauth::sessions::key_holder::{KeyHolder, plain_password, token_hash};
use crate::harness::{Answer, Service};

/// Where each proof is remembered.
pub const REFUSED: [(&str, &str); 1] = [("COUNTERSIGN_DPOP_REPLAY", "refused")];

const TOKEN: (Method, &str) = (Method::POST, "/oauth/token");
const USERINFO: (Method, &str) = (Method::GET, "/userinfo");

/// The same login for other scopes: a request with another body.
fn for_fewer_scopes() -> Vec<(&'static str, &'static str)> {
    let mut fields = plain_password();
    fields.pop();
    fields.push(("scope", "openid"));
    fields
}

async fn post(service: &Service, proof: &str, fields: &[(&str, &str)]) -> Answer {
    let posted = service.post_with_proof(TOKEN.1, Some(proof), fields);
    posted.await
}

#[track_caller]
fn is_replayed(answer: &Answer, status: u16) {
    let sentence = "The DPoP proof is wrong: another request had this jti.";
    answer.is_refused(status, "invalid_dpop_proof", sentence);
}

#[tokio::test]
async fn by_default_a_proof_replayed_in_another_process_is_good_for_its_minute_and_no_longer() {
    let mut service = Service::start().await;
    let holder = KeyHolder::new();
    let proof = holder.proof(&service, TOKEN, None);
    assert_eq!(post(&service, &proof, &plain_password()).await.status, 200);
    service.take(service.restarted());
    let again = post(&service, &proof, &for_fewer_scopes()).await;
    assert_eq!(again.status, 200, "{}", again.raw);
    service.advance(61);
    let late = post(&service, &proof, &for_fewer_scopes()).await;
    assert_eq!(late.text("error"), "use_dpop_nonce");
}

#[tokio::test]
async fn a_proof_replayed_in_another_process_with_another_request_is_refused_where_a_setting_asks()
{
    let mut service = Service::start_with(&REFUSED).await;
    let holder = KeyHolder::new();
    let proof = holder.proof(&service, TOKEN, None);
    let tokens = post(&service, &proof, &plain_password()).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    let token = tokens.text("access_token");
    let shown = format!("DPoP {token}");
    let look = holder.proof(&service, USERINFO, Some(&token));
    let look = Some(look.as_str());
    let first = service.get_with_proof("/userinfo", &shown, look).await;
    assert_eq!(first.status, 200, "{}", first.raw);
    service.take(service.restarted());
    is_replayed(&post(&service, &proof, &for_fewer_scopes()).await, 400);
    let other = service.get_with_proof("/userinfo?fresh=1", &shown, look);
    is_replayed(&other.await, 401);
    let same = service.get_with_proof("/userinfo", &shown, look).await;
    assert_eq!((same.status, same.body), (200, first.body));
}

#[tokio::test]
async fn where_proofs_are_remembered_the_same_request_gets_the_same_answer_in_another_process() {
    let mut service = Service::start_with(&REFUSED).await;
    let holder = KeyHolder::new();
    let refresh = service.bound_tokens(&holder).await.text("refresh_token");
    let proof = holder.proof(&service, TOKEN, None);
    let first = service.refresh_with_proof(&refresh, Some(&proof)).await;
    service.take(service.restarted());
    let again = service.refresh_with_proof(&refresh, Some(&proof)).await;
    assert_eq!(again.status, 200, "{}", again.raw);
    assert_eq!(again.text("refresh_token"), first.text("refresh_token"));
}

#[tokio::test]
async fn of_requests_that_show_one_proof_at_once_one_is_served() {
    let service = Service::start_with(&REFUSED).await;
    let proof = KeyHolder::new().proof(&service, TOKEN, None);
    let (one, other) = (plain_password(), for_fewer_scopes());
    let (one, other) = tokio::join!(post(&service, &proof, &one), post(&service, &proof, &other));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400], "{} {}", one.raw, other.raw);
}

#[tokio::test]
async fn a_proof_with_a_nonce_is_remembered_as_long_as_the_nonce_is_good() {
    let service = Service::start_with(&REFUSED).await;
    let holder = KeyHolder::new();
    let given = service.bound_tokens(&holder).await;
    let mut parts = holder.parts(&Method::POST, TOKEN.1, service.now());
    parts.claims["nonce"] = json!(given.header("dpop-nonce").unwrap());
    let proof = holder.signed(&parts);
    assert_eq!(post(&service, &proof, &plain_password()).await.status, 200);
    service.advance(599);
    is_replayed(&post(&service, &proof, &for_fewer_scopes()).await, 400);
    service.advance(1);
    let late = post(&service, &proof, &for_fewer_scopes()).await;
    assert_eq!(late.text("error"), "use_dpop_nonce");
    let items = service.items().await;
    let ends = items.iter().filter(|item| {
        item["PK"].as_s().unwrap().starts_with("PROOF#")
            && item["ttl"].as_n().unwrap().parse::<i64>().unwrap() <= service.now()
    });
    assert_eq!(ends.count(), 0, "an item was forgotten before its proof");
}

#[tokio::test]
async fn nobody_uses_up_the_jti_of_another_key_or_of_a_request_that_was_refused() {
    let service = Service::start_with(&REFUSED).await;
    let (holder, thief) = (KeyHolder::new(), KeyHolder::new());
    let token = service.bound_tokens(&holder).await.text("access_token");
    let shown = format!("DPoP {token}");
    let mut parts = holder.parts(&Method::GET, USERINFO.1, service.now());
    parts.claims["ath"] = json!(token_hash(&token));
    let mut stolen = thief.parts(&Method::POST, TOKEN.1, service.now());
    stolen.claims["jti"] = parts.claims["jti"].clone();
    let stolen = thief.signed(&stolen);
    assert_eq!(post(&service, &stolen, &plain_password()).await.status, 200);
    // The thief has caught the proof, but not the token.
    let proof = holder.signed(&parts);
    let other = service.bound_tokens(&thief).await.text("access_token");
    let other = format!("DPoP {other}");
    let caught = service.get_with_proof(USERINFO.1, &other, Some(&proof));
    assert_eq!(caught.await.status, 401);
    let owner = service.get_with_proof(USERINFO.1, &shown, Some(&proof));
    assert_eq!(owner.await.status, 200);
    let fields = [("client_id", demo::CLIENT), ("grant_type", "password")];
    let refused = post(&service, "a.b.c", &fields).await;
    refused.is_refused(
        400,
        "invalid_dpop_proof",
        "The DPoP proof is wrong: jwk is missing.",
    );
}
