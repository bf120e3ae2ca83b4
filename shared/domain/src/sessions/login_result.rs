//! What a completed login stores.

use crate::Timestamp;
use crate::authorization::code::AuthorizationCode;
use crate::id::{CodeId, SessionId, UserId};
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

    /// The same result under these identifiers, of the session and of the code.
    pub fn named(self, session: SessionId, code: CodeId) -> Self {
        match self {
            Self::Session(begun) => Self::Session(Session {
                id: session,
                ..begun
            }),
            Self::Code(begun) => Self::Code(AuthorizationCode {
                id: code,
                session,
                ..begun
            }),
        }
    }

    /// Whether a request that asks for `again` may get this result a second time: nothing has
    /// used it, and the request asks for what the first request asked for.
    pub fn is_repeated_by(&self, again: &Self, now: Timestamp) -> bool {
        match (self, again) {
            (Self::Session(begun), Self::Session(again)) => {
                begun.is_live(again.epoch, now)
                    && begun.refresh_tokens == again.refresh_tokens
                    && begun.authorized == again.authorized
            }
            (Self::Code(begun), Self::Code(again)) => {
                begun.expires_at > now
                    && !begun.spent
                    && begun.epoch == again.epoch
                    && begun.authorized == again.authorized
                    && begun.challenge == again.challenge
                    && begun.nonce == again.nonce
            }
            (Self::Session(_), Self::Code(_)) | (Self::Code(_), Self::Session(_)) => false,
        }
    }
}
