//! The factor that the caller wants to challenge.

use crate::accounts::user::Account;
use crate::authorization::client::Authorized;
use crate::factors::confirmed_addresses::ConfirmedAddresses;
use crate::factors::factor::{Channel, Factor};
use crate::id::{FactorId, UserId};
use crate::refusal::Refusal;

/// The factor that the caller wants to challenge.
#[derive(Clone, Debug)]
pub struct SendTarget {
    /// The user, if the caller names one. It must be the login's user.
    pub user: Option<UserId>,
    /// The factor, if the caller names one.
    pub factor: Option<FactorId>,
    /// Whether an authenticator app is acceptable.
    pub totp: bool,
    pub channels: Vec<Channel>,
}

impl SendTarget {
    /// Whether a code of this factor is wanted.
    pub fn fits(&self, factor: &Factor) -> bool {
        match factor.address() {
            None => self.totp,
            Some((channel, _)) => self.channels.contains(&channel),
        }
    }
}

impl ConfirmedAddresses<'_> {
    /// A confirmed address of a user who has no offered factor: the last of those
    /// whose messages did not come back. `None` if the user has no confirmed address
    /// either, so the user has to enrol a factor first.
    ///
    /// # Errors
    /// `FactorUnknown` if no confirmed address is the wanted one.
    pub fn first_wanted(
        self,
        account: &Account,
        authorized: &Authorized,
        is_it: impl Fn(&Factor) -> bool,
    ) -> Result<Option<Factor>, Refusal> {
        let mut first = self.first_if_none(account, authorized);
        if first.is_empty() {
            return Ok(None);
        }
        first.retain(is_it);
        let troubled = |factor: &Factor| {
            let address = factor.address();
            address.is_some_and(|(channel, to)| account.user.is_troubled(channel, to))
        };
        let wanted = first.into_iter().rev().min_by_key(troubled);
        wanted.map(Some).ok_or(Refusal::FactorUnknown)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Account, Authorized, Channel, ConfirmedAddresses, Factor, Refusal, SendTarget};
    use crate::accounts::user::User;
    use crate::factors::factor::FactorKind;
    use crate::factors::offer::{AalPolicy, Offer};
    use crate::id::UserId;
    use crate::messages::sms_countries::SmsCountries;

    fn account(email: bool, phone: bool) -> Account {
        Account {
            user: User {
                email: Some("ann@example.com".into()),
                email_confirmed: email,
                phone: Some("+15555550100".into()),
                phone_confirmed: phone,
                two_factor: true,
                ..User::plain(UserId::from_bytes([9; 16]))
            },
            factors: Vec::new(),
            recovery: None,
            closed_factor: false,
        }
    }

    fn first(account: &Account, channels: &[Channel]) -> Result<Option<Channel>, Refusal> {
        let offer = Offer {
            aal: AalPolicy::Aal1,
            sms_countries: SmsCountries::parse(["+1"]).unwrap(),
            webhook: false,
        };
        let addresses = ConfirmedAddresses {
            offer: &offer,
            digest: |_| "digest of sixteen bytes".to_owned(),
        };
        let wanted = SendTarget {
            user: None,
            factor: None,
            totp: false,
            channels: channels.to_vec(),
        };
        let app = Authorized {
            client: "app".into(),
            ..Authorized::default()
        };
        let found = addresses.first_wanted(account, &app, |factor| wanted.fits(factor));
        found.map(|found| {
            found.map(|factor| match factor.kind {
                FactorKind::Address { channel, .. } => channel,
                FactorKind::Totp { .. } | FactorKind::Passkey(_) => unreachable!("an address"),
            })
        })
    }

    #[test]
    fn a_user_without_a_factor_is_asked_for_the_confirmed_address_that_is_wanted() {
        let (email, sms) = (Channel::Email, Channel::Sms);
        for (account, channels, expected) in [
            (account(true, true), &[email][..], Ok(Some(email))),
            (account(true, true), &[sms], Ok(Some(sms))),
            (account(true, true), &[email, sms], Ok(Some(sms))),
            (account(true, false), &[email, sms], Ok(Some(email))),
            (account(true, false), &[sms], Err(Refusal::FactorUnknown)),
            (account(false, false), &[email], Ok(None)),
        ] {
            assert_eq!(first(&account, channels), expected, "{channels:?}");
        }
    }

    #[test]
    fn an_app_is_challenged_only_if_the_caller_accepts_an_app() {
        let app = Factor {
            id: crate::id::FactorId::from_bytes([1; 16]),
            kind: FactorKind::Totp {
                seed: crate::factors::factor::Sealed {
                    key: 1,
                    bytes: Vec::new(),
                },
                last_step: None,
            },
            confirmed: true,
            created_at: 0,
        };
        for totp in [true, false] {
            let wanted = SendTarget {
                user: None,
                factor: None,
                totp,
                channels: Channel::ALL.to_vec(),
            };
            assert_eq!(wanted.fits(&app), totp);
        }
    }
}
