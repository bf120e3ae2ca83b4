//! An OAuth client: what an app may ask for.

use std::collections::HashSet;

use crate::authorization::clients::native_apps::NativeApps;
use crate::authorization::grant::{Grant, Grants};
use crate::authorization::key_proof::KeyThumbprint;
use crate::authorization::known_scope::KnownScope;
use crate::authorization::page_refusal::PageRefusal;
use crate::authorization::proof_refusal::ProofRefusal;
use crate::authorization::redirect_uri::is_registered;
use crate::authorization::request_parameters::CodeWanted;
use crate::refusal::Refusal;
use crate::refused_value::Refused;

/// The scope that asks for a refresh token (OpenID Connect Core 11).
pub const OFFLINE_ACCESS: &str = KnownScope::OfflineAccess.name();

/// The longest list of scopes in a request in bytes.
const LONGEST_SCOPE: usize = 8192;

/// What a public client is told that sends no code challenge.
pub const CHALLENGE_MISSING: &str = "code_challenge is required";

/// The longest `client_id` in bytes.
pub const LONGEST_CLIENT_ID: usize = 256;

/// The longest lifetime of a signed token, in seconds (30 days). After a
/// signing key has signed last, it stays published for this long.
pub const LONGEST_TOKEN_SECONDS: i64 = 2_592_000;

/// A set of scopes, in the order of the request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope(Vec<String>);

impl Scope {
    /// Reads a space-separated list (RFC 6749 3.3). A repeated scope counts
    /// once. The time grows with the length of the text, which may be any
    /// length for a signed or stored list.
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

    /// Whether a scope that the service reads is among them.
    pub fn has(&self, scope: KnownScope) -> bool {
        self.contains(scope.name())
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

/// The scopes and audiences that a login's first request asked for and was granted. The
/// tokens get exactly these, whatever the login's last request asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Authorized {
    /// The client's identifier.
    pub client: String,
    pub scope: Scope,
    /// The audiences of the access token.
    pub audience: Vec<String>,
    /// The key that the tokens are bound to (RFC 9449 6), if a request has shown a key.
    pub key: Option<KeyThumbprint>,
    /// The code that is given in place of tokens, if a login was asked for a code.
    pub code: Option<CodeWanted>,
}

/// The audiences of our own endpoints that a token gets although the request
/// names none.
#[derive(Clone, Debug)]
pub struct OwnAudiences {
    /// The audience of user information, for each token with the scope `openid`.
    pub userinfo: String,
    /// The audience of the endpoints for users' own accounts. A token gets this audience
    /// if the client lists the audience and the request names none.
    pub account: String,
}

/// The content of the `CLIENT` item.
#[derive(Clone, Debug)]
pub struct Client {
    /// The `client_id`.
    pub id: String,
    /// Hashes of the valid secrets; none for a public client. With two secrets,
    /// an operator can replace a secret without a pause.
    pub secret_hashes: Vec<String>,
    /// The grants that the client may use.
    pub grants: Grants,
    /// The scopes that the client may ask for, beside OIDC's own.
    pub scopes: Vec<String>,
    /// The audiences that the client may ask for. The first is the default.
    pub audiences: Vec<String>,
    /// Lifetime of the client's access tokens in seconds, 30 days at most.
    /// `None` means the service's setting.
    pub access_token_seconds: Option<i64>,
    /// The URIs that a browser may be sent back to with tokens or a code.
    /// [`is_registered`] compares them.
    pub redirect_uris: Vec<String>,
    /// The URIs that a browser may be sent to after a sign-out, compared character by
    /// character.
    pub logout_uris: Vec<String>,
    /// The origins whose pages may get an answer as a message (`response_mode`
    /// `web_message`).
    pub web_origins: Vec<String>,
    /// Idle lifetime of the client's refresh tokens in seconds. `None` means
    /// the service's setting.
    pub refresh_idle_seconds: Option<i64>,
    /// Absolute lifetime of the client's refresh tokens in seconds. `None`
    /// means the service's setting.
    pub refresh_absolute_seconds: Option<i64>,
    /// Whether the client is an app of the operator's own, which may take the user's
    /// password and codes itself and get an authorization code for them
    /// (draft-ietf-oauth-first-party-apps).
    pub first_party: bool,
    /// The client's apps on phones, which may use passkeys.
    pub apps: NativeApps,
}

impl Client {
    /// A public client of this id that may do nothing yet.
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            secret_hashes: Vec::new(),
            grants: Grants::default(),
            scopes: Vec::new(),
            audiences: Vec::new(),
            access_token_seconds: None,
            redirect_uris: Vec::new(),
            logout_uris: Vec::new(),
            web_origins: Vec::new(),
            refresh_idle_seconds: None,
            refresh_absolute_seconds: None,
            first_party: false,
            apps: NativeApps::default(),
        }
    }
}

/// Refuses a list of scopes that is too long for any real request.
fn check_length(text: &str) -> Result<(), Refusal> {
    match text.len() > LONGEST_SCOPE {
        true => Err(Refusal::ScopeNotAllowed(Refused::new("scope", text))),
        false => Ok(()),
    }
}

impl Authorized {
    /// The same, bound to this key if it is bound to none yet.
    pub fn bound_to(mut self, key: Option<&KeyThumbprint>) -> Self {
        self.key = self.key.or_else(|| key.cloned());
        self
    }

    /// Refuses a request whose proof is not of the key that this is bound to. `shown` is
    /// the key of the request's proof.
    ///
    /// # Errors
    /// `ProofMissing`, `KeyWrong`.
    pub fn check_key(&self, shown: Option<&KeyThumbprint>) -> Result<(), ProofRefusal> {
        match (&self.key, shown) {
            (None, _) => Ok(()),
            (Some(_), None) => Err(ProofRefusal::ProofMissing),
            (Some(bound), Some(shown)) if bound == shown => Ok(()),
            (Some(_), Some(_)) => Err(ProofRefusal::KeyWrong),
        }
    }

    /// What was granted, reduced to the scopes in this list. Scopes of the list
    /// that were not granted are ignored, because shipped apps ask for `openid
    /// profile email` whatever was granted.
    ///
    /// # Errors
    /// `ScopeNotAllowed` if the list is too long, or contains no granted scope.
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

    /// What a refresh gives that asks for this audience: a token for this audience, and
    /// for user information as before. An audience that was not granted changes nothing,
    /// because apps name one at every refresh.
    pub fn for_audience(mut self, asked: Option<&str>, own: &OwnAudiences) -> Self {
        if let Some(asked) = asked
            && self.audience.iter().any(|one| one == asked)
        {
            let stays = |one: &String| one == asked || *one == own.userinfo;
            self.audience.retain(stays);
        }
        self
    }
}

impl Client {
    /// The URI that the answer to this request goes to: the URI in the request,
    /// if the client has registered it. Without a URI in the request, the
    /// client's only URI.
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
            PageRefusal::RedirectUriRejected(Refused::new("redirect_uri", asked)).into()
        })
    }

    /// The URI that a browser goes to after a sign-out.
    ///
    /// # Errors
    /// `RedirectUriRejected` for a URI that the client has not registered.
    pub fn logout_uri<'a>(&self, asked: &'a str) -> Result<&'a str, Refusal> {
        let registered = self.logout_uris.iter().any(|uri| uri == asked);
        match registered && may_lead_back(asked) {
            true => Ok(asked),
            false => {
                Err(PageRefusal::RedirectUriRejected(Refused::new("return address", asked)).into())
            }
        }
    }

    /// Lifetime of the client's access tokens in seconds. `setting` is the service's
    /// setting.
    pub fn access_token_lifetime(&self, setting: i64) -> i64 {
        let seconds = self.access_token_seconds.unwrap_or(setting);
        seconds.min(LONGEST_TOKEN_SECONDS)
    }

    /// Whether the client has no secret (RFC 6749 2.1).
    pub fn is_public(&self) -> bool {
        self.secret_hashes.is_empty()
    }

    /// Whether this client may learn what a token says: a token that was given to this
    /// client, or is for an API of this client. Clients list the audiences of our own
    /// endpoints, `own`, too, and those endpoints are not theirs.
    pub fn may_see(&self, given_to: &str, audiences: &[String], own: &[String]) -> bool {
        let listed = |one: &&String| self.audiences.contains(one) && !own.contains(one);
        given_to == self.id || audiences.iter().any(|one| listed(&one))
    }

    /// Refuses a grant that this client may not use.
    ///
    /// # Errors
    /// `GrantNotAllowed`.
    pub fn check_grant(&self, grant: Grant) -> Result<(), Refusal> {
        match self.grants.allows(grant) {
            true => Ok(()),
            false => Err(Refusal::GrantNotAllowed),
        }
    }

    /// Refuses a client that may not ask for a code without a browser.
    ///
    /// # Errors
    /// `GrantNotAllowed`.
    pub fn check_first_party(&self) -> Result<(), Refusal> {
        match self.first_party {
            true => self.check_grant(Grant::AuthorizationCode),
            false => Err(Refusal::GrantNotAllowed),
        }
    }

    /// Refuses a code without a code challenge to a public client (RFC 9700 2.1.1).
    ///
    /// # Errors
    /// `RequestMalformed`.
    pub fn check_code_asked(&self, asked: &CodeWanted) -> Result<(), Refusal> {
        match self.is_public() && asked.challenge.is_none() {
            true => Err(Refusal::RequestMalformed(CHALLENGE_MISSING)),
            false => Ok(()),
        }
    }

    /// The scopes that a request names, if the client may ask for each. Each
    /// scope is looked up before it is kept, so the list never gets longer than
    /// the client's own list.
    pub(super) fn allowed_scopes(&self, text: &str) -> Result<Scope, Refusal> {
        let refused = |scope| Err(Refusal::ScopeNotAllowed(Refused::new("scope", scope)));
        check_length(text)?;
        let mut kept = Scope::default();
        for scope in text.split_ascii_whitespace() {
            let open = KnownScope::from_name(scope).is_some_and(KnownScope::is_for_every_client);
            let known = open || self.scopes.iter().any(|s| s == scope);
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
    /// Without a scope, the request gets the client's own scopes, but no
    /// refresh token. Without an audience, the request gets the client's
    /// default audience, and the audience of the user's account if the client
    /// lists it, because ABP's clients name no audience. With `openid`, the
    /// token is for user information too.
    ///
    /// # Errors
    /// `ScopeNotAllowed`, `AudienceNotAllowed`.
    pub fn authorized_for(
        &self,
        scope: Option<&str>,
        audience: Option<&str>,
        own: &OwnAudiences,
    ) -> Result<Authorized, Refusal> {
        let scope = match scope {
            Some(text) => self.allowed_scopes(text)?,
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
        if scope.has(KnownScope::OpenId) || audiences.is_empty() {
            audiences.push(own.userinfo.clone());
        }
        Ok(Authorized {
            client: self.id.clone(),
            scope,
            audience: audiences,
            key: None,
            code: None,
        })
    }
}

/// Whether a URI can stand in a `Location`, followed by an answer. The URI must
/// be printable ASCII with a scheme and without a fragment (RFC 6749 3.1.2).
pub fn may_lead_back(uri: &str) -> bool {
    let printable = uri.bytes().all(|byte| byte.is_ascii_graphic());
    let scheme = uri.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && !["javascript", "data", "vbscript"].contains(&&*scheme.to_ascii_lowercase())
    });
    printable && scheme && !uri.contains('#')
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
