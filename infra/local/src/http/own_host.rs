//! Accepts only requests that name this machine as their host: loopback, and the host of
//! `--listen`.
//!
//! A page of another site can reach this machine through a name of its own that leads
//! here (DNS rebinding). The browser then sends that name as `Host`, so it is refused.

use axum::Json;
use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::network::NetworkHost;

/// Passes a request on if its `Host`, and its `Origin` if there is one, are this machine.
/// Adds the header that forbids caching to every answer.
///
/// The router of the whole service adds the [`NetworkHost`] to each request. Without that
/// extension, only loopback is this machine.
pub(crate) async fn own_host_only(request: Request, next: Next) -> Response {
    let named = request.extensions().get::<NetworkHost>().cloned();
    let mut response = if is_own_request(&request, named.as_ref()) {
        next.run(request).await
    } else {
        let named = named.map(|host| format!(", {}", host.in_urls()));
        let why = format!(
            "answered only as localhost, 127.0.0.1{} or [::1]",
            named.unwrap_or_default()
        );
        refusal(StatusCode::FORBIDDEN, &why)
    };
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// If a request names its host twice (in the request line and in `Host`), both must be
/// this machine.
fn is_own_request(request: &Request, named: Option<&NetworkHost>) -> bool {
    let hosts = request.headers().get_all(header::HOST);
    let origins = request.headers().get_all(header::ORIGIN);
    let in_line = request.uri().authority();
    let is_own = |host: &Authority| is_own_host(host, named);
    (in_line.is_some() || hosts.iter().next().is_some())
        && in_line.is_none_or(is_own)
        && hosts
            .iter()
            .all(|host| Authority::try_from(host.as_bytes()).is_ok_and(|host| is_own(&host)))
        && origins.iter().all(|origin| is_own_origin(origin, named))
}

/// Whether a page's origin is this machine, on any port. `null` does not count, because
/// pages of any site can send it.
pub(crate) fn is_own_origin(origin: &HeaderValue, named: Option<&NetworkHost>) -> bool {
    Uri::try_from(origin.as_bytes()).is_ok_and(|origin| {
        let own = |host: &Authority| is_own_host(host, named);
        origin.scheme().is_some() && origin.authority().is_some_and(own)
    })
}

fn is_own_host(authority: &Authority, named: Option<&NetworkHost>) -> bool {
    let host = authority.host();
    let loopback = ["localhost", "127.0.0.1", "[::1]"].map(str::to_owned);
    let mut known = loopback.into_iter().chain(named.map(NetworkHost::in_urls));
    !authority.as_str().contains('@') && known.any(|name| host.eq_ignore_ascii_case(&name))
}

pub(crate) fn refusal(status: StatusCode, why: &str) -> Response {
    (status, Json(serde_json::json!({ "error": why }))).into_response()
}
