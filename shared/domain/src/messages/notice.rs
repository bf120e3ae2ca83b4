//! What a user is told by e-mail about a change of the account.

use crate::accounts::user::User;
use crate::factors::factor::{Channel, Factor, Method};
use crate::messages::destination::same_destination;

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
    /// An operator changed the e-mail address or the phone number.
    AddressChanged,
    /// A device was remembered: it signs in with the password alone.
    DeviceRemembered,
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
            Self::FactorAdded(Method::Passkey) => "A passkey was added to your account.",
            Self::FactorRemoved(Method::Passkey) => "A passkey was removed from your account.",
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
            Self::TwoFactorOn => "Two-factor authentication was turned on for your account.",
            Self::TwoFactorOff => "Two-factor authentication was turned off for your account.",
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
            Self::AddressChanged => {
                "Our support changed the e-mail address or the phone number of your account. You \
                 are signed out everywhere."
            }
            Self::DeviceRemembered => {
                "A device was remembered: from now on, it signs in to your account with the \
                 password alone."
            }
        }
    }

    /// What happened, for the subject of the message: "Your … {subject}".
    pub fn mail_subject(self) -> &'static str {
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
            | Self::Unlocked
            | Self::AddressChanged
            | Self::DeviceRemembered => "account was changed",
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
            | Self::Unlocked
            | Self::AddressChanged
            | Self::DeviceRemembered => {
                "change your password now, and look at the ways in which your account signs in"
            }
        }
    }
}

/// Where a user can be told of a change for sure: the confirmed e-mail address and
/// number, and those of confirmed factors. A webhook takes no notices.
pub fn confirmed_destinations(user: &User, factors: &[Factor]) -> Vec<(Channel, String)> {
    let email = user.email.as_ref().filter(|_| user.email_confirmed);
    let phone = user.phone.as_ref().filter(|_| user.phone_confirmed);
    let own = [(Channel::Email, email), (Channel::Sms, phone)];
    let own = own
        .into_iter()
        .filter_map(|(channel, to)| Some((channel, to?.as_str())));
    let factors = factors.iter().filter(|factor| factor.confirmed);
    let factors = factors.filter_map(Factor::address);
    let mut all: Vec<(Channel, String)> = Vec::new();
    for (channel, to) in own.chain(factors) {
        let known = |(other, at): &(Channel, String)| {
            *other == channel && same_destination(channel, at, to)
        };
        if channel != Channel::Webhook && !all.iter().any(known) {
            all.push((channel, to.to_owned()));
        }
    }
    all
}

/// The mailboxes that are told of a change: every confirmed mailbox of the user. Nobody owns
/// an account whose own address was never confirmed.
pub fn notice_mailboxes(user: &User, factors: &[Factor]) -> Vec<String> {
    let all = confirmed_destinations(user, factors).into_iter();
    let mailboxes = all.filter(|(channel, _)| *channel == Channel::Email && user.is_owned());
    mailboxes.map(|(_, to)| to).collect()
}

/// The mailbox that is told of a lockout. An address that was never confirmed may be somebody
/// else's.
pub fn lockout_mailbox(user: &User) -> Option<&str> {
    let told = user.active && user.email_confirmed;
    user.email.as_deref().filter(|_| told)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::factors::factor::FactorKind;
    use crate::id::{FactorId, UserId};

    fn ann(email: Option<&str>, email_confirmed: bool, active: bool) -> User {
        User {
            email: email.map(str::to_owned),
            email_confirmed,
            active,
            phone: Some("+15555550100".into()),
            phone_confirmed: true,
            ..User::plain(UserId::from_bytes([1; 16]))
        }
    }

    fn mail(to: &str, confirmed: bool) -> Factor {
        Factor {
            id: FactorId::from_bytes([2; 16]),
            kind: FactorKind::Address {
                channel: Channel::Email,
                to: to.into(),
            },
            confirmed,
            created_at: 0,
        }
    }

    #[test]
    fn every_confirmed_mailbox_of_an_owner_is_told_once() {
        let (own, other) = ("ann@example.com", "b@example.com");
        for (user, factors, told) in [
            (ann(Some(own), true, true), vec![], &[own][..]),
            (
                ann(Some(own), true, true),
                vec![mail(other, true)],
                &[own, other],
            ),
            (ann(Some(own), true, true), vec![mail(other, false)], &[own]),
            (
                ann(Some(own), true, true),
                vec![mail("Ann@Example.com", true)],
                &[own],
            ),
            (ann(Some(own), false, true), vec![mail(other, true)], &[]),
            (ann(None, false, true), vec![mail(other, true)], &[other]),
        ] {
            assert_eq!(notice_mailboxes(&user, &factors), told, "{factors:?}");
        }
    }

    #[test]
    fn only_an_active_owner_is_told_of_a_lockout() {
        let own = Some("ann@example.com");
        for (user, told) in [
            (ann(own, true, true), own),
            (ann(own, false, true), None),
            (ann(own, true, false), None),
            (ann(None, false, true), None),
        ] {
            assert_eq!(lockout_mailbox(&user), told);
        }
    }
}
