//! The routes under `/_local/`, which exist only here and only for a developer.
//!
//! They show codes and move the clock, so no web page of another site may reach them.
//! They answer only requests whose `Host` is loopback or the host of `--listen`. So a
//! foreign name that resolves to this machine is refused. If a browser sends an `Origin`,
//! it must be this machine too. No answer has a CORS header.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use crate::clock::{Clock, NotMoved};
use crate::http::inbox_routes::inbox_routes;
use crate::http::own_host::{own_host_only, refusal};
use crate::stand_in::{Inbox, Message};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_seconds: i64,
}

#[derive(Serialize)]
struct Time {
    now: i64,
}

/// All routes of [`messages`], [`inbox_routes`] and [`clock`].
pub fn local_routes(inbox: Inbox, clock: Clock) -> Router {
    message_routes(inbox.clone())
        .merge(inbox_routes(inbox))
        .merge(self::clock(clock))
}

/// `GET /_local/messages` gives the sent messages, newest first. `DELETE` deletes them.
pub fn message_routes(inbox: Inbox) -> Router {
    let methods = get(show_messages).delete(clear_messages);
    Router::new()
        .route("/_local/messages", methods.layer(from_fn(own_host_only)))
        .with_state(inbox)
}

/// `GET /_local/clock` gives `{"now": seconds since 1970}`. `POST {"advance_seconds":
/// n}` moves the clock forward and gives the new time.
pub fn clock(clock: Clock) -> Router {
    let methods = get(show_clock).post(advance_clock);
    Router::new()
        .route("/_local/clock", methods.layer(from_fn(own_host_only)))
        .with_state(clock)
}

async fn show_messages(State(inbox): State<Inbox>) -> Json<Vec<Message>> {
    Json(inbox.messages())
}

async fn clear_messages(State(inbox): State<Inbox>) -> StatusCode {
    inbox.clear();
    StatusCode::NO_CONTENT
}

async fn show_clock(State(clock): State<Clock>) -> Json<Time> {
    Json(Time { now: clock.now() })
}

/// Accepts any content type, so that curl needs no header.
async fn advance_clock(State(clock): State<Clock>, body: Bytes) -> Response {
    let Ok(Advance { advance_seconds }) = serde_json::from_slice(&body) else {
        return refusal(
            StatusCode::BAD_REQUEST,
            r#"wants a JSON body {"advance_seconds": n}"#,
        );
    };
    match clock.advance(advance_seconds) {
        Ok(now) => Json(Time { now }).into_response(),
        Err(NotMoved::Refused(why)) => refusal(StatusCode::BAD_REQUEST, why),
        Err(NotMoved::NotKept(error)) => refusal(
            StatusCode::INTERNAL_SERVER_ERROR,
            &format!("the clock could not be written: {error}"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::{Body, to_bytes};
    use axum::extract::Request;
    use axum::http::request::Builder;
    use std::sync::Arc;
    use tower::ServiceExt;

    fn routes() -> Router {
        let clock = Clock::open(None, Arc::new(|| 1_000)).unwrap();
        local_routes(Inbox::default(), clock)
    }

    fn get(host: &str) -> Builder {
        Request::get("/_local/clock").header("host", host)
    }

    async fn send(routes: &Router, request: Builder, body: &str) -> (u16, String) {
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let response = routes.clone().oneshot(request).await.unwrap();
        assert_eq!(response.headers()["cache-control"], "no-store");
        for name in response.headers().keys() {
            assert!(!name.as_str().starts_with("access-control-"));
        }
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), 10_000).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn a_loopback_host_is_answered_on_any_port() {
        for host in [
            "localhost",
            "localhost:8787",
            "LOCALHOST:1",
            "127.0.0.1:8787",
            "[::1]",
            "[::1]:8788",
        ] {
            let (status, body) = send(&routes(), get(host), "").await;
            assert_eq!((status, body.as_str()), (200, r#"{"now":1000}"#), "{host}");
        }
    }

    #[tokio::test]
    async fn any_other_host_is_refused_on_every_route() {
        for host in [
            "example.com",
            "localhost.example.com",
            "localhost@example.com",
            "example.com@localhost",
            "127.0.0.2",
            "10.0.2.2:8787",
            "0.0.0.0",
            "::1",
            "",
            "localhost example.com",
        ] {
            let routes = routes();
            assert_eq!(send(&routes, get(host), "").await.0, 403, "{host}");
            for request in [
                Request::get("/_local/messages"),
                Request::delete("/_local/messages"),
                Request::post("/_local/clock"),
            ] {
                let body = r#"{"advance_seconds":1}"#;
                let (status, _) = send(&routes, request.header("host", host), body).await;
                assert_eq!(status, 403, "{host}");
            }
            let (_, body) = send(&routes, get("localhost"), "").await;
            assert_eq!(body, r#"{"now":1000}"#);
        }
    }

    #[tokio::test]
    async fn no_host_or_two_that_differ_are_refused() {
        let routes = routes();
        let bare = Request::get("/_local/clock");
        assert_eq!(send(&routes, bare, "").await.0, 403);
        let two = get("localhost").header("host", "example.com");
        assert_eq!(send(&routes, two, "").await.0, 403);
        let line = Request::get("http://example.com/_local/clock").header("host", "localhost");
        assert_eq!(send(&routes, line, "").await.0, 403);
    }

    #[tokio::test]
    async fn a_web_page_from_elsewhere_cannot_move_the_clock() {
        let routes = routes();
        for (origin, wanted) in [
            ("https://example.com", 403),
            ("null", 403),
            ("localhost", 403),
            ("http://localhost:3000", 200),
        ] {
            let request = Request::post("/_local/clock")
                .header("host", "localhost:8787")
                .header("origin", origin);
            let (status, _) = send(&routes, request, r#"{"advance_seconds":0}"#).await;
            assert_eq!(status, wanted, "{origin}");
        }
    }

    #[tokio::test]
    async fn the_clock_moves_forward_by_whole_seconds() {
        let routes = routes();
        let post = || Request::post("/_local/clock").header("host", "localhost");
        let moved = send(&routes, post(), r#"{"advance_seconds":60}"#).await;
        assert_eq!(moved, (200, r#"{"now":1060}"#.to_owned()));
        for body in [
            "",
            "{}",
            "60",
            r#"{"advance_seconds":"60"}"#,
            r#"{"advance_seconds":1.5}"#,
            r#"{"advance_seconds":-1}"#,
            r#"{"advance_seconds":999999999999}"#,
            r#"{"advance_seconds":1,"more":1}"#,
        ] {
            let (status, answer) = send(&routes, post(), body).await;
            assert_eq!(status, 400, "{body}");
            assert!(answer.starts_with(r#"{"error":"#), "{answer}");
        }
        let (_, body) = send(&routes, get("localhost"), "").await;
        assert_eq!(body, r#"{"now":1060}"#);
    }

    #[tokio::test]
    async fn an_empty_inbox_is_an_empty_list() {
        let routes = routes();
        let request = Request::get("/_local/messages").header("host", "localhost");
        assert_eq!(send(&routes, request, "").await, (200, "[]".to_owned()));
        let request = Request::delete("/_local/messages").header("host", "localhost");
        assert_eq!(send(&routes, request, "").await, (204, String::new()));
    }
}
