//! The accepted forms of settings.

use url::Url;

pub(super) fn good_issuer(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else {
        return false;
    };
    let local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    let scheme = url.scheme() == "https" || (url.scheme() == "http" && local);
    let plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    // Clients compare the issuer byte by byte, so it must be in the normalised
    // form.
    scheme && plain && text.ends_with('/') && url.as_str() == text
}

pub(super) fn good_sender(text: &str) -> bool {
    let address = match text.rsplit_once('<') {
        Some((_, rest)) => rest.strip_suffix('>').unwrap_or_default(),
        None => text,
    };
    let parts = address.split_once('@');
    parts.is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.'))
        && text.is_ascii()
        && !text.contains(char::is_control)
        && !address.contains(char::is_whitespace)
}

pub(super) fn good_sender_id(text: &str) -> bool {
    (1..=11).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

pub(super) fn good_origination_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    (3..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// A URL that a browser or the service itself may open: https, or http on this
/// machine. It has no user, password or fragment, and no characters that end a
/// part of a header.
pub(super) fn read_web_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    let scheme = url.scheme() == "https" || (url.scheme() == "http" && local);
    let bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let plain = !url.as_str().contains([';', ',', '\'', '"']);
    (scheme && bare && plain).then_some(url)
}

pub(super) fn good_plain_text(text: &str, most: usize) -> bool {
    text.chars().count() <= most && !text.contains(char::is_control)
}
