//! What a reset removes, because it may not be the owner's.

use crate::accounts::user::{ConfirmationPolicy, User};
use crate::id::FactorId;

/// The factors and recovery codes of a user that may not be the owner's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unowned {
    /// The confirmed factors that may not be the owner's.
    pub factors: Vec<FactorId>,
    /// Whether the recovery codes may not be the owner's.
    pub recovery: bool,
    /// Whether another confirmed factor is known to be the owner's.
    pub others: bool,
    /// Those of `factors` that are passkeys.
    pub passkeys: Vec<FactorId>,
}

impl Unowned {
    /// Whether there is any such factor or code.
    pub fn any(&self) -> bool {
        self.recovery || !self.factors.is_empty()
    }

    /// The passkeys alone. A passkey without the mark was made at a sign-up, before its address
    /// was confirmed. So whoever signed up may have made the passkey, also if the owner of the
    /// address has confirmed the address since.
    pub fn passkeys_alone(self) -> Self {
        Self {
            factors: self.passkeys.clone(),
            passkeys: self.passkeys,
            recovery: false,
            others: true,
        }
    }
}

impl User {
    /// Whether something of the account may be another person's: nothing if the address was
    /// confirmed before. Factors and recovery codes carry a mark (`owned`) if their owner
    /// confirmed them, or if they were made with the user. An older version left no mark, but
    /// counted enrolments in the profile. With a count, nobody can tell whose the unmarked
    /// factors are. Without a count, only an operator can have made them.
    pub fn may_have_unowned(&self) -> bool {
        !self.is_owned() && self.enrolments > 0
    }
}

impl ConfirmationPolicy {
    /// Whether the user's number may be another person's. If the policy requires a confirmed
    /// phone, only an operator can have stored the number.
    pub fn doubts_phone(self, user: &User) -> bool {
        !user.is_owned() && !self.phone
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::UserId;

    #[test]
    fn only_what_came_before_the_address_was_confirmed_may_be_another_persons() {
        for (confirmed, enrolments, policy, factors, phone) in [
            (true, 1, "none", false, false),
            (false, 1, "none", true, true),
            (false, 0, "email", false, true),
            (false, 0, "phone", false, false),
            (false, 2, "both", true, false),
        ] {
            let user = User {
                email: Some("ann@example.com".into()),
                email_confirmed: confirmed,
                enrolments,
                ..User::plain(UserId::from_bytes([1; 16]))
            };
            let policy = ConfirmationPolicy::from_name(policy).unwrap();
            assert_eq!(user.may_have_unowned(), factors);
            assert_eq!(policy.doubts_phone(&user), phone);
        }
    }
}
