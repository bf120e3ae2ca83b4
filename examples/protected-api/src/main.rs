//! An API that accepts the issuer's access tokens. It has one route, `GET /orders`,
//! that answers with the token's claims. `token.rs` checks the token of each request.
//!
//! The environment has `ISSUER` (with its slash at the end), `AUDIENCE`, and optionally
//! `SCOPE` and `ADDRESS`. With `AWS_LAMBDA_RUNTIME_API` set, the example runs as a
//! Lambda function, otherwise as an HTTP server on `ADDRESS`.
//! server on `ADDRESS`.

mod issuer;
mod token;

use std::io::Write;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use token::{Refused, Verifier};

struct Api {
    verifier: Verifier,
    scope: String,
}

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    let required = |name| std::env::var(name).map_err(|_| format!("{name} is not set"));
    let or = |name, value: &str| std::env::var(name).unwrap_or_else(|_| value.to_owned());
    let api = Api {
        verifier: Verifier::new(required("ISSUER")?, required("AUDIENCE")?)?,
        scope: or("SCOPE", "read:sample"),
    };
    let router = Router::new()
        .route("/orders", get(orders))
        .with_state(Arc::new(api));
    if std::env::var_os("AWS_LAMBDA_RUNTIME_API").is_some() {
        return lambda_http::run(router).await;
    }
    let listener = tokio::net::TcpListener::bind(or("ADDRESS", "127.0.0.1:8080")).await?;
    writeln!(std::io::stdout(), "ready http://{}", listener.local_addr()?)?;
    Ok(axum::serve(listener, router).await?)
}

async fn orders(State(api): State<Arc<Api>>, headers: HeaderMap) -> Response {
    let checked = match bearer(&headers) {
        Some(token) => api.verifier.verify(token, &api.scope).await,
        None => Err(Refused::Missing),
    };
    match checked {
        Ok(claims) => Json(claims).into_response(),
        Err(refused) => refusal(&refused, &api.scope),
    }
}

/// The token of `Authorization: Bearer …` (RFC 6750 2.1).
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}

/// RFC 6750 3: the error is in `WWW-Authenticate`. A request without a token gets no
/// error code.
fn refusal(refused: &Refused, scope: &str) -> Response {
    let (status, challenge) = match refused {
        Refused::Missing => (
            StatusCode::UNAUTHORIZED,
            "Bearer realm=\"orders\"".to_owned(),
        ),
        Refused::Invalid(why) => (
            StatusCode::UNAUTHORIZED,
            format!(
                "Bearer realm=\"orders\", error=\"invalid_token\", error_description=\"{why}\""
            ),
        ),
        Refused::Scope => (
            StatusCode::FORBIDDEN,
            format!("Bearer realm=\"orders\", error=\"insufficient_scope\", scope=\"{scope}\""),
        ),
        Refused::NoKeys => {
            let later = [(header::RETRY_AFTER, "5")];
            return (StatusCode::SERVICE_UNAVAILABLE, later).into_response();
        }
    };
    (status, [(header::WWW_AUTHENTICATE, challenge)]).into_response()
}
