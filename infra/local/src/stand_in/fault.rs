//! A refused call, as AWS words it.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// Why a call was refused: AWS's error code, and a sentence.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) kind: &'static str,
    pub(super) message: String,
}

impl Fault {
    pub(super) fn new(kind: &'static str, message: impl Into<String>) -> Fault {
        Fault {
            kind,
            message: message.into(),
        }
    }
}

impl IntoResponse for Fault {
    /// For the JSON protocols: the error code is in the body (KMS) and in a header
    /// (SES).
    fn into_response(self) -> Response {
        let body = serde_json::json!({ "__type": self.kind, "message": self.message });
        let mut response = json("application/x-amz-json-1.1", &body);
        *response.status_mut() = StatusCode::BAD_REQUEST;
        response.headers_mut().insert(
            "x-amzn-errortype",
            header::HeaderValue::from_static(self.kind),
        );
        response
    }
}

/// An answer with this body.
pub(super) fn json(content_type: &'static str, body: &serde_json::Value) -> Response {
    ([(header::CONTENT_TYPE, content_type)], body.to_string()).into_response()
}
