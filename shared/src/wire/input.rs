//! A request as the handlers take it.

use std::net::IpAddr;

use axum::body::{Body, Bytes};
use axum::extract::FromRequest;
use axum::http::header::{CONTENT_TYPE, USER_AGENT};
use axum::http::{HeaderMap, Request};
use axum::response::Response;
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::Words;
use super::fields::Fields;
use crate::app::App;
use crate::domain::device::Device;
use crate::domain::refusal::Refusal;
use crate::failure::{Broken, Failure};
use crate::usecase::{Caller, Trace};

/// The longest body that is read, in bytes.
pub const LONGEST_BODY: usize = 65_536;

/// The source address as the gateway saw it: an extension of every request,
/// never taken from a header.
#[derive(Clone, Copy, Debug)]
pub struct SourceAddress(pub IpAddr);

/// A request, read. What is wrong with its body is told when the fields are
/// asked for, so that each handler answers in its own dialect.
pub struct Input {
    /// Who asks, and when.
    pub caller: Caller,
    /// The headers.
    pub headers: HeaderMap,
    /// How this path says no.
    pub words: &'static Words,
    fields: Result<Fields, Refusal>,
    query: Result<Fields, Refusal>,
}

impl Input {
    /// The parameters of the body.
    ///
    /// # Errors
    /// `BodyTooLarge`, `RequestMalformed`.
    pub fn fields(&self) -> Result<&Fields, Refusal> {
        self.fields.as_ref().map_err(Clone::clone)
    }

    /// The parameters of the query string.
    ///
    /// # Errors
    /// `RequestMalformed`.
    pub fn query(&self) -> Result<&Fields, Refusal> {
        self.query.as_ref().map_err(Clone::clone)
    }
}

impl FromRequest<App> for Input {
    type Rejection = Response;

    async fn from_request(request: Request<Body>, app: &App) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let now = app.clock.now();
        let words = parts.extensions.get::<&'static Words>().copied();
        let words = words.unwrap_or(&super::auth0::refusal::WORDS);
        let Some(SourceAddress(address)) = parts.extensions.get().copied() else {
            let broken = Broken::internal("the request has no source address");
            return Err(super::failure(words, Failure::Broken(broken), now));
        };
        let trace = parts.extensions.get::<Trace>().cloned().unwrap_or_default();
        let content_type = parts
            .headers
            .get(CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok());
        let fields = read(body)
            .await
            .and_then(|body| Fields::parse(content_type, &body));
        let query = Fields::from_form(parts.uri.query().unwrap_or_default().as_bytes());
        let agent = parts.headers.get(USER_AGENT).map(|agent| agent.as_bytes());
        let caller = Caller {
            now,
            address,
            device: Device::of(agent),
            trace,
        };
        Ok(Self {
            caller,
            headers: parts.headers,
            words,
            fields,
            query,
        })
    }
}

async fn read(body: Body) -> Result<Bytes, Refusal> {
    match Limited::new(body, LONGEST_BODY).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Refusal::BodyTooLarge),
        Err(_) => Err(Refusal::RequestMalformed("the body did not arrive whole")),
    }
}
