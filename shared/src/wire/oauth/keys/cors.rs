//! Lets pages of the origins that clients list call the service (Fetch 3.2, CORS). The service
//! answers preflights itself, because API Gateway knows no clients. Credentials are never
//! allowed: a page of another origin calls with a token and without our cookies.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD,
    CACHE_CONTROL, ORIGIN, VARY,
};
use axum::http::{HeaderValue, Method, Request, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::usecase::events::recorder::Recorder;
use crate::usecase::keys::web_origins::{is_foreign, origin_may_ask, origin_may_read};

/// The methods that a page of another origin may use.
pub const METHODS: [&str; 4] = ["GET", "POST", "PATCH", "DELETE"];

/// The request headers that the clients' packages send. If one is missing here, the
/// browser blocks the whole request.
pub const REQUEST_HEADERS: [&str; 10] = [
    "authorization",
    "content-type",
    // Sent with every call by @abp/ng.core and @abp/ng.oauth.
    "x-requested-with",
    "accept-language",
    "__tenant",
    "__timezone",
    "requestverificationtoken",
    // The Auth0 SDKs. They send `dpop` if an app has switched DPoP on (RFC 9449).
    "auth0-client",
    "dpop",
    // aidbox-react.
    "cache-control",
];

/// The answer headers that clients read, in addition to those that every page may read
/// (Fetch 3.2.6).
pub const ANSWER_HEADERS: [&str; 6] = [
    // Where a new factor is. auth0-spa-js confirms the factor there.
    "location",
    "retry-after",
    "www-authenticate",
    "x-request-id",
    // The nonce for the next proof of a key (RFC 9449 8.2).
    "dpop-nonce",
    // With this header, @abp/ng.theme.shared shows an error's message. Otherwise it
    // shows an error page.
    "_abperrorformat",
];

/// How long a browser may keep the answer to a preflight, in seconds.
const MAX_AGE: HeaderValue = HeaderValue::from_static("3600");

/// Answers preflights, and lets a page of a listed origin read an answer.
pub async fn with_cors(State(app): State<App>, request: Request<Body>, next: Next) -> Response {
    let Some(origin) = origin_of(&request).filter(|origin| is_foreign(&app, origin)) else {
        return varied(next.run(request).await);
    };
    let now = app.clock.now();
    if is_preflight(&request) {
        return match origin_may_ask(&app, &origin, now).await {
            true => preflight_answer(&origin),
            false => varying(StatusCode::NO_CONTENT.into_response()),
        };
    }
    let recorder = request.extensions().get::<Recorder>().cloned();
    let response = next.run(request).await;
    let recorder = recorder.unwrap_or_default();
    match origin_may_read(&app, &origin, &recorder, now).await {
        true => readable(response, &origin),
        false => varying(response),
    }
}

/// The origin of the page that sends this request. `null` is the origin of no page.
pub fn origin_of(request: &Request<Body>) -> Option<String> {
    let origin = request.headers().get(ORIGIN)?.to_str().ok()?;
    (origin != "null").then(|| origin.to_owned())
}

/// Whether the request asks whether another request is allowed.
pub fn is_preflight(request: &Request<Body>) -> bool {
    let asks = request
        .headers()
        .contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    request.method() == Method::OPTIONS && asks
}

/// The answer to a preflight of an origin whose pages may call the service.
pub fn preflight_answer(origin: &str) -> Response {
    let mut response = permitted(StatusCode::NO_CONTENT.into_response(), origin);
    let headers = response.headers_mut();
    for (name, list) in [
        (ACCESS_CONTROL_ALLOW_METHODS, METHODS.join(",")),
        (ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS.join(",")),
    ] {
        if let Ok(list) = HeaderValue::from_str(&list) {
            headers.insert(name, list);
        }
    }
    headers.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    response
}

/// The answer that a page of this origin may read.
pub fn readable(response: Response, origin: &str) -> Response {
    let mut response = permitted(response, origin);
    if let Ok(list) = HeaderValue::from_str(&ANSWER_HEADERS.join(",")) {
        let headers = response.headers_mut();
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, list);
    }
    response
}

fn permitted(response: Response, origin: &str) -> Response {
    let mut response = varying(response);
    if let Ok(origin) = HeaderValue::from_str(origin) {
        let headers = response.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    response
}

/// Says that the answer to another origin may differ, if a cache may keep this answer.
fn varied(response: Response) -> Response {
    let caches = response.headers().get(CACHE_CONTROL);
    let kept = caches.is_some_and(|value| value.as_bytes().starts_with(b"public"));
    match kept {
        true => varying(response),
        false => response,
    }
}

fn varying(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(VARY, HeaderValue::from_static("origin"));
    response
}
