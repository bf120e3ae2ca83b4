//! Answers who is calling. This is the only file that authenticates access
//! tokens and the cookies of browsers at our own endpoints.

use std::cmp::Ordering;

use crate::app::App;
use crate::domain::accounts::administration_refusal::AdministrationRefusal;
use crate::domain::accounts::user::{Account, User};
use crate::domain::authorization::client::Scope;
use crate::domain::authorization::page_refusal::PageRefusal;
use crate::domain::id::{SessionId, UserId};
use crate::domain::refusal::Refusal;
use crate::domain::sessions::authentication::Authentication;
use crate::domain::sessions::session::Session;
use crate::domain::token::TokenBody;
use crate::failure::Failure;
use crate::keyring::AccessClaims;
use crate::usecase::sessions::requirement::{Audience, Bearer, Factors, Required, SessionState};
use crate::usecase::{Caller, Context};

/// What a caller shows to be a signed-in user. One kind is never accepted as
/// another.
#[derive(Clone, Copy)]
pub enum Credential<'a> {
    /// An access token.
    AccessToken(&'a str),
    /// The cookie of a browser that has signed in to our own pages.
    Browser(&'a str),
    /// The token of a pending login. It may only enrol the first factor, so
    /// `authenticate` refuses it.
    Login(&'a str),
}

impl<'a> From<&'a str> for Credential<'a> {
    fn from(access_token: &'a str) -> Self {
        Self::AccessToken(access_token)
    }
}

/// The signed-in user who shows this credential.
///
/// An access token is checked for its signature, type, issuer, time, audience
/// and scope (RFC 9068 4). Standing, role and epoch come from the profile, the
/// end of the session from the session. A token of an earlier epoch is valid
/// only if its session made the change and moved to the new epoch.
///
/// # Errors
/// `AccessTokenInvalid`, `ScopeInsufficient`, `RoleMissing`; `SignInRequired`
/// for a browser; `AuthenticationInsufficient` with `ReadToChange`.
pub(crate) async fn authenticate<F: Factors>(
    context: &Context,
    credential: Credential<'_>,
    required: Required<'_, F>,
) -> Result<F::Given, Failure> {
    let (bearer, account) = match credential {
        Credential::AccessToken(token) => by_access_token(context, token, &required).await?,
        Credential::Browser(cookie) => by_cookie(context, cookie, F::READ).await?,
        Credential::Login(_) => return Err(Refusal::AccessTokenInvalid.into()),
    };
    let has = |role: &str| bearer.user.roles.iter().any(|one| one == role);
    if required.role.is_some_and(|role| !has(role)) {
        return Err(AdministrationRefusal::RoleMissing.into());
    }
    required.factors.give(context, bearer, account)
}

async fn by_access_token<F: Factors>(
    context: &Context,
    token: &str,
    required: &Required<'_, F>,
) -> Result<(Bearer, Option<Account>), Failure> {
    let audiences = required.audience.accepted(&context.app);
    let (id, claims) = claims_for(context, token, audiences.as_deref()).await?;
    if let Audience::OfClient(client) = required.audience
        && claims.client_id != client.id
    {
        return Err(Refusal::AccessTokenInvalid.into());
    }
    let session = session_of(&claims);
    let (user, account, mut session) = match F::READ {
        true => {
            let (account, session) = tokio::join!(
                context.app.store.read_account(id),
                session_alone(&context.app, id, session),
            );
            let account = account?;
            let user = account.as_ref().map(|account| account.user.clone());
            (user, account, session?)
        }
        false => {
            let read = context.app.store.read_user_and_session(id, session);
            let (user, session) = read.await?;
            (user, None, session)
        }
    };
    if required.session == SessionState::MayHaveEnded {
        session = session.map(|session| Session {
            revoked: false,
            ..session
        });
    }
    let user = user.ok_or(Refusal::AccessTokenInvalid)?;
    let bearer = standing(&context.caller, user, session.as_ref(), claims)?;
    if required
        .scope
        .is_some_and(|scope| !bearer.scope.contains(scope))
    {
        return Err(Refusal::ScopeInsufficient.into());
    }
    Ok((bearer, account))
}

async fn by_cookie(
    context: &Context,
    cookie: &str,
    with_factors: bool,
) -> Result<(Bearer, Option<Account>), Failure> {
    let bearer = bearer_of(browser_session(context, cookie).await?);
    if !with_factors {
        return Ok((bearer, None));
    }
    let account = context.app.store.read_account(bearer.user.id).await?;
    let account = account.ok_or(PageRefusal::SignInRequired)?;
    // The user changed between the two reads. A retry gets it right.
    if account.user.epoch != bearer.user.epoch {
        return Err(PageRefusal::SignInRequired.into());
    }
    Ok((bearer, Some(account)))
}

/// A session, and its user.
pub(crate) struct UserSession {
    pub user: User,
    pub session: Session,
}

fn bearer_of(UserSession { user, session }: UserSession) -> Bearer {
    Bearer {
        user,
        client: session.authorized.client,
        scope: session.authorized.scope,
        audience: session.authorized.audience,
        authentication: session.authentication,
        session: Some(session.id),
    }
}

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
) -> Result<UserSession, Failure> {
    let over = || Failure::from(PageRefusal::SignInRequired);
    let (read, malformed) = (TokenBody::browser, PageRefusal::SignInRequired.into());
    let opened = context.open_token(read, cookie, malformed);
    let token = opened.await?;
    let read = context.app.store.read_session(token.user, token.session);
    let (user, session) = read.await?.ok_or_else(over)?;
    context.caller.trace.is_about(user.id);
    let of_pages = session.authorized.is_of_pages();
    if of_pages && user.active && session.is_live(user.epoch, context.now()) {
        Ok(UserSession { user, session })
    } else {
        Err(over())
    }
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
    let claims = context.check_access_token(token, audiences).await?;
    let id = UserId::parse(&claims.sub).ok_or(Refusal::AccessTokenInvalid)?;
    Ok((id, claims))
}

/// The bearer, if the user is active and the session has not ended. A session
/// without a refresh token has no item until it ends or makes a
/// change. So a session without an item has not ended, and has not moved to a
/// later epoch.
fn standing(
    caller: &Caller,
    user: User,
    session: Option<&Session>,
    claims: AccessClaims,
) -> Result<Bearer, Failure> {
    let invalid = || Failure::from(Refusal::AccessTokenInvalid);
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
    Ok(bearer)
}
