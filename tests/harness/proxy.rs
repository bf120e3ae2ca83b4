//! A proxy between the service and a stand-in that injects faults on request.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::sync::Notify;

/// What happens to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The stand-in answers it.
    Pass,
    /// The stand-in carries it out, but the response is lost: the connection fails with
    /// a 500.
    LoseAnswer,
    /// The answer is 500, and the request is not carried out.
    ServerError,
    /// The request gets no answer.
    Hang,
    /// The answer is a conflict with another transaction, and the request is not
    /// carried out.
    TransactionConflict,
    /// The answer is "throttled", and the request is not carried out.
    Throttle,
    /// A batch read leaves out every key.
    LeaveOut,
    /// The request waits for `release`, and then the stand-in answers it.
    Hold,
    /// The stand-in carries it out, and then the answer waits for `release`.
    HoldAnswer,
}

/// A request as it went over HTTP.
#[derive(Clone, Debug)]
pub struct Call {
    /// The request's `x-amz-target`, or its path if it has none.
    pub operation: String,
    pub body: Bytes,
}

/// The proxy. Each request whose `x-amz-target` or path ends in a name takes the next
/// fault that is queued for that name.
#[derive(Clone)]
pub struct Proxy {
    endpoint: String,
    shared: Arc<Shared>,
}

struct Shared {
    upstream: Mutex<String>,
    queued: Mutex<VecDeque<(String, Fault)>>,
    always: Mutex<Option<(String, Fault)>>,
    seen: Mutex<Vec<Call>>,
    held: Notify,
    released: Notify,
    client: Client<HttpConnector, Body>,
}

impl Proxy {
    /// A proxy whose upstream is set later, because the stand-in is not started yet.
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared {
            upstream: Mutex::default(),
            queued: Mutex::default(),
            always: Mutex::default(),
            seen: Mutex::default(),
            held: Notify::new(),
            released: Notify::new(),
            client: Client::builder(TokioExecutor::new()).build_http(),
        });
        let router = Router::new().fallback(forward).with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { endpoint, shared }
    }

    /// Forwards to `upstream` from now on. Returns the proxy's endpoint.
    pub fn before(&self, upstream: String) -> String {
        *lock(&self.shared.upstream) = upstream;
        self.endpoint.clone()
    }

    /// The proxy's endpoint.
    pub fn endpoint(&self) -> String {
        self.endpoint.clone()
    }

    /// The next request of this operation gets this fault, once.
    pub fn queue(&self, operation: &str, fault: Fault) {
        lock(&self.shared.queued).push_back((operation.to_owned(), fault));
    }

    /// Every request of this operation (`""` for any) gets this fault, until `heal`.
    pub fn always(&self, operation: &str, fault: Fault) {
        *lock(&self.shared.always) = Some((operation.to_owned(), fault));
    }

    /// Ends the fault of `always`.
    pub fn heal(&self) {
        *lock(&self.shared.always) = None;
    }

    /// Forgets the queued faults that no request took.
    pub fn clear(&self) {
        lock(&self.shared.queued).clear();
    }

    /// Waits until a request is held.
    pub async fn held(&self) {
        self.shared.held.notified().await;
    }

    /// Releases the held request.
    pub fn release(&self) {
        self.shared.released.notify_one();
    }

    /// The operations since the last call.
    pub fn take_seen(&self) -> Vec<String> {
        let calls = self.take_calls().into_iter();
        calls.map(|call| call.operation).collect()
    }

    /// The calls since the last call of this method.
    pub fn take_calls(&self) -> Vec<Call> {
        std::mem::take(&mut *lock(&self.shared.seen))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The fault for this operation: the next queued fault, or else the lasting one.
fn next_fault(shared: &Shared, operation: &str) -> Fault {
    let mut queued = lock(&shared.queued);
    if let Some(at) = queued
        .iter()
        .position(|(name, _)| operation.ends_with(name.as_str()))
        && let Some((_, fault)) = queued.remove(at)
    {
        return fault;
    }
    match &*lock(&shared.always) {
        Some((name, fault)) if operation.ends_with(name.as_str()) => *fault,
        _ => Fault::Pass,
    }
}

async fn forward(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let target = request
        .headers()
        .get("x-amz-target")
        .and_then(|target| target.to_str().ok());
    let operation = target.unwrap_or(request.uri().path()).to_owned();
    let (parts, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    lock(&shared.seen).push(Call {
        operation: operation.clone(),
        body: body.clone(),
    });
    let request = Request::from_parts(parts, Body::from(body));
    match next_fault(&shared, &operation) {
        Fault::Pass => pass(&shared, request).await,
        Fault::LoseAnswer => {
            pass(&shared, request).await;
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
        Fault::ServerError => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Fault::Hang => std::future::pending().await,
        Fault::TransactionConflict => conflict(&operation),
        Fault::Throttle if operation == "/" => sns_throttles(),
        Fault::Throttle if operation.starts_with('/') => ses_throttles(),
        Fault::Throttle => error("ProvisionedThroughputExceededException", ""),
        Fault::LeaveOut => leave_out(request).await,
        Fault::Hold => {
            shared.held.notify_one();
            shared.released.notified().await;
            pass(&shared, request).await
        }
        Fault::HoldAnswer => {
            let answer = pass(&shared, request).await;
            shared.held.notify_one();
            shared.released.notified().await;
            answer
        }
    }
}

async fn pass(shared: &Shared, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let upstream = lock(&shared.upstream).clone();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    parts.uri = format!("{upstream}{path}").parse::<Uri>().unwrap();
    parts.headers.remove("host");
    let request = Request::from_parts(parts, body);
    let (parts, body) = shared.client.request(request).await.unwrap().into_parts();
    let bytes: Bytes = body.collect().await.unwrap().to_bytes();
    Response::from_parts(parts, Body::from(bytes))
}

fn conflict(operation: &str) -> Response {
    if operation.ends_with("TransactWriteItems") {
        let reasons = r#","CancellationReasons":[{"Code":"TransactionConflict"},{"Code":"None"}]"#;
        return error("TransactionCanceledException", reasons);
    }
    error("TransactionConflictException", "")
}

/// SES and SNS name no operation in a header, and their errors have their own form.
fn ses_throttles() -> Response {
    let headers = [("x-amzn-errortype", "TooManyRequestsException")];
    (StatusCode::TOO_MANY_REQUESTS, headers, "{}").into_response()
}

fn sns_throttles() -> Response {
    let body = "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>";
    (
        StatusCode::BAD_REQUEST,
        [("content-type", "text/xml")],
        body,
    )
        .into_response()
}

async fn leave_out(request: Request) -> Response {
    let body = request.into_body().collect().await.unwrap().to_bytes();
    let asked: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let left = asked["RequestItems"].clone();
    let answer = serde_json::json!({ "Responses": {}, "UnprocessedKeys": left });
    let headers = [("content-type", "application/x-amz-json-1.0")];
    (headers, answer.to_string()).into_response()
}

fn error(kind: &str, more: &str) -> Response {
    let body = format!(r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{kind}"{more}}}"#);
    let headers = [("content-type", "application/x-amz-json-1.0")];
    (StatusCode::BAD_REQUEST, headers, body).into_response()
}
