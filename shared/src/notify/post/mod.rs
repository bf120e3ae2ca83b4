//! Posts JSON to an endpoint of the operator: [`super::webhook`] and
//! [`former_system`] share this file.
//!
//! This file resolves the endpoint's name, checks the addresses, and connects to
//! exactly an address that it checked. So a second answer of the name server cannot
//! lead elsewhere. Each post makes a connection of its own, follows no redirect,
//! and uses no proxy.
//!
//! A parameter of `App::new` says which addresses may be reached. So no function's
//! binary knows how to reach this machine.

use std::error::Error;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Connector, proxy::ProxyConfig};
use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns, ResolveDnsError};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use http::header::{
    CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, EXPECT, HOST, TE, TRAILER,
    TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderName, HeaderValue, Method, Request};
use http_body_util::{BodyExt, Limited};
use url::Url;

use super::reach::Reach;

pub mod former_system;

/// An endpoint of the operator.
#[derive(Clone, Debug)]
pub struct EndpointSettings {
    /// The URL to post to.
    pub endpoint: Url,
    /// How long one post may take, from the name's resolution to the answer.
    pub timeout: Duration,
    pub headers: SecretHeaders,
}

/// Headers that go along with every post. Their values are secrets: neither
/// `Debug` nor a log line shows them.
#[derive(Clone, Default)]
pub struct SecretHeaders(Vec<(HeaderName, HeaderValue)>);

impl SecretHeaders {
    /// Reads a JSON object of texts. `None` if it is none, or names a header
    /// that cannot be one or that says how the message itself is framed.
    pub fn parse(json: &str) -> Option<Self> {
        const OURS: [HeaderName; 10] = [
            CONNECTION,
            CONTENT_ENCODING,
            CONTENT_LENGTH,
            CONTENT_TYPE,
            EXPECT,
            HOST,
            TE,
            TRAILER,
            TRANSFER_ENCODING,
            UPGRADE,
        ];
        let read: serde_json::Value = serde_json::from_str(json).ok()?;
        let header = |(name, value): (&String, &serde_json::Value)| {
            let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
            let mut value = HeaderValue::from_str(value.as_str()?).ok()?;
            value.set_sensitive(true);
            (!OURS.contains(&name)).then_some((name, value))
        };
        let headers: Option<Vec<_>> = read.as_object()?.iter().map(header).collect();
        headers.map(Self)
    }

    /// The headers, for the one place that sends them.
    pub fn expose(&self) -> &[(HeaderName, HeaderValue)] {
        &self.0
    }
}

impl fmt::Debug for SecretHeaders {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "[{} secret headers]", self.0.len())
    }
}

/// Why a post has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotPosted {
    /// The address may not be reached.
    AddressRefused,
    /// No answer came in time.
    TimedOut(&'static str),
    /// The endpoint does not answer.
    Unavailable(&'static str),
}

/// What an endpoint answered.
pub(super) struct PostAnswer {
    pub status: u16,
    /// The body, if the caller wanted the body of this status, and the body is
    /// whole and no longer than the caller allows.
    pub body: Option<Vec<u8>>,
}

/// An endpoint that is posted to. Made once for each cold start; making it calls
/// nobody.
#[derive(Clone, Debug)]
pub(super) struct Endpoint {
    settings: EndpointSettings,
    reach: Reach,
    /// Made by the first post, because it reads the machine's certificates.
    connector: Arc<OnceLock<SharedHttpConnector>>,
}

impl Endpoint {
    pub fn new(settings: EndpointSettings, reach: Reach) -> Self {
        Self {
            settings,
            reach,
            connector: Arc::default(),
        }
    }

    /// Posts JSON once. Reads at most `longest` bytes of the answer, and only if
    /// `wanted` wants the body of its status.
    ///
    /// # Errors
    /// [`NotPosted`], at the latest after the timeout of the settings.
    pub async fn post(
        &self,
        json: String,
        longest: usize,
        wanted: fn(u16) -> bool,
    ) -> Result<PostAnswer, NotPosted> {
        if !self.reach.allows_url(&self.settings.endpoint) {
            return Err(NotPosted::AddressRefused);
        }
        // Making it reads files, which is no fault of the endpoint's.
        let connector = self.connector();
        let posted = async {
            let answer = connector.call(self.request(json)?).await;
            let answer = answer.map_err(|error| not_answered(&error))?;
            let status = answer.status().as_u16();
            let body = match wanted(status) {
                false => None,
                true => {
                    let body = Limited::new(answer.into_body(), longest).collect().await;
                    body.ok().map(|body| body.to_bytes().to_vec())
                }
            };
            Ok(PostAnswer { status, body })
        };
        let late = NotPosted::TimedOut("DeadlineExceeded");
        let done = tokio::time::timeout(self.settings.timeout, posted).await;
        done.unwrap_or(Err(late))
    }

    fn request(&self, body: String) -> Result<HttpRequest, NotPosted> {
        let not_built = NotPosted::Unavailable("RequestNotBuilt");
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(self.settings.endpoint.as_str())
            .header(CONTENT_TYPE, "application/json")
            .body(SdkBody::from(body))
            .map_err(|_| not_built)?;
        let headers = self.settings.headers.expose().iter().cloned();
        request.headers_mut().extend(headers);
        HttpRequest::try_from(request).map_err(|_| not_built)
    }

    fn connector(&self) -> &SharedHttpConnector {
        self.connector.get_or_init(|| {
            let timeout = self.settings.timeout;
            let settings = HttpConnectorSettings::builder()
                .connect_timeout(timeout)
                .read_timeout(timeout)
                .build();
            let connector = Connector::builder()
                .connector_settings(settings)
                .proxy_config(ProxyConfig::disabled())
                .pool_max_idle_per_host(0)
                .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
                .build_with_resolver(Resolver { reach: self.reach });
            SharedHttpConnector::new(connector)
        })
    }
}

/// Resolves by the system, and refuses a name any of whose addresses may not be reached: one that
/// mixes them is not what it seems.
#[derive(Clone, Debug)]
struct Resolver {
    reach: Reach,
}

impl ResolveDns for Resolver {
    fn resolve_dns<'a>(&'a self, name: &'a str) -> DnsFuture<'a> {
        DnsFuture::new(async move {
            let found = tokio::net::lookup_host((name, 0)).await;
            let found: Vec<IpAddr> = found
                .map_err(ResolveDnsError::new)?
                .map(|address| address.ip())
                .collect();
            match found.iter().all(|address| (self.reach.allows)(*address)) {
                true => Ok(found),
                false => Err(ResolveDnsError::new(AddressRefused)),
            }
        })
    }
}

/// The name resolves to an address that may not be reached.
#[derive(Debug)]
struct AddressRefused;

impl fmt::Display for AddressRefused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the address may not be reached")
    }
}

impl Error for AddressRefused {}

fn not_answered(error: &ConnectorError) -> NotPosted {
    let mut cause = error.source();
    while let Some(deeper) = cause.filter(|cause| !cause.is::<AddressRefused>()) {
        cause = deeper.source();
    }
    if cause.is_some() {
        NotPosted::AddressRefused
    } else if error.is_timeout() {
        NotPosted::TimedOut("ConnectTimedOut")
    } else {
        NotPosted::Unavailable("ConnectFailed")
    }
}
