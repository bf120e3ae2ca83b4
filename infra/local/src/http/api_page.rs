//! `GET /_local/api`: a page where a developer reads and tries every route of every
//! dialect. `GET /_local/openapi.json`: the document that the page shows.
//!
//! The viewer is Swagger UI. Its files are compiled in, and the page loads nothing
//! else. Like the page of [`page`](crate::page), it answers only requests whose
//! `Host` is this machine.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use countersign::openapi::document;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::http::own_host::own_host_only;

const DOCUMENT: &str = "/_local/openapi.json";

/// The page may run its own scripts and send requests to its own server. Swagger UI
/// writes styles into its elements.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    connect-src 'self'; img-src 'self' data:; form-action 'none'; base-uri 'none'; \
    frame-ancestors 'none'";

/// The page and the document.
pub fn api_page() -> Router {
    let document = Arc::new(document());
    let shown = Config::from(DOCUMENT)
        // Otherwise Swagger UI would send the document's address to a validator on
        // another server.
        .validator_url("none")
        .doc_expansion("list")
        .display_request_duration(true)
        .filter(true);
    Router::new()
        .route(DOCUMENT, get(async move || Json(document)))
        .merge(SwaggerUi::new("/_local/api").config(shown))
        .layer(from_fn(own_host_only))
        .layer(from_fn(with_headers))
}

async fn with_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(POLICY),
    );
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::{Body, to_bytes};
    use tower::ServiceExt;

    async fn send(path: &str, host: &str) -> (u16, Response) {
        let request = Request::get(path).header("host", host);
        let request = request.body(Body::empty()).unwrap();
        let response = api_page().oneshot(request).await.unwrap();
        (response.status().as_u16(), response)
    }

    async fn text(path: &str) -> String {
        let (status, response) = send(path, "127.0.0.1:8787").await;
        assert_eq!(status, 200, "{path}");
        let headers = response.headers();
        assert_eq!(headers["content-security-policy"], POLICY, "{path}");
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(headers["cache-control"], "no-store", "{path}");
        let body = to_bytes(response.into_body(), 20_000_000).await.unwrap();
        String::from_utf8(body.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn the_document_is_the_one_of_the_handlers() {
        assert_eq!(text(DOCUMENT).await, document().to_string());
    }

    #[tokio::test]
    async fn the_page_has_all_its_files_here_and_names_the_document() {
        let page = text("/_local/api/").await;
        let files = page.split('"').filter_map(|quoted| {
            let file = quoted.strip_prefix("./")?;
            (file.ends_with(".js") || file.ends_with(".css")).then_some(file)
        });
        let files: Vec<&str> = files.collect();
        assert!(files.contains(&"swagger-ui-bundle.js"), "{page}");
        for file in files {
            let content = text(&format!("/_local/api/{file}")).await;
            assert!(!content.is_empty(), "{file}");
        }
        let setting = text("/_local/api/swagger-initializer.js").await;
        assert!(setting.contains(DOCUMENT), "{setting}");
        for (name, text) in [("page", page), ("setting", setting)] {
            assert!(
                !text.contains("://"),
                "{name} names a place elsewhere: {text}"
            );
        }
    }

    #[tokio::test]
    async fn a_host_that_is_not_loopback_is_refused_every_part() {
        for path in [
            DOCUMENT,
            "/_local/api",
            "/_local/api/",
            "/_local/api/index.css",
        ] {
            for host in ["example.com", "10.0.2.2:8787"] {
                assert_eq!(send(path, host).await.0, 403, "{path} for {host}");
            }
        }
    }
}
