//! The request that every handler takes.

use std::net::IpAddr;

use axum::body::{Body, Bytes};
use axum::extract::FromRequest;
use axum::http::header::{CONTENT_TYPE, USER_AGENT};
use axum::http::{HeaderMap, Request};
use axum::response::Response;
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::app::App;
use crate::domain::device::Device;
use crate::domain::issuer::Issuer;
use crate::domain::refusal::Refusal;
use crate::failure::{Broken, Failure};
use crate::usecase::context::{Caller, Context, RequestKeys, Trace};
use crate::usecase::events::recorder::Recorder;
use crate::wire::credentials::request_proof;
use crate::wire::field_names::exactly_named;
use crate::wire::fields::Fields;
use crate::wire::multipart::{self, is_multipart};
use crate::wire::{Shape, Words};

/// The longest body that is accepted, in bytes.
pub const LONGEST_BODY: usize = 65_536;

/// The source address that the gateway reports. The address is an extension of the
/// request and never comes from a header.
#[derive(Clone, Copy, Debug)]
pub struct SourceAddress(pub IpAddr);

/// The path that the caller asked for, if the path was corrected. The path is an extension
/// of the request.
#[derive(Clone, Debug)]
pub struct AskedPath(pub String);

/// A parsed request. If the body is invalid, the error is returned when the handler
/// asks for the fields, so that the handler answers in its own dialect.
pub struct Input {
    /// The service and the caller.
    pub context: Context,
    pub headers: HeaderMap,
    /// How this path words its refusals.
    pub words: &'static Words,
    fields: Result<Fields, Refusal>,
    query: Result<Fields, Refusal>,
}

impl Input {
    /// The parameters of the body.
    ///
    /// # Errors
    /// `BodyTooLarge`, `RequestMalformed`, `ParameterMisnamed`.
    pub fn fields(&self) -> Result<&Fields, Refusal> {
        self.fields.as_ref().map_err(Clone::clone)
    }

    /// The parameters of the query string.
    ///
    /// # Errors
    /// `RequestMalformed`, `ParameterMisnamed`.
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
        let body = read(body).await;
        let sent = body.clone().unwrap_or_default();
        let fields = body
            .and_then(|body| fields(words, content_type, &body))
            .and_then(|fields| exactly_named(fields, words.shape));
        let query = Fields::from_form(parts.uri.query().unwrap_or_default().as_bytes())
            .and_then(|query| exactly_named(query, words.shape));
        let agent = parts.headers.get(USER_AGENT).map(|agent| agent.as_bytes());
        let events = parts.extensions.get::<Recorder>().cloned();
        let asked = parts.extensions.get::<AskedPath>();
        let path = asked.map_or(parts.uri.path(), |AskedPath(path)| path);
        let url = format!("{}{}", app.config.issuer, path.trim_start_matches('/'));
        let proof = request_proof(&parts, url, &sent);
        let caller = Caller {
            now,
            address,
            device: Device::of(agent),
            issuer: Issuer::of_path(parts.uri.path()),
            dialect: words.dialect,
            trace,
        };
        Ok(Self {
            context: Context {
                app: app.clone(),
                caller,
                events: events.unwrap_or_default(),
                keys: RequestKeys::default(),
                proof,
            },
            headers: parts.headers,
            words,
            fields,
            query,
        })
    }
}

/// Parses the fields of a body. Only ABP's token endpoint takes `multipart/form-data`.
/// The other endpoints parse such a body as a form that has none of their fields.
fn fields(words: &Words, content_type: Option<&str>, body: &[u8]) -> Result<Fields, Refusal> {
    match content_type {
        Some(kind) if words.shape == Shape::AbpToken && is_multipart(content_type) => {
            Fields::from_pairs(multipart::read_multipart(kind, body)?)
        }
        _ => Fields::parse(content_type, body),
    }
}

async fn read(body: Body) -> Result<Bytes, Refusal> {
    match Limited::new(body, LONGEST_BODY).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Refusal::BodyTooLarge),
        Err(_) => Err(Refusal::RequestMalformed("the body did not arrive whole")),
    }
}
