//! A session: a family of refresh tokens. The newest generation is the valid
//! one.

use crate::accounts::user::User;
use crate::authorization::client::Authorized;
use crate::id::{SessionId, UserId};
use crate::sessions::authentication::Authentication;
use crate::{Dialect, Timestamp};

/// The content of the `SESSION` item.
#[derive(Clone, Debug)]
pub struct Session {
    pub id: SessionId,
    /// The user who is signed in.
    pub user: UserId,
    /// What was asked for and granted, and to which client.
    pub authorized: Authorized,
    /// The dialect in which the session began.
    pub dialect: Dialect,
    /// How and when the user authenticated. A refresh never renews this time.
    pub authentication: Authentication,
    /// The user's epoch that the session belongs to.
    pub epoch: u64,
    /// How many refresh tokens the session has handed out in turn. The newest
    /// token has this number as its generation.
    pub refresh_tokens: u32,
    /// When that refresh token was handed out.
    pub rotated_at: Timestamp,
    /// When the session ends if nothing refreshes it before.
    pub expires_at: Timestamp,
    /// When the session ends at the latest.
    pub ends_at: Timestamp,
    /// Whether the session was ended.
    pub revoked: bool,
}

/// What the service does with a refresh token of some generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refresh {
    /// The token is of the newest generation: rotate.
    Rotate,
    /// The token is of the previous generation, within the grace period: a
    /// response was lost, or two requests ran at once. The service gives the
    /// same successor again.
    Repeat,
    /// The token is of an older generation, so somebody has a copy. The session
    /// ends (RFC 9700 4.14.2).
    Reused,
    /// The session is over.
    Ended,
}

/// A session that begins, without its life.
#[derive(Clone, Copy)]
pub struct BegunSession<'a> {
    pub id: SessionId,
    pub user: UserId,
    /// The user's epoch that the session belongs to.
    pub epoch: u64,
    pub authorized: &'a Authorized,
    pub dialect: Dialect,
    pub authentication: Authentication,
}

/// How long a session may last, in seconds.
#[derive(Clone, Copy)]
pub struct SessionLife {
    /// At the latest.
    pub absolute: i64,
    /// If nothing refreshes the session.
    pub idle: i64,
}

impl Session {
    /// A session that begins now and hands out its first refresh token.
    pub fn refreshing(begun: BegunSession<'_>, now: Timestamp, life: SessionLife) -> Self {
        let ends_at = now + life.absolute;
        Self {
            refresh_tokens: 1,
            expires_at: ends_at.min(now + life.idle),
            ..Self::kept(begun, now, ends_at)
        }
    }

    /// A session that hands out no refresh token. Its item is kept until `ends_at`.
    pub fn kept(begun: BegunSession<'_>, now: Timestamp, ends_at: Timestamp) -> Self {
        Self {
            id: begun.id,
            user: begun.user,
            authorized: begun.authorized.clone(),
            dialect: begun.dialect,
            authentication: begun.authentication,
            epoch: begun.epoch,
            refresh_tokens: 0,
            rotated_at: now,
            expires_at: ends_at,
            ends_at,
            revoked: false,
        }
    }

    /// The same session, which ends at this time at the latest.
    pub fn ending_by(self, end: Timestamp) -> Self {
        Self {
            expires_at: self.expires_at.min(end),
            ends_at: self.ends_at.min(end),
            ..self
        }
    }

    /// Whether this client may still use the refresh token of this generation. `grace` is how
    /// long the previous generation is taken again, in seconds.
    pub fn may_be_refreshed_by(
        &self,
        client: &str,
        user: &User,
        generation: u32,
        (now, grace): (Timestamp, i64),
    ) -> bool {
        let state = self.refresh_state(generation, user.epoch, now, grace);
        let usable = matches!(state, Refresh::Rotate | Refresh::Repeat);
        self.authorized.client == client && user.active && usable
    }

    /// Whether the session is live at `now` for a user at `epoch`.
    pub fn is_live(&self, epoch: u64, now: Timestamp) -> bool {
        !self.revoked && self.is_current(epoch, now)
    }

    /// Whether the session has not expired at `now`, and is of this epoch. The
    /// session may have been ended.
    pub fn is_current(&self, epoch: u64, now: Timestamp) -> bool {
        self.expires_at > now && self.ends_at > now && self.epoch == epoch
    }

    /// What the service does at `now` with a token of `generation`, for a user
    /// at `epoch`. `grace` is in seconds.
    pub fn refresh_state(
        &self,
        generation: u32,
        epoch: u64,
        now: Timestamp,
        grace: i64,
    ) -> Refresh {
        if !self.is_live(epoch, now) {
            return Refresh::Ended;
        }
        if generation == self.refresh_tokens {
            return Refresh::Rotate;
        }
        let before = generation.checked_add(1) == Some(self.refresh_tokens);
        if before && now < self.rotated_at + grace {
            Refresh::Repeat
        } else {
            Refresh::Reused
        }
    }

    /// When a session that is used at `now` ends if it is not used again.
    pub fn next_expiry(&self, now: Timestamp, idle_seconds: i64) -> Timestamp {
        self.ends_at.min(now + idle_seconds)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{Refresh, Session};
    use crate::Dialect;
    use crate::accounts::user::User;
    use crate::authorization::client::Authorized;
    use crate::id::{SessionId, UserId};
    use crate::sessions::authentication::{Authentication, FirstFactor};

    fn session() -> Session {
        Session {
            id: SessionId::from_bytes([1; 16]),
            user: UserId::from_bytes([2; 16]),
            authorized: Authorized::default(),
            dialect: Dialect::Auth0,
            authentication: Authentication {
                first: FirstFactor::Password,
                at: 0,
                method: None,
                key: None,
            },
            epoch: 4,
            refresh_tokens: 5,
            rotated_at: 1000,
            expires_at: 5000,
            ends_at: 9000,
            revoked: false,
        }
    }

    #[test]
    fn the_newest_generation_rotates_and_the_one_before_repeats_within_the_grace() {
        let session = session();
        assert_eq!(session.refresh_state(5, 4, 1030, 60), Refresh::Rotate);
        assert_eq!(session.refresh_state(4, 4, 1059, 60), Refresh::Repeat);
        assert_eq!(session.refresh_state(4, 4, 1060, 60), Refresh::Reused);
        assert_eq!(session.refresh_state(3, 4, 1001, 60), Refresh::Reused);
        assert_eq!(session.refresh_state(6, 4, 1001, 60), Refresh::Reused);
    }

    #[test]
    fn a_session_is_over_after_its_expiry_a_revocation_or_a_new_epoch() {
        assert_eq!(session().refresh_state(5, 4, 5000, 60), Refresh::Ended);
        assert_eq!(session().refresh_state(5, 5, 1030, 60), Refresh::Ended);
        let revoked = Session {
            revoked: true,
            ..session()
        };
        assert_eq!(revoked.refresh_state(5, 4, 1030, 60), Refresh::Ended);
    }

    #[test]
    fn an_idle_lifetime_never_outlives_the_absolute_one() {
        assert_eq!(session().next_expiry(2000, 100), 2100);
        assert_eq!(session().next_expiry(8950, 100), 9000);
    }

    #[test]
    fn a_refresh_token_is_good_for_its_client_while_its_user_may_sign_in() {
        let session = Session {
            authorized: Authorized {
                client: "app".into(),
                ..Authorized::default()
            },
            ..session()
        };
        for (client, active, epoch, generation, now, good) in [
            ("app", true, 4, 5, 1030, true),
            ("app", true, 4, 4, 1030, true),
            ("app", true, 4, 3, 1030, false),
            ("app", true, 4, 5, 5000, false),
            ("app", true, 5, 5, 1030, false),
            ("app", false, 4, 5, 1030, false),
            ("other", true, 4, 5, 1030, false),
        ] {
            let user = User {
                active,
                epoch,
                ..User::plain(UserId::from_bytes([2; 16]))
            };
            let found = session.may_be_refreshed_by(client, &user, generation, (now, 60));
            assert_eq!(found, good, "{client} {generation} {now}");
        }
    }
}
