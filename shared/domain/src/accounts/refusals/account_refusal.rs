//! The refusals that occur only at calls that make an account or replace its password.

use crate::accounts::password_policy::PasswordProblem;

/// A "no" to a user name, an e-mail address or a password that a user chooses. Every dialect
/// with calls for that matches the list without `_`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountRefusal {
    /// A new password fails a rule.
    PasswordRejected(PasswordProblem),
    /// Only operators make users in this dialect.
    SignUpClosed,
    /// The text cannot be a user name or an e-mail address, or not this user's.
    NameInvalid(TakenName),
    /// The user name or e-mail address belongs to another user, as a user name or as an e-mail
    /// address.
    NameTaken(TakenName),
}

/// A name that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TakenName {
    /// As a user name.
    UserName(String),
    /// As an e-mail address.
    Email(String),
}

impl AccountRefusal {
    /// The name in the log.
    pub fn name(&self) -> &'static str {
        match self {
            Self::PasswordRejected(_) => "password_rejected",
            Self::SignUpClosed => "sign_up_closed",
            Self::NameInvalid(_) => "name_invalid",
            Self::NameTaken(_) => "name_taken",
        }
    }
}
