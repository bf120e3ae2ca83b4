//! The next step of a login whose password was right.

use crate::id::UserId;
use crate::secret::Secret;

/// What the user has to do before the login can go on. A next step is a result of the
/// login and not a refusal, because the user has shown the right password. The list is
/// closed: each dialect matches the list without `_`.
#[derive(Clone, Debug)]
pub enum NextStep {
    ConfirmAddress {
        user: UserId,
        email: Option<String>,
        phone: Option<String>,
    },
    /// Change the password. The second factor was shown, if one is needed.
    ChangePassword {
        user: UserId,
        /// The token that names the login. The change completes the login.
        token: Secret,
        /// New recovery codes, if the login has just enrolled the first factor on our own
        /// pages. They are shown this once.
        recovery_codes: Vec<Secret>,
    },
    /// Set up a second factor.
    Enrol,
}

impl NextStep {
    /// The name in the log.
    pub fn name(&self) -> &'static str {
        match self {
            Self::ConfirmAddress { .. } => "user_unconfirmed",
            Self::ChangePassword { .. } => "password_change_required",
            Self::Enrol => "factors_missing",
        }
    }
}
