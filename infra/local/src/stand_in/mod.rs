//! Stand-ins for KMS, SES, SNS, EventBridge and the webhook's receiver. One loopback
//! server answers the few calls that the service makes, so that the same AWS clients
//! run here as in AWS.
//!
//! The sent messages are kept in an [`Inbox`], and the delivered events in [`Events`].
//! `GET /_local/messages` on this server shows the messages too. Any other call gets a 400, as AWS answers an unknown call.

mod event_bus;
mod fault;
mod feed;
mod inbox;
mod kms;
mod ses;
mod sns;
pub mod webhook;

pub use event_bus::Events;
pub use feed::{Feed, News};
pub use inbox::{Channel, Inbox, Message};

use crate::clock::Now;
use crate::faults::{Callee, Faults, Outage};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use fault::{Fault, json};
use kms::Kms;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

/// The one call of EventBridge that the service makes.
const PUT_EVENTS: &str = "AWSEvents.PutEvents";

/// The running stand-ins. Dropping this stops them.
pub struct StandIn {
    endpoint: String,
    inbox: Inbox,
    events: Events,
    _stop: oneshot::Sender<()>,
}

impl StandIn {
    /// Starts on a free loopback port. `master_key` wraps the data keys. A later start
    /// with the same key can unwrap them. `now` gives the time for messages, in seconds
    /// since 1970. Must run inside a Tokio runtime.
    pub fn start(master_key: [u8; 32], now: Now) -> io::Result<StandIn> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        StandIn::start_on(listener, master_key, now, Faults::default())
    }

    /// Like `start`, on a listener that is already bound. Posts to the webhook meet
    /// `faults`.
    pub fn start_on(
        listener: TcpListener,
        master_key: [u8; 32],
        now: Now,
        faults: Faults,
    ) -> io::Result<StandIn> {
        let runtime = tokio::runtime::Handle::try_current().map_err(io::Error::other)?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        listener.set_nonblocking(true)?;
        let listener = tokio::net::TcpListener::from_std(listener)?;

        let (inbox, events) = (Inbox::default(), Events::default());
        let router = router(Calls {
            kms: Arc::new(Kms::new(master_key)?),
            inbox: inbox.clone(),
            events: events.clone(),
            now,
            faults,
        });
        let (stop, stopped) = oneshot::channel::<()>();
        runtime.spawn(async move {
            // Dropping the sender ends this wait too, which stops the server.
            let stop = async move {
                let _ = stopped.await;
            };
            let _ = axum::serve(listener, router)
                .with_graceful_shutdown(stop)
                .await;
        });
        Ok(StandIn {
            endpoint,
            inbox,
            events,
            _stop: stop,
        })
    }

    /// The address of KMS, SES and SNS: `http://127.0.0.1:PORT`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    pub fn inbox(&self) -> &Inbox {
        &self.inbox
    }

    /// What EventBridge's stand-in took.
    pub fn events(&self) -> &Events {
        &self.events
    }
}

/// The state that the handlers share.
#[derive(Clone)]
struct Calls {
    kms: Arc<Kms>,
    inbox: Inbox,
    events: Events,
    now: Now,
    faults: Faults,
}

fn router(calls: Calls) -> Router {
    let messages = crate::http::local_routes::message_routes(calls.inbox.clone());
    Router::new()
        .route("/v2/email/outbound-emails", post(send_email))
        .route("/", post(kms_or_sns))
        .route(webhook::PATH, post(webhook))
        .fallback(unknown)
        .method_not_allowed_fallback(unknown)
        .with_state(calls)
        .merge(messages)
}

/// SES v2 `SendEmail`.
async fn send_email(State(calls): State<Calls>, body: Bytes) -> Response {
    match ses::send_email(&body, (calls.now)()) {
        Ok(message) => {
            calls.inbox.add(message);
            json(
                "application/json",
                &serde_json::json!({ "MessageId": message_id() }),
            )
        }
        Err(fault) => fault.into_response(),
    }
}

/// The receiver of the webhook.
async fn webhook(State(calls): State<Calls>, headers: HeaderMap, body: Bytes) -> Response {
    if let Some(met) = calls.faults.meet(Callee::Webhook, "") {
        match met.outage {
            Outage::Throttled => return StatusCode::TOO_MANY_REQUESTS.into_response(),
            Outage::Slow => tokio::time::sleep(Duration::from_millis(met.milliseconds)).await,
            Outage::Hang => return std::future::pending().await,
            _ => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }
    match webhook::received_message(&headers, &body, (calls.now)()) {
        Ok(message) => {
            calls.inbox.add(message);
            json("application/json", &serde_json::json!({}))
        }
        Err(status) => status.into_response(),
    }
}

/// KMS and EventBridge name their call in a header, and SNS names it in the form.
async fn kms_or_sns(State(calls): State<Calls>, headers: HeaderMap, body: Bytes) -> Response {
    let Some(target) = headers.get("x-amz-target") else {
        return publish(&calls, &body);
    };
    if target == PUT_EVENTS {
        let answer = event_bus::put_events(&body, &calls.events);
        return json("application/x-amz-json-1.1", &answer);
    }
    let operation = target
        .to_str()
        .ok()
        .and_then(|target| target.strip_prefix("TrentService."));
    match operation.map(|operation| calls.kms.answer(operation, &body)) {
        Some(Ok(answer)) => json("application/x-amz-json-1.1", &answer),
        Some(Err(fault)) => fault.into_response(),
        None => unknown().await,
    }
}

/// SNS `Publish`.
fn publish(calls: &Calls, body: &[u8]) -> Response {
    let (status, xml) = match sns::publish(body, (calls.now)()) {
        Ok(message) => {
            calls.inbox.add(message);
            (StatusCode::OK, sns::published(&message_id()))
        }
        Err(fault) => (StatusCode::BAD_REQUEST, sns::refused(&fault)),
    };
    (status, [(header::CONTENT_TYPE, "text/xml")], xml).into_response()
}

async fn unknown() -> Response {
    Fault::new(
        "UnknownOperationException",
        "this stand-in answers SES SendEmail, SNS Publish, EventBridge PutEvents, and KMS GenerateDataKey, \
         GenerateDataKeyWithoutPlaintext and Decrypt",
    )
    .into_response()
}

fn message_id() -> String {
    uuid::Uuid::new_v4().to_string()
}

#[cfg(test)]
mod tests;
