//! Decides who begins an enrolment, which login completes it, and which session a
//! change of factors moves to the new epoch.

use crate::domain::accounts::user::{Account, User};
use crate::domain::authorization::client::Authorized;
use crate::domain::factors::enrolment::EnrollingSession;
use crate::domain::factors::enrolment_refusal::EnrolmentRefusal;
use crate::domain::factors::factor::UNCONFIRMED_SECONDS;
use crate::domain::id::LoginId;
use crate::domain::login::pending_login::{Login, State};
use crate::domain::refusal::Refusal;
use crate::domain::sessions::session::Session;
use crate::failure::Failure;
use crate::store::LoginBeside;
use crate::usecase::Context;
use crate::usecase::login::open_login::{Beside, open_login, open_login_token};
use crate::usecase::sessions::requirement::{Bearer, MayChange};

/// Who begins an enrolment, and the login that completes it.
pub(crate) struct EnrolmentSubject {
    pub account: Account,
    pub login: Login,
    /// Whether the login is new, and not stored yet.
    pub fresh: bool,
    pub session: Option<EnrollingSession>,
}

impl EnrolmentSubject {
    /// A pending login begins to enrol the first factor.
    pub async fn by_login(context: &Context, token: &str) -> Result<Self, Failure> {
        let token = open_login_token(context, token).await?;
        let open = open_login(context, None, &token, Beside::default()).await?;
        if !matches!(open.login.state, State::Pending | State::CodeSent) {
            return Err(Refusal::LoginExpired.into());
        }
        let account = context.app.store.read_account(open.user.id).await?;
        let account = account.ok_or(Refusal::LoginExpired)?;
        let mut offered = account.factors.clone();
        context.app.config.offer.keep(&mut offered);
        if account.closed_factor || offered.iter().any(|factor| factor.confirmed) {
            return Err(EnrolmentRefusal::AlreadyEnrolled.into());
        }
        Ok(Self {
            account,
            login: open.login,
            fresh: false,
            session: None,
        })
    }

    /// A session that may change factors begins to enrol. An enrolment that the
    /// session had begun goes on.
    pub async fn by_session(context: &Context, changing: MayChange) -> Result<Self, Failure> {
        let (bearer, account) = changing.into_parts();
        let id = bearer.session.ok_or(Refusal::AccessTokenInvalid)?;
        let (user, login) = (&account.user, LoginId::of_session(id));
        let beside = LoginBeside::default();
        let read = context.app.store.read_login(user.id, login, beside).await?;
        let begun = read.login.filter(|login| {
            let goes_on = matches!(login.state, State::Pending | State::CodeSent);
            goes_on && login.check_live(user, context.now()).is_ok()
        });
        let fresh = begun.is_none();
        let login = begun.unwrap_or_else(|| {
            let authorized = authorized(&bearer);
            let login = Login::begin(
                login,
                user,
                authorized,
                context.caller.dialect,
                context.now(),
            );
            Login {
                expires_at: context.now() + UNCONFIRMED_SECONDS,
                ..login
            }
        });
        let session = Some(EnrollingSession {
            id,
            authentication: bearer.authentication,
        });
        Ok(Self {
            account,
            login,
            fresh,
            session,
        })
    }
}

fn authorized(bearer: &Bearer) -> Authorized {
    Authorized {
        client: bearer.client.clone(),
        scope: bearer.scope.clone(),
        audience: bearer.audience.clone(),
    }
}

/// The session that makes a change, at the epoch after the change.
pub(crate) fn moved_session(context: &Context, bearer: &Bearer) -> Result<Session, Refusal> {
    let id = bearer.session.ok_or(Refusal::AccessTokenInvalid)?;
    let by = EnrollingSession {
        id,
        authentication: bearer.authentication,
    };
    Ok(session_after(
        context,
        &bearer.user,
        by,
        &authorized(bearer),
    ))
}

/// A session at the epoch after `user`'s. If the session has refresh tokens,
/// only its epoch is written. Otherwise the whole item is written, which then
/// recognises the session's access tokens.
pub(crate) fn session_after(
    context: &Context,
    user: &User,
    by: EnrollingSession,
    authorized: &Authorized,
) -> Session {
    let ends_at = context.now() + context.app.config.refresh_absolute_seconds;
    Session {
        id: by.id,
        user: user.id,
        authorized: authorized.clone(),
        dialect: context.caller.dialect,
        authentication: by.authentication,
        epoch: user.epoch + 1,
        generation: Session::WITHOUT_REFRESH_TOKEN,
        rotated_at: context.now(),
        expires_at: ends_at,
        ends_at,
        revoked: false,
    }
}
