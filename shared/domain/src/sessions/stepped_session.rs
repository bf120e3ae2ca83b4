//! The session that a login makes stronger or younger.

use crate::Timestamp;
use crate::authorization::code::AuthorizationCode;
use crate::id::SessionId;
use crate::sessions::login_result::LoginResult;
use crate::sessions::session::Session;

/// The session whose refresh token or cookie began a login. The login completes only while this
/// session is live, and what it gives lives no longer than this session would have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SteppedSession {
    pub id: SessionId,
    /// When the session ends at the latest.
    pub ends_at: Timestamp,
    /// When the user authenticated, if the session is a browser's. What the login gives keeps
    /// this time, because the factor alone makes no password younger.
    pub authenticated_at: Option<Timestamp>,
}

impl SteppedSession {
    /// The session of an app, which a factor makes stronger and younger.
    pub fn of(session: &Session) -> Self {
        Self {
            id: session.id,
            ends_at: session.ends_at,
            authenticated_at: None,
        }
    }

    /// What takes the place of this session.
    pub fn bounds(self, next: LoginResult) -> LoginResult {
        match next {
            LoginResult::Session(next) => LoginResult::Session(next.ending_by(self.ends_at)),
            // The exchange of the code too is refused once this session has ended.
            LoginResult::Code(code) => LoginResult::Code(AuthorizationCode {
                session_ends_at: Some(self.ends_at),
                depends_on: Some(self.id),
                ..code
            }),
        }
    }
}
