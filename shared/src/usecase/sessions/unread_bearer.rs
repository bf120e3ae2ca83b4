//! The caller whose session is read later, together with a login: part of the door.

use crate::domain::id::{LoginId, SessionId, UserId};
use crate::domain::refusal::Refusal;
use crate::domain::sessions::standing::SessionState;
use crate::failure::Failure;
use crate::store::{LoginBeside, LoginRead};
use crate::usecase::context::Context;
use crate::usecase::sessions::requirement::check_role;

/// The holder of an access token that was checked, whose user and session are
/// not read yet. `read_login_and_session` is all that can be done with it, so the user's
/// role and the end of the session are never left unread.
pub(crate) struct UnreadBearer {
    pub(super) user: UserId,
    pub(super) session: SessionId,
    pub(super) state: SessionState,
    pub(super) role: Option<&'static str>,
}

impl UnreadBearer {
    /// The user that the token names.
    pub fn user(&self) -> UserId {
        self.user
    }

    /// The login that the session may have begun.
    pub fn login(&self) -> LoginId {
        LoginId::of_session(self.session)
    }

    /// The user, and the login that the session has begun. The session is read
    /// in the same batch. The login itself says whether the user is active and
    /// at its epoch (`Login::check_live`).
    ///
    /// # Errors
    /// `AccessTokenInvalid` if the session has ended; `RoleMissing`.
    pub async fn read_login_and_session(
        &self,
        context: &Context,
        beside: LoginBeside,
    ) -> Result<LoginRead, Failure> {
        let beside = LoginBeside {
            session: Some(self.session),
            ..beside
        };
        let store = &context.app.store;
        let read = store.read_login(self.user, self.login(), beside).await?;
        if !self.state.accepts(read.session_ended) {
            return Err(Refusal::AccessTokenInvalid.into());
        }
        if let Some(user) = &read.user {
            check_role(user, self.role)?;
        }
        Ok(read)
    }
}
