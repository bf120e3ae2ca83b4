//! What an export of this service says of a user beyond what other systems say.

use crate::Timestamp;
use crate::accounts::unowned::Unowned;
use crate::accounts::user::Account;
use crate::factors::factor::{FactorKind, RecoveryCodes};
use crate::factors::passkey::UserHandle;
use crate::id::FactorId;
use crate::login::throttle::WrongCodes;

/// What an export says of a user beyond other systems.
#[derive(Clone, Debug)]
pub struct KeptUser {
    /// When the user was made.
    pub created_at: Timestamp,
    /// The epoch in the exported deployment.
    pub epoch: u64,
    /// When the password was last changed, if it ever was.
    pub password_changed_at: Option<Timestamp>,
    /// The address that the last reset was sent to.
    pub reset_by: Option<String>,
    /// When the password was last reset by a link.
    pub reset_at: Option<Timestamp>,
    /// How many enrolments were begun.
    pub enrolments: u64,
    /// What authenticators know the user by.
    pub passkey_handle: Option<UserHandle>,
    /// The factors, in the order of `Arrival::factors`.
    pub factors: Vec<KeptFactor>,
    /// The recovery codes that are not used yet.
    pub recovery: Option<RecoveryCodes>,
    /// Whether the recovery codes are known to be the owner's.
    pub recovery_owned: bool,
    /// Wrong codes in a row.
    pub wrong_codes: WrongCodes,
}

/// What an export remembers of a factor.
#[derive(Clone, Copy, Debug)]
pub struct KeptFactor {
    pub id: FactorId,
    /// When it was enrolled.
    pub created_at: Timestamp,
    /// The last accepted step of an authenticator app.
    pub last_step: Option<u64>,
    /// Whether the factor is known to be the owner's.
    pub owned: bool,
}

impl KeptUser {
    /// Gives an account that was made of an arrival what the export says beyond.
    /// The epoch is above the exported epoch, and above that of every earlier life of
    /// the user here. So no token from there counts.
    pub fn restore(&self, account: &mut Account) {
        let user = &mut account.user;
        user.created_at = self.created_at;
        user.epoch = user.epoch.max(self.epoch.saturating_add(1));
        user.password_changed_at = self.password_changed_at;
        user.reset_by.clone_from(&self.reset_by);
        user.reset_at = self.reset_at;
        user.enrolments = self.enrolments;
        user.passkey_handle = self.passkey_handle;
        for (factor, kept) in account.factors.iter_mut().zip(&self.factors) {
            factor.created_at = kept.created_at;
            if let FactorKind::Totp { last_step, .. } = &mut factor.kind {
                *last_step = kept.last_step;
            }
        }
        account.recovery.clone_from(&self.recovery);
    }

    /// What may not be the owner's.
    pub fn unowned_parts(&self) -> Unowned {
        let unowned = self.factors.iter().filter(|factor| !factor.owned);
        Unowned {
            factors: unowned.map(|factor| factor.id).collect(),
            recovery: self.recovery.is_some() && !self.recovery_owned,
            others: self.factors.iter().any(|factor| factor.owned),
            passkeys: Vec::new(),
        }
    }

    /// The identifier of the factor at this place.
    pub fn factor_id(&self, at: usize) -> Option<FactorId> {
        self.factors.get(at).map(|factor| factor.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::user::User;
    use crate::factors::factor::{Channel, Factor};
    use crate::id::UserId;

    fn kept(factors: &[(u8, bool)], recovery: bool, recovery_owned: bool) -> KeptUser {
        let factor = |&(byte, owned): &(u8, bool)| KeptFactor {
            id: FactorId::from_bytes([byte; 16]),
            created_at: 40 + i64::from(byte),
            last_step: None,
            owned,
        };
        KeptUser {
            created_at: 7,
            epoch: 9,
            password_changed_at: Some(8),
            reset_by: None,
            reset_at: None,
            enrolments: 3,
            passkey_handle: None,
            factors: factors.iter().map(factor).collect(),
            recovery: recovery.then(|| RecoveryCodes {
                id: FactorId::from_bytes([9; 16]),
                hashes: vec!["hash".into()],
            }),
            recovery_owned,
            wrong_codes: WrongCodes::default(),
        }
    }

    #[test]
    fn what_is_not_known_to_be_the_owners_goes_with_a_reset() {
        let id = |byte| FactorId::from_bytes([byte; 16]);
        for (kept, factors, recovery, others) in [
            (kept(&[], false, false), vec![], false, false),
            (
                kept(&[(1, true), (2, false)], true, false),
                vec![id(2)],
                true,
                true,
            ),
            (kept(&[(1, true)], true, true), vec![], false, true),
            (kept(&[(2, false)], false, false), vec![id(2)], false, false),
        ] {
            let expected = Unowned {
                factors,
                recovery,
                others,
                passkeys: Vec::new(),
            };
            assert_eq!(kept.unowned_parts(), expected);
        }
    }

    #[test]
    fn the_epoch_is_above_that_of_every_earlier_life_of_the_user() {
        for (epoch, restored) in [(1, 10), (10, 10), (11, 11)] {
            let mut account = Account {
                user: User {
                    epoch,
                    ..User::plain(UserId::from_bytes([1; 16]))
                },
                factors: vec![Factor {
                    id: FactorId::from_bytes([1; 16]),
                    kind: FactorKind::Address {
                        channel: Channel::Email,
                        to: "ann@example.com".into(),
                    },
                    confirmed: true,
                    created_at: 0,
                }],
                recovery: None,
                closed_factor: false,
            };
            kept(&[(1, true)], false, false).restore(&mut account);
            assert_eq!((account.user.epoch, account.user.created_at), (restored, 7));
            assert_eq!(account.factors[0].created_at, 41);
        }
    }
}
