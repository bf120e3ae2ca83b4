//! `GET /_local/events?after=CURSOR`: the events of the service, for a page that polls.
//!
//! The answer is `{"cursor", "whole", "events": [{"id", "event"}]}`, with the events that
//! came after the answer with this cursor, newest first. `event` is the CloudEvent as a bus
//! on EventBridge gets the event (see `docs/events.md`). `whole` is true if the list has
//! all events: without a cursor, and after a restart.

use axum::extract::{Query, State};
use axum::middleware::from_fn;
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::http::own_host::own_host_only;
use crate::stand_in::{Events, News};

#[derive(Deserialize)]
struct EventsQuery {
    after: Option<String>,
}

pub fn event_routes(events: Events) -> Router {
    Router::new()
        .route("/_local/events", get(news))
        .layer(from_fn(own_host_only))
        .with_state(events)
}

async fn news(State(events): State<Events>, Query(asked): Query<EventsQuery>) -> Json<Value> {
    let News {
        cursor,
        whole,
        items,
    } = events.news(asked.after.as_deref());
    let listed = |(id, event): (u64, Value)| json!({ "id": id, "event": event });
    let items: Vec<Value> = items.into_iter().map(listed).collect();
    Json(json!({ "cursor": cursor, "whole": whole, "events": items }))
}
