//! A completed login that is stored. An app gets tokens for it, a browser gets
//! a cookie.

use crate::domain::accounts::user::User;
use crate::domain::authorization::client::Authorized;
use crate::domain::events::kind::EventKind;
use crate::domain::id::SessionId;
use crate::domain::login::next_step::NextStep;
use crate::domain::login::pending_login::Login;
use crate::domain::secret::Secret;
use crate::domain::sessions::authentication::Authentication;
use crate::domain::sessions::claims::ToIssue;
use crate::domain::sessions::party::Party;
use crate::domain::sessions::session::Session;
use crate::domain::token::{BrowserToken, TokenBody};
use crate::failure::Broken;
use crate::keyring::Ring;
use crate::store::Counted;
use crate::usecase::client_context::ClientContext;
use crate::usecase::context::Context;
use crate::usecase::sessions::issue_tokens::{Tokens, issue, session_id_or_new};

/// A login that has just been completed.
pub(crate) struct FinishedLogin {
    /// The user as the completion left it.
    pub user: User,
    pub authorized: Authorized,
    pub authentication: Authentication,
    /// The session that begins, if a session begins.
    pub session: Option<Session>,
    /// The identifier of that session, or of a session without an item.
    pub session_id: SessionId,
    /// New recovery codes. They are shown this once.
    pub recovery_codes: Vec<Secret>,
}

/// The identifier of the session of a completed login.
pub(crate) fn finished_session_id(
    login: &Login,
    session: Option<&Session>,
) -> Result<SessionId, Broken> {
    match login.session_of_tokens(session) {
        Some(id) => Ok(id),
        None => session_id_or_new(None),
    }
}

/// How far a login has come.
#[derive(Debug)]
pub enum LoginStep<T> {
    /// The login is complete.
    Done(T),
    /// The user has to do something first.
    Next(NextStep),
}

impl<T> LoginStep<T> {
    /// This step, with the result of `give` in place of a complete login.
    pub fn try_map<U, E>(self, give: impl FnOnce(T) -> Result<U, E>) -> Result<LoginStep<U>, E> {
        Ok(match self {
            Self::Done(done) => LoginStep::Done(give(done)?),
            Self::Next(next) => LoginStep::Next(next),
        })
    }
}

/// A browser that has just signed in.
#[derive(Debug)]
pub struct SignedInBrowser {
    /// The new value of the browser's cookie.
    pub cookie: Secret,
    /// New recovery codes, if the login enrolled the first factor. They are
    /// shown this once.
    pub recovery_codes: Vec<Secret>,
}

impl FinishedLogin {
    /// Notes the login for the event of the request.
    pub fn noted(self, context: &Context) -> Self {
        let events = &context.events;
        if let Some(method) = self.authentication.method {
            events.did_with(EventKind::FactorVerified, method);
        }
        if let Some(session) = &self.session {
            events.did_to(EventKind::SessionBegun, session.id);
        }
        events.is_by_client(&self.authorized.client);
        events.did(EventKind::LoginAccepted);
        self
    }

    /// The tokens of an app.
    pub fn tokens(mut self, context: &ClientContext, ring: &Ring) -> Result<Granted, Broken> {
        self.authorized = self.authorized.bound_to(context.proven_key());
        let to_issue = ToIssue {
            user: &self.user,
            authorized: &self.authorized,
            authentication: self.authentication,
            session: self.session.as_ref(),
            session_id: self.session_id,
            nonce: None,
            named_as_auth0: false,
        };
        Ok(Granted {
            tokens: issue(context, &context.client, ring, &to_issue)?,
            recovery_code: self.recovery_codes.pop(),
        })
    }

    /// The cookie of a browser.
    pub fn browser(self, ring: &Ring) -> Result<SignedInBrowser, Broken> {
        let session = self.session;
        let session =
            session.ok_or_else(|| Broken::internal("the sign-in of a browser has no session"))?;
        let cookie = ring.seal_token(TokenBody::Browser(BrowserToken {
            user: session.user,
            session: session.id,
        }))?;
        Ok(SignedInBrowser {
            cookie,
            recovery_codes: self.recovery_codes,
        })
    }
}

/// What a completed login gives.
#[derive(Debug)]
pub struct Granted {
    pub tokens: Tokens,
    /// A new recovery code in place of the used code, shown only now.
    pub recovery_code: Option<Secret>,
}

/// Who redeems a login, and with which keys.
pub(crate) struct RedeemedBy<'a> {
    pub party: Party<'a>,
    pub ring: &'a Ring,
    /// The counted password of this request, if the request has a password.
    pub counted: Option<&'a Counted>,
}
