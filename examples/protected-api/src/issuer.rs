//! Fetches the issuer's keys from the URL in the issuer's metadata.

use std::io;
use std::time::Duration;

use axum::body::Body;
use axum::http::Uri;
use http_body_util::{BodyExt, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use jsonwebtoken::jwk::JwkSet;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

/// The time limit of one request.
const PATIENCE: Duration = Duration::from_secs(5);
/// The maximum size of an answer, in bytes.
const SIZE: usize = 64 * 1024;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The members of the metadata that this example needs (RFC 8414 2).
#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    jwks_uri: String,
}

/// An issuer, and the client that fetches from it. The client follows no redirects.
pub struct Issuer {
    /// The issuer's name, which is its URL.
    pub name: String,
    http: Client<HttpsConnector<HttpConnector>, Body>,
}

impl Issuer {
    /// Uses http only for an issuer with an `http:` URL, which exists only on a
    /// developer's machine.
    pub fn new(name: String) -> io::Result<Self> {
        let cryptography = rustls::crypto::aws_lc_rs::default_provider();
        let tls = HttpsConnectorBuilder::new().with_provider_and_native_roots(cryptography)?;
        let connector = if name.starts_with("http://") {
            tls.https_or_http()
        } else {
            tls.https_only()
        };
        let connector = connector.enable_http1().build();
        let http = Client::builder(TokioExecutor::new()).build(connector);
        Ok(Self { name, http })
    }

    /// The public keys that the issuer publishes now.
    pub async fn keys(&self) -> Result<JwkSet, Failure> {
        let path = format!("{}.well-known/openid-configuration", self.name);
        let metadata: Metadata = self.get(&path).await?;
        // RFC 8414 3.3: metadata that names another issuer must not be used.
        if metadata.issuer != self.name {
            return Err("the metadata belongs to another issuer".into());
        }
        self.get(&metadata.jwks_uri).await
    }

    async fn get<T: DeserializeOwned>(&self, url: &str) -> Result<T, Failure> {
        let url: Uri = url.parse()?;
        let fetched = timeout(PATIENCE, async {
            let response = self.http.get(url).await?;
            let status = response.status();
            let body = Limited::new(response.into_body(), SIZE).collect().await?;
            Ok::<_, Failure>((status, body.to_bytes()))
        });
        let (status, body) = fetched.await??;
        if !status.is_success() {
            return Err(format!("the issuer answered {status}").into());
        }
        Ok(serde_json::from_slice(&body)?)
    }
}
