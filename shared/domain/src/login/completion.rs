//! What a login's right code leads to.

use crate::accounts::user::User;
use crate::factors::confirmed_addresses::ConfirmedAddresses;
use crate::login::pending_login::{Login, Proof};

/// What a right code of a pending login leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completion {
    /// The code only shows that the user reads the confirmed address. The login goes on, and may
    /// enrol a factor now.
    AllowsEnrolment,
    /// The code confirms the new factor, and completes the login.
    Enrols,
    /// The code confirms the new factor. Then the login waits for a new password.
    EnrolsBeforeChange,
    /// The login waits for a new password.
    ChangesPassword,
    /// The code completes the login.
    Completes,
}

impl Completion {
    /// An address that must be shown comes before an enrolment. An enrolment comes before a due
    /// change of the password, because the change comes after the second factor.
    fn of(user: &User, login: &Login, proves_address: bool) -> Self {
        let enrols = login.enrolment.is_some();
        match (proves_address, enrols, login.waits_for_password(user)) {
            (true, _, _) => Self::AllowsEnrolment,
            (false, true, false) => Self::Enrols,
            (false, true, true) => Self::EnrolsBeforeChange,
            (false, false, true) => Self::ChangesPassword,
            (false, false, false) => Self::Completes,
        }
    }
}

impl ConfirmedAddresses<'_> {
    /// What this proof of the login leads to.
    pub fn completion(self, user: &User, login: &Login, proof: &Proof) -> Completion {
        Completion::of(user, login, self.proves_address(user, login, proof))
    }
}

impl Login {
    /// Whether the user has to change the password before the login is complete. A session that
    /// enrols a factor has signed in before.
    pub fn waits_for_password(&self, user: &User) -> bool {
        user.must_change_password && !self.is_of_session()
    }
}

#[cfg(test)]
mod tests {
    use super::Completion;
    use crate::Dialect;
    use crate::accounts::user::User;
    use crate::authorization::client::Authorized;
    use crate::factors::enrolment::{EnrollingSession, Enrolment};
    use crate::id::{FactorId, LoginId, SessionId, UserId};
    use crate::login::pending_login::Login;
    use crate::sessions::authentication::{Authentication, FirstFactor};

    /// Who has begun to enrol a factor, if anybody has.
    #[derive(Clone, Copy, Debug)]
    enum Enrolling {
        Nobody,
        Login,
        Session,
    }

    fn login(user: &User, enrolling: Enrolling) -> Login {
        let id = LoginId::from_bytes([2; 16]);
        let session = EnrollingSession {
            id: SessionId::from_bytes([3; 16]),
            authentication: Authentication {
                first: FirstFactor::Password,
                at: 0,
                method: None,
            },
        };
        let session = match enrolling {
            Enrolling::Nobody => None,
            Enrolling::Login => Some(None),
            Enrolling::Session => Some(Some(session)),
        };
        Login {
            enrolment: session.map(|session| Enrolment {
                factor: FactorId::from_bytes([4; 16]),
                replaces: Vec::new(),
                session,
                recovery: None,
            }),
            ..Login::begin(id, user, Authorized::default(), Dialect::Auth0, 0)
        }
    }

    #[test]
    fn a_shown_address_an_enrolment_and_a_due_password_come_in_this_order() {
        use Completion::{AllowsEnrolment, ChangesPassword, Completes, Enrols, EnrolsBeforeChange};
        use Enrolling::{Login, Nobody, Session};
        let table = [
            (true, Nobody, false, AllowsEnrolment),
            (true, Nobody, true, AllowsEnrolment),
            (false, Nobody, false, Completes),
            (false, Nobody, true, ChangesPassword),
            (false, Login, false, Enrols),
            (false, Login, true, EnrolsBeforeChange),
            (false, Session, false, Enrols),
            (false, Session, true, Enrols),
        ];
        for (proves_address, enrolling, must_change_password, expected) in table {
            let user = User {
                must_change_password,
                ..User::plain(UserId::from_bytes([1; 16]))
            };
            let login = login(&user, enrolling);
            let completion = Completion::of(&user, &login, proves_address);
            assert_eq!(completion, expected, "{enrolling:?} {must_change_password}");
        }
    }
}
