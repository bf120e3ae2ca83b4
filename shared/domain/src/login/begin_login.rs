//! How a pending login begins: with a right password, or in a session that enrols a
//! factor.

use crate::accounts::user::User;
use crate::authorization::client::Authorized;
use crate::factors::factor::UNCONFIRMED_SECONDS;
use crate::id::{LoginId, SessionId};
use crate::login::pending_login::{LOGIN_SECONDS, Login, State};
use crate::{Dialect, Timestamp};

/// Where the right password of a login came from.
#[derive(Clone, Debug)]
pub struct LoginOrigin {
    /// The network, as a hash. `None` if the second step shows the password or a
    /// token.
    pub network: Option<String>,
    /// The name and the network, as one hash.
    pub name_and_network: String,
}

/// When a login begins and ends.
struct Times {
    created_at: Timestamp,
    expires_at: Timestamp,
}

impl Login {
    /// A login that begins at `now`.
    pub fn begin(
        id: LoginId,
        user: &User,
        authorized: Authorized,
        dialect: Dialect,
        now: Timestamp,
    ) -> Self {
        let times = Times {
            created_at: now,
            expires_at: now + LOGIN_SECONDS,
        };
        Self::new(id, user, authorized, dialect, times, None)
    }

    /// A login that begins with a right password from this place.
    pub fn begin_from(
        origin: LoginOrigin,
        id: LoginId,
        user: &User,
        authorized: Authorized,
        dialect: Dialect,
        now: Timestamp,
    ) -> Self {
        let times = Times {
            created_at: now,
            expires_at: now + LOGIN_SECONDS,
        };
        Self::new(id, user, authorized, dialect, times, Some(origin))
    }

    /// A login that a signed-in session begins in order to enrol a factor. It
    /// waits as long as the factor may wait to be confirmed.
    pub fn begin_in_session(
        session: SessionId,
        user: &User,
        authorized: Authorized,
        dialect: Dialect,
        now: Timestamp,
    ) -> Self {
        let id = LoginId::of_session(session);
        let times = Times {
            created_at: now,
            expires_at: now + UNCONFIRMED_SECONDS,
        };
        Self::new(id, user, authorized, dialect, times, None)
    }

    fn new(
        id: LoginId,
        user: &User,
        authorized: Authorized,
        dialect: Dialect,
        times: Times,
        origin: Option<LoginOrigin>,
    ) -> Self {
        let (network, came_from) = match origin {
            Some(origin) => (origin.network, Some(origin.name_and_network)),
            None => (None, None),
        };
        Self {
            id,
            user: user.id,
            state: State::Pending,
            epoch: user.epoch,
            authorized,
            dialect,
            created_at: times.created_at,
            expires_at: times.expires_at,
            sends: 0,
            sent: Vec::new(),
            enrolment: None,
            address_shown: false,
            network,
            came_from,
            mailbox: None,
        }
    }
}
