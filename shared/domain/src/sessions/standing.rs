//! Whether a session, and an access token of it, may still be used.

use std::cmp::Ordering;

use crate::Timestamp;
use crate::accounts::user::User;
use crate::sessions::session::Session;

/// Whether a session has to be live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionState {
    /// The session has not ended.
    Live,
    /// The session may have ended, because a sign-out may be repeated.
    MayHaveEnded,
}

impl SessionState {
    /// Whether a session is accepted that was, or was not, ended.
    pub fn accepts(self, ended: bool) -> bool {
        match self {
            Self::Live => !ended,
            Self::MayHaveEnded => true,
        }
    }

    /// Whether this session of the user may be used at `now`.
    pub fn accepts_session(self, user: &User, session: &Session, now: Timestamp) -> bool {
        user.active && self.accepts(session.revoked) && session.is_current(user.epoch, now)
    }

    /// Whether an access token may be used that was given at `epoch` of the user.
    /// A session without a refresh token has no item until it ends or makes a
    /// change. So a session without an item has not ended, and has not moved to a
    /// later epoch. A token of an earlier epoch is valid only if its session made
    /// the change and moved to the new epoch.
    pub fn accepts_token(
        self,
        user: &User,
        epoch: u64,
        session: Option<&Session>,
        now: Timestamp,
    ) -> bool {
        user.active
            && match epoch.cmp(&user.epoch) {
                Ordering::Equal => session.is_none_or(|session| self.accepts(session.revoked)),
                Ordering::Less => {
                    session.is_some_and(|session| self.accepts_session(user, session, now))
                }
                Ordering::Greater => false,
            }
    }
}

#[cfg(test)]
mod tests {
    use super::SessionState::{Live, MayHaveEnded};
    use super::{Session, User};
    use crate::Dialect;
    use crate::authorization::client::Authorized;
    use crate::id::{SessionId, UserId};
    use crate::sessions::authentication::{Authentication, FirstFactor};

    const NOW: i64 = 1_800_000_000;

    /// A user at epoch 4.
    fn user(active: bool) -> User {
        User {
            epoch: 4,
            active,
            ..User::plain(UserId::from_bytes([2; 16]))
        }
    }

    fn session(epoch: u64, expires_at: i64, revoked: bool) -> Session {
        Session {
            id: SessionId::from_bytes([1; 16]),
            user: UserId::from_bytes([2; 16]),
            authorized: Authorized::default(),
            dialect: Dialect::Auth0,
            authentication: Authentication {
                at: 0,
                first: FirstFactor::Password,
                method: None,
                key: None,
            },
            epoch,
            refresh_tokens: 0,
            rotated_at: 0,
            expires_at,
            ends_at: NOW + 1000,
            revoked,
        }
    }

    #[test]
    fn a_token_stands_with_its_user_its_epoch_and_its_session() {
        let live = session(4, NOW + 1, false);
        let ended = session(4, NOW + 1, true);
        let stale = session(3, NOW + 1, false);
        let expired = session(4, NOW, false);
        for (epoch, session, required, expected) in [
            // A session without refresh tokens has no item.
            (4, None, Live, true),
            (3, None, Live, false),
            (5, None, Live, false),
            (4, Some(&live), Live, true),
            (5, Some(&live), Live, false),
            // The session made the change and moved.
            (3, Some(&live), Live, true),
            (3, Some(&stale), Live, false),
            (3, Some(&expired), Live, false),
            // The time of the session ends its refresh tokens only.
            (4, Some(&expired), Live, true),
            (4, Some(&ended), Live, false),
            (3, Some(&ended), Live, false),
            // A second sign-out.
            (4, Some(&ended), MayHaveEnded, true),
            (3, Some(&ended), MayHaveEnded, true),
            (3, Some(&stale), MayHaveEnded, false),
            (3, None, MayHaveEnded, false),
        ] {
            let accepts = |active| required.accepts_token(&user(active), epoch, session, NOW);
            assert_eq!(accepts(true), expected, "{epoch} {session:?} {required:?}");
            assert!(!accepts(false), "an inactive user");
        }
    }

    #[test]
    fn a_browser_is_signed_in_as_long_as_its_session_is_current_and_not_ended() {
        for (session, required, expected) in [
            (session(4, NOW + 1, false), Live, true),
            (session(4, NOW, false), Live, false),
            (session(3, NOW + 1, false), Live, false),
            (session(4, NOW + 1, true), Live, false),
            (session(4, NOW + 1, true), MayHaveEnded, true),
            (session(4, NOW, true), MayHaveEnded, false),
        ] {
            let accepts = |active| required.accepts_session(&user(active), &session, NOW);
            assert_eq!(accepts(true), expected, "{session:?} {required:?}");
            assert!(!accepts(false), "an inactive user");
        }
    }
}
