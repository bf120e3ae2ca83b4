//! What a user is told by e-mail about a change of the account.

use super::factor::Method;

/// A change that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A second factor was added.
    FactorAdded(Method),
    /// A second factor was removed.
    FactorRemoved(Method),
    /// The recovery codes were replaced.
    RecoveryCodesReplaced,
    /// A phone number was confirmed.
    PhoneConfirmed,
    /// A second factor is now demanded.
    TwoFactorOn,
    /// A second factor is no longer demanded.
    TwoFactorOff,
}

impl Notice {
    /// One sentence, without links, codes or addresses.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::FactorAdded(Method::Totp) => "An authenticator app was added to your account.",
            Self::FactorAdded(Method::Sms) => {
                "A phone for sign-in codes was added to your account."
            }
            Self::FactorAdded(Method::Email) => {
                "An e-mail address for sign-in codes was added to your account."
            }
            Self::FactorAdded(Method::Webhook) => {
                "A way to receive sign-in codes was added to your account."
            }
            Self::FactorRemoved(Method::Totp) => {
                "An authenticator app was removed from your account."
            }
            Self::FactorRemoved(Method::Sms) => {
                "A phone for sign-in codes was removed from your account."
            }
            Self::FactorRemoved(Method::Email) => {
                "An e-mail address for sign-in codes was removed from your account."
            }
            Self::FactorRemoved(Method::Webhook) => {
                "A way to receive sign-in codes was removed from your account."
            }
            Self::RecoveryCodesReplaced
            | Self::FactorAdded(Method::RecoveryCode)
            | Self::FactorRemoved(Method::RecoveryCode) => {
                "The recovery codes of your account were replaced."
            }
            Self::PhoneConfirmed => "A phone number was confirmed for your account.",
            Self::TwoFactorOn => "Two-step sign-in was turned on for your account.",
            Self::TwoFactorOff => "Two-step sign-in was turned off for your account.",
        }
    }
}
