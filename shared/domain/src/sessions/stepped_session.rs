//! The session that a login makes stronger or younger.

use crate::Timestamp;
use crate::id::SessionId;
use crate::sessions::session::Session;

/// The session whose refresh token began a login. The login completes only while this
/// session is live, and what it gives lives no longer than this session would have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SteppedSession {
    pub id: SessionId,
    /// When the session ends at the latest.
    pub ends_at: Timestamp,
}

impl SteppedSession {
    pub fn of(session: &Session) -> Self {
        Self {
            id: session.id,
            ends_at: session.ends_at,
        }
    }

    /// The session that takes the place of this session.
    pub fn bounds(self, next: Session) -> Session {
        Session {
            expires_at: next.expires_at.min(self.ends_at),
            ends_at: next.ends_at.min(self.ends_at),
            ..next
        }
    }
}
