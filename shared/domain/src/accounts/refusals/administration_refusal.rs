//! The refusals that occur only at calls of an administrator.

/// A "no" to a caller who reads or changes another user. Every dialect with calls for
/// that matches the list without `_`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdministrationRefusal {
    /// The caller lacks the role that the call needs.
    RoleMissing,
    /// There is no such user. Only administrators are told.
    UserUnknown,
}

impl AdministrationRefusal {
    /// The name in the log.
    pub fn name(&self) -> &'static str {
        match self {
            Self::RoleMissing => "role_missing",
            Self::UserUnknown => "user_unknown",
        }
    }
}
