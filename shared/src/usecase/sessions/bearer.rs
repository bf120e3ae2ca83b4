//! Authenticates access tokens and cookies at our own endpoints.

use std::cmp::Ordering;

use crate::app::App;
use crate::domain::accounts::user::{Account, User};
use crate::domain::client::{Client, Scope};
use crate::domain::id::{SessionId, UserId};
use crate::domain::issuer::Issuer;
use crate::domain::refusal::Refusal;
use crate::domain::sessions::authentication::Authentication;
use crate::domain::sessions::session::Session;
use crate::failure::Failure;
use crate::keyring::AccessClaims;
use crate::usecase::sessions::browser_session::browser_session;
use crate::usecase::{Caller, Context};

/// What a caller shows to be a signed-in user. One kind is never accepted as
/// another.
#[derive(Clone, Copy)]
pub enum Shows<'a> {
    /// An access token.
    AccessToken(&'a str),
    /// The cookie of a browser that has signed in to our own pages.
    Browser(&'a str),
    /// The token of a pending login. It may only enrol the first factor.
    Login(&'a str),
}

impl<'a> From<&'a str> for Shows<'a> {
    fn from(access_token: &'a str) -> Self {
        Self::AccessToken(access_token)
    }
}

/// The signed-in user, by an access token for one of these audiences or by a
/// browser's cookie. One request to DynamoDB.
///
/// # Errors
/// `AccessTokenInvalid`; `SignInRequired` for a browser.
pub(crate) async fn signed_in(
    context: &Context,
    shows: Shows<'_>,
    audiences: &[String],
) -> Result<Bearer, Failure> {
    match shows {
        Shows::AccessToken(token) => authenticate_bearer(context, token, audiences, None).await,
        Shows::Browser(cookie) => Ok(bearer_of(browser_session(context, cookie).await?)),
        Shows::Login(_) => Err(Refusal::AccessTokenInvalid.into()),
    }
}

/// The same, with the user's factors and recovery codes. Two requests to
/// DynamoDB; for an access token both run at the same time.
///
/// # Errors
/// `AccessTokenInvalid`; `SignInRequired` for a browser.
pub(crate) async fn signed_in_with_account(
    context: &Context,
    shows: Shows<'_>,
    audiences: &[String],
) -> Result<(Bearer, Account), Failure> {
    match shows {
        Shows::AccessToken(token) => {
            authenticate_bearer_with_account(context, token, audiences, None).await
        }
        Shows::Browser(cookie) => {
            let bearer = bearer_of(browser_session(context, cookie).await?);
            let account = context.app.store.read_account(bearer.user.id).await?;
            let account = account.ok_or(Refusal::SignInRequired)?;
            // The user changed between the two reads. A retry gets it right.
            if account.user.epoch != bearer.user.epoch {
                return Err(Refusal::SignInRequired.into());
            }
            Ok((bearer, account))
        }
        Shows::Login(_) => Err(Refusal::AccessTokenInvalid.into()),
    }
}

fn bearer_of((user, session): (User, Session)) -> Bearer {
    Bearer {
        user,
        client: session.authorized.client,
        scope: session.authorized.scope,
        audience: session.authorized.audience,
        authentication: session.authentication,
        session: Some(session.id),
    }
}

/// An access token that was authenticated.
#[derive(Clone, Debug)]
pub struct Bearer {
    /// The user, as the profile is now.
    pub user: User,
    /// The client that the token was given to.
    pub client: String,
    /// The scopes of the token.
    pub scope: Scope,
    /// The audiences of the token.
    pub audience: Vec<String>,
    /// How and when the user authenticated. A refresh does not renew it.
    pub authentication: Authentication,
    /// The session that the token belongs to. Only a token of an earlier
    /// version has no session.
    pub session: Option<SessionId>,
}

/// Authenticates an access token: its signature, type, issuer and time, one of
/// these audiences, and the scope if one is needed. Standing and epoch come
/// from the profile, the end of the session from the session. A token of an
/// earlier epoch is valid only if its session made the change and moved to the
/// new epoch. One request to DynamoDB.
///
/// # Errors
/// `AccessTokenInvalid`; `ScopeInsufficient`.
pub async fn authenticate_bearer(
    context: &Context,
    token: &str,
    audiences: &[String],
    scope: Option<&str>,
) -> Result<Bearer, Failure> {
    let (id, claims) = access_claims(context, token, audiences).await?;
    let (user, session) = context
        .app
        .store
        .read_user_and_session(id, session_of(&claims))
        .await?;
    standing(&context.caller, user, session.as_ref(), claims, scope)
}

/// The same, with the user's factors and recovery codes. Two requests to
/// DynamoDB at the same time.
///
/// # Errors
/// `AccessTokenInvalid`; `ScopeInsufficient`.
pub async fn authenticate_bearer_with_account(
    context: &Context,
    token: &str,
    audiences: &[String],
    scope: Option<&str>,
) -> Result<(Bearer, Account), Failure> {
    let (id, claims) = access_claims(context, token, audiences).await?;
    let invalid = || Failure::from(Refusal::AccessTokenInvalid);
    let (account, session) = tokio::join!(
        context.app.store.read_account(id),
        session_alone(&context.app, id, session_of(&claims)),
    );
    let (account, session) = (account?.ok_or_else(invalid)?, session?);
    let user = Some(account.user.clone());
    let bearer = standing(&context.caller, user, session.as_ref(), claims, scope)?;
    Ok((bearer, account))
}

/// The same for a sign-out. A sign-out may be repeated, so the session may have
/// ended. One request to DynamoDB.
///
/// # Errors
/// `AccessTokenInvalid`.
pub(crate) async fn authenticate_to_sign_out(
    context: &Context,
    token: &str,
    audiences: &[String],
) -> Result<Bearer, Failure> {
    let (id, claims) = access_claims(context, token, audiences).await?;
    standing_to_end(context, id, claims).await
}

/// The same for a client that revokes an access token. The token may be for any
/// audience, because the API that it is for does not matter to the session. A
/// token of another client costs no read.
///
/// # Errors
/// `AccessTokenInvalid`.
pub(crate) async fn authenticate_to_revoke(
    context: &Context,
    client: &Client,
    token: &str,
) -> Result<Bearer, Failure> {
    let (id, claims) = claims_for(context, token, None).await?;
    if claims.client_id != client.id {
        return Err(Refusal::AccessTokenInvalid.into());
    }
    standing_to_end(context, id, claims).await
}

/// The bearer of a token whose session may have ended. One request to DynamoDB.
async fn standing_to_end(
    context: &Context,
    id: UserId,
    claims: AccessClaims,
) -> Result<Bearer, Failure> {
    let read = context
        .app
        .store
        .read_user_and_session(id, session_of(&claims));
    let (user, session) = read.await?;
    let as_if_live = session.map(|session| Session {
        revoked: false,
        ..session
    });
    standing(&context.caller, user, as_if_live.as_ref(), claims, None)
}

async fn session_alone(
    app: &App,
    user: UserId,
    session: Option<SessionId>,
) -> Result<Option<Session>, Failure> {
    let Some(session) = session else {
        return Ok(None);
    };
    match app.store.read_session_alone(user, session).await? {
        None => Ok(None),
        // Nobody knows whether this session has ended.
        Some(None) => Err(Refusal::AccessTokenInvalid.into()),
        Some(session) => Ok(session),
    }
}

/// The session that a token names.
pub(crate) fn session_of(claims: &AccessClaims) -> Option<SessionId> {
    claims.sid.as_deref().and_then(SessionId::parse)
}

/// The user and the claims of an access token for one of these audiences.
/// Standing and epoch are not checked here.
pub(crate) async fn access_claims(
    context: &Context,
    token: &str,
    audiences: &[String],
) -> Result<(UserId, AccessClaims), Failure> {
    claims_for(context, token, Some(audiences)).await
}

async fn claims_for(
    context: &Context,
    token: &str,
    audiences: Option<&[String]>,
) -> Result<(UserId, AccessClaims), Failure> {
    let issuers = Issuer::all(&context.app.config.issuer);
    let claims = context
        .app
        .keyring
        .check_access_token(token, &issuers, audiences, context.now())
        .await?;
    let id = UserId::parse(&claims.sub).ok_or(Refusal::AccessTokenInvalid)?;
    Ok((id, claims))
}

/// A session without a refresh token has no item until it ends or makes a
/// change. So a session without an item has not ended, and has not moved to a
/// later epoch.
fn standing(
    caller: &Caller,
    user: Option<User>,
    session: Option<&Session>,
    claims: AccessClaims,
    scope: Option<&str>,
) -> Result<Bearer, Failure> {
    let invalid = || Failure::from(Refusal::AccessTokenInvalid);
    let user = user.ok_or_else(invalid)?;
    caller.trace.is_about(user.id);
    let authentication = Authentication::from_claims(claims.auth_time, &claims.amr, &claims.acr)
        .ok_or_else(invalid)?;
    let id = session_of(&claims);
    let bearer = Bearer {
        audience: claims.audience(),
        client: claims.client_id,
        scope: Scope::parse(&claims.scope),
        authentication,
        session: id,
        user,
    };
    let current = match claims.epoch.cmp(&bearer.user.epoch) {
        Ordering::Equal => session.is_none_or(|session| !session.revoked),
        Ordering::Less => {
            session.is_some_and(|session| session.is_live(bearer.user.epoch, caller.now))
        }
        Ordering::Greater => false,
    };
    if !bearer.user.active || !current {
        return Err(invalid());
    }
    if scope.is_some_and(|scope| !bearer.scope.contains(scope)) {
        return Err(Refusal::ScopeInsufficient.into());
    }
    Ok(bearer)
}
