//! The API of the deployment over HTTP.

use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use countersign::clock::Stopwatch;
use http_body_util::{BodyExt, Limited};
use serde_json::Value;
use url::Url;
use url::form_urlencoded::Serializer;

use crate::problem::Problem;

/// How long one request may take. API Gateway gives up after 30 seconds.
const PATIENCE: Duration = Duration::from_secs(31);

/// The longest answer that is read, in bytes.
const LONGEST: usize = 65_536;

/// How much of an unexpected answer is told, in characters.
const TOLD: usize = 200;

/// The members in which the dialects say why.
const SAYING: [&str; 6] = [
    "error",
    "error_description",
    "message",
    "errorMessage",
    "title",
    "detail",
];

/// A request to the API.
pub(super) struct Call {
    pub method: &'static str,
    /// The path below the API's address.
    pub path: &'static str,
    body: Option<(&'static str, String)>,
}

/// What the API answered.
pub(super) struct Answer {
    pub status: u16,
    /// The body, if it is JSON.
    pub body: Value,
    pub milliseconds: u128,
}

/// The API of a deployment.
pub(super) struct Api {
    address: Url,
    connector: SharedHttpConnector,
}

impl Call {
    pub fn get(path: &'static str) -> Self {
        Self {
            method: "GET",
            path,
            body: None,
        }
    }

    pub fn form(path: &'static str, fields: &[(&str, &str)]) -> Self {
        let form = Serializer::new(String::new()).extend_pairs(fields).finish();
        Self::post(path, "application/x-www-form-urlencoded", form)
    }

    pub fn json(path: &'static str, body: &Value) -> Self {
        Self::post(path, "application/json", body.to_string())
    }

    fn post(path: &'static str, kind: &'static str, body: String) -> Self {
        Self {
            method: "POST",
            path,
            body: Some((kind, body)),
        }
    }
}

impl Answer {
    /// What the answer says to a person, in one line. Only the members with which the dialects
    /// say why, because an answer may hold tokens.
    pub fn in_a_line(&self) -> String {
        // ABP puts the members into a member `error`.
        let inner = &self.body["error"];
        let found = SAYING
            .iter()
            .flat_map(|name| [&self.body[*name], &inner[*name]]);
        let told: Vec<&str> = found.filter_map(Value::as_str).collect();
        let line: String = told.join(": ").chars().take(TOLD).collect();
        match line.is_empty() {
            true => "not what was expected".to_owned(),
            false => line,
        }
    }
}

impl Api {
    /// The API at this address. With the certificate of an authority (PEM), only this
    /// authority is trusted.
    ///
    /// # Errors
    /// Exit code 2 if the address is no URL of http or https.
    pub fn new(address: &str, authority: Option<&[u8]>) -> Result<Self, Problem> {
        let mut base = address.to_owned();
        if !base.ends_with('/') {
            base.push('/');
        }
        let usage = || Problem::usage(format!("{address} is no URL of an API"));
        let address = Url::parse(&base).map_err(|_| usage())?;
        if !matches!(address.scheme(), "http" | "https") || !address.has_host() {
            return Err(usage());
        }
        let settings = HttpConnectorSettings::builder()
            .connect_timeout(PATIENCE)
            .read_timeout(PATIENCE)
            .build();
        let trusted = match authority {
            None => TrustStore::default(),
            Some(pem) => TrustStore::empty().with_pem_certificate(pem),
        };
        let broken = |_| Problem::broken("the certificates of this machine cannot be read");
        let tls = TlsContext::builder().with_trust_store(trusted).build();
        let connector = Connector::builder()
            .connector_settings(settings)
            .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
            .tls_context(tls.map_err(broken)?)
            .build();
        let connector = SharedHttpConnector::new(connector);
        Ok(Self { address, connector })
    }

    /// Sends a request once.
    ///
    /// # Errors
    /// In a few words why no answer came.
    pub async fn send(&self, call: Call) -> Result<Answer, String> {
        let request = self.request(call).ok_or("the request cannot be built")?;
        let watch = Stopwatch::start();
        let answer = async {
            let answer = self.connector.call(request).await;
            let answer = answer.map_err(|error| match error.is_timeout() {
                true => "no answer in time",
                false => "the API cannot be reached",
            })?;
            let status = answer.status().as_u16();
            let body = Limited::new(answer.into_body(), LONGEST).collect().await;
            let body = body.map_err(|_| "the answer broke off, or is too long")?;
            Ok::<_, &str>((status, body.to_bytes()))
        };
        let answer = tokio::time::timeout(PATIENCE, answer).await;
        let (status, body) = answer.map_err(|_| "no answer in time")??;
        let text = String::from_utf8_lossy(&body).into_owned();
        Ok(Answer {
            status,
            body: serde_json::from_str(&text).unwrap_or_default(),
            milliseconds: watch.elapsed().as_millis(),
        })
    }

    fn request(&self, call: Call) -> Option<HttpRequest> {
        let url = self.address.join(call.path).ok()?;
        let (kind, body) = call.body.unzip();
        let body = body.unwrap_or_default();
        let length = body.len().to_string();
        let mut request = HttpRequest::new(SdkBody::from(body));
        request.set_method(call.method).ok()?;
        request.set_uri(url.as_str()).ok()?;
        if let Some(kind) = kind {
            request.headers_mut().insert("content-type", kind);
            request.headers_mut().insert("content-length", length);
        }
        Some(request)
    }
}
