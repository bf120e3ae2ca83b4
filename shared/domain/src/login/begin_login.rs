//! How a pending login begins: with a right password, with a code to a mailbox, in a
//! session that enrols a factor, or in a session that has to step up.

use crate::accounts::user::User;
use crate::authorization::client::Authorized;
use crate::factors::factor::UNCONFIRMED_SECONDS;
use crate::factors::passkey::FirstPasskey;
use crate::id::{LoginId, SessionId};
use crate::login::pending_login::{LOGIN_SECONDS, Login, State};
use crate::sessions::authentication::FirstFactor;
use crate::sessions::stepped_session::SteppedSession;
use crate::{Dialect, Timestamp};

/// Where the right password or the code of a login came from.
#[derive(Clone, Debug)]
pub struct LoginOrigin {
    /// The network, as a hash. `None` if the second step shows the password or a
    /// token.
    pub network: Option<String>,
    /// The name and the network, as one hash.
    pub name_and_network: String,
    /// The mailbox whose code stood in place of the password. The code has shown that the
    /// user reads the mailbox.
    pub mailbox: Option<String>,
    /// The passkey that stood in place of the password.
    pub passkey: Option<FirstPasskey>,
}

impl LoginOrigin {
    /// The origin of a login that begins without a password: with a code to this mailbox, or
    /// with a passkey, which may count as two factors.
    pub fn without_password(
        name_and_network: String,
        mailbox: Option<String>,
        (first, counts_as_two): (FirstFactor, bool),
    ) -> Self {
        let passkey = first.passkey_place().map(|place| FirstPasskey {
            place,
            counts_as_two,
        });
        Self {
            network: None,
            name_and_network,
            mailbox,
            passkey,
        }
    }
}

/// When a login begins and ends.
struct Times {
    created_at: Timestamp,
    expires_at: Timestamp,
}

impl Times {
    /// The times of a login that begins at `now` and waits for `seconds`.
    fn of(now: Timestamp, seconds: i64) -> Self {
        Self {
            created_at: now,
            expires_at: now + seconds,
        }
    }
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
        let times = Times::of(now, LOGIN_SECONDS);
        Self::new(id, user, authorized, dialect, times, None)
    }

    /// A login that begins with a right password, or a code in its place, from here.
    pub fn begin_from(
        origin: LoginOrigin,
        id: LoginId,
        user: &User,
        authorized: Authorized,
        dialect: Dialect,
        now: Timestamp,
    ) -> Self {
        let times = Times::of(now, LOGIN_SECONDS);
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
        let times = Times::of(now, UNCONFIRMED_SECONDS);
        Self::new(id, user, authorized, dialect, times, None)
    }

    /// A login in which the user of this session, who began it with this first factor, shows
    /// a factor again.
    pub fn begin_step_up(
        (session, first): (SteppedSession, FirstFactor),
        id: LoginId,
        user: &User,
        authorized: Authorized,
        dialect: Dialect,
        now: Timestamp,
    ) -> Self {
        let passkey = first.passkey_place();
        let passkey = passkey.map(|place| FirstPasskey {
            place,
            counts_as_two: false,
        });
        Self {
            passkey,
            steps_up: Some(session),
            ..Self::begin(id, user, authorized, dialect, now)
        }
    }

    fn new(
        id: LoginId,
        user: &User,
        authorized: Authorized,
        dialect: Dialect,
        times: Times,
        origin: Option<LoginOrigin>,
    ) -> Self {
        let mailbox = origin.as_ref().and_then(|origin| origin.mailbox.clone());
        // A code to the phone leaves the confirmed address as the second factor.
        let first = mailbox.as_deref().map(FirstFactor::of_code_to);
        let shows_address = first == Some(FirstFactor::Code);
        let passkey = origin.as_ref().and_then(|origin| origin.passkey);
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
            address_shown: shows_address,
            network,
            came_from,
            mailbox,
            passkey,
            asks_for_passkey: false,
            steps_up: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::LoginOrigin;
    use crate::factors::passkey::{FirstPasskey, KeyPlace};
    use crate::sessions::authentication::FirstFactor;

    #[test]
    fn a_login_without_a_password_keeps_its_mailbox_or_its_passkey_and_no_network() {
        let mailbox = || Some("ann@example.com".to_owned());
        let passkey = |place, counts_as_two| FirstPasskey {
            place,
            counts_as_two,
        };
        for (mailbox, first, counts_as_two, kept) in [
            (mailbox(), FirstFactor::Code, false, None),
            (None, FirstFactor::Password, true, None),
            (
                None,
                FirstFactor::Passkey(KeyPlace::Hardware),
                true,
                Some(passkey(KeyPlace::Hardware, true)),
            ),
            (
                None,
                FirstFactor::Passkey(KeyPlace::Software),
                false,
                Some(passkey(KeyPlace::Software, false)),
            ),
        ] {
            let began = (first, counts_as_two);
            let origin = LoginOrigin::without_password("hash".to_owned(), mailbox.clone(), began);
            assert_eq!(origin.name_and_network, "hash");
            assert_eq!((origin.mailbox, origin.passkey), (mailbox, kept));
            assert!(origin.network.is_none());
        }
    }
}
