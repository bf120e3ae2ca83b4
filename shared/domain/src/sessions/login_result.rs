//! What a completed login stores.

use crate::authorization::code::AuthorizationCode;
use crate::id::{SessionId, UserId};
use crate::sessions::session::Session;

/// What a completed login stores: the session that begins, or an authorization code whose
/// exchange begins the session.
#[derive(Clone, Debug)]
pub enum LoginResult {
    Session(Session),
    Code(AuthorizationCode),
}

impl From<Session> for LoginResult {
    fn from(session: Session) -> Self {
        Self::Session(session)
    }
}

impl LoginResult {
    /// The identifier of the session that begins now or with the exchange.
    pub fn session_id(&self) -> SessionId {
        match self {
            Self::Session(session) => session.id,
            Self::Code(code) => code.session,
        }
    }

    /// The session, if one begins now.
    pub fn session(&self) -> Option<&Session> {
        match self {
            Self::Session(session) => Some(session),
            Self::Code(_) => None,
        }
    }

    /// The user, and the epoch that the session or the code belongs to.
    pub fn of_user(&self) -> (UserId, u64) {
        match self {
            Self::Session(session) => (session.user, session.epoch),
            Self::Code(code) => (code.user, code.epoch),
        }
    }
}
