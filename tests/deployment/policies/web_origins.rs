//! The story in which each function looks for the origin of a page among the web origins of
//! the clients.

use countersign_local::demo;

use crate::dialects::oauth::keys::web_origins::{ALLOWED, ask};
use crate::harness::deployment::cloud::Cloud;

/// All of them.
pub async fn web_origins(cloud: &Cloud) {
    for (method, path) in [
        ("POST", "/oauth/token"),
        ("POST", "/mfa/challenge"),
        ("POST", "/mfa/verify"),
        ("POST", "/mfa/associate"),
        ("GET", "/api/account/my-profile"),
        ("GET", "/.well-known/jwks.json"),
    ] {
        let answer = ask(
            &cloud.service,
            method,
            path,
            &[("origin", demo::WEB_ORIGIN)],
        )
        .await;
        assert_eq!(answer.header(ALLOWED), Some(demo::WEB_ORIGIN), "{path}");
    }
}
