//! What the values of settings must look like.

use url::Url;

pub(super) fn good_issuer(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else {
        return false;
    };
    let local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    let scheme = url.scheme() == "https" || (url.scheme() == "http" && local);
    let plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    // Clients compare the issuer byte by byte, so it must be in its one form.
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

pub(super) fn good_countries(text: &str) -> bool {
    text.split(',').map(str::trim).all(|code| {
        let digits = code.bytes().all(|byte| byte.is_ascii_digit());
        digits && (1..=3).contains(&code.len()) && !code.starts_with('0')
    })
}

pub(super) fn good_origination_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    (3..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}
