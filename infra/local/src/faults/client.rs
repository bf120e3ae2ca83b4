//! The HTTP client of the AWS clients, with the planned faults.

use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use serde_json::json;

use super::{Callee, Faults, MetFault, Outage};

/// `client` with these faults.
pub fn with_faults(client: SharedHttpClient, faults: Faults) -> SharedHttpClient {
    http_client_fn(
        move |settings: &HttpConnectorSettings, components: &RuntimeComponents| {
            SharedHttpConnector::new(FaultyConnector {
                inner: client.http_connector(settings, components),
                faults: faults.clone(),
            })
        },
    )
}

#[derive(Debug)]
struct FaultyConnector {
    inner: SharedHttpConnector,
    faults: Faults,
}

impl HttpConnector for FaultyConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (callee, operation) = called(&request);
        let met = self.faults.meet(callee, &operation);
        let Some(MetFault {
            outage,
            milliseconds,
        }) = met
        else {
            return self.inner.call(request);
        };
        let inner = self.inner.clone();
        HttpConnectorFuture::new(async move {
            match outage {
                Outage::Throttled | Outage::ServerError | Outage::Conflict => {
                    refused(callee, outage)
                }
                Outage::Slow => {
                    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
                    inner.call(request).await
                }
                Outage::Hang => std::future::pending().await,
                Outage::CutBefore => Err(cut()),
                Outage::CutAfter => {
                    inner.call(request).await?;
                    Err(cut())
                }
            }
        })
    }
}

/// What a request calls. DynamoDB, KMS and EventBridge name their operation in a header.
fn called(request: &HttpRequest) -> (Callee, String) {
    let target = request.headers().get("x-amz-target").unwrap_or_default();
    let (service, operation) = target.split_once('.').unwrap_or_default();
    if service.starts_with("DynamoDB") {
        (Callee::DynamoDb, operation.to_owned())
    } else if service == "TrentService" {
        (Callee::Kms, operation.to_owned())
    } else if request.uri().contains("/v2/email/") {
        (Callee::Ses, "SendEmail".to_owned())
    } else {
        (Callee::Sns, "Publish".to_owned())
    }
}

/// The answer of this service that refuses the call.
fn refused(callee: Callee, outage: Outage) -> Result<HttpResponse, ConnectorError> {
    let (status, code) = match (outage, callee) {
        (Outage::Conflict, _) => (400, "TransactionCanceledException"),
        (Outage::Throttled, Callee::Ses) => (429, "TooManyRequestsException"),
        (Outage::Throttled, Callee::Sns) => (429, "Throttled"),
        (Outage::Throttled, _) => (400, "ThrottlingException"),
        (_, Callee::Kms) => (500, "KMSInternalException"),
        (_, Callee::DynamoDb) => (500, "InternalServerError"),
        _ => (500, "InternalError"),
    };
    let (kind, body) = if callee == Callee::Sns {
        let error = format!(
            "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error>\
             <Type>Sender</Type><Code>{code}</Code><Message>a planned fault</Message></Error>\
             </ErrorResponse>"
        );
        ("text/xml", error)
    } else {
        let mut error = json!({ "__type": code, "message": "a planned fault" });
        if outage == Outage::Conflict {
            error["CancellationReasons"] = json!([{ "Code": "TransactionConflict" }]);
        }
        ("application/x-amz-json-1.0", error.to_string())
    };
    let status =
        StatusCode::try_from(status).map_err(|error| ConnectorError::user(error.into()))?;
    let mut response = HttpResponse::new(status, SdkBody::from(body));
    response.headers_mut().insert("content-type", kind);
    if callee == Callee::Ses {
        response.headers_mut().insert("x-amzn-errortype", code);
    }
    Ok(response)
}

fn cut() -> ConnectorError {
    ConnectorError::io("a planned fault cut the connection".into())
}
