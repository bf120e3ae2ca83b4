//! The refusals that occur only where a message's link or code is opened.

/// A "no" to the token or code of a message that confirms an address or resets a password. Every
/// dialect with calls for that matches the list without `_`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionRefusal {
    /// The token or code is forged, expired, used, or for another user or purpose.
    ActionTokenInvalid,
}

impl ActionRefusal {
    /// The name in the log.
    pub fn name(&self) -> &'static str {
        match self {
            Self::ActionTokenInvalid => "action_token_invalid",
        }
    }
}
