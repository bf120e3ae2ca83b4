//! Authorization by a browser (RFC 6749 4.1 and 4.2): what a request asks for,
//! and the code that a client exchanges for tokens, once.

use crate::Timestamp;
use crate::accounts::user::User;
use crate::authorization::client::{Authorized, CHALLENGE_MISSING, Client};
use crate::authorization::grant::Grant;
use crate::authorization::page_refusal::PageRefusal;
use crate::authorization::request_parameters::CodeWanted;
use crate::authorization::token_refusal::TokenRefusal;
use crate::id::{CodeId, SessionId, UserId};
use crate::refusal::Refusal;
use crate::sessions::authentication::Authentication;

/// How long an authorization code is valid, in seconds (OWASP ASVS 10.4.3).
pub const AUTHORIZATION_CODE_SECONDS: i64 = 60;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseType {
    /// An access token, in the fragment (RFC 6749 4.2).
    Token,
    /// An id token alone, in the fragment or in a form (OpenID Connect Core 3.2).
    IdToken,
    /// An authorization code, in the query (RFC 6749 4.1).
    Code,
}

impl ResponseType {
    /// The response type of this name.
    ///
    /// # Errors
    /// `ParameterMissing`; `ResponseTypeUnsupported`.
    pub fn parse(name: Option<&str>) -> Result<Self, Refusal> {
        match name {
            None => Err(Refusal::ParameterMissing("response_type")),
            Some("token") => Ok(Self::Token),
            Some("id_token") => Ok(Self::IdToken),
            Some("code") => Ok(Self::Code),
            Some(_) => Err(PageRefusal::ResponseTypeUnsupported.into()),
        }
    }

    /// The grant that a client needs for this response type (RFC 7591 2).
    pub fn grant(self) -> Grant {
        match self {
            Self::Token | Self::IdToken => Grant::Implicit,
            Self::Code => Grant::AuthorizationCode,
        }
    }
}

/// The code challenge of a request (RFC 7636 4.3). Public clients must send a
/// challenge. A request with a challenge must say `S256`, because an absent
/// method means `plain`. `plain` does not stop an attacker who reads the
/// request.
///
/// # Errors
/// `RequestMalformed`.
pub fn parse_code_challenge(
    client: &Client,
    challenge: Option<&str>,
    method: Option<&str>,
) -> Result<Option<String>, Refusal> {
    match (challenge, method) {
        (None, None) if !client.is_public() => Ok(None),
        (None, _) => Err(Refusal::RequestMalformed(CHALLENGE_MISSING)),
        (Some(challenge), Some("S256")) if is_challenge(challenge) => {
            Ok(Some(challenge.to_owned()))
        }
        (Some(_), Some("S256")) => Err(Refusal::RequestMalformed(
            "code_challenge is not a SHA-256 hash in base64url",
        )),
        (Some(_), _) => Err(Refusal::RequestMalformed(
            "code_challenge_method must be S256",
        )),
    }
}

fn is_challenge(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    text.len() == 43 && text.bytes().all(plain)
}

/// Whether this text can be a code verifier (RFC 7636 4.1).
pub fn is_verifier(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    (43..=128).contains(&text.len()) && text.bytes().all(plain)
}

impl Authorized {
    /// The same for a login that a request completes, which asks for a code or, with `None`,
    /// for tokens.
    ///
    /// # Errors
    /// `LoginTokenMalformed` if the login gives a code and the request asks for tokens: they
    /// would go to a caller without the verifier. `RequestMalformed`.
    pub fn given_as(mut self, asked: Option<&CodeWanted>) -> Result<Self, Refusal> {
        self.code = match (self.code, asked) {
            (None, asked) => asked.cloned(),
            (Some(_), None) => return Err(Refusal::LoginTokenMalformed),
            (Some(began), Some(later)) => Some(began.with_later(later)?),
        };
        Ok(self)
    }
}

/// The content of the `CODE` item.
#[derive(Clone, Debug)]
pub struct AuthorizationCode {
    /// The identifier of the item.
    pub id: CodeId,
    /// The user who signed in.
    pub user: UserId,
    /// What was asked for and granted, and to which client.
    pub authorized: Authorized,
    /// The redirect URI, if the request named one. Then the exchange must name
    /// it too.
    pub redirect_uri: Option<String>,
    /// The code challenge by `S256`, if the request had one.
    pub challenge: Option<String>,
    /// The `nonce` for the id token, if the request had one.
    pub nonce: Option<String>,
    /// How and when the user authenticated.
    pub authentication: Authentication,
    /// Whether the ID token names a second factor as Auth0 does.
    pub named_as_auth0: bool,
    /// The user's epoch when the code was given.
    pub epoch: u64,
    /// The session that the exchange begins.
    pub session: SessionId,
    /// The session that has to be live at the exchange: the browser's session in which the
    /// code was given, or the session that the code takes the place of.
    pub depends_on: Option<SessionId>,
    /// When the session of the exchange ends at the latest, if the code takes the place of
    /// another session.
    pub session_ends_at: Option<Timestamp>,
    /// When the code expires.
    pub expires_at: Timestamp,
    /// Whether the code was exchanged.
    pub spent: bool,
}

/// The values that an exchange sends.
#[derive(Clone, Copy, Debug)]
pub struct Exchange<'a> {
    /// The client, already authenticated.
    pub client: &'a str,
    pub redirect_uri: Option<&'a str>,
    /// The challenge that is computed from the code verifier.
    pub challenge: Option<&'a str>,
}

impl AuthorizationCode {
    /// Refuses an exchange that may not get the tokens. A verifier without a
    /// challenge in the request is refused too, because somebody has removed
    /// the challenge from the request (RFC 9700 4.8).
    ///
    /// # Errors
    /// `AuthorizationCodeInvalid`, without saying why.
    pub fn check(
        &self,
        user: &User,
        exchange: Exchange<'_>,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let live = !self.spent && self.expires_at > now && self.epoch == user.epoch && user.active;
        if live && self.was_given_to(exchange) {
            Ok(())
        } else {
            Err(TokenRefusal::AuthorizationCodeInvalid.into())
        }
    }

    /// Whether the code was given to this client, redirect URI and verifier.
    pub fn was_given_to(&self, exchange: Exchange<'_>) -> bool {
        let same_client = self.authorized.client == exchange.client;
        let same_place =
            self.redirect_uri.is_none() || self.redirect_uri.as_deref() == exchange.redirect_uri;
        same_client && same_place && self.challenge.as_deref() == exchange.challenge
    }
}
