//! What a user is told by e-mail about a change of the account.

use crate::factors::factor::Method;

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
    /// The password was changed by somebody who knew the old password.
    PasswordChanged,
    /// The password was replaced by the link in a message.
    PasswordReset,
    /// An operator removed every second factor and the recovery codes.
    FactorsReset,
    /// An operator reset the counts of wrong passwords and wrong codes.
    Unlocked,
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
            Self::PasswordChanged => {
                "The password of your account was changed. You are signed out everywhere else."
            }
            Self::PasswordReset => {
                "The password of your account was replaced, by a link that was sent to this \
                 address. You are signed out everywhere."
            }
            Self::FactorsReset => {
                "Our support removed every second step of your sign-in. You are signed out \
                 everywhere."
            }
            Self::Unlocked => "Our support unlocked the sign-in to your account.",
        }
    }

    /// What happened, for the subject of the message: "Your … {subject}".
    pub fn subject(self) -> &'static str {
        match self {
            Self::PasswordChanged => "password was changed",
            Self::PasswordReset => "password was reset",
            Self::FactorAdded(_)
            | Self::FactorRemoved(_)
            | Self::RecoveryCodesReplaced
            | Self::PhoneConfirmed
            | Self::TwoFactorOn
            | Self::TwoFactorOff
            | Self::FactorsReset
            | Self::Unlocked => "account was changed",
        }
    }

    /// Advice for a user who did not make the change.
    pub fn advice(self) -> &'static str {
        match self {
            Self::PasswordChanged | Self::PasswordReset => "reset your password now",
            Self::FactorAdded(_)
            | Self::FactorRemoved(_)
            | Self::RecoveryCodesReplaced
            | Self::PhoneConfirmed
            | Self::TwoFactorOn
            | Self::TwoFactorOff
            | Self::FactorsReset
            | Self::Unlocked => {
                "change your password now, and look at the ways in which your account signs in"
            }
        }
    }
}
