//! Answers CORS requests as API Gateway does with the template, so that an app in a
//! browser gets the same answers here. `infra/template.yaml` has the same lists, and a
//! test keeps them equal.

use std::time::Duration;

use axum::http::{HeaderName, Method};
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::http::own_host::is_own_origin;
use crate::network::NetworkHost;

/// The methods that a page of another origin may use.
pub const METHODS: [Method; 4] = [Method::GET, Method::POST, Method::PATCH, Method::DELETE];

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

/// How long a browser may cache the answer to a preflight.
pub const MAX_AGE: Duration = Duration::from_secs(3600);

/// Answers preflights, and adds the CORS headers for pages of `origins` and of any origin
/// on this machine. Credentials are never allowed.
pub fn layer(origins: Vec<String>) -> CorsLayer {
    let allowed = AllowOrigin::predicate(move |origin, request| {
        let named = request.extensions.get::<NetworkHost>();
        is_own_origin(origin, named) || origins.iter().any(|known| known.as_bytes() == origin)
    });
    CorsLayer::new()
        .allow_origin(allowed)
        .allow_methods(METHODS)
        .allow_headers(REQUEST_HEADERS.map(HeaderName::from_static))
        .expose_headers(ANSWER_HEADERS.map(HeaderName::from_static))
        .max_age(MAX_AGE)
}
