//! An OAuth client: what an app may ask for.

use std::collections::HashSet;

use super::refusal::Refusal;
use super::refused::Refused;
use crate::authorization::redirect_uri::is_registered;

/// Scopes that every client may ask for: OIDC's own (OpenID Connect Core 5.4),
/// `roles`, which OpenIddict counts among them, and `role`, which is the same in
/// ABP's templates of before version 6.
const STANDARD_SCOPES: [&str; 7] = [
    "openid", "profile", "email", "phone", "address", "roles", "role",
];

/// The scope that asks for a refresh token (OpenID Connect Core 11).
pub const OFFLINE_ACCESS: &str = "offline_access";

/// The longest list of scopes in a request in bytes.
const LONGEST_SCOPE: usize = 8192;

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
    /// It takes time as its text is long: lists that were signed or stored may
    /// have any length.
    pub fn parse(text: &str) -> Self {
        let mut known = HashSet::new();
        let scopes = text.split_ascii_whitespace();
        let each = scopes.filter(|scope| known.insert(*scope));
        Self(each.map(str::to_owned).collect())
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

/// The audiences of our own endpoints that a token gets without being asked for.
#[derive(Clone, Debug)]
pub struct OwnAudiences {
    /// Of user information: with the scope `openid`.
    pub userinfo: String,
    /// Of the endpoints by which users manage their account: with a client
    /// that lists it, where no audience is named.
    pub account: String,
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
    /// Where a browser may be sent back to with tokens or a code, compared
    /// by [`is_registered`].
    pub redirect_uris: Vec<String>,
    /// Idle lifetime of its refresh tokens in seconds, if not the service's.
    pub refresh_idle_seconds: Option<i64>,
    /// Absolute lifetime of its refresh tokens in seconds, if not the service's.
    pub refresh_absolute_seconds: Option<i64>,
}

/// How long a browser stays signed in to our own pages, in seconds (12 hours).
const BROWSER_SECONDS: i64 = 43_200;

/// Refuses a list of scopes that no request has.
fn check_length(text: &str) -> Result<(), Refusal> {
    match text.len() > LONGEST_SCOPE {
        true => Err(Refusal::ScopeNotAllowed(Refused::new("scope", text))),
        false => Ok(()),
    }
}

impl Authorized {
    /// What was granted, without the scopes that this list leaves out. Others are
    /// ignored: shipped apps ask for `openid profile email` whatever was granted.
    ///
    /// # Errors
    /// `ScopeNotAllowed` for a list that is too long or has nothing of that.
    pub fn narrowed(&self, asked: &str) -> Result<Self, Refusal> {
        check_length(asked)?;
        let mut scope = Scope::parse(asked);
        scope.0.retain(|scope| self.scope.contains(scope));
        match scope.0.is_empty() {
            true => Err(Refusal::ScopeNotAllowed(Refused::new("scope", asked))),
            false => Ok(Self {
                scope,
                ..self.clone()
            }),
        }
    }
}

impl Client {
    /// What our own pages sign in as. It is nobody's client: no request can
    /// name it, because a `client_id` is never empty, and it gets no tokens.
    pub fn pages() -> Self {
        Self {
            id: String::new(),
            secret_hashes: Vec::new(),
            grants: Vec::new(),
            scopes: Vec::new(),
            audiences: Vec::new(),
            access_token_seconds: None,
            redirect_uris: Vec::new(),
            refresh_idle_seconds: Some(BROWSER_SECONDS),
            refresh_absolute_seconds: Some(BROWSER_SECONDS),
        }
    }

    /// Whether it is our own pages.
    pub fn is_pages(&self) -> bool {
        self.id.is_empty()
    }

    /// Where this request's answer goes: the URI that is asked for, if it is
    /// registered, or the only one there is.
    ///
    /// # Errors
    /// `RedirectUriRejected`.
    pub fn redirect_uri<'a>(&'a self, asked: Option<&'a str>) -> Result<&'a str, Refusal> {
        let mut registered = self.redirect_uris.iter().filter(|uri| may_lead_back(uri));
        let found = match asked {
            Some(asked) => registered
                .any(|uri| is_registered(uri, asked))
                .then_some(asked),
            None => registered
                .next()
                .filter(|_| self.redirect_uris.len() == 1)
                .map(String::as_str),
        };
        found.filter(|uri| may_lead_back(uri)).ok_or_else(|| {
            let asked = asked.unwrap_or("(none)");
            Refusal::RedirectUriRejected(Refused::new("redirect_uri", asked))
        })
    }

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

    /// The scopes that a request names, if the client may ask for each. Each is
    /// looked up before it is kept, so what is kept is never longer than what
    /// the client may ask for.
    fn allowed(&self, text: &str) -> Result<Scope, Refusal> {
        let refused = |scope| Err(Refusal::ScopeNotAllowed(Refused::new("scope", scope)));
        check_length(text)?;
        let mut kept = Scope::default();
        for scope in text.split_ascii_whitespace() {
            let known = STANDARD_SCOPES.contains(&scope) || self.scopes.iter().any(|s| s == scope);
            if !known {
                return refused(scope);
            }
            if !kept.contains(scope) {
                kept.0.push(scope.to_owned());
            }
        }
        Ok(kept)
    }

    /// Decides what a request for these scopes and this audience is granted.
    /// An absent scope means the client's own without a refresh token, an
    /// absent audience its default, and the user's account if the client lists
    /// that: ABP's clients name no audience. With `openid` the token is for
    /// user information too.
    ///
    /// # Errors
    /// `ScopeNotAllowed`, `AudienceNotAllowed`.
    pub fn authorize(
        &self,
        scope: Option<&str>,
        audience: Option<&str>,
        own: &OwnAudiences,
    ) -> Result<Authorized, Refusal> {
        let scope = match scope {
            Some(text) => self.allowed(text)?,
            None => Scope(
                self.scopes
                    .iter()
                    .filter(|s| *s != OFFLINE_ACCESS)
                    .cloned()
                    .collect(),
            ),
        };
        let mut audiences: Vec<String> = match audience {
            Some(asked) if self.audiences.iter().any(|allowed| allowed == asked) => {
                vec![asked.to_owned()]
            }
            Some(asked) => {
                let refused = Refused::new("audience", asked);
                return Err(Refusal::AudienceNotAllowed(refused));
            }
            None => {
                let listed = self.audiences.iter().enumerate();
                let granted = listed.filter(|(at, one)| *at == 0 || **one == own.account);
                granted.map(|(_, one)| one.clone()).collect()
            }
        };
        if scope.contains("openid") || audiences.is_empty() {
            audiences.push(own.userinfo.clone());
        }
        Ok(Authorized {
            client: self.id.clone(),
            scope,
            audience: audiences,
        })
    }
}

/// Whether a URI can be sent in a `Location`, with an answer behind it: printable
/// ASCII, with a scheme, without a fragment (RFC 6749 3.1.2).
pub fn may_lead_back(uri: &str) -> bool {
    let printable = uri.bytes().all(|byte| byte.is_ascii_graphic());
    let scheme = uri.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && !["javascript", "data", "vbscript"].contains(&&*scheme.to_ascii_lowercase())
    });
    printable && scheme && !uri.contains('#')
}

/// The scope that an access token needs to enrol.
pub const ENROLL: &str = "enroll";

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
