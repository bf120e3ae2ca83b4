//! Answers an authorization request of a browser (RFC 6749 4.1.1 and 4.2.1).

use std::sync::Arc;

use super::Caller;
use super::browser::browser_session;
use super::issue::{Grant, Tokens, issue};
use crate::app::App;
use crate::domain::Dialect;
use crate::domain::authorization::{
    AUTHORIZATION_CODE_SECONDS, AuthorizationCode, ResponseType, code_challenge,
};
use crate::domain::client::{Authorized, Client, LONGEST_CLIENT_ID};
use crate::domain::id::{CodeId, SessionId};
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::domain::session::Session;
use crate::domain::token::{TokenBody, TokenKind};
use crate::domain::user::User;
use crate::failure::{Broken, Failure};
use crate::keyring::random;

/// The longest `nonce` that is kept, in bytes.
const LONGEST_NONCE: usize = 512;

/// What an authorization request names.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked<'a> {
    /// `client_id`.
    pub client: Option<&'a str>,
    /// `redirect_uri`.
    pub redirect_uri: Option<&'a str>,
    /// `response_type`.
    pub response_type: Option<&'a str>,
    /// `scope`.
    pub scope: Option<&'a str>,
    /// `audience`.
    pub audience: Option<&'a str>,
    /// `code_challenge`.
    pub challenge: Option<&'a str>,
    /// `code_challenge_method`.
    pub method: Option<&'a str>,
    /// `nonce`.
    pub nonce: Option<&'a str>,
}

/// Who asks, and where the answer goes: only then may anything be sent there.
#[derive(Clone, Debug)]
pub struct Addressee {
    /// The client.
    pub client: Arc<Client>,
    /// One of its redirect URIs, as it is registered.
    pub redirect_uri: String,
}

/// The client and the redirect URI of a request. No request to DynamoDB while
/// the client is remembered.
///
/// # Errors
/// `ParameterMissing`, `ClientRejected`, `RedirectUriRejected`: told on a page
/// of ours, never by a redirect.
pub async fn addressee(
    app: &App,
    caller: &Caller,
    asked: &Asked<'_>,
) -> Result<Addressee, Failure> {
    let rejected = || Failure::from(Refusal::ClientRejected { in_header: false });
    let id = asked.client.ok_or(Refusal::ParameterMissing("client_id"))?;
    if id.len() > LONGEST_CLIENT_ID {
        return Err(rejected());
    }
    let client = app.client(id, caller.now).await?.ok_or_else(rejected)?;
    let redirect_uri = client.redirect_uri(asked.redirect_uri)?.to_owned();
    Ok(Addressee {
        client,
        redirect_uri,
    })
}

/// What the client gets.
#[derive(Debug)]
pub enum Authorization {
    /// An access token.
    Tokens(Tokens),
    /// A code, to be exchanged within a minute.
    Code(Secret),
}

/// What is granted, once everything about the request is right.
struct Granted {
    response_type: ResponseType,
    authorized: Authorized,
    challenge: Option<String>,
}

fn check(app: &App, client: &Client, asked: &Asked<'_>) -> Result<Granted, Refusal> {
    let response_type = ResponseType::parse(asked.response_type)?;
    client.check_grant(response_type.grant())?;
    let own = app.config.own_audiences();
    let authorized = client.authorize(asked.scope, asked.audience, &own)?;
    let challenge = match response_type {
        ResponseType::Token => None,
        ResponseType::Code => code_challenge(client, asked.challenge, asked.method)?,
    };
    if asked.nonce.is_some_and(|nonce| nonce.len() > LONGEST_NONCE) {
        return Err(Refusal::RequestMalformed("nonce is too long"));
    }
    Ok(Granted {
        response_type,
        authorized,
        challenge,
    })
}

/// Answers a request by the session of the browser's cookie. One request to
/// DynamoDB, two for a code.
///
/// # Errors
/// `ParameterMissing`, `ResponseTypeUnsupported`, `GrantNotAllowed`,
/// `ScopeNotAllowed`, `AudienceNotAllowed`, `RequestMalformed`, all before
/// anybody has to sign in; `SignInRequired`.
pub async fn authorize(
    app: &App,
    caller: &Caller,
    addressee: &Addressee,
    asked: &Asked<'_>,
    cookie: Option<&str>,
) -> Result<Authorization, Failure> {
    let granted = check(app, &addressee.client, asked)?;
    let cookie = cookie.ok_or(Refusal::SignInRequired)?;
    let (user, session) = browser_session(app, caller, cookie).await?;
    match granted.response_type {
        ResponseType::Token => {
            let client = &addressee.client;
            let tokens = tokens(app, caller, client, &granted.authorized, &user, &session);
            Ok(Authorization::Tokens(tokens.await?))
        }
        ResponseType::Code => {
            let code = code(caller, granted, asked, &user, &session)?;
            app.store.keep_code(&code).await?;
            let ring = app.keyring.ring(caller.now).await?;
            Ok(Authorization::Code(ring.seal_token(TokenBody {
                kind: TokenKind::AuthorizationCode,
                key: 0,
                user: code.user,
                item: *code.id.bytes(),
                generation: 0,
                factor: None,
            })?))
        }
    }
}

/// An access token alone: no id token and no refresh token goes through a
/// browser's address (RFC 6749 4.2.2).
async fn tokens(
    app: &App,
    caller: &Caller,
    client: &Client,
    authorized: &Authorized,
    user: &User,
    session: &Session,
) -> Result<Tokens, Broken> {
    let ring = app.keyring.ring(caller.now).await?;
    let grant = Grant {
        user,
        client,
        authorized,
        authentication: session.authentication,
        session: None,
        // The browser's own: signing out there ends it where sessions are read.
        session_id: session.id,
        dialect: Dialect::Aidbox,
        issuer: caller.issuer,
        nonce: None,
    };
    issue(app, &ring, &grant, caller.now)
}

fn code(
    caller: &Caller,
    granted: Granted,
    asked: &Asked<'_>,
    user: &User,
    session: &Session,
) -> Result<AuthorizationCode, Broken> {
    Ok(AuthorizationCode {
        id: CodeId::random(random()?),
        user: user.id,
        authorized: granted.authorized,
        redirect_uri: asked.redirect_uri.map(str::to_owned),
        challenge: granted.challenge,
        nonce: asked.nonce.map(str::to_owned),
        authentication: session.authentication,
        epoch: user.epoch,
        session: SessionId::random(random()?),
        browser: session.id,
        expires_at: caller.now + AUTHORIZATION_CODE_SECONDS,
        spent: false,
    })
}
