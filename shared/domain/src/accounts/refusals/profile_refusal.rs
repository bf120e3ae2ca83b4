//! The refusals that occur only where users look after their own account.

/// A "no" to a user who changes the password with the present password, or has an address or
/// number confirmed. Every dialect with calls for that matches the list without `_`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProfileRefusal {
    /// The current password, which a change asks for, is wrong.
    CurrentPasswordWrong,
    /// The user has no address or number of the kind that is to be confirmed.
    AddressMissing,
}

impl ProfileRefusal {
    /// The name in the log.
    pub fn name(&self) -> &'static str {
        match self {
            Self::CurrentPasswordWrong => "current_password_wrong",
            Self::AddressMissing => "address_missing",
        }
    }
}
