//! Tokens that are bound to a key (DPoP, RFC 9449).

use axum::http::Method;
use countersign_local::demo;
use serde_json::json;

use crate::dialects::oauth::authorization::machines::{ROBOT, ROBOT_SECRET, add_robot};
use crate::dialects::oauth::sessions::introspect::{API, add_api, introspect};
use crate::dialects::oauth::sessions::key_holder::{KeyHolder, plain_password, token_hash};
use crate::harness::Service;

const TOKEN: (Method, &str) = (Method::POST, "/oauth/token");
const USERINFO: (Method, &str) = (Method::GET, "/userinfo");

#[tokio::test]
async fn a_password_with_a_proof_gives_tokens_of_the_key_which_userinfo_takes_with_a_proof() {
    let service = Service::start().await;
    let holder = KeyHolder::new();
    let tokens = service.bound_tokens(&holder).await;
    assert_eq!(tokens.body["token_type"], "DPoP");
    let claims = tokens.claims("access_token");
    assert_eq!(claims["cnf"], json!({ "jkt": holder.thumbprint() }));
    let token = tokens.text("access_token");
    let proof = holder.proof(&service, USERINFO, Some(&token));
    let shown = format!("DPoP {token}");
    let claims = service.get_with_proof("/userinfo", &shown, Some(&proof));
    let claims = claims.await;
    assert_eq!(claims.status, 200, "{}", claims.raw);
    assert!(claims.header("dpop-nonce").is_some());
}

#[tokio::test]
async fn a_login_with_a_second_factor_is_bound_to_the_key_that_began_it() {
    let service = Service::start().await;
    let holder = KeyHolder::new();
    let fields = [
        ("grant_type", "password"),
        ("client_id", demo::CLIENT),
        ("username", demo::USER),
        ("password", demo::PASSWORD_OF_ALL),
        ("scope", "openid offline_access"),
    ];
    let needed = service.token_of(&holder, &fields).await;
    assert_eq!(needed.status, 403, "{}", needed.raw);
    assert!(needed.header("dpop-nonce").is_some());
    let (token, code) = (needed.text("mfa_token"), service.totp());
    let fields = [
        ("grant_type", "http://auth0.com/oauth/grant-type/mfa-otp"),
        ("client_id", demo::CLIENT),
        ("mfa_token", token.as_str()),
        ("otp", code.as_str()),
    ];
    let stripped = service.post_form("/oauth/token", &fields).await;
    let sentence = "The token is bound to a key. Send a DPoP proof of this key.";
    stripped.is_refused(400, "invalid_dpop_proof", sentence);
    let tokens = service.token_of(&holder, &fields).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    assert_eq!(tokens.body["token_type"], "DPoP");
    let claims = tokens.claims("access_token");
    assert_eq!(claims["cnf"]["jkt"], holder.thumbprint());
    let refreshed = service
        .refresh_with_proof(&tokens.text("refresh_token"), None)
        .await;
    refreshed.is_refused(400, "invalid_dpop_proof", sentence);
}

#[tokio::test]
async fn a_refresh_goes_on_with_proofs_of_the_key_and_the_same_retry_gets_the_same_token() {
    let service = Service::start().await;
    let holder = KeyHolder::new();
    let tokens = service.bound_tokens(&holder).await;
    let refresh = tokens.text("refresh_token");
    let proof = holder.proof(&service, TOKEN, None);
    let first = service.refresh_with_proof(&refresh, Some(&proof)).await;
    assert_eq!(first.status, 200, "{}", first.raw);
    assert_eq!(first.body["token_type"], "DPoP");
    assert_eq!(
        first.claims("access_token")["cnf"]["jkt"],
        holder.thumbprint()
    );
    let again = service.refresh_with_proof(&refresh, Some(&proof)).await;
    assert_eq!(again.text("refresh_token"), first.text("refresh_token"));
    let other = KeyHolder::new().proof(&service, TOKEN, None);
    let stolen = service.refresh_with_proof(&refresh, Some(&other)).await;
    let sentence = "The token is bound to another key than that of the DPoP proof.";
    stolen.is_refused(400, "invalid_grant", sentence);
    let next = holder.proof(&service, TOKEN, None);
    let next = service
        .refresh_with_proof(&first.text("refresh_token"), Some(&next))
        .await;
    assert_eq!(next.status, 200, "{}", next.raw);
}

#[tokio::test]
async fn a_refresh_with_a_proof_binds_the_access_token_and_no_session_that_began_without_a_key() {
    let service = Service::start().await;
    let holder = KeyHolder::new();
    let tokens = service.post_form("/oauth/token", &plain_password()).await;
    assert_eq!(tokens.body["token_type"], "Bearer");
    let proof = holder.proof(&service, TOKEN, None);
    let bound = service
        .refresh_with_proof(&tokens.text("refresh_token"), Some(&proof))
        .await;
    assert_eq!(bound.body["token_type"], "DPoP");
    assert!(bound.claims("access_token")["cnf"]["jkt"].is_string());
    let plain = service.refresh(&bound.text("refresh_token")).await;
    assert_eq!(plain.body["token_type"], "Bearer", "{}", plain.raw);
}

#[tokio::test]
async fn a_phone_whose_clock_is_an_hour_wrong_works_by_the_nonce() {
    let service = Service::start().await;
    let holder = KeyHolder::new();
    let slow = service.now() - 3600;
    let mut parts = holder.parts(&Method::POST, "/oauth/token", slow);
    let late = holder.signed(&parts);
    let refused = service
        .post_with_proof("/oauth/token", Some(&late), &plain_password())
        .await;
    let sentence = "Make the DPoP proof with the nonce of the DPoP-Nonce header.";
    refused.is_refused(400, "use_dpop_nonce", sentence);
    parts.claims["nonce"] = json!(refused.header("dpop-nonce").unwrap());
    let right = holder.signed(&parts);
    let tokens = service
        .post_with_proof("/oauth/token", Some(&right), &plain_password())
        .await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    let token = tokens.text("access_token");
    let mut parts = holder.parts(&Method::GET, "/userinfo", slow);
    parts.claims["ath"] = json!(token_hash(&token));
    let (shown, late) = (format!("DPoP {token}"), holder.signed(&parts));
    let refused = service
        .get_with_proof("/userinfo", &shown, Some(&late))
        .await;
    refused.is_refused(401, "use_dpop_nonce", sentence);
    let challenge = "DPoP error=\"use_dpop_nonce\", algs=\"ES256 ES384 PS256 RS256 EdDSA\"";
    assert_eq!(refused.header("www-authenticate"), Some(challenge));
    parts.claims["nonce"] = json!(refused.header("dpop-nonce").unwrap());
    let right = holder.signed(&parts);
    let claims = service
        .get_with_proof("/userinfo", &shown, Some(&right))
        .await;
    assert_eq!(claims.status, 200, "{}", claims.raw);
}

#[tokio::test]
async fn an_unbound_token_needs_no_proof_and_a_proof_beside_it_changes_nothing() {
    let service = Service::start().await;
    let tokens = service.post_form("/oauth/token", &plain_password()).await;
    let token = tokens.text("access_token");
    for scheme in ["Bearer", "DPoP"] {
        for proof in [None, Some("a.proof.of-a-key")] {
            let shown = format!("{scheme} {token}");
            let answer = service.get_with_proof("/userinfo", &shown, proof).await;
            assert_eq!(answer.status, 200, "{scheme} {proof:?} {}", answer.raw);
            assert_eq!(answer.header("dpop-nonce").is_some(), proof.is_some());
        }
    }
}

#[tokio::test]
async fn a_machine_gets_a_token_of_its_key() {
    let service = Service::start().await;
    add_robot(&service, ROBOT, |_| {}).await;
    let holder = KeyHolder::new();
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", ROBOT),
        ("client_secret", ROBOT_SECRET),
    ];
    let token = service.token_of(&holder, &fields).await;
    assert_eq!(token.body["token_type"], "DPoP", "{}", token.raw);
    let claims = token.claims("access_token");
    assert_eq!(claims["cnf"]["jkt"], holder.thumbprint());
}

#[tokio::test]
async fn an_api_learns_the_key_of_a_token_without_having_it() {
    let service = Service::start().await;
    add_api(&service, API, |_| {}).await;
    let holder = KeyHolder::new();
    let mut fields = plain_password();
    fields.push(("audience", demo::AUDIENCE));
    let tokens = service.token_of(&holder, &fields).await;
    let told = introspect(&service, API, &tokens.text("access_token")).await;
    assert_eq!(told.body["active"], true, "{}", told.raw);
    assert_eq!(told.body["token_type"], "DPoP");
    assert_eq!(told.body["cnf"], json!({ "jkt": holder.thumbprint() }));
    // Whoever has found a bound token may end it.
    let found = tokens.text("refresh_token");
    let fields = [("client_id", demo::CLIENT), ("token", found.as_str())];
    let ended = service.post_form("/oauth/revoke", &fields).await;
    assert_eq!(ended.status, 200, "{}", ended.raw);
    let told = introspect(&service, API, &tokens.text("access_token")).await;
    assert_eq!(told.body, json!({ "active": false }));
}

#[tokio::test]
async fn each_dialects_token_endpoint_binds_tokens_at_its_own_url_however_the_path_is_spelt() {
    let service = Service::start().await;
    let holder = KeyHolder::new();
    for (path, client) in [
        ("/connect/token", demo::ABP_CLIENT),
        ("/Connect/Token", demo::ABP_CLIENT),
        ("/abp/connect/token", demo::ABP_CLIENT),
        ("/auth/token", demo::AIDBOX_CLIENT),
        ("/aidbox/auth/token", demo::AIDBOX_CLIENT),
    ] {
        let fields = [
            ("grant_type", "password"),
            ("client_id", client),
            ("username", demo::PLAIN_USER),
            ("password", demo::PASSWORD_OF_ALL),
        ];
        let proof = holder.proof(&service, (Method::POST, path), None);
        let tokens = service.post_with_proof(path, Some(&proof), &fields).await;
        assert_eq!(tokens.body["token_type"], "DPoP", "{path} {}", tokens.raw);
        let token = tokens.text("access_token");
        let profile = "/api/account/my-profile";
        let shown = format!("DPoP {token}");
        let proof = holder.proof(&service, (Method::GET, profile), Some(&token));
        let seen = service.get_with_proof(profile, &shown, Some(&proof)).await;
        assert_eq!(seen.status, 200, "{path} {}", seen.raw);
        let stolen = service.get(profile, Some(&token)).await;
        assert_eq!(stolen.status, 401, "{path} {}", stolen.raw);
    }
}
