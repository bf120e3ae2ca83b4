//! Which factor of a user may be removed.

use crate::Timestamp;
use crate::accounts::user::{Account, User};
use crate::factors::enrolment::MfaPolicy;
use crate::factors::enrolment_refusal::EnrolmentRefusal;
use crate::factors::factor::{Channel, Factor, Method};
use crate::id::FactorId;

/// The factor of this kind and identifier, if it may be removed.
///
/// # Errors
/// `FactorNotFound`; `FactorKept` for recovery codes, which can be replaced but not
/// removed, for the user's own confirmed address, which a password reset needs
/// too, and for the last passkey of a user without a password.
pub fn removable(
    account: &Account,
    method: Method,
    id: FactorId,
    now: Timestamp,
) -> Result<&Factor, EnrolmentRefusal> {
    let recovery = account.recovery.as_ref().map(|codes| codes.id);
    if method == Method::RecoveryCode && recovery == Some(id) {
        return Err(EnrolmentRefusal::FactorKept);
    }
    let mut live = account.factors.iter().filter(|one| one.is_live(now));
    let found = live.find(|factor| factor.id == id && factor.method() == method);
    let found = found.ok_or(EnrolmentRefusal::FactorNotFound)?;
    let last = found.passkey().is_some() && account.passkeys().count() == 1;
    let signs_in = last && account.user.password.is_none();
    if found.confirmed && (signs_in || is_verified_email(&account.user, found)) {
        return Err(EnrolmentRefusal::FactorKept);
    }
    Ok(found)
}

fn is_verified_email(user: &User, factor: &Factor) -> bool {
    let own = user.email.as_deref().filter(|_| user.email_confirmed);
    let mailbox = factor
        .address()
        .filter(|(channel, _)| *channel == Channel::Email);
    mailbox.is_some_and(|(_, to)| own.is_some_and(|own| to.eq_ignore_ascii_case(own)))
}

/// What is removed with factors, and what stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removal {
    pub factors: Vec<FactorId>,
    /// Whether the recovery codes stay.
    pub keeps_recovery: bool,
    /// Whether a login demands a second factor afterwards.
    pub two_factor: bool,
}

impl Removal {
    /// The removal of these confirmed factors of the user. With the last second factor, the
    /// recovery codes are removed too. The mailbox of a reset counts as left over, because it
    /// becomes a factor again later. Removing a passkey that was not enrolled as a second factor
    /// changes nothing about the second factors.
    ///
    /// # Errors
    /// `FactorKept` for the last factor of a user who must have one.
    pub fn of(
        account: &Account,
        gone: &[Factor],
        policy: MfaPolicy,
    ) -> Result<Self, EnrolmentRefusal> {
        let factors: Vec<FactorId> = gone.iter().map(|factor| factor.id).collect();
        let mut others = second_factors(account).filter(|one| !factors.contains(&one.id));
        let left = !gone.iter().any(Factor::was_enrolled_as_second) || others.next().is_some();
        match left || policy.lets_go() {
            true => Ok(Self {
                factors,
                keeps_recovery: left,
                two_factor: account.user.two_factor && left,
            }),
            false => Err(EnrolmentRefusal::FactorKept),
        }
    }

    /// The removal of every second factor. Passkeys that were enrolled in place of the password
    /// stay, and so do all passkeys of a user without a password.
    pub fn of_second_factors(account: &Account) -> Self {
        let has_password = account.user.password.is_some();
        let gone = second_factors(account);
        let gone = gone.filter(|factor| has_password || factor.passkey().is_none());
        Self {
            factors: gone.map(|factor| factor.id).collect(),
            keeps_recovery: false,
            two_factor: false,
        }
    }
}

fn second_factors(account: &Account) -> impl Iterator<Item = &Factor> {
    let factors = account.factors.iter();
    factors.filter(|factor| factor.confirmed && factor.was_enrolled_as_second())
}

#[cfg(test)]
mod tests {
    use super::{
        Account, Channel, EnrolmentRefusal, Factor, FactorId, Method, MfaPolicy, Removal, User,
        removable,
    };
    use crate::accounts::password::PasswordHash;
    use crate::factors::factor::{FactorKind, RecoveryCodes, UNCONFIRMED_SECONDS};
    use crate::factors::passkey::{Passkey, SecondUse};
    use crate::id::UserId;

    const NOW: i64 = 1_800_000_000;

    fn id(byte: u8) -> FactorId {
        FactorId::from_bytes([byte; 16])
    }

    fn factor(byte: u8, channel: Channel, to: &str, confirmed: bool) -> Factor {
        Factor {
            id: id(byte),
            kind: FactorKind::Address {
                channel,
                to: to.into(),
            },
            confirmed,
            created_at: NOW - UNCONFIRMED_SECONDS + i64::from(byte),
        }
    }

    #[test]
    fn a_factor_is_removed_unless_it_is_gone_or_the_users_own_address() {
        let user = User {
            email: Some("ann@example.com".into()),
            email_confirmed: true,
            ..User::plain(UserId::from_bytes([9; 16]))
        };
        let account = Account {
            user,
            factors: vec![
                factor(1, Channel::Email, "Ann@Example.com", true),
                factor(2, Channel::Email, "other@example.com", true),
                factor(3, Channel::Sms, "+15555550100", true),
                factor(4, Channel::Email, "ann@example.com", false),
                factor(0, Channel::Sms, "+15555550101", false),
            ],
            recovery: Some(RecoveryCodes {
                id: id(5),
                hashes: Vec::new(),
            }),
            closed_factor: false,
        };
        let kept = Err(EnrolmentRefusal::FactorKept);
        let missing = Err(EnrolmentRefusal::FactorNotFound);
        for (byte, method, expected) in [
            (1, Method::Email, kept.clone()),
            (2, Method::Email, Ok(id(2))),
            (3, Method::Sms, Ok(id(3))),
            // Nobody relies on an address before it is confirmed.
            (4, Method::Email, Ok(id(4))),
            (5, Method::RecoveryCode, kept),
            // Another kind, an expired enrolment, an unknown factor.
            (3, Method::Email, missing.clone()),
            (0, Method::Sms, missing.clone()),
            (6, Method::RecoveryCode, missing.clone()),
            (7, Method::Totp, missing),
        ] {
            let found = removable(&account, method, id(byte), NOW).map(|factor| factor.id);
            assert_eq!(found, expected, "{byte} {method:?}");
        }
    }

    fn passkey_as(byte: u8, second: SecondUse) -> Factor {
        let passkey = Passkey {
            second,
            ..Passkey::begun()
        };
        Factor {
            id: id(byte),
            kind: FactorKind::Passkey(Box::new(passkey)),
            confirmed: true,
            created_at: NOW,
        }
    }

    fn passkey(byte: u8) -> Factor {
        passkey_as(byte, SecondUse::Nothing)
    }

    #[test]
    fn the_last_second_factor_takes_the_recovery_codes_along_unless_the_policy_keeps_it() {
        let sms = |byte, confirmed| factor(byte, Channel::Sms, "+15555550100", confirmed);
        let (free, must) = (
            MfaPolicy::Optional,
            MfaPolicy::Required { grace_seconds: 0 },
        );
        let kept = Err(EnrolmentRefusal::FactorKept);
        for (factors, gone, policy, left) in [
            (vec![sms(1, true)], vec![sms(1, true)], free, Ok(false)),
            (vec![sms(1, true)], vec![sms(1, true)], must, kept.clone()),
            (
                vec![sms(1, true), sms(2, true)],
                vec![sms(1, true)],
                must,
                Ok(true),
            ),
            (
                vec![sms(1, true), sms(2, false)],
                vec![sms(1, true)],
                must,
                kept,
            ),
            (
                vec![sms(1, true), passkey(2)],
                vec![sms(1, true)],
                free,
                Ok(false),
            ),
            (
                vec![sms(1, true), passkey(2)],
                vec![passkey(2)],
                must,
                Ok(true),
            ),
            (vec![passkey(2)], vec![passkey(2)], must, Ok(true)),
        ] {
            let account = Account {
                user: User {
                    two_factor: true,
                    ..User::plain(UserId::from_bytes([9; 16]))
                },
                factors,
                recovery: None,
                closed_factor: false,
            };
            let found = Removal::of(&account, &gone, policy);
            let expected = left.map(|left| Removal {
                factors: gone.iter().map(|one| one.id).collect(),
                keeps_recovery: left,
                two_factor: left,
            });
            assert_eq!(found, expected, "{gone:?} {policy:?}");
        }
    }

    #[test]
    fn turning_the_second_factor_off_removes_every_confirmed_one_and_no_passkey() {
        let account = Account {
            user: User::plain(UserId::from_bytes([9; 16])),
            factors: vec![
                factor(1, Channel::Sms, "+15555550100", true),
                factor(2, Channel::Email, "ann@example.com", false),
                passkey(3),
            ],
            recovery: None,
            closed_factor: false,
        };
        let removal = Removal::of_second_factors(&account);
        assert_eq!(removal.factors, [id(1)]);
        assert!(!removal.keeps_recovery && !removal.two_factor);
    }

    #[test]
    fn a_passkey_that_was_enrolled_as_a_second_factor_goes_as_one_if_a_password_is_left() {
        for second in [SecondUse::Closed, SecondUse::Asked] {
            for (password, gone) in [(true, vec![id(1)]), (false, vec![])] {
                let hash = || PasswordHash::from_stored("hash");
                let account = Account {
                    user: User {
                        two_factor: true,
                        password: password.then(hash),
                        ..User::plain(UserId::from_bytes([9; 16]))
                    },
                    factors: vec![passkey_as(1, second), passkey(2)],
                    recovery: None,
                    closed_factor: false,
                };
                assert_eq!(Removal::of_second_factors(&account).factors, gone);
                let last = [passkey_as(1, second)];
                let left = Removal::of(&account, &last, MfaPolicy::Optional);
                assert_eq!(left.map(|left| left.two_factor), Ok(false));
                let must = MfaPolicy::Required { grace_seconds: 0 };
                let kept = Removal::of(&account, &last, must);
                assert_eq!(kept, Err(EnrolmentRefusal::FactorKept));
            }
        }
    }
}
