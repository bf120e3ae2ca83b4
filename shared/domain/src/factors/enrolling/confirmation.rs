//! What the first right code of a new factor confirms, and which session follows.

use crate::accounts::user::{ConfirmationPolicy, User};
use crate::factors::enrolment::{EnrollingSession, Enrolment, check_confirmed, check_owned};
use crate::factors::enrolment_refusal::EnrolmentRefusal;
use crate::factors::factor::Factor;
use crate::id::FactorId;
use crate::login::evidence::SubmittedCode;
use crate::login::pending_login::{Login, Proof, SentTo};
use crate::secret::Secret;
use crate::sessions::party::Party;

/// The session after an enrolment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionAfter {
    /// The session that began the enrolment goes on, with the authentication that it had. A
    /// code of a new factor proves nothing about the old factors.
    GoesOn(EnrollingSession),
    /// The login waits for a new password, and has no session yet.
    Waits,
    /// The login begins a session.
    Begins,
}

impl SessionAfter {
    /// The session after this enrolment of the login.
    pub fn of(login: &Login, enrolment: &Enrolment, user: &User) -> Self {
        match enrolment.session {
            Some(began) => Self::GoesOn(began),
            None if login.waits_for_password(user) => Self::Waits,
            None => Self::Begins,
        }
    }
}

/// Whether new recovery codes come with the confirmation: a browser shows its codes when the
/// app is confirmed.
pub fn brings_recovery_codes(party: Party<'_>, proof: &Proof) -> bool {
    party.is_pages() && matches!(proof, Proof::Totp { .. })
}

/// Whether a code of this new factor confirms the user's own e-mail address. `factor` is the
/// stored factor, if there is one.
///
/// # Errors
/// `AddressUnconfirmed` for any other factor of a user whose address is not confirmed,
/// because an earlier version may have begun the enrolment without asking for a confirmed
/// address.
pub fn confirms_own_address(
    policy: ConfirmationPolicy,
    user: &User,
    factor: Option<&Factor>,
) -> Result<bool, EnrolmentRefusal> {
    let Some(factor) = factor else {
        check_confirmed(user)?;
        return Ok(false);
    };
    check_owned(policy, user, factor)?;
    let mut address = factor.address().into_iter();
    let own = address.any(|(channel, to)| user.is_own_email(channel, to));
    Ok(own && !user.is_owned())
}

/// What a first code shows: a code that went to the new factor, or the code of an app.
pub fn submitted_first_code(
    code: Secret,
    enrolled: FactorId,
    factor: Option<&Factor>,
) -> SubmittedCode {
    match factor.and_then(Factor::address) {
        None => SubmittedCode::Totp { code, factor: None },
        Some(_) => SubmittedCode::Sent {
            code,
            to: SentTo::Factor(enrolled),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Dialect;
    use crate::authorization::client::{Authorized, Client};
    use crate::factors::factor::{Channel, FactorKind, Sealed};
    use crate::id::{LoginId, SessionId, UserId};
    use crate::sessions::authentication::{Authentication, FirstFactor};

    const MAIL: &str = "ann@example.com";

    fn user(email: Option<&str>, email_confirmed: bool) -> User {
        User {
            email: email.map(str::to_owned),
            email_confirmed,
            ..User::plain(UserId::from_bytes([1; 16]))
        }
    }

    fn factor(kind: FactorKind) -> Factor {
        Factor {
            id: FactorId::from_bytes([4; 16]),
            kind,
            confirmed: false,
            created_at: 0,
        }
    }

    fn app() -> Factor {
        let seed = Sealed {
            key: 1,
            bytes: Vec::new(),
        };
        factor(FactorKind::Totp {
            seed,
            last_step: None,
        })
    }

    fn mail(to: &str) -> Factor {
        factor(FactorKind::Address {
            channel: Channel::Email,
            to: to.into(),
        })
    }

    #[test]
    fn a_session_goes_on_and_a_login_begins_one_unless_a_new_password_is_due() {
        let began = EnrollingSession {
            id: SessionId::from_bytes([3; 16]),
            authentication: Authentication {
                first: FirstFactor::Password,
                at: 0,
                method: None,
                key: None,
            },
        };
        for (session, due, expected) in [
            (None, false, SessionAfter::Begins),
            (None, true, SessionAfter::Waits),
            (Some(began), false, SessionAfter::GoesOn(began)),
            (Some(began), true, SessionAfter::GoesOn(began)),
        ] {
            let user = User {
                must_change_password: due,
                ..user(None, false)
            };
            let enrolment = Enrolment {
                factor: FactorId::from_bytes([4; 16]),
                session,
                replaces: Vec::new(),
                recovery: None,
            };
            let id = LoginId::from_bytes([2; 16]);
            let login = Login {
                enrolment: Some(enrolment.clone()),
                ..Login::begin(id, &user, Authorized::default(), Dialect::Auth0, 0)
            };
            assert_eq!(SessionAfter::of(&login, &enrolment, &user), expected);
        }
    }

    #[test]
    fn only_a_browser_gets_recovery_codes_with_an_app() {
        let totp = Proof::Totp {
            factor: FactorId::from_bytes([4; 16]),
            step: 1,
        };
        let recovery = Proof::Recovery {
            hash: "hash".into(),
        };
        let client = Client::new("app");
        for (party, proof, brings) in [
            (Party::Pages, &totp, true),
            (Party::Pages, &recovery, false),
            (Party::App(&client), &totp, false),
        ] {
            assert_eq!(brings_recovery_codes(party, proof), brings);
        }
    }

    #[test]
    fn a_code_confirms_the_own_address_and_no_other_factor_comes_before_that() {
        let refused = Err(EnrolmentRefusal::AddressUnconfirmed);
        let trial = ConfirmationPolicy {
            unconfirmed_enrolls: true,
            ..ConfirmationPolicy::default()
        };
        let plain = ConfirmationPolicy::default();
        for (policy, user, factor, expected) in [
            (plain, user(Some(MAIL), true), Some(app()), Ok(false)),
            (plain, user(Some(MAIL), true), Some(mail(MAIL)), Ok(false)),
            (
                plain,
                user(Some(MAIL), false),
                Some(mail("Ann@example.com")),
                Ok(true),
            ),
            (
                plain,
                user(Some(MAIL), false),
                Some(mail("b@example.com")),
                refused.clone(),
            ),
            (plain, user(Some(MAIL), false), Some(app()), refused.clone()),
            (plain, user(Some(MAIL), false), None, refused),
            (trial, user(Some(MAIL), false), Some(app()), Ok(false)),
            (plain, user(None, false), None, Ok(false)),
        ] {
            let found = confirms_own_address(policy, &user, factor.as_ref());
            assert_eq!(found, expected, "{factor:?}");
        }
    }

    #[test]
    fn a_first_code_is_of_the_new_factor() {
        let (code, id) = (Secret::new("123456"), FactorId::from_bytes([4; 16]));
        let sent = SubmittedCode::Sent {
            code: code.clone(),
            to: SentTo::Factor(id),
        };
        let of_app = SubmittedCode::Totp {
            code: code.clone(),
            factor: None,
        };
        for (factor, expected) in [
            (Some(mail(MAIL)), sent),
            (Some(app()), of_app.clone()),
            (None, of_app),
        ] {
            let found = submitted_first_code(code.clone(), id, factor.as_ref());
            assert_eq!(found, expected);
        }
    }
}
