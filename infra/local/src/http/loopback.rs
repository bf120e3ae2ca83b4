//! Accepts only requests that name this machine as their host.

use axum::Json;
use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Passes a request on if its `Host`, and its `Origin` if there is one, are loopback.
/// Adds the header that forbids caching to every answer.
pub(crate) async fn loopback_only(request: Request, next: Next) -> Response {
    let mut response = if is_loopback_request(&request) {
        next.run(request).await
    } else {
        refusal(
            StatusCode::FORBIDDEN,
            "answered only as localhost, 127.0.0.1 or [::1]",
        )
    };
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// If a request names its host twice (in the request line and in `Host`), both must be
/// loopback.
pub(crate) fn is_loopback_request(request: &Request) -> bool {
    let hosts = request.headers().get_all(header::HOST);
    let origins = request.headers().get_all(header::ORIGIN);
    let in_line = request.uri().authority();
    (in_line.is_some() || hosts.iter().next().is_some())
        && in_line.is_none_or(is_loopback)
        && hosts
            .iter()
            .all(|host| Authority::try_from(host.as_bytes()).is_ok_and(|host| is_loopback(&host)))
        && origins.iter().all(is_loopback_origin)
}

/// Whether a page's origin is this machine, on any port. `null` does not count, because
/// pages of any site can send it.
pub(crate) fn is_loopback_origin(origin: &HeaderValue) -> bool {
    Uri::try_from(origin.as_bytes()).is_ok_and(|origin| {
        origin.scheme().is_some() && origin.authority().is_some_and(is_loopback)
    })
}

pub(crate) fn is_loopback(authority: &Authority) -> bool {
    let host = authority.host();
    let known = ["localhost", "127.0.0.1", "[::1]"];
    !authority.as_str().contains('@') && known.iter().any(|name| host.eq_ignore_ascii_case(name))
}

pub(crate) fn refusal(status: StatusCode, why: &str) -> Response {
    (status, Json(serde_json::json!({ "error": why }))).into_response()
}
