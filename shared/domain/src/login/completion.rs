//! What a login's right code leads to.

use crate::Timestamp;
use crate::accounts::user::User;
use crate::factors::confirmed_addresses::ConfirmedAddresses;
use crate::factors::factor::Method;
use crate::id::SessionId;
use crate::login::pending_login::{Login, Proof, State};
use crate::sessions::login_result::LoginResult;

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

/// The second factor of a login that waits for a new password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactorBeforeChange {
    /// This factor was shown.
    Factor(Method),
    /// None was shown. So the policy must demand none of the user.
    Nothing,
    /// The login is complete already.
    Over,
}

impl Login {
    /// The second factor that was shown before the password is changed.
    pub fn factor_before_change(&self) -> FactorBeforeChange {
        match (&self.state, self.second_of_first()) {
            (State::Verified { proof, .. }, _) => FactorBeforeChange::Factor(proof.method()),
            (State::Pending | State::CodeSent, Some(method)) => FactorBeforeChange::Factor(method),
            (State::Pending | State::CodeSent, None) => FactorBeforeChange::Nothing,
            (State::Redeemed, _) => FactorBeforeChange::Over,
        }
    }
}

/// The traces of a new password that a completed login removes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettledPassword {
    /// Whether the mailbox of the reset is a second factor again.
    pub trusts_mailbox: bool,
}

impl SettledPassword {
    /// What the login of this user removes, which this proof completed. A login with another
    /// factor than e-mail trusts the mailbox again. `None` if nothing is to be removed.
    pub fn of(user: &User, proof: Option<&Proof>) -> Option<Self> {
        let another = proof.is_some_and(|proof| proof.method() != Method::Email);
        let trusts_mailbox = user.reset_by.is_some() && another;
        (trusts_mailbox || user.codes_opened).then_some(Self { trusts_mailbox })
    }
}

impl Login {
    /// When the user authenticated, if a code completes the login at `now`.
    pub fn authenticated_at(&self, now: Timestamp) -> Timestamp {
        let kept = self.steps_up.and_then(|stepped| stepped.authenticated_at);
        kept.unwrap_or(now)
    }

    /// The session that the tokens of the completed login belong to: the session that the
    /// login begins, or the session that the login makes stronger, and then they end with it.
    /// `None` for a login without either, which gets a new identifier.
    pub fn session_of_tokens(&self, begins: Option<&LoginResult>) -> Option<SessionId> {
        let begins = begins.map(LoginResult::session_id);
        begins.or(self.steps_up.map(|stepped| stepped.id))
    }
}

#[cfg(test)]
mod tests {
    use super::{Completion, FactorBeforeChange, Method, Proof, SettledPassword, State};
    use crate::Dialect;
    use crate::accounts::user::User;
    use crate::authorization::client::Authorized;
    use crate::factors::enrolment::{EnrollingSession, Enrolment};
    use crate::factors::factor::Channel;
    use crate::factors::passkey::{FirstPasskey, KeyPlace};
    use crate::id::{FactorId, LoginId, SessionId, UserId};
    use crate::login::pending_login::{Login, SentCode};
    use crate::sessions::authentication::{Authentication, FirstFactor};
    use crate::sessions::session::{BegunSession, Session};
    use crate::sessions::stepped_session::SteppedSession;

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
                key: None,
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

    fn sent(channel: Channel) -> Proof {
        Proof::Sent(SentCode {
            earlier: None,
            number: 1,
            factor: FactorId::from_bytes([4; 16]),
            channel,
            at: 0,
            key: 1,
        })
    }

    #[test]
    fn a_new_password_comes_after_the_factor_that_was_shown_or_that_the_passkey_stands_for() {
        let passkey = |counts_as_two| {
            Some(FirstPasskey {
                place: KeyPlace::Hardware,
                counts_as_two,
            })
        };
        let verified = State::Verified {
            proof: sent(Channel::Sms),
            by_token: false,
        };
        for (state, passkey, shown) in [
            (State::Pending, None, FactorBeforeChange::Nothing),
            (State::CodeSent, None, FactorBeforeChange::Nothing),
            (State::Pending, passkey(false), FactorBeforeChange::Nothing),
            (
                State::Pending,
                passkey(true),
                FactorBeforeChange::Factor(Method::Passkey),
            ),
            (verified, None, FactorBeforeChange::Factor(Method::Sms)),
            (State::Redeemed, None, FactorBeforeChange::Over),
        ] {
            let user = User::plain(UserId::from_bytes([1; 16]));
            let login = Login {
                state,
                passkey,
                ..login(&user, Enrolling::Nobody)
            };
            assert_eq!(login.factor_before_change(), shown);
        }
    }

    #[test]
    fn another_factor_trusts_the_mailbox_of_a_reset_and_any_login_counts_opened_codes_again() {
        let mailbox = || Some("ann@example.com".to_owned());
        for (reset_by, codes_opened, proof, trusts) in [
            (None, false, Some(sent(Channel::Sms)), None),
            (mailbox(), false, None, None),
            (mailbox(), false, Some(sent(Channel::Email)), None),
            (mailbox(), false, Some(sent(Channel::Sms)), Some(true)),
            (mailbox(), true, None, Some(false)),
            (None, true, Some(sent(Channel::Sms)), Some(false)),
        ] {
            let user = User {
                reset_by,
                codes_opened,
                ..User::plain(UserId::from_bytes([1; 16]))
            };
            let settled = SettledPassword::of(&user, proof.as_ref());
            assert_eq!(settled.map(|settled| settled.trusts_mailbox), trusts);
        }
    }

    #[test]
    fn tokens_belong_to_the_session_that_begins_or_to_the_one_that_is_made_stronger() {
        let user = User::plain(UserId::from_bytes([1; 16]));
        let (old, new) = ([5; 16], [6; 16]);
        let stepped = SteppedSession {
            id: SessionId::from_bytes(old),
            ends_at: 100,
            authenticated_at: None,
        };
        let authorized = Authorized::default();
        let begun = BegunSession {
            id: SessionId::from_bytes(new),
            user: user.id,
            epoch: 1,
            authorized: &authorized,
            dialect: Dialect::Auth0,
            authentication: Authentication {
                first: FirstFactor::Password,
                at: 0,
                method: None,
                key: None,
            },
        };
        let session = Session::kept(begun, 0, 100).into();
        for (begins, steps_up, expected) in [
            (None, None, None),
            (Some(&session), None, Some(new)),
            (None, Some(stepped), Some(old)),
            (Some(&session), Some(stepped), Some(new)),
        ] {
            let login = Login {
                steps_up,
                ..login(&user, Enrolling::Nobody)
            };
            let found = login.session_of_tokens(begins);
            assert_eq!(found, expected.map(SessionId::from_bytes));
        }
    }
}
