//! Restricts links in messages to the origins that the operator has allowed, whatever a
//! request asks for.

use url::{Origin, Url};

/// The origins that links may lead to. The first is the default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkOrigins(Vec<Url>);

impl LinkOrigins {
    /// Reads comma-separated origins. Without any, uses the issuer's origin. `None` if
    /// a text is not an origin (https, or http for loopback).
    pub fn parse(text: Option<&str>, issuer: &str) -> Option<Self> {
        let Some(text) = text else {
            let origin = Url::parse(issuer).ok()?.origin().ascii_serialization();
            return Some(Self(vec![Url::parse(&origin).ok()?]));
        };
        let origins: Option<Vec<Url>> = text.split(',').map(|one| origin(one.trim())).collect();
        origins.map(Self)
    }

    /// The origins as browsers write them: `https://app.example.com`.
    pub fn origins(&self) -> Vec<String> {
        let text = |url: &Url| url.origin().ascii_serialization();
        self.0.iter().map(text).collect()
    }

    /// Whether links lead to the origin of the issuer only.
    pub fn are_only_of(&self, issuer: &str) -> bool {
        Self::parse(None, issuer).is_some_and(|own| own == *self)
    }

    /// A link to this path of the default origin, with these parameters.
    pub fn to_path(&self, path: &str, parameters: &[(&str, &str)]) -> String {
        let Some(default) = self.0.first() else {
            return String::new();
        };
        let mut link = default.clone();
        link.set_path(path);
        self.to_url(link, parameters)
    }

    /// A link to this URL, which comes from `allowed`. The parameters are added to the
    /// URL's own.
    pub fn to_url(&self, mut link: Url, parameters: &[(&str, &str)]) -> String {
        link.query_pairs_mut().extend_pairs(parameters);
        link.into()
    }

    /// The URL that a request asks for, normalised, if it is on an allowed origin. A
    /// relative URL belongs to the default origin. Repeated slashes in the path become
    /// one slash. `None` for any other URL, and for a URL with a user name or password.
    pub fn allowed(&self, asked: &str) -> Option<Url> {
        let url = self.0.first()?.join(asked).ok()?;
        let plain = url.username().is_empty() && url.password().is_none();
        let known = |origin: Origin| self.0.iter().any(|allowed| allowed.origin() == origin);
        (plain && url.has_host() && known(url.origin())).then(|| with_single_slashes(url))
    }
}

/// Removes repeated slashes from the path. Otherwise an app that redirects the browser
/// to the path `//evil.example` would send the token to another host.
fn with_single_slashes(mut url: Url) -> Url {
    let mut path = String::with_capacity(url.path().len());
    for character in url.path().chars() {
        if character != '/' || !path.ends_with('/') {
            path.push(character);
        }
    }
    url.set_path(&path);
    url
}

/// A URL that is only an origin.
fn origin(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    let scheme = url.scheme() == "https" || (url.scheme() == "http" && local);
    (scheme && url.origin().ascii_serialization() == text.trim_end_matches('/')).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::LinkOrigins;

    fn origins() -> LinkOrigins {
        let text = "https://app.example.com, https://other.example.com:8443";
        LinkOrigins::parse(Some(text), "https://login.example.com/").unwrap()
    }

    fn allowed(asked: &str) -> Option<String> {
        origins().allowed(asked).map(String::from)
    }

    #[test]
    fn without_a_setting_links_lead_to_the_issuers_origin() {
        let origins = LinkOrigins::parse(None, "https://login.example.com/tenant/").unwrap();
        let link = origins.to_path("/account/reset-password", &[("token", "a b&c")]);
        let expected = "https://login.example.com/account/reset-password?token=a+b%26c";
        assert_eq!(link, expected);
    }

    #[test]
    fn a_url_on_a_named_origin_and_a_relative_one_are_allowed() {
        for (asked, link) in [
            ("https://app.example.com", "https://app.example.com/"),
            (
                "https://APP.example.com/a?b=c",
                "https://app.example.com/a?b=c",
            ),
            (
                "https://other.example.com:8443/x",
                "https://other.example.com:8443/x",
            ),
            ("/home", "https://app.example.com/home"),
        ] {
            assert_eq!(allowed(asked).as_deref(), Some(link));
        }
    }

    #[test]
    fn the_path_of_an_allowed_url_begins_with_one_slash_and_repeats_none() {
        for (asked, path) in [
            ("https://app.example.com//evil.example", "/evil.example"),
            ("https://app.example.com\\\\evil.example", "/evil.example"),
            ("https://app.example.com/a//b\\/c//", "/a/b/c/"),
            ("/.//evil.example/x", "/evil.example/x"),
            ("https://app.example.com/%2e//evil.example", "/evil.example"),
            ("https://app.example.com/a?next=//b", "/a?next=//b"),
        ] {
            let link = format!("https://app.example.com{path}");
            assert_eq!(allowed(asked), Some(link), "{asked}");
        }
    }

    #[test]
    fn whatever_leads_elsewhere_is_not() {
        for asked in [
            "https://evil.example",
            "http://app.example.com",
            "https://app.example.com:444",
            "https://other.example.com",
            "https://app.example.com.evil.example",
            "https://app.example.com@evil.example",
            "https://user@app.example.com",
            "https://evil.example/https://app.example.com",
            "https://evil.example#https://app.example.com",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https:\\\\evil.example",
            "/\t/evil.example",
            "javascript:alert(1)",
            "data:text/html,x",
            "blob:https://app.example.com/x",
        ] {
            assert_eq!(allowed(asked), None, "{asked}");
        }
    }
}
