//! Compares the redirect URI of a request with the URIs that a client has
//! registered.

/// Where a native app listens on the user's own machine (RFC 8252 7.3).
/// `localhost` is not here, because it is a name and may lead elsewhere (8.3).
const LOOPBACK: [&str; 2] = ["127.0.0.1", "[::1]"];

/// The scheme of such an address (RFC 8252 7.3).
const SCHEME: &str = "http://";

/// Whether the URI of a request equals this registered URI, character by
/// character (RFC 9700 2.1). If both lead to the same loopback address, the
/// ports may differ (RFC 8252 7.3), because a native app listens at whatever
/// port is free.
pub fn is_registered(registered: &str, asked: &str) -> bool {
    registered == asked || same_loopback(registered, asked).unwrap_or(false)
}

fn same_loopback(registered: &str, asked: &str) -> Option<bool> {
    let (registered, asked) = (
        registered.strip_prefix(SCHEME)?,
        asked.strip_prefix(SCHEME)?,
    );
    let of = |host: &'static str| {
        let (registered, asked) = (registered.strip_prefix(host)?, asked.strip_prefix(host)?);
        Some(without_port(registered)? == without_port(asked)?)
    };
    LOOPBACK.into_iter().find_map(of)
}

/// What follows the port. `None` if the host goes on, or if there is no valid
/// port.
fn without_port(rest: &str) -> Option<&str> {
    let Some(port) = rest.strip_prefix(':') else {
        return (rest.is_empty() || rest.starts_with(['/', '?'])).then_some(rest);
    };
    let end = port.find(['/', '?']).unwrap_or(port.len());
    let (port, rest) = port.split_at_checked(end)?;
    let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    (digits && port.parse::<u16>().is_ok_and(|port| port > 0)).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::is_registered;

    #[test]
    fn a_native_app_may_listen_at_any_port_of_a_loopback_address() {
        for (registered, asked) in [
            ("http://127.0.0.1/cb", "http://127.0.0.1:51234/cb"),
            ("http://127.0.0.1:8080/cb", "http://127.0.0.1/cb"),
            ("http://127.0.0.1:8080/cb?x=1", "http://127.0.0.1:9/cb?x=1"),
            ("http://[::1]/cb", "http://[::1]:65535/cb"),
            ("http://127.0.0.1", "http://127.0.0.1:80"),
        ] {
            assert!(is_registered(registered, asked), "{registered} {asked}");
        }
    }

    #[test]
    fn nothing_but_the_port_may_differ_and_only_there() {
        for (registered, asked) in [
            ("http://127.0.0.1/cb", "http://127.0.0.1:51234/other"),
            ("http://127.0.0.1/cb", "https://127.0.0.1:51234/cb"),
            ("app://127.0.0.1/cb", "app://127.0.0.1:51234/cb"),
            ("http://127.0.0.1/cb", "http://127.0.0.1.evil.example/cb"),
            ("http://127.0.0.1/cb", "http://127.0.0.1:1@evil.example/cb"),
            ("http://127.0.0.1/cb", "http://127.0.0.1:80:80/cb"),
            ("http://127.0.0.1/cb", "http://127.0.0.1:0/cb"),
            ("http://127.0.0.1/cb", "http://127.0.0.1:65536/cb"),
            ("http://127.0.0.1/cb", "http://127.0.0.1:/cb"),
            ("http://127.0.0.1/cb", "http://127.0.0.1:+80/cb"),
            ("http://127.0.0.1/cb", "http://127.0.0.1:80/cb/"),
            ("http://127.0.0.1/cb", "http://[::1]:80/cb"),
            ("http://127.0.0.1", "http://127.0.0.1:80/"),
            ("http://127.0.0.11/cb", "http://127.0.0.1:80/cb"),
            ("http://localhost/cb", "http://localhost:80/cb"),
            ("https://a.example/cb", "https://a.example:444/cb"),
        ] {
            assert!(!is_registered(registered, asked), "{registered} {asked}");
        }
    }
}
