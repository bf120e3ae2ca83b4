//! The session of a browser that has signed in to our own pages.

use crate::domain::accounts::user::User;
use crate::domain::client::Client;
use crate::domain::refusal::Refusal;
use crate::domain::sessions::session::Session;
use crate::domain::token::TokenKind;
use crate::failure::Failure;
use crate::usecase::Context;

/// The session that a cookie names, with its user as the profile is now. A
/// forged cookie costs no read. Any other cookie costs one batch read.
///
/// # Errors
/// `SignInRequired`: the cookie is forged, the session has expired or was
/// signed out, or the user's password, factors or standing have changed
/// elsewhere since.
pub(crate) async fn browser_session(
    context: &Context,
    cookie: &str,
) -> Result<(User, Session), Failure> {
    let over = || Failure::from(Refusal::SignInRequired);
    let (kind, malformed) = (TokenKind::Browser, Refusal::SignInRequired);
    let opened = context
        .app
        .keyring
        .open_token(kind, cookie, malformed, context.now());
    let token = opened.await?;
    let read = context.app.store.read_session(token.user, token.session());
    let (user, session) = read.await?.ok_or_else(over)?;
    context.caller.trace.is_about(user.id);
    let of_pages = session.authorized.client == Client::pages().id;
    if of_pages && user.active && session.is_live(user.epoch, context.now()) {
        Ok((user, session))
    } else {
        Err(over())
    }
}

/// Ends the session that a cookie names, if the cookie names one. At most two
/// requests to DynamoDB.
///
/// # Errors
/// `Broken` if DynamoDB does not answer.
pub async fn sign_out(context: &Context, cookie: &str) -> Result<(), Failure> {
    match browser_session(context, cookie).await {
        Ok((_, session)) => Ok(context
            .app
            .store
            .revoke_session(&session, context.now())
            .await?),
        Err(Failure::Refused(_)) => Ok(()),
        Err(broken) => Err(broken),
    }
}
