//! The issuers of one deployment. Discovery names one token endpoint for each
//! issuer (OpenID Connect Discovery 3), and the endpoint's path decides the
//! words of its answers. So each dialect whose clients read discovery has an
//! issuer of its own, which is a path below the plain issuer (RFC 8414 3.1).
//! The clients of every dialect may use the plain issuer too.

use super::Dialect;

/// The issuer that a client used to find the service. The client's tokens name
/// it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Issuer(Option<Dialect>);

/// Where RFC 8414 3.1 looks for the metadata of an issuer with a path.
const METADATA: &str = "/.well-known/oauth-authorization-server/";

impl Issuer {
    /// The dialects with an issuer of their own. Auth0's clients have the plain
    /// issuer, because their SDKs take a host and no path. CodeMaze's clients
    /// read no discovery.
    pub const DIALECTS: [Dialect; 2] = [Dialect::Abp, Dialect::Aidbox];

    /// The issuer of a request path: `/abp/…` is ABP's.
    pub fn of_path(path: &str) -> Self {
        let rest = path.strip_prefix(METADATA).or(path.strip_prefix('/'));
        let first = rest.and_then(|rest| rest.split('/').next());
        Self::of_name(first.unwrap_or_default())
    }

    /// The issuer of the dialect with this name; the plain issuer for any other
    /// name.
    pub fn of_name(name: &str) -> Self {
        let known = |dialect: &Dialect| dialect.name() == name;
        Self(Self::DIALECTS.into_iter().find(known))
    }

    /// The dialect of this issuer; `None` for the plain issuer.
    pub fn dialect(self) -> Option<Dialect> {
        self.0
    }

    /// The URL that tokens and metadata contain. `plain` is the plain issuer.
    /// Every issuer's URL ends in a slash.
    pub fn url(self, plain: &str) -> String {
        match self.0 {
            Some(dialect) => format!("{plain}{}/", dialect.name()),
            None => plain.to_owned(),
        }
    }

    /// The URLs of all issuers.
    pub fn all(plain: &str) -> Vec<String> {
        let own = Self::DIALECTS.map(|dialect| Self(Some(dialect)));
        let all = std::iter::once(Self(None)).chain(own);
        all.map(|issuer| issuer.url(plain)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_below_a_dialects_name_is_that_dialects_issuer() {
        for (path, dialect) in [
            ("/abp/connect/token", Some(Dialect::Abp)),
            ("/abp/.well-known/openid-configuration", Some(Dialect::Abp)),
            (
                "/.well-known/oauth-authorization-server/aidbox",
                Some(Dialect::Aidbox),
            ),
            ("/aidbox/auth/token", Some(Dialect::Aidbox)),
            ("/connect/token", None),
            ("/.well-known/oauth-authorization-server", None),
            ("/auth0/oauth/token", None),
            ("/abpx/connect/token", None),
            ("/", None),
            ("", None),
        ] {
            assert_eq!(Issuer::of_path(path).dialect(), dialect, "{path}");
        }
    }

    #[test]
    fn every_issuer_ends_in_a_slash_and_begins_as_the_plain_one() {
        assert_eq!(
            Issuer::all("https://login.example.com/tenant/"),
            [
                "https://login.example.com/tenant/",
                "https://login.example.com/tenant/abp/",
                "https://login.example.com/tenant/aidbox/",
            ]
        );
    }
}
