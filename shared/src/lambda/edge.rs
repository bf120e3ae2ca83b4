//! Decides which events came through the CloudFront distribution in front of the API,
//! and finds the viewer's address.
//!
//! In the gateway's events, the source address of these requests is CloudFront's.
//! CloudFront writes the viewer's address into a header and overwrites whatever the
//! viewer sent there. The header is trusted only together with the secret that only the
//! distribution adds. An installation without a secret trusts no header.

use std::net::IpAddr;

use serde_json::{Value, json};

use crate::domain::secret::Secret;

/// The header with the distribution's secret.
const SECRET_HEADER: &str = "x-countersign-edge";

/// CloudFront's header: the viewer's address, a colon, and the port.
const VIEWER_HEADER: &str = "cloudfront-viewer-address";

/// The event with the viewer's address as its source. Without a `secret`, the event is
/// returned unchanged. With a `secret`, the result is `None` for an event that lacks
/// the secret or the viewer's address.
pub(super) fn admitted(secret: Option<&Secret>, mut event: Value) -> Option<Value> {
    let Some(secret) = secret else {
        return Some(event);
    };
    let shown = event["headers"][SECRET_HEADER].as_str()?;
    if !secret.matches(shown) {
        return None;
    }
    let viewer = viewer(event["headers"][VIEWER_HEADER].as_str()?)?;
    event["headers"].as_object_mut()?.remove(SECRET_HEADER);
    event["requestContext"]["http"]["sourceIp"] = json!(viewer.to_string());
    Some(event)
}

fn viewer(header: &str) -> Option<IpAddr> {
    let (address, port) = header.rsplit_once(':')?;
    port.parse::<u16>().ok()?;
    address.trim_matches(['[', ']']).parse().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{admitted, viewer};
    use crate::domain::secret::Secret;
    use serde_json::{Value, json};

    fn event(headers: Value) -> Value {
        json!({ "headers": headers, "requestContext": { "http": { "sourceIp": "192.0.2.9" } } })
    }

    fn source(secret: Option<&str>, headers: Value) -> Option<String> {
        let secret = secret.map(Secret::new);
        let admitted = admitted(secret.as_ref(), event(headers))?;
        let source = &admitted["requestContext"]["http"]["sourceIp"];
        source.as_str().map(str::to_owned)
    }

    #[test]
    fn a_viewer_is_believed_only_beside_the_secret_of_the_distribution() {
        let viewer = "198.51.100.7:443";
        let shown = |secret: &str| json!({ "x-countersign-edge": secret, "cloudfront-viewer-address": viewer });
        assert_eq!(source(Some("s"), shown("s")).unwrap(), "198.51.100.7");
        for headers in [
            shown("t"),
            shown(""),
            json!({ "cloudfront-viewer-address": viewer }),
            json!({ "x-countersign-edge": "s" }),
            json!({ "x-countersign-edge": "s", "cloudfront-viewer-address": "a:443" }),
            json!({ "x-countersign-edge": "s", "x-forwarded-for": "198.51.100.7" }),
            json!({ "x-countersign-edge": ["s"], "cloudfront-viewer-address": viewer }),
        ] {
            assert_eq!(source(Some("s"), headers.clone()), None, "{headers}");
        }
    }

    #[test]
    fn without_a_secret_no_header_says_where_a_request_comes_from() {
        let headers = json!({ "x-countersign-edge": "", "cloudfront-viewer-address": "198.51.100.7:443", "x-forwarded-for": "198.51.100.7" });
        assert_eq!(source(None, headers).unwrap(), "192.0.2.9");
    }

    #[test]
    fn the_secret_does_not_go_on_into_the_service() {
        let headers =
            json!({ "x-countersign-edge": "s", "cloudfront-viewer-address": "198.51.100.7:443" });
        let secret = Secret::new("s");
        let event = admitted(Some(&secret), event(headers)).unwrap();
        assert_eq!(event["headers"]["x-countersign-edge"], Value::Null);
    }

    #[test]
    fn an_ipv6_viewer_is_read_with_and_without_brackets() {
        for header in ["2001:db8::7:443", "[2001:db8::7]:443"] {
            assert_eq!(viewer(header).unwrap().to_string(), "2001:db8::7");
        }
        assert_eq!(viewer("198.51.100.7"), None);
    }
}
