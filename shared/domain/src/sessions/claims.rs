//! The claims of a token: what a token says of its user, its client and its session.

use crate::accounts::user::User;
use crate::authorization::client::{Authorized, Scope};
use crate::authorization::key_proof::KeyThumbprint;
use crate::authorization::known_scope::KnownScope;
use crate::dialect::NameClaims;
use crate::id::SessionId;
use crate::sessions::authentication::Authentication;
use crate::sessions::session::Session;
use crate::sessions::wanted_authentication::MULTI_FACTOR;
use crate::{Dialect, Timestamp};

/// The claim `gty` of a token that a client got for itself, without a user, as Auth0 writes
/// the claim.
pub const CLIENT_GRANT: &str = "client-credentials";

/// The value of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClaimValue {
    Text(String),
    Number(i64),
    /// A number that never falls below zero.
    Count(u64),
    Flag(bool),
    List(Vec<String>),
    /// The key that the token is bound to, as the member `jkt` (RFC 9449 6.1).
    BoundKey(String),
}

/// The claims of a token, in the order in which the token has them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IssuedClaims(Vec<(&'static str, ClaimValue)>);

/// What the tokens of an answer are made from.
pub struct ToIssue<'a> {
    pub user: &'a User,
    pub authorized: &'a Authorized,
    pub authentication: Authentication,
    /// The session, with the generation to hand out.
    pub session: Option<&'a Session>,
    /// The identifier of that session, or of a session without refresh tokens.
    pub session_id: SessionId,
    /// The `nonce`, which ties the id token to the authorization request
    /// (OpenID Connect Core 3.1.2.1).
    pub nonce: Option<&'a str>,
    /// Whether the ID token names a second factor as Auth0 does.
    pub named_as_auth0: bool,
}

/// For whom, when and for how long a token is made.
#[derive(Clone, Copy, Debug)]
pub struct Issuing<'a> {
    /// The issuer that the client used.
    pub issuer: &'a str,
    /// The `client_id`.
    pub client: &'a str,
    /// The dialect of the request.
    pub dialect: Dialect,
    pub now: Timestamp,
    /// Lifetime of the token in seconds.
    pub seconds: i64,
}

impl IssuedClaims {
    fn text(&mut self, name: &'static str, text: impl Into<String>) {
        self.0.push((name, ClaimValue::Text(text.into())));
    }

    fn time(&mut self, name: &'static str, at: Timestamp) {
        self.0.push((name, ClaimValue::Number(at)));
    }

    fn flag(&mut self, name: &'static str, is_so: bool) {
        self.0.push((name, ClaimValue::Flag(is_so)));
    }

    /// A single text as a text, several texts as a list.
    fn one_or_several(&mut self, name: &'static str, texts: &[String]) {
        let value = match texts {
            [only] => ClaimValue::Text(only.clone()),
            several => ClaimValue::List(several.to_vec()),
        };
        self.0.push((name, value));
    }

    fn amr(&mut self, authentication: Authentication) {
        let methods = authentication.amr().iter();
        let methods = methods.map(|method| (*method).to_owned()).collect();
        self.0.push(("amr", ClaimValue::List(methods)));
    }

    fn bound_key(&mut self, key: Option<&KeyThumbprint>) {
        if let Some(key) = key {
            let key = ClaimValue::BoundKey(key.as_str().to_owned());
            self.0.push(("cnf", key));
        }
    }
}

impl IntoIterator for IssuedClaims {
    type Item = (&'static str, ClaimValue);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl ToIssue<'_> {
    /// The claims of an access token (RFC 9068 2.2), and our own claim `epoch`. Our own
    /// endpoints refuse a token of an earlier epoch, unless its session (`sid`) made the
    /// change that raised the epoch. `identifier` is the `jti`.
    pub fn access_claims(&self, issuing: Issuing<'_>, identifier: String) -> IssuedClaims {
        let mut claims = IssuedClaims::default();
        let authentication = self.authentication;
        claims.text("iss", issuing.issuer);
        claims.text("sub", self.user.subject());
        claims.one_or_several("aud", &self.authorized.audience);
        claims.text("client_id", issuing.client);
        claims.text("azp", issuing.client);
        claims.text("scope", self.authorized.scope.to_text());
        claims.time("iat", issuing.now);
        claims.time("exp", issuing.now + issuing.seconds);
        claims.text("jti", identifier);
        claims.time("auth_time", authentication.at);
        claims.text("acr", authentication.acr());
        claims.amr(authentication);
        claims.0.push(("epoch", ClaimValue::Count(self.user.epoch)));
        claims.text("sid", self.session_id.dashed());
        claims.bound_key(self.authorized.key.as_ref());
        self.name_user(&mut claims, issuing.dialect);
        claims
    }

    /// Names the user as the apps expect that read the token: those of the dialect in which
    /// the session began.
    fn name_user(&self, claims: &mut IssuedClaims, of_request: Dialect) {
        let of_session = self.session.map(|session| session.dialect);
        let (dialect, user) = (of_session.unwrap_or(of_request), self.user);
        match dialect.name_claims() {
            NameClaims::None => {}
            NameClaims::OpenIddict => {
                claims.text("preferred_username", &user.user_name);
                claims.text("unique_name", &user.user_name);
                claims.one_or_several("role", &user.roles);
            }
            NameClaims::ClaimTypes => {
                let name = user.email.as_ref().unwrap_or(&user.user_name);
                claims.text(NAME_CLAIM, name);
                if !user.roles.is_empty() {
                    claims.one_or_several(ROLE_CLAIM, &user.roles);
                }
            }
        }
    }

    /// The claims of an id token (OpenID Connect Core 2, 3.1.3.6 and 5.4). `at_hash` is the
    /// hash of the access token in the same answer.
    pub fn id_claims(&self, issuing: Issuing<'_>, at_hash: Option<String>) -> IssuedClaims {
        let mut claims = identity_claims(self.user, &self.authorized.scope);
        let authentication = self.authentication;
        claims.text("iss", issuing.issuer);
        claims.text("aud", issuing.client);
        claims.time("iat", issuing.now);
        claims.time("exp", issuing.now + issuing.seconds);
        claims.time("auth_time", authentication.at);
        let acr = match (self.named_as_auth0, authentication.acr()) {
            (true, "aal2") => MULTI_FACTOR,
            (_, acr) => acr,
        };
        claims.text("acr", acr);
        claims.amr(authentication);
        if let Some(at_hash) = at_hash {
            claims.text("at_hash", at_hash);
        }
        if let Some(nonce) = self.nonce {
            claims.text("nonce", nonce);
        }
        claims
    }
}

/// ASP.NET Core's `ClaimTypes.Name`.
const NAME_CLAIM: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name";

/// ASP.NET Core's `ClaimTypes.Role`.
const ROLE_CLAIM: &str = "http://schemas.microsoft.com/ws/2008/06/identity/claims/role";

/// The claims about a user that these scopes give (OpenID Connect Core 5.4).
pub fn identity_claims(user: &User, scope: &Scope) -> IssuedClaims {
    let mut claims = IssuedClaims::default();
    claims.text("sub", user.subject());
    if scope.has(KnownScope::Profile) {
        claims.text("name", full_name(user));
        claims.text("preferred_username", &user.user_name);
        for (claim, value) in [
            ("given_name", &user.given_name),
            ("family_name", &user.family_name),
            ("nickname", &user.profile.nickname),
            ("picture", &user.profile.picture),
        ] {
            if let Some(value) = value {
                claims.text(claim, value);
            }
        }
    }
    if let (true, Some(email)) = (scope.has(KnownScope::Email), &user.email) {
        claims.text("email", email);
        claims.flag("email_verified", user.email_confirmed);
    }
    if let (true, Some(phone)) = (scope.has(KnownScope::Phone), &user.phone) {
        claims.text("phone_number", phone);
        claims.flag("phone_number_verified", user.phone_confirmed);
    }
    let roles = scope.has(KnownScope::Roles) || scope.has(KnownScope::Role);
    if roles && !user.roles.is_empty() {
        claims.one_or_several("role", &user.roles);
    }
    claims
}

/// The full name: the one that an app wrote, or given and family name, or the user name.
fn full_name(user: &User) -> String {
    let names = [&user.given_name, &user.family_name].into_iter().flatten();
    let names: Vec<&str> = names.map(String::as_str).collect();
    match &user.profile.name {
        Some(name) => name.clone(),
        None if names.is_empty() => user.user_name.clone(),
        None => names.join(" "),
    }
}

/// The claims of the access token of a client that acts for itself. The claim `gty` says so,
/// and none of our own endpoints accepts a token with this claim. `identifier` is the `jti`.
pub fn machine_claims(
    authorized: &Authorized,
    issuing: Issuing<'_>,
    identifier: String,
) -> IssuedClaims {
    let mut claims = IssuedClaims::default();
    claims.text("iss", issuing.issuer);
    claims.text("sub", issuing.dialect.subject_of_client(issuing.client));
    claims.one_or_several("aud", &authorized.audience);
    claims.text("client_id", issuing.client);
    claims.text("azp", issuing.client);
    claims.time("iat", issuing.now);
    claims.time("exp", issuing.now + issuing.seconds);
    claims.text("jti", identifier);
    claims.text("gty", CLIENT_GRANT);
    claims.bound_key(authorized.key.as_ref());
    let scope = authorized.scope.to_text();
    if !scope.is_empty() {
        claims.text("scope", scope);
    }
    claims
}

/// What a client learns of its refresh token (RFC 7662 2.2).
pub fn refresh_token_claims(user: &User, session: &Session, issuer: &str) -> IssuedClaims {
    let mut claims = IssuedClaims::default();
    claims.text("client_id", &session.authorized.client);
    claims.text("scope", session.authorized.scope.to_text());
    claims.text("sub", user.subject());
    claims.time("exp", session.expires_at);
    claims.text("sid", session.id.dashed());
    claims.bound_key(session.authorized.key.as_ref());
    claims.text("iss", issuer);
    claims
}

/// How an access token is shown that is bound to this key (RFC 9449 5), or to none.
pub fn token_type(key: Option<&KeyThumbprint>) -> &'static str {
    match key {
        None => "Bearer",
        Some(_) => "DPoP",
    }
}

#[cfg(test)]
#[path = "claims_tests.rs"]
mod tests;
