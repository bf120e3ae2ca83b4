//! Refreshes a session: rotation, the grace period for a retry, and reuse (RFC
//! 9700 4.14.2).

use crate::domain::accounts::user::User;
use crate::domain::authorization::token_refusal::TokenRefusal;
use crate::domain::events::kind::EventKind;
use crate::domain::sessions::claims::ToIssue;
use crate::domain::sessions::session::{Refresh, Session};
use crate::domain::sessions::wanted_authentication::WantedAuthentication;
use crate::domain::token::TokenBody;
use crate::failure::Failure;
use crate::store::SessionRotation;
use crate::usecase::client_context::ClientContext;
use crate::usecase::login::password_step::SecondFactor;
use crate::usecase::login::step_up::step_up_session;
use crate::usecase::sessions::issue_tokens::{Tokens, issue};

/// A refresh token, and what the request wants.
pub struct RefreshRequest<'a> {
    pub token: &'a str,
    /// Space-separated scopes, if any were named.
    pub scope: Option<&'a str>,
    /// The audience, if one was named.
    pub audience: Option<&'a str>,
    /// How the user has to have authenticated.
    pub wanted: WantedAuthentication,
}

/// What a refresh gives.
pub enum RefreshAnswer {
    Tokens(Box<Tokens>),
    /// The authentication of the session is not enough. The user has to show a factor in
    /// this login, and the refresh token stays as it was.
    StepUp(Box<SecondFactor>),
}

/// New tokens for a refresh token. The request may ask for fewer scopes (RFC
/// 6749 6) and for one of the session's audiences, and for an authentication that is strong and young enough (RFC 9470 4). A
/// refresh never makes an authentication younger. Two requests to DynamoDB, three for a
/// login that steps up.
///
/// # Errors
/// `RefreshTokenInvalid`, `RefreshTokenEnded`, `RefreshTokenReused` (the
/// session has ended), `RefreshUserInactive`, `ScopeNotAllowed`;
/// `StepUpImpossible` if no factor of the user's is enough; `ProofMissing`, `KeyWrong` for
/// a session that is bound to a key.
pub async fn refresh(
    context: &ClientContext,
    request: &RefreshRequest<'_>,
) -> Result<RefreshAnswer, Failure> {
    let RefreshRequest {
        token,
        scope,
        audience,
        wanted,
    } = *request;
    let invalid = || TokenRefusal::RefreshTokenInvalid;
    let token = context
        .open_token(TokenBody::refresh, token, invalid().into())
        .await?;
    let ring = context.ring().await?;
    let read = context
        .app
        .store
        .read_session(token.user, token.session)
        .await?;
    let (user, session) = read.ok_or_else(invalid)?;
    context.caller.trace.is_about(user.id);
    context.events.is_about_session(session.id);
    if session.authorized.client != context.client.id {
        return Err(invalid().into());
    }
    session.authorized.check_key(context.proven_key())?;
    if !user.active {
        return Err(TokenRefusal::RefreshUserInactive.into());
    }
    let authorized = match scope {
        None => session.authorized.clone(),
        Some(asked) => {
            let narrowed = session.authorized.narrowed(asked);
            narrowed.map_err(|refusal| context.app.named(refusal))?
        }
    };
    let authorized = authorized.for_audience(audience, &context.app.config.own_audiences());
    // The access token is bound, but not a session that began without a key: a thief of the
    // refresh token could otherwise bind the session to a key of the thief's own. Then the
    // owner's next refresh would no longer end the session as reused.
    let authorized = authorized.bound_to(context.proven_key());
    let grace = context.app.config.refresh_grace_seconds;
    let state = session.refresh_state(token.generation, user.epoch, context.now(), grace);
    let usable = matches!(state, Refresh::Rotate | Refresh::Repeat);
    if usable && !wanted.is_met_by(session.authentication, context.now()) {
        let needed = step_up_session(context, &session, authorized, wanted).await?;
        return Ok(RefreshAnswer::StepUp(Box::new(needed)));
    }
    let session = rotate(context, &user, session, token.generation).await?;
    context
        .events
        .did_to(EventKind::SessionRefreshed, session.id);
    let to_issue = ToIssue {
        user: &user,
        authorized: &authorized,
        authentication: session.authentication,
        session: Some(&session),
        session_id: session.id,
        nonce: None,
        named_as_auth0: false,
    };
    let tokens = issue(context, &context.client, &ring, &to_issue)?;
    Ok(RefreshAnswer::Tokens(Box::new(tokens)))
}

/// The session, with the generation to hand out.
async fn rotate(
    context: &ClientContext,
    user: &User,
    mut session: Session,
    generation: u32,
) -> Result<Session, Failure> {
    let grace = context.app.config.refresh_grace_seconds;
    // A second look is enough. A request that changed the session between our
    // read and our write has rotated or ended it.
    for _ in 0..2 {
        match session.refresh_state(generation, user.epoch, context.now(), grace) {
            Refresh::Ended => return Err(TokenRefusal::RefreshTokenEnded.into()),
            Refresh::Repeat => return Ok(session),
            Refresh::Reused => {
                context
                    .app
                    .store
                    .revoke_reused(&session, generation, grace, context.now())
                    .await?;
                return Err(TokenRefusal::RefreshTokenReused.into());
            }
            Refresh::Rotate => {
                let setting = context.app.config.refresh_idle_seconds;
                let idle = context.party().idle_seconds(setting);
                let expires_at = session.next_expiry(context.now(), idle);
                match context
                    .app
                    .store
                    .rotate_refresh(&session, expires_at, context.now())
                    .await?
                {
                    SessionRotation::Done(session) => return Ok(session),
                    SessionRotation::Changed(Some(changed)) => session = changed,
                    SessionRotation::Changed(None) => {
                        return Err(TokenRefusal::RefreshTokenInvalid.into());
                    }
                }
            }
        }
    }
    Err(TokenRefusal::RefreshTokenInvalid.into())
}
