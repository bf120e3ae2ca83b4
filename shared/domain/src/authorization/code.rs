//! Authorization by a browser (RFC 6749 4.1 and 4.2): what is asked for, and
//! the code that is exchanged for tokens, once.

use crate::Timestamp;
use crate::accounts::user::User;
use crate::client::{Authorized, Client};
use crate::id::{CodeId, SessionId, UserId};
use crate::refusal::Refusal;
use crate::sessions::authentication::Authentication;

/// How long an authorization code is good, in seconds (OWASP ASVS 10.4.3).
pub const AUTHORIZATION_CODE_SECONDS: i64 = 60;

/// The `response_type`s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseType {
    /// An access token, in the fragment (RFC 6749 4.2).
    Token,
    /// An authorization code, in the query (RFC 6749 4.1).
    Code,
}

impl ResponseType {
    /// The one of this name.
    ///
    /// # Errors
    /// `ParameterMissing`; `ResponseTypeUnsupported`.
    pub fn parse(name: Option<&str>) -> Result<Self, Refusal> {
        match name {
            None => Err(Refusal::ParameterMissing("response_type")),
            Some("token") => Ok(Self::Token),
            Some("code") => Ok(Self::Code),
            Some(_) => Err(Refusal::ResponseTypeUnsupported),
        }
    }

    /// The grant that a client must be allowed for it (RFC 7591 2).
    pub fn grant(self) -> &'static str {
        match self {
            Self::Token => IMPLICIT,
            Self::Code => AUTHORIZATION_CODE,
        }
    }
}

/// What a client must be allowed for `response_type=token` (RFC 7591 2).
pub const IMPLICIT: &str = "implicit";

/// `grant_type` of an authorization code (RFC 6749 4.1.3).
pub const AUTHORIZATION_CODE: &str = "authorization_code";

/// The code challenge of a request (RFC 7636 4.3). Public clients have to send
/// one; whoever sends one has to say `S256`, because an absent method means
/// `plain`, which proves nothing to who reads the request.
///
/// # Errors
/// `RequestMalformed`.
pub fn code_challenge(
    client: &Client,
    challenge: Option<&str>,
    method: Option<&str>,
) -> Result<Option<String>, Refusal> {
    match (challenge, method) {
        (None, None) if !client.is_public() => Ok(None),
        (None, _) => Err(Refusal::RequestMalformed("code_challenge is required")),
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

/// Whether this can be a code verifier (RFC 7636 4.1).
pub fn is_verifier(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    (43..=128).contains(&text.len()) && text.bytes().all(plain)
}

/// What the `CODE` item holds.
#[derive(Clone, Debug)]
pub struct AuthorizationCode {
    /// Which one.
    pub id: CodeId,
    /// Who signed in.
    pub user: UserId,
    /// What was asked for and granted, and to which client.
    pub authorized: Authorized,
    /// The redirect URI as the request named it, if it did. Then the exchange
    /// must name it too.
    pub redirect_uri: Option<String>,
    /// The code challenge by `S256`, if one came.
    pub challenge: Option<String>,
    /// The `nonce` for the id token, if one came.
    pub nonce: Option<String>,
    /// How and when the user authenticated.
    pub authentication: Authentication,
    /// The user's epoch when the code was given.
    pub epoch: u64,
    /// The session that its exchange begins.
    pub session: SessionId,
    /// The browser's session that it was given in: signing out there ends it.
    pub browser: SessionId,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Whether it was exchanged.
    pub spent: bool,
}

/// What an exchange shows.
#[derive(Clone, Copy, Debug)]
pub struct Exchange<'a> {
    /// The client, already authenticated.
    pub client: &'a str,
    /// The redirect URI that it names.
    pub redirect_uri: Option<&'a str>,
    /// The challenge of the code verifier that it shows.
    pub challenge: Option<&'a str>,
}

impl AuthorizationCode {
    /// Refuses an exchange that may not have its tokens. A verifier where no
    /// challenge came is refused too: somebody has taken the challenge out of
    /// the request (RFC 9700 4.8).
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
            Err(Refusal::AuthorizationCodeInvalid)
        }
    }

    /// Whether client, redirect URI and verifier are those that it was given to.
    pub fn was_given_to(&self, exchange: Exchange<'_>) -> bool {
        let same_client = self.authorized.client == exchange.client;
        let same_place =
            self.redirect_uri.is_none() || self.redirect_uri.as_deref() == exchange.redirect_uri;
        same_client && same_place && self.challenge.as_deref() == exchange.challenge
    }
}
