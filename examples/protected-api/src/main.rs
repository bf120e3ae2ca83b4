//! An API that accepts the issuer's access tokens. It has one route, `GET /orders`,
//! that answers with the token's claims. `token.rs` checks the token of each request.
//!
//! The environment has `ISSUER` (with its slash at the end), `AUDIENCE`, and optionally
//! `SCOPE`, `ACR_VALUES`, `MAX_AGE`, `ADDRESS` and `API_URL`. With `AWS_LAMBDA_RUNTIME_API` set, the example runs
//! as a Lambda function, otherwise as an HTTP server on `ADDRESS`.

mod issuer;
mod proof;
mod step_up;
mod token;

use std::io::Write;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use proof::{Request, proves};
use step_up::Demand;
use token::{Credential, Refused, Verifier};
use tokio::net::TcpListener;

struct Api {
    verifier: Verifier,
    scope: String,
    demand: Demand,
    /// The URL that clients use for this API. A proof of a key names the URL, and the
    /// header `Host` decides nothing.
    url: String,
}

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    let required = |name| std::env::var(name).map_err(|_| format!("{name} is not set"));
    let or = |name, value: &str| std::env::var(name).unwrap_or_else(|_| value.to_owned());
    let on_lambda = std::env::var_os("AWS_LAMBDA_RUNTIME_API").is_some();
    let listener = match on_lambda {
        true => None,
        false => Some(TcpListener::bind(or("ADDRESS", "127.0.0.1:8080")).await?),
    };
    let bound = listener.as_ref().map(TcpListener::local_addr).transpose()?;
    let address = bound.map(|address| format!("http://{address}"));
    let api = Api {
        url: or("API_URL", &address.clone().unwrap_or_default()),
        verifier: Verifier::new(required("ISSUER")?, required("AUDIENCE")?)?,
        scope: or("SCOPE", "read:sample"),
        demand: Demand {
            acr_values: std::env::var("ACR_VALUES").ok(),
            max_age: std::env::var("MAX_AGE")
                .ok()
                .map(|age| age.parse())
                .transpose()?,
        },
    };
    let router = Router::new()
        .route("/orders", get(orders))
        .with_state(Arc::new(api));
    let (Some(listener), Some(address)) = (listener, address) else {
        return lambda_http::run(router).await;
    };
    writeln!(std::io::stdout(), "ready {address}")?;
    Ok(axum::serve(listener, router).await?)
}

async fn orders(
    State(api): State<Arc<Api>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let checked = match credential_of(&headers) {
        Some(shown) => {
            let request = Request {
                method: method.as_str(),
                url: &format!("{}{}", api.url.trim_end_matches('/'), uri.path()),
                token: shown.token,
            };
            let proves = |thumbprint: &str| proves(&headers, &request, thumbprint);
            api.verifier.verify(shown, &api.scope, proves).await
        }
        None => Err(Refused::Missing),
    };
    match checked {
        Ok(claims) if api.demand.is_met(&claims) => Json(claims).into_response(),
        Ok(claims) => challenged(StatusCode::UNAUTHORIZED, api.demand.challenge(&claims)),
        Err(refused) => refusal(&refused, &api.scope),
    }
}

/// The token of `Authorization: Bearer …` (RFC 6750 2.1) or `Authorization: DPoP …`
/// (RFC 9449 7.1).
fn credential_of(headers: &HeaderMap) -> Option<Credential<'_>> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let is_dpop = scheme.eq_ignore_ascii_case("dpop");
    let known = is_dpop || scheme.eq_ignore_ascii_case("bearer");
    known.then_some(Credential {
        token: token.trim(),
        is_dpop,
    })
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
        Refused::Unproven => (
            StatusCode::UNAUTHORIZED,
            "DPoP realm=\"orders\", error=\"invalid_dpop_proof\", \
             algs=\"ES256 PS256 RS256 EdDSA\""
                .to_owned(),
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
    challenged(status, challenge)
}

fn challenged(status: StatusCode, challenge: String) -> Response {
    (status, [(header::WWW_AUTHENTICATE, challenge)]).into_response()
}
