//! CORS as the template's API Gateway answers it, so that an app in a browser meets here what it
//! meets there. The lists stand in `infra/template.yaml` too; a test holds the two equal.

use std::time::Duration;

use axum::http::{HeaderName, Method};
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::http::loopback::is_loopback_origin;

/// The methods that a page of another origin may call with.
pub const METHODS: [Method; 3] = [Method::GET, Method::POST, Method::DELETE];

/// The request headers that the clients' packages send. One that is missing here stops the whole
/// request in the browser.
pub const REQUEST_HEADERS: [&str; 10] = [
    "authorization",
    "content-type",
    // @abp/ng.core and @abp/ng.oauth, on every call.
    "x-requested-with",
    "accept-language",
    "__tenant",
    "__timezone",
    "requestverificationtoken",
    // The Auth0 SDKs; the second one where an app has switched DPoP on.
    "auth0-client",
    "dpop",
    // aidbox-react.
    "cache-control",
];

/// The answer headers that clients read beside those that every page may read (Fetch 3.2.6).
pub const ANSWER_HEADERS: [&str; 4] = [
    "retry-after",
    "www-authenticate",
    "x-request-id",
    // @abp/ng.theme.shared shows the message of an error that has it, and else an error page.
    "_abperrorformat",
];

/// How long a browser may keep the answer to a preflight.
pub const MAX_AGE: Duration = Duration::from_secs(3600);

/// Answers preflights and marks answers for pages of `origins` and of any loopback one. Credentials
/// are never allowed.
pub fn layer(origins: Vec<String>) -> CorsLayer {
    let allowed = AllowOrigin::predicate(move |origin, _| {
        is_loopback_origin(origin) || origins.iter().any(|known| known.as_bytes() == origin)
    });
    CorsLayer::new()
        .allow_origin(allowed)
        .allow_methods(METHODS)
        .allow_headers(REQUEST_HEADERS.map(HeaderName::from_static))
        .expose_headers(ANSWER_HEADERS.map(HeaderName::from_static))
        .max_age(MAX_AGE)
}
