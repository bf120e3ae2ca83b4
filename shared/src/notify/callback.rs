//! Sends the result of a custom resource to CloudFormation, to the URL from
//! CloudFormation's request.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_smithy_http_client::default_connector;
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;

/// The number of attempts.
const ATTEMPTS: u32 = 3;

/// How long one attempt may take to connect, and then to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// CloudFormation did not accept the callback. The text gives the reason, without the
/// URL, because the URL contains a signature.
#[derive(Debug)]
pub struct CallbackFailed(pub String);

/// Puts `body` (JSON) at `url`, which must be https. The content type is empty, because
/// CloudFormation's signature requires that.
///
/// # Errors
/// `CallbackFailed` after three attempts.
pub async fn put_callback(aws: &SdkConfig, url: &str, body: &str) -> Result<(), CallbackFailed> {
    let failed = |why: &str| CallbackFailed(why.to_owned());
    if !url.starts_with("https://") {
        return Err(failed("the response URL is not https"));
    }
    let settings = HttpConnectorSettings::builder()
        .connect_timeout(PATIENCE)
        .read_timeout(PATIENCE)
        .build();
    let connector =
        default_connector(&settings, aws.sleep_impl()).ok_or_else(|| failed("there is no TLS"))?;
    let mut last = failed("never tried");
    for _ in 0..ATTEMPTS {
        let mut request = HttpRequest::new(SdkBody::from(body.to_owned()));
        let made = request
            .set_method("PUT")
            .and_then(|()| request.set_uri(url.to_owned()));
        made.map_err(|_| failed("the response URL is no URL"))?;
        request
            .headers_mut()
            .insert("content-length", body.len().to_string());
        last = match connector.call(request).await {
            Ok(response) if response.status().is_success() => return Ok(()),
            Ok(response) => CallbackFailed(format!("status {}", response.status().as_u16())),
            Err(_) => failed("no answer"),
        };
    }
    Err(last)
}
