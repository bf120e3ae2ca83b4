//! An HTTP answer.

use axum::http::HeaderMap;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http_body_util::BodyExt;
use serde_json::Value;

/// Status, headers and body.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    pub headers: HeaderMap,
    /// The body as JSON, or `null` if it is not JSON.
    pub body: Value,
    /// The body as text.
    pub raw: String,
}

impl Answer {
    /// Reads a response.
    pub async fn read(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let raw = String::from_utf8(bytes.to_vec()).unwrap();
        let body = serde_json::from_str(&raw).unwrap_or(Value::Null);
        Self {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body,
            raw,
        }
    }

    /// A text member of the body.
    pub fn text(&self, name: &str) -> String {
        let value = self.body[name].as_str();
        value
            .unwrap_or_else(|| panic!("no {name} in {} {}", self.status, self.raw))
            .to_owned()
    }

    /// `error: error_description`, or an empty text if there is no error.
    pub fn error(&self) -> String {
        let member = |name: &str| self.body[name].as_str().unwrap_or_default().to_owned();
        match member("error") {
            error if error.is_empty() => error,
            error => format!("{error}: {}", member("error_description")),
        }
    }

    /// Checks a whole refusal: the status, a body with exactly these two members, and
    /// the headers that forbid caching.
    #[track_caller]
    pub fn is_refused(&self, status: u16, error: &str, description: &str) {
        let body = serde_json::json!({ "error": error, "error_description": description });
        assert_eq!(
            (self.status, self.raw.as_str()),
            (status, &*body.to_string())
        );
        self.is_private();
    }

    /// Checks the headers that keep an answer out of every cache.
    #[track_caller]
    pub fn is_private(&self) {
        assert_eq!(self.header("content-type"), Some("application/json"));
        assert_eq!(self.header("cache-control"), Some("no-store"));
        assert_eq!(self.header("pragma"), Some("no-cache"));
    }

    /// The names of the body's members, in their order.
    pub fn members(&self) -> Vec<&str> {
        let members = self.body.as_object().into_iter().flatten();
        members.map(|(name, _)| name.as_str()).collect()
    }

    /// A header's text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// A header's number.
    pub fn number_header(&self, name: &str) -> i64 {
        self.header(name)
            .unwrap_or_else(|| panic!("no {name}"))
            .parse()
            .unwrap()
    }

    /// The claims of a JWT in the body, not verified.
    pub fn claims(&self, name: &str) -> Value {
        let token = self.text(name);
        let payload = token.split('.').nth(1).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
    }
}

/// An attribute of the tag that this text begins with.
pub fn attribute(tag: &str, name: &str) -> Option<String> {
    let tag = tag.split('>').next()?;
    let found = tag.split(&format!(" {name}=\"")).nth(1);
    let found = found.or_else(|| tag.strip_prefix(&format!("{name}=\"")))?;
    Some(unescape(found.split('"').next()?))
}

/// A text of a page, with its entities decoded.
pub fn unescape(text: &str) -> String {
    let marks = [
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#38;", "&"),
    ];
    let replaced = marks
        .iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    assert!(!text.contains("&amp;"), "another escaping: {text}");
    replaced
}
