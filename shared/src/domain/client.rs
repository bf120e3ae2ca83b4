//! An OAuth client: what an app may ask for.

use super::refusal::Refusal;

/// Scopes that every client may ask for: OIDC's own (OpenID Connect Core 5.4),
/// and `roles`, which OpenIddict counts among them.
const STANDARD_SCOPES: [&str; 6] = ["openid", "profile", "email", "phone", "address", "roles"];

/// The scope that asks for a refresh token (OpenID Connect Core 11).
pub const OFFLINE_ACCESS: &str = "offline_access";

/// The longest `client_id` in bytes.
pub const LONGEST_CLIENT_ID: usize = 256;

/// The longest lifetime of a token that is signed, in seconds (30 days). A
/// signing key stays published for as long after it signed last.
pub const LONGEST_TOKEN_SECONDS: i64 = 2_592_000;

/// A set of scopes in the order in which they were asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope(Vec<String>);

impl Scope {
    /// Reads a space-separated list (RFC 6749 3.3); a repeated one counts once.
    pub fn parse(text: &str) -> Self {
        let mut scopes: Vec<String> = Vec::new();
        for scope in text.split_ascii_whitespace() {
            if !scopes.iter().any(|known| known == scope) {
                scopes.push(scope.to_owned());
            }
        }
        Self(scopes)
    }

    /// Whether this scope is among them.
    pub fn contains(&self, scope: &str) -> bool {
        self.0.iter().any(|granted| granted == scope)
    }

    /// The scopes, one by one.
    pub fn into_list(self) -> Vec<String> {
        self.0
    }

    /// The space-separated list.
    pub fn to_text(&self) -> String {
        self.0.join(" ")
    }
}

/// What was asked for and granted when a login began. It comes from here at
/// the end, never from the last request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Authorized {
    /// The client's identifier.
    pub client: String,
    /// The scopes.
    pub scope: Scope,
    /// The audiences of the access token.
    pub audience: Vec<String>,
}

/// What the `CLIENT` item holds.
#[derive(Clone, Debug)]
pub struct Client {
    /// The `client_id`.
    pub id: String,
    /// Hashes of the secrets that are good; none for a public client. Two at a
    /// time let a secret be replaced without a pause.
    pub secret_hashes: Vec<String>,
    /// The `grant_type`s that it may use.
    pub grants: Vec<String>,
    /// The scopes that it may ask for beside OIDC's own.
    pub scopes: Vec<String>,
    /// The audiences that it may ask for; the first is its default.
    pub audiences: Vec<String>,
    /// Lifetime of its access tokens in seconds, if not the service's; 30 days
    /// at most.
    pub access_token_seconds: Option<i64>,
    /// Idle lifetime of its refresh tokens in seconds, if not the service's.
    pub refresh_idle_seconds: Option<i64>,
    /// Absolute lifetime of its refresh tokens in seconds, if not the service's.
    pub refresh_absolute_seconds: Option<i64>,
}

impl Client {
    /// Whether it has no secret (RFC 6749 2.1).
    pub fn is_public(&self) -> bool {
        self.secret_hashes.is_empty()
    }

    /// Refuses a grant type that this client may not use.
    ///
    /// # Errors
    /// `GrantNotAllowed`.
    pub fn check_grant(&self, grant: &str) -> Result<(), Refusal> {
        let allowed = self.grants.iter().any(|allowed| allowed == grant);
        if allowed {
            Ok(())
        } else {
            Err(Refusal::GrantNotAllowed)
        }
    }

    /// Decides what a request for these scopes and this audience is granted.
    /// An absent scope means the client's own without a refresh token, an
    /// absent audience its default. With `openid` the token is for
    /// `userinfo` (an audience) too.
    ///
    /// # Errors
    /// `ScopeNotAllowed`, `AudienceNotAllowed`.
    pub fn authorize(
        &self,
        scope: Option<&str>,
        audience: Option<&str>,
        userinfo: &str,
    ) -> Result<Authorized, Refusal> {
        let scope = match scope {
            Some(text) => Scope::parse(text),
            None => Scope(
                self.scopes
                    .iter()
                    .filter(|s| *s != OFFLINE_ACCESS)
                    .cloned()
                    .collect(),
            ),
        };
        let allowed = |scope: &String| {
            STANDARD_SCOPES.contains(&scope.as_str()) || self.scopes.contains(scope)
        };
        if !scope.0.iter().all(allowed) {
            return Err(Refusal::ScopeNotAllowed);
        }
        let mut audiences: Vec<String> = match audience {
            Some(asked) if self.audiences.iter().any(|allowed| allowed == asked) => {
                vec![asked.to_owned()]
            }
            Some(_) => return Err(Refusal::AudienceNotAllowed),
            None => self.audiences.first().cloned().into_iter().collect(),
        };
        if scope.contains("openid") || audiences.is_empty() {
            audiences.push(userinfo.to_owned());
        }
        Ok(Authorized {
            client: self.id.clone(),
            scope,
            audience: audiences,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Client, Refusal};

    const USERINFO: &str = "https://issuer/userinfo";

    fn client() -> Client {
        Client {
            id: "app".into(),
            secret_hashes: vec![],
            grants: vec!["password".into()],
            scopes: vec!["read:sample".into(), "offline_access".into()],
            audiences: vec!["https://api".into(), "https://other".into()],
            access_token_seconds: None,
            refresh_idle_seconds: None,
            refresh_absolute_seconds: None,
        }
    }

    #[test]
    fn an_absent_audience_is_the_clients_default() {
        let authorized = client()
            .authorize(Some("read:sample"), None, USERINFO)
            .unwrap();
        assert_eq!(authorized.audience, ["https://api"]);
    }

    #[test]
    fn with_openid_the_token_is_for_userinfo_too() {
        let authorized = client()
            .authorize(Some("openid"), Some("https://other"), USERINFO)
            .unwrap();
        assert_eq!(authorized.audience, ["https://other", USERINFO]);
    }

    #[test]
    fn what_is_outside_the_lists_is_refused() {
        let scope = client().authorize(Some("openid admin"), None, USERINFO);
        assert_eq!(scope, Err(Refusal::ScopeNotAllowed));
        let audience = client().authorize(None, Some("https://stranger"), USERINFO);
        assert_eq!(audience, Err(Refusal::AudienceNotAllowed));
        assert_eq!(
            client().check_grant("refresh_token"),
            Err(Refusal::GrantNotAllowed)
        );
    }

    #[test]
    fn an_absent_scope_gives_no_refresh_token() {
        let authorized = client().authorize(None, None, USERINFO).unwrap();
        assert_eq!(authorized.scope.to_text(), "read:sample");
    }
}
