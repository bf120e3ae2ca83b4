//! The `sub` of a user's tokens stays that of the former system.

use countersign_local::demo;
use serde_json::json;

use crate::dialects::oauth::sessions::introspect::{API, add_api, introspect};
use crate::harness::{Answer, Service};
use crate::operate::import::{BCRYPT, Files, PASSWORD};

const SUBJECT: &str = "auth0|583c3ac3f38e84297c002546";

async fn sign_in(service: &Service) -> Answer {
    let form = [
        ("grant_type", "password"),
        ("client_id", demo::CLIENT),
        ("username", "ann@example.com"),
        ("password", PASSWORD),
        ("scope", "openid profile offline_access"),
    ];
    let tokens = service.post_form("/oauth/token", &form).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    tokens
}

#[tokio::test]
async fn every_token_and_answer_names_an_imported_user_by_the_former_sub() {
    let (service, files) = (Service::start().await, Files::new());
    let file = files.lines(&[json!({
        "user_id": SUBJECT, "email": "ann@example.com", "email_verified": true,
        "password_hash": BCRYPT,
    })]);
    files.import(&service, &file, &[]).await;
    add_api(&service, API, |_| {}).await;
    let first = sign_in(&service).await;
    let refreshed = service.refresh(&first.text("refresh_token")).await;
    for tokens in [&first, &refreshed] {
        let access = tokens.text("access_token");
        for token in ["access_token", "id_token"] {
            assert_eq!(tokens.claims(token)["sub"], SUBJECT);
        }
        let shown = service.get("/userinfo", Some(&access)).await;
        assert_eq!(shown.body["sub"], SUBJECT, "{}", shown.raw);
        let told = introspect(&service, API, &access).await;
        assert_eq!(told.body["sub"], SUBJECT, "{}", told.raw);
    }
    let hint = refreshed.text("id_token");
    let left = service
        .get(&format!("/oidc/logout?id_token_hint={hint}"), None)
        .await;
    assert_eq!(left.status, 200, "{}", left.raw);
    // The same `sub` finds the user again: a user who is disabled has no valid token.
    service.operated(&["user", "disable", SUBJECT]).await;
    let access = refreshed.text("access_token");
    assert_eq!(service.get("/userinfo", Some(&access)).await.status, 401);
    let told = introspect(&service, API, &access).await;
    assert_eq!(told.body, json!({ "active": false }));
}

#[tokio::test]
async fn two_users_never_have_the_same_sub() {
    let (service, files) = (Service::start().await, Files::new());
    let id = "kYi4EvWQlQTKSfnJ3dRSP6IH3ed2";
    let user = |name: &str| json!({ "Id": id, "Email": format!("{name}@example.com") });
    let first = files.lines(&[user("ann")]);
    let done = files.import_as(&service, "table", &first, &[]).await;
    assert_eq!(done["made"], 1);
    let other = json!({ "id": id, "userName": "bob", "email": "bob@example.com" });
    let other = files.text(&json!([other]).to_string());
    let done = files.import_as(&service, "aidbox", &other, &[]).await;
    assert_eq!((&done["made"], &done["refused"]), (&json!(0), &json!(1)));
}
