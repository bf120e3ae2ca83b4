//! A stand-in for the webhook's receiver, which an operator would connect to a service
//! for text messages.

use super::inbox::{Channel, Message, find_code};
use axum::http::{HeaderMap, StatusCode, header};
use serde_json::Value;

/// The path that codes are posted to, as in Aidbox's demo.
pub const PATH: &str = "/webhook/two-factor-confirmation";

/// The `Authorization` that the receiver requires, as in Aidbox's demo.
pub const AUTHORIZATION: &str = "Basic dHdvLWZhY3Rvci13ZWJob29rOnR3by1mYWN0b3Itd2ViaG9vaw==";

/// Reads `{"user": {"id", "email"}, "token"}` as a message sent at `at`. Refuses a post
/// without the header or with another form.
pub(super) fn received_message(
    headers: &HeaderMap,
    body: &[u8],
    at: i64,
) -> Result<Message, StatusCode> {
    let text_of = |name| {
        let value = headers.get(name);
        value.and_then(|value: &header::HeaderValue| value.to_str().ok())
    };
    if text_of(header::AUTHORIZATION) != Some(AUTHORIZATION) {
        return Err(StatusCode::UNAUTHORIZED);
    }
    let post: Value = serde_json::from_slice(body).map_err(|_| StatusCode::BAD_REQUEST)?;
    let user = &post["user"];
    let to = user["email"].as_str().or(user["id"].as_str());
    let (Some(to), Some(token)) = (to, post["token"].as_str()) else {
        return Err(StatusCode::BAD_REQUEST);
    };
    let named =
        |name: &header::HeaderName| Some((name.to_string(), text_of(name.clone())?.to_owned()));
    Ok(Message {
        channel: Channel::Webhook,
        to: to.to_owned(),
        subject: None,
        code: find_code(token),
        text: String::from_utf8_lossy(body).into_owned(),
        html: None,
        at,
        sender: None,
        attributes: headers.keys().filter_map(named).collect(),
    })
}
