//! `GET /_local/qr?text=…`: a QR code as SVG, for the page that shows an
//! authenticator's key.
//!
//! The code is made here, because no other server may learn the key. Like every route
//! under `/_local`, it answers only requests with a loopback `Host`, and the answer
//! must not be cached.

use axum::Json;
use axum::extract::Query;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use serde::Deserialize;
use serde_json::json;

/// The path of this route.
pub(crate) const PATH: &str = "/_local/qr";

/// The smallest size that the SVG states, in pixels. The page scales it.
const SIZE: u32 = 220;

#[derive(Deserialize)]
struct QrQuery {
    text: String,
}

/// The QR code of the query's `text`, with a quiet zone around it. It is black on white
/// even in a dark colour scheme, because many readers cannot read other colours.
/// Answers 400 if `text` is missing, empty, or too long for a code of level M (2331
/// bytes).
pub(crate) async fn qr(uri: Uri) -> Response {
    let Ok(Query(QrQuery { text })) = Query::<QrQuery>::try_from_uri(&uri) else {
        return refusal("wants a parameter text");
    };
    match QrCode::with_error_correction_level(text.as_bytes(), EcLevel::M) {
        Ok(code) if !text.is_empty() => drawn(&code),
        _ => refusal("text is empty, or too long for a QR code"),
    }
}

fn drawn(code: &QrCode) -> Response {
    let svg = code
        .render::<svg::Color>()
        .min_dimensions(SIZE, SIZE)
        .build();
    ([(header::CONTENT_TYPE, "image/svg+xml")], svg).into_response()
}

fn refusal(why: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({ "error": why }))).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn asked(query: &str) -> (StatusCode, String) {
        let uri = format!("{PATH}{query}").parse().unwrap();
        let response = qr(uri).await;
        let status = response.status();
        let body = axum::body::to_bytes(response.into_body(), 1_000_000).await;
        let text = String::from_utf8(body.unwrap().to_vec()).unwrap();
        (status, text)
    }

    #[tokio::test]
    async fn a_text_becomes_a_drawing_of_its_own() {
        let (status, one) = asked("?text=otpauth%3A%2F%2Ftotp%2Fa%3Fsecret%3DJBSWY3DP").await;
        assert_eq!(status, StatusCode::OK);
        assert!(one.contains("<svg "), "{one}");
        let (_, other) = asked("?text=otpauth%3A%2F%2Ftotp%2Fa%3Fsecret%3DJBSWY3DQ").await;
        assert_ne!(one, other);
        assert!(!one.contains("JBSWY3DP"), "markup of the text");
    }

    #[tokio::test]
    async fn no_text_and_too_much_of_it_are_refused() {
        let most = format!("?text={}", "x".repeat(2331));
        assert_eq!(asked(&most).await.0, StatusCode::OK);
        for query in ["", "?", "?text=", "?other=1", &format!("{most}x")] {
            assert_eq!(asked(query).await.0, StatusCode::BAD_REQUEST);
        }
    }
}
