//! `/_local/inbox`: the sent messages, for a page that polls.
//!
//! `GET /_local/inbox?after=CURSOR` gives the messages that came after the answer with
//! this cursor, newest first: `{"cursor", "whole", "messages": [{"id", "channel", "to",
//! "subject", "text", "code", "at", "html"}]}`. `whole` is true if the list has all
//! messages: without a cursor, after the inbox was emptied, and after a restart. `html`
//! says whether the e-mail has an HTML part, which is at `/_local/inbox/ID/html`.
//! Programs use `/_local/messages`, whose form does not change.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::middleware::from_fn;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::http::own_host::own_host_only;
use crate::stand_in::{Inbox, Message, News};

/// An e-mail is shown with its styles, but it can do nothing: it runs no script and
/// sends no request. `sandbox` gives it an origin of its own, even if it is opened
/// without a frame.
const MAIL_POLICY: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; \
    img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'";

#[derive(Deserialize)]
struct InboxQuery {
    after: Option<String>,
}

pub fn inbox_routes(inbox: Inbox) -> Router {
    Router::new()
        .route("/_local/inbox", get(news))
        .route("/_local/inbox/{id}/html", get(html))
        .layer(from_fn(own_host_only))
        .with_state(inbox)
}

async fn news(State(inbox): State<Inbox>, Query(asked): Query<InboxQuery>) -> Json<Value> {
    let News {
        cursor,
        whole,
        items,
    } = inbox.news(asked.after.as_deref());
    let messages: Vec<Value> = items.into_iter().map(listed).collect();
    Json(json!({ "cursor": cursor, "whole": whole, "messages": messages }))
}

fn listed((id, message): (u64, Message)) -> Value {
    json!({
        "id": id,
        "channel": message.channel,
        "to": message.to,
        "subject": message.subject,
        "text": message.text,
        "code": message.code,
        "at": message.at,
        "html": message.html.is_some(),
    })
}

async fn html(State(inbox): State<Inbox>, Path(id): Path<u64>) -> Response {
    let Some(html) = inbox.numbered(id).and_then(|message| message.html) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [
        (header::CONTENT_SECURITY_POLICY, MAIL_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ];
    (headers, Html(html)).into_response()
}
