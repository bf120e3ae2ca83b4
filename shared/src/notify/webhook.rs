//! Posts codes to an endpoint of the operator, which brings them to users.

use std::fmt;
use std::time::Duration;

use http::header::{
    CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, EXPECT, HOST, TE, TRAILER,
    TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderName, HeaderValue};
use url::Url;

/// The operator's endpoint.
#[derive(Clone, Debug)]
pub struct WebhookSettings {
    /// Where codes are posted to.
    pub endpoint: Url,
    /// How long one post may take, from the name's resolution to the answer.
    pub timeout: Duration,
    /// What goes along.
    pub headers: WebhookHeaders,
}

/// Headers that go along with every post. Their values are secrets: neither
/// `Debug` nor a log line shows them.
#[derive(Clone, Default)]
pub struct WebhookHeaders(Vec<(HeaderName, HeaderValue)>);

impl WebhookHeaders {
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

impl fmt::Debug for WebhookHeaders {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "[{} secret headers]", self.0.len())
    }
}
