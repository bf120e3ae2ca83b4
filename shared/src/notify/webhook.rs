//! Posts codes to an endpoint of the operator, which delivers them to users.
//!
//! This file resolves the endpoint's name, checks the addresses, and connects to
//! exactly an address that it checked. So a second answer of the name server cannot
//! lead elsewhere. Each post makes its own connection, follows no redirects, and uses
//! no proxy.
//!
//! A parameter of `App::new` says which addresses the webhook may connect to. So no
//! function's binary contains code that allows this machine's own addresses.

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
use serde_json::json;
use url::Url;

use super::reach::Reach;
use super::{DeliveryFailed, DeliveryFailureReason};
use crate::domain::factors::factor::Channel;

/// The most bytes of an answer that are read. The content is ignored.
const LONGEST_ANSWER: usize = 4096;

/// The operator's endpoint.
#[derive(Clone, Debug)]
pub struct WebhookSettings {
    /// The URL that codes are posted to.
    pub endpoint: Url,
    /// The time limit of one post, from the name's resolution to the answer.
    pub timeout: Duration,
    /// The operator's headers for each post.
    pub headers: WebhookHeaders,
}

/// Headers that every post has. Their values are secrets. Neither `Debug` nor a log
/// line shows them.
#[derive(Clone, Default)]
pub struct WebhookHeaders(Vec<(HeaderName, HeaderValue)>);

impl WebhookHeaders {
    /// Reads a JSON object of texts. `None` if the text is something else, if a name is
    /// not a valid header name, or if the header controls how the message is framed.
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

    /// The headers with their values. Only the code that sends them calls this.
    pub fn expose(&self) -> &[(HeaderName, HeaderValue)] {
        &self.0
    }
}

impl fmt::Debug for WebhookHeaders {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "[{} secret headers]", self.0.len())
    }
}

/// Posts codes. It is made once for each cold start and connects to nothing then.
#[derive(Clone, Debug)]
pub(super) struct Webhook {
    settings: WebhookSettings,
    reach: Reach,
    /// The first post makes it, because it reads the machine's certificates.
    connector: Arc<OnceLock<SharedHttpConnector>>,
}

impl Webhook {
    pub fn new(settings: WebhookSettings, reach: Reach) -> Self {
        Self {
            settings,
            reach,
            connector: Arc::default(),
        }
    }

    /// Posts `{"user": {"id", "email"}, "token"}`. Returns when the endpoint has
    /// answered with a 2xx.
    ///
    /// # Errors
    /// [`DeliveryFailed`], at the latest after the timeout of the settings.
    pub async fn post(
        &self,
        user: &str,
        email: Option<&str>,
        code: &str,
    ) -> Result<(), DeliveryFailed> {
        let body = json!({ "user": { "id": user, "email": email }, "token": code });
        if !self.reach.allows_url(&self.settings.endpoint) {
            return Err(refused());
        }
        // Making the connector reads files. That time does not count against the
        // endpoint.
        let connector = self.connector();
        let posted = self.exchange(connector, body.to_string());
        match tokio::time::timeout(self.settings.timeout, posted).await {
            Ok(done) => done,
            Err(_) => Err(failed(DeliveryFailureReason::TimedOut, "DeadlineExceeded")),
        }
    }

    async fn exchange(
        &self,
        connector: &SharedHttpConnector,
        body: String,
    ) -> Result<(), DeliveryFailed> {
        let answer = connector.call(self.request(body)?).await;
        let answer = answer.map_err(|error| not_answered(&error))?;
        let status = answer.status().as_u16();
        if !(200..300).contains(&status) {
            return Err(failed(reason_of(status), &format!("Status{status}")));
        }
        // Read so that the endpoint can finish its answer. The post has succeeded,
        // whatever happens here.
        let _answer = Limited::new(answer.into_body(), LONGEST_ANSWER)
            .collect()
            .await;
        Ok(())
    }

    fn request(&self, body: String) -> Result<HttpRequest, DeliveryFailed> {
        let not_built = || failed(DeliveryFailureReason::Unavailable, "RequestNotBuilt");
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(self.settings.endpoint.as_str())
            .header(CONTENT_TYPE, "application/json")
            .body(SdkBody::from(body))
            .map_err(|_| not_built())?;
        let headers = self.settings.headers.expose().iter().cloned();
        request.headers_mut().extend(headers);
        HttpRequest::try_from(request).map_err(|_| not_built())
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

/// Resolves names through the system. Refuses a name if any of its addresses is not
/// allowed, because a name with allowed and other addresses is suspicious.
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

/// The name resolves to an address that is not allowed.
#[derive(Debug)]
struct AddressRefused;

impl fmt::Display for AddressRefused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the address may not be reached")
    }
}

impl Error for AddressRefused {}

fn reason_of(status: u16) -> DeliveryFailureReason {
    match status {
        408 => DeliveryFailureReason::TimedOut,
        429 => DeliveryFailureReason::Throttled,
        // Redirects are not followed, so the endpoint must be the final URL.
        300..500 => DeliveryFailureReason::Rejected,
        _ => DeliveryFailureReason::Unavailable,
    }
}

fn not_answered(error: &ConnectorError) -> DeliveryFailed {
    let mut cause = error.source();
    while let Some(deeper) = cause.filter(|cause| !cause.is::<AddressRefused>()) {
        cause = deeper.source();
    }
    if cause.is_some() {
        refused()
    } else if error.is_timeout() {
        failed(DeliveryFailureReason::TimedOut, "ConnectTimedOut")
    } else {
        failed(DeliveryFailureReason::Unavailable, "ConnectFailed")
    }
}

fn refused() -> DeliveryFailed {
    failed(DeliveryFailureReason::Rejected, "AddressRefused")
}

/// A failed post. `code` is our own error code.
pub(super) fn failed(reason: DeliveryFailureReason, code: &str) -> DeliveryFailed {
    DeliveryFailed {
        channel: Channel::Webhook,
        reason,
        code: Some(code.to_owned()),
        request_id: None,
    }
}
