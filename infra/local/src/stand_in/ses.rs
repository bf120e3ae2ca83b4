//! A stand-in for SES v2: `SendEmail` in its simple form (subject, text and HTML).

use super::fault::Fault;
use super::inbox::{Channel, Message, find_code};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendEmail {
    from_email_address: Option<String>,
    destination: Destination,
    content: Content,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Destination {
    #[serde(default)]
    to_addresses: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Content {
    simple: Simple,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Simple {
    subject: Part,
    body: Body,
    #[serde(default)]
    headers: Vec<Header>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Header {
    name: String,
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Body {
    text: Option<Part>,
    html: Option<Part>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Part {
    data: String,
}

/// Reads the body of `POST /v2/email/outbound-emails` as a message sent at `at`
/// (seconds since 1970). Like SES, refuses an e-mail without sender, recipient or body.
pub(super) fn send_email(body: &[u8], at: i64) -> Result<Message, Fault> {
    let bad = |message: &str| Fault::new("BadRequestException", message);
    let mail: SendEmail = serde_json::from_slice(body).map_err(|error| bad(&error.to_string()))?;
    let Simple {
        subject,
        body,
        headers,
    } = mail.content.simple;
    let sender = mail
        .from_email_address
        .filter(|address| !address.is_empty())
        .ok_or_else(|| bad("FromEmailAddress is missing"))?;
    if mail.destination.to_addresses.is_empty() {
        return Err(bad("Destination.ToAddresses is empty"));
    }
    if body.text.is_none() && body.html.is_none() {
        return Err(bad("Body has neither Text nor Html"));
    }
    let text = body.text.map(|part| part.data).unwrap_or_default();
    Ok(Message {
        channel: Channel::Email,
        to: mail.destination.to_addresses.join(", "),
        subject: Some(subject.data),
        code: find_code(&text),
        text,
        html: body.html.map(|part| part.data),
        at,
        sender: Some(sender),
        attributes: headers
            .into_iter()
            .map(|header| (header.name, header.value))
            .collect(),
    })
}
