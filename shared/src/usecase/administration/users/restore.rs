//! What an export of this service says of a user beyond what other systems say.

use crate::domain::Timestamp;
use crate::domain::accounts::user::Account;
use crate::domain::factors::factor::{FactorKind, RecoveryCodes};
use crate::domain::factors::passkey::UserHandle;
use crate::domain::id::FactorId;
use crate::store::{Remembered, Unowned, WrongCodes};

/// What an export says of a user beyond other systems.
#[derive(Clone, Debug)]
pub struct Kept {
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

impl Kept {
    /// Gives an account that was made of an arrival what the export says beyond.
    /// The epoch is above the exported epoch, and above that of every earlier life of
    /// the user here. So no token from there counts.
    pub(super) fn restore(&self, account: &mut Account) {
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

    /// What the store keeps beside the account.
    pub(super) fn remembered(&self) -> Remembered {
        let unowned = self.factors.iter().filter(|factor| !factor.owned);
        Remembered {
            locked: None,
            wrong_codes: self.wrong_codes,
            unowned: Some(Unowned {
                factors: unowned.map(|factor| factor.id).collect(),
                recovery: self.recovery.is_some() && !self.recovery_owned,
                others: self.factors.iter().any(|factor| factor.owned),
            }),
        }
    }

    /// The identifier of the factor at this place.
    pub(super) fn factor_id(&self, at: usize) -> Option<FactorId> {
        self.factors.get(at).map(|factor| factor.id)
    }
}
