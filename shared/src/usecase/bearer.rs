//! Whose access token it is, at our own endpoints.

use std::cmp::Ordering;

use super::Caller;
use crate::app::App;
use crate::domain::client::Scope;
use crate::domain::id::{SessionId, UserId};
use crate::domain::login::Authentication;
use crate::domain::refusal::Refusal;
use crate::domain::user::{Account, User};
use crate::failure::Failure;
use crate::keyring::AccessClaims;

/// An access token that is good here and now.
#[derive(Clone, Debug)]
pub struct Bearer {
    /// Who signed in, as the profile is now.
    pub user: User,
    /// The client that the token was given to.
    pub client: String,
    /// The scopes of the token.
    pub scope: Scope,
    /// The audiences of the token.
    pub audience: Vec<String>,
    /// How and when the user authenticated. A refresh does not renew it.
    pub authentication: Authentication,
    /// The session that the token belongs to. Only a token of a version that
    /// knew no sessions lacks it.
    pub session: Option<SessionId>,
}

/// Authenticates an access token: its signature, type, issuer and time, one of
/// these audiences, the scope if one is needed. Standing and epoch come from
/// the profile, not from the token: a token of an earlier epoch is good only
/// if its session made the change and moved along. One request to DynamoDB,
/// two for such a session.
///
/// # Errors
/// `AccessTokenInvalid`; `ScopeInsufficient`.
pub async fn authenticate_bearer(
    app: &App,
    caller: &Caller,
    token: &str,
    audiences: &[String],
    scope: Option<&str>,
) -> Result<Bearer, Failure> {
    let (id, claims) = access_claims(app, caller, token, audiences).await?;
    let user = app.store.read_user(id).await?;
    standing(app, caller, user, claims, scope).await
}

/// The same with the user's authenticators and recovery codes.
///
/// # Errors
/// `AccessTokenInvalid`; `ScopeInsufficient`.
pub async fn authenticate_bearer_with_account(
    app: &App,
    caller: &Caller,
    token: &str,
    audiences: &[String],
    scope: Option<&str>,
) -> Result<(Bearer, Account), Failure> {
    let (id, claims) = access_claims(app, caller, token, audiences).await?;
    let invalid = || Failure::from(Refusal::AccessTokenInvalid);
    let account = app.store.read_account(id).await?.ok_or_else(invalid)?;
    let user = Some(account.user.clone());
    let bearer = standing(app, caller, user, claims, scope).await?;
    Ok((bearer, account))
}

/// The user and the claims of an access token for one of these audiences,
/// before standing and epoch are looked at.
pub(super) async fn access_claims(
    app: &App,
    caller: &Caller,
    token: &str,
    audiences: &[String],
) -> Result<(UserId, AccessClaims), Failure> {
    let issuer = &app.config.issuer;
    let claims = app
        .keyring
        .check_access_token(token, issuer, audiences, caller.now)
        .await?;
    let id = UserId::parse(&claims.sub).ok_or(Refusal::AccessTokenInvalid)?;
    Ok((id, claims))
}

async fn standing(
    app: &App,
    caller: &Caller,
    user: Option<User>,
    claims: AccessClaims,
    scope: Option<&str>,
) -> Result<Bearer, Failure> {
    let invalid = || Failure::from(Refusal::AccessTokenInvalid);
    let user = user.ok_or_else(invalid)?;
    caller.trace.is_about(user.id);
    let authentication = Authentication::from_claims(claims.auth_time, &claims.amr, &claims.acr)
        .ok_or_else(invalid)?;
    let bearer = Bearer {
        audience: claims.audience(),
        client: claims.client_id,
        scope: Scope::parse(&claims.scope),
        authentication,
        session: claims.sid.as_deref().and_then(SessionId::parse),
        user,
    };
    let current = match claims.epoch.cmp(&bearer.user.epoch) {
        Ordering::Equal => true,
        Ordering::Less => moved_along(app, caller, &bearer).await?,
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

/// Whether the token's session was carried into the user's present epoch by
/// the change that began it.
async fn moved_along(app: &App, caller: &Caller, bearer: &Bearer) -> Result<bool, Failure> {
    let Some(session) = bearer.session else {
        return Ok(false);
    };
    let read = app.store.read_session(bearer.user.id, session).await?;
    Ok(read.is_some_and(|(user, session)| session.is_live(user.epoch, caller.now)))
}
