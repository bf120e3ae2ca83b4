//! Exchanges an authorization code for tokens, once (RFC 6749 4.1.3).

use crate::domain::accounts::user::User;
use crate::domain::authorization::code::{AuthorizationCode, Exchange, is_verifier};
use crate::domain::authorization::known_scope::KnownScope;
use crate::domain::authorization::token_refusal::TokenRefusal;
use crate::domain::events::kind::EventKind;
use crate::domain::sessions::claims::ToIssue;
use crate::domain::sessions::session::{BegunSession, Session};
use crate::domain::token::TokenBody;
use crate::failure::Failure;
use crate::keyring::code_challenge;
use crate::usecase::client_context::ClientContext;
use crate::usecase::sessions::issue_tokens::{Tokens, issue, session_life};

/// The request of an exchange.
pub struct CodeRequest<'a> {
    pub code: &'a str,
    /// The redirect URI, if the authorization request named one.
    pub redirect_uri: Option<&'a str>,
    /// The code verifier (RFC 7636 4.5).
    pub verifier: Option<&'a str>,
}

/// Exchanges a code. If the code was exchanged before, and this exchange shows
/// the client, redirect URI and verifier of the first, two parties have the code, and the
/// code's session ends (RFC 6749 4.1.2). Two requests to DynamoDB, three for a used code.
///
/// # Errors
/// `AuthorizationCodeInvalid`, without saying why; `ProofMissing`, `KeyWrong`.
pub async fn redeem_authorization_code(
    context: &ClientContext,
    request: &CodeRequest<'_>,
) -> Result<Tokens, Failure> {
    let invalid = || Failure::from(TokenRefusal::AuthorizationCodeInvalid);
    let read = TokenBody::authorization_code;
    let malformed = TokenRefusal::AuthorizationCodeInvalid.into();
    let opened = context.open_token(read, request.code, malformed);
    let token = opened.await?;
    let read = context.app.store.read_code(token.user, token.code).await?;
    let (user, code) = read.ok_or_else(invalid)?;
    context.caller.trace.is_about(user.id);
    let challenge = match request.verifier {
        Some(verifier) if !is_verifier(verifier) => return Err(invalid()),
        verifier => verifier.map(code_challenge),
    };
    let exchange = Exchange {
        client: &context.client.id,
        redirect_uri: request.redirect_uri,
        challenge: challenge.as_deref(),
    };
    // A caller with another client or without the verifier has only seen the
    // code. That ends nothing.
    if code.spent && code.was_given_to(exchange) {
        context
            .app
            .store
            .revoke_by_id(user.id, code.session, context.now())
            .await?;
        return Err(invalid());
    }
    code.check(&user, exchange, context.now())?;
    code.authorized.check_key(context.proven_key())?;
    let session = session_of_code(context, &code);
    if !context
        .app
        .store
        .redeem_code(&code, &session, context.now())
        .await?
    {
        // Another exchange was faster, so two parties have the code; or the
        // user has changed.
        context
            .app
            .store
            .revoke_by_id(user.id, code.session, context.now())
            .await?;
        return Err(invalid());
    }
    context.events.did(EventKind::CodeExchanged);
    context.events.did_to(EventKind::SessionBegun, session.id);
    tokens(context, &user, &code, &session).await
}

/// The session of an exchange. It is stored even if nobody refreshes it, so
/// that a replay can end it.
fn session_of_code(context: &ClientContext, code: &AuthorizationCode) -> Session {
    let authorized = code.authorized.clone().bound_to(context.proven_key());
    let begun = BegunSession {
        id: code.session,
        user: code.user,
        epoch: code.epoch,
        authorized: &authorized,
        dialect: context.caller.dialect,
        authentication: code.authentication,
    };
    let life = session_life(context, context.party());
    let session = Session::refreshing(begun, context.now(), life);
    match code.session_ends_at {
        None => session,
        Some(end) => session.ending_by(end),
    }
}

async fn tokens(
    context: &ClientContext,
    user: &User,
    code: &AuthorizationCode,
    session: &Session,
) -> Result<Tokens, Failure> {
    let ring = context.ring().await?;
    let refreshes = code.authorized.scope.has(KnownScope::OfflineAccess);
    let to_issue = ToIssue {
        user,
        authorized: &session.authorized,
        authentication: code.authentication,
        session: refreshes.then_some(session),
        session_id: session.id,
        nonce: code.nonce.as_deref(),
        named_as_auth0: code.named_as_auth0,
    };
    Ok(issue(context, &context.client, &ring, &to_issue)?)
}
