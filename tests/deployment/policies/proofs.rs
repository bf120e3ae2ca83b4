//! The story that causes the requests to AWS of proofs of a key, where each is remembered.

use axum::http::Method;
use countersign::domain::accounts::user::Account;
use countersign_local::demo;

use crate::dialects::oauth::sessions::key_holder::KeyHolder;
use crate::harness::deployment::cloud::Cloud;

const USER: &str = "bound@example.net";

/// One proof at each function that takes proofs.
pub async fn proofs(cloud: &Cloud) {
    let service = &cloud.service;
    service.advance(86_400);
    let holder = KeyHolder::new();
    let bare = |account: &mut Account| account.user.two_factor = false;
    service.add_user(USER, bare).await;
    let audiences = ["mfa/", "me/", "api/account/"];
    let audiences = audiences.map(|audience| format!("https://localhost:8788/{audience}"));
    service
        .add_client("bound", |client| client.audiences = audiences.to_vec())
        .await;
    for (audience, path) in audiences.iter().zip([
        "/mfa/authenticators",
        "/me/v1/factors",
        "/api/account/my-profile",
    ]) {
        let fields = [
            ("grant_type", "password"),
            ("client_id", "bound"),
            ("username", USER),
            ("password", demo::PASSWORD_OF_ALL),
            ("audience", audience),
        ];
        let token = service
            .token_of(&holder, &fields)
            .await
            .text("access_token");
        let proof = holder.proof(service, (Method::GET, path), Some(&token));
        let shown = format!("DPoP {token}");
        let answer = service.get_with_proof(path, &shown, Some(&proof)).await;
        assert!(
            ![401, 404].contains(&answer.status),
            "{path}: {}",
            answer.raw
        );
    }
    let fields = [
        ("client_id", demo::CLIENT),
        ("mfa_token", "none"),
        ("code", "000000"),
    ];
    let proof = holder.proof(service, (Method::POST, "/mfa/verify"), None);
    let refused = service.post_with_proof("/mfa/verify", Some(&proof), &fields);
    let refused = refused.await;
    assert!(refused.status < 500, "{}", refused.raw);
}
