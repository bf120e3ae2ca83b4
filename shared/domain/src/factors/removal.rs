//! Which factor of a user may be removed.

use crate::Timestamp;
use crate::accounts::user::{Account, User};
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

#[cfg(test)]
mod tests {
    use super::{Account, Channel, EnrolmentRefusal, Factor, FactorId, Method, User, removable};
    use crate::factors::factor::{FactorKind, RecoveryCodes, UNCONFIRMED_SECONDS};
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
}
