//! `/me/v1/sessions`: a signed-in user's own sessions, and their ending.

use axum::http::Method;
use countersign::domain::accounts::user::Account;
use countersign_local::demo;
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::dialects::auth0::factors::my_account::{SCOPES, add_client, call};
use crate::harness::{Answer, Service};

pub const SESSIONS: &str = "/me/v1/sessions";

/// A service whose client `mine` may ask for these calls.
async fn start() -> Service {
    let service = Service::start().await;
    add_client(&service).await;
    service
}

/// The tokens of a session with a refresh token.
pub async fn kept_session(service: &Service, user: &str) -> Answer {
    let body = json!({
        "grant_type": "password", "client_id": "mine", "username": user,
        "password": demo::PASSWORD_OF_ALL, "audience": "https://localhost:8788/me/",
        "scope": format!("{SCOPES} offline_access"),
    });
    let tokens = service.post_json("/oauth/token", &body).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    tokens
}

async fn ids(service: &Service, token: &str) -> Vec<Value> {
    let listed = service.get(SESSIONS, Some(token)).await;
    assert_eq!(listed.status, 200, "{}", listed.raw);
    let sessions = listed.body["sessions"].as_array().unwrap();
    sessions.iter().map(|one| one["id"].clone()).collect()
}

async fn end(service: &Service, id: &str, token: &str) {
    let path = format!("{SESSIONS}/{id}");
    let ended = call(service, Method::DELETE, &path, None, token).await;
    assert_eq!((ended.status, &*ended.raw), (204, ""), "{id}");
}

#[tokio::test]
async fn a_user_lists_the_sessions_and_ends_another_one() {
    let service = start().await;
    let lost = kept_session(&service, demo::PLAIN_USER).await;
    service.advance(60);
    let tokens = kept_session(&service, demo::PLAIN_USER).await;
    let token = tokens.text("access_token");
    let listed = service.get(SESSIONS, Some(&token)).await;
    assert_snapshot!(listed.shown(), @r#"
    200 application/json no-store no-cache
    {
      "sessions": [
        {
          "id": "[id]",
          "clients": [{"client_id":"mine"}],
          "authenticated_at": "2027-01-15T08:01:00Z",
          "updated_at": "2027-01-15T08:01:00Z",
          "idle_expires_at": "2027-01-29T08:01:00Z",
          "expires_at": "2027-02-14T08:01:00Z",
          "current": true
        },
        {
          "id": "[id]",
          "clients": [{"client_id":"mine"}],
          "authenticated_at": "2027-01-15T08:00:00Z",
          "updated_at": "2027-01-15T08:00:00Z",
          "idle_expires_at": "2027-01-29T08:00:00Z",
          "expires_at": "2027-02-14T08:00:00Z",
          "current": false
        }
      ]
    }
    "#);
    let id = |tokens: &Answer| tokens.claims("access_token")["sid"].clone();
    assert_eq!(ids(&service, &token).await, [id(&tokens), id(&lost)]);
    end(&service, id(&lost).as_str().unwrap(), &token).await;
    assert_eq!(ids(&service, &token).await, [id(&tokens)]);
    let over = service
        .get(SESSIONS, Some(&lost.text("access_token")))
        .await;
    assert_eq!(over.status, 401, "{}", over.raw);
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", "mine"),
        ("refresh_token", &*lost.text("refresh_token")),
    ];
    let refused = service.post_form("/oauth/token", &fields).await;
    assert_eq!(refused.text("error"), "invalid_grant");
    // The own session ends too.
    end(&service, id(&tokens).as_str().unwrap(), &token).await;
    assert_eq!(service.get(SESSIONS, Some(&token)).await.status, 401);
}

#[tokio::test]
async fn nobody_lists_or_ends_a_session_of_another_user() {
    let service = start().await;
    let bare = |account: &mut Account| account.user.two_factor = false;
    service.add_user("other@example.net", bare).await;
    let owner = kept_session(&service, demo::PLAIN_USER).await;
    let other = kept_session(&service, "other@example.net").await;
    let (owners, others) = (owner.text("access_token"), other.text("access_token"));
    let id = owner.claims("access_token")["sid"].clone();
    assert!(!ids(&service, &others).await.contains(&id));
    for id in [
        id.as_str().unwrap(),
        "none",
        "07070707070707070707070707070707",
    ] {
        end(&service, id, &others).await;
    }
    assert_eq!(ids(&service, &owners).await, [id]);
}

#[tokio::test]
async fn a_session_that_is_over_is_not_listed() {
    let service = start().await;
    let idle = kept_session(&service, demo::PLAIN_USER).await;
    service.advance(30 * 86_400);
    let tokens = kept_session(&service, demo::PLAIN_USER).await;
    let listed = ids(&service, &tokens.text("access_token")).await;
    assert!(!listed.contains(&idle.claims("access_token")["sid"]));
    assert_eq!(listed.len(), 1);
}
