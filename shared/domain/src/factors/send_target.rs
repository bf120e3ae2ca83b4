//! The factor that the caller wants to challenge.

use crate::accounts::user::{Account, User};
use crate::authorization::client::Authorized;
use crate::factors::confirmed_addresses::ConfirmedAddresses;
use crate::factors::factor::{Channel, Factor};
use crate::factors::offer::Offer;
use crate::id::{FactorId, UserId};
use crate::login::pending_login::Login;
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
    /// Whether a passkey is acceptable.
    pub passkey: bool,
    pub channels: Vec<Channel>,
}

impl SendTarget {
    /// Whether a code of this factor is wanted.
    pub fn fits(&self, factor: &Factor) -> bool {
        match factor.address() {
            None if factor.passkey().is_some() => self.passkey,
            None => self.totp,
            Some((channel, _)) => self.channels.contains(&channel),
        }
    }

    /// Whether a code of this factor is wanted, and the caller has named this factor or none.
    pub fn is(&self, factor: &Factor) -> bool {
        self.factor.is_none_or(|named| named == factor.id) && self.fits(factor)
    }

    /// Whether the login may challenge this stored factor, which the caller has named.
    pub fn takes_stored(&self, offer: &Offer, login: &Login, factor: &Factor) -> bool {
        let takes = login.takes(factor.id, factor.confirmed) && self.fits(factor);
        takes && offer.may_reach(factor)
    }

    /// The wanted factor of these offered factors, which are in order of rank, and the
    /// others. A passkey comes last: an app that names no kind may know none.
    ///
    /// # Errors
    /// `FactorUnknown` if no offered factor is wanted.
    pub fn first_of(&self, mut offered: Vec<Factor>) -> Result<(Factor, Vec<Factor>), Refusal> {
        let mut wanted = (0..).zip(&offered).filter(|(_, factor)| self.fits(factor));
        let first = wanted
            .clone()
            .find(|(_, factor)| factor.passkey().is_none());
        let (first, _) = first
            .or_else(|| wanted.next())
            .ok_or(Refusal::FactorUnknown)?;
        let factor = offered.remove(first);
        Ok((factor, offered))
    }
}

impl Offer {
    /// Whether the user's other factors decide if this stored factor is offered. A stronger
    /// factor may exclude e-mail. The mailbox of a reset is no factor if the user has
    /// another. A factor that is being enrolled depends on no other: its code confirms it.
    pub fn decides_by_others(&self, user: &User, factor: &Factor) -> bool {
        factor.confirmed
            && (self.depends_on_others(factor)
                || user.was_reset_by(factor)
                || user.signs_in_by_factor(factor))
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
        let troubled = |factor: &Factor| account.user.has_trouble_with(factor);
        let wanted = first.into_iter().rev().min_by_key(troubled);
        wanted.map(Some).ok_or(Refusal::FactorUnknown)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{
        Account, Authorized, Channel, ConfirmedAddresses, Factor, FactorId, Login, Offer, Refusal,
        SendTarget, User,
    };
    use crate::factors::enrolment::Enrolment;
    use crate::factors::factor::FactorKind;
    use crate::factors::offer::AalPolicy;
    use crate::factors::passkey::{Passkey, SecondUse};
    use crate::id::{LoginId, UserId};
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
            passkey: false,
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
                passkey: false,
                totp,
                channels: Channel::ALL.to_vec(),
            };
            assert_eq!(wanted.fits(&app), totp);
        }
    }

    fn offer(aal: AalPolicy) -> Offer {
        Offer {
            aal,
            sms_countries: SmsCountries::parse(["+1"]).unwrap(),
            webhook: false,
        }
    }

    fn address(number: u8, channel: Channel, confirmed: bool) -> Factor {
        let to = match channel {
            Channel::Email => "ann@example.com",
            Channel::Sms => "+15555550100",
            Channel::Webhook => "bridge",
        };
        Factor {
            id: FactorId::from_bytes([number; 16]),
            kind: FactorKind::Address {
                channel,
                to: to.into(),
            },
            confirmed,
            created_at: 0,
        }
    }

    fn target(channels: &[Channel]) -> SendTarget {
        SendTarget {
            user: None,
            factor: None,
            passkey: false,
            totp: false,
            channels: channels.to_vec(),
        }
    }

    #[test]
    fn the_first_wanted_factor_by_rank_is_challenged() {
        let (email, sms) = (Channel::Email, Channel::Sms);
        let factors = || vec![address(1, sms, true), address(2, email, true)];
        for (channels, expected) in [
            (&[email, sms][..], Ok((1, 1))),
            (&[email], Ok((2, 1))),
            (&[Channel::Webhook], Err(Refusal::FactorUnknown)),
        ] {
            let found = target(channels).first_of(factors());
            let numbers = found.map(|(factor, others)| (factor.id.bytes()[0], others.len()));
            assert_eq!(numbers, expected, "{channels:?}");
        }
    }

    #[test]
    fn a_passkey_is_challenged_if_it_is_wanted_and_after_every_other_wanted_factor() {
        let passkey = |number: u8, second| Factor {
            id: FactorId::from_bytes([number; 16]),
            kind: FactorKind::Passkey(Box::new(Passkey {
                second,
                ..Passkey::begun()
            })),
            confirmed: true,
            created_at: 0,
        };
        let factors = || {
            let first = passkey(1, SecondUse::Asked);
            vec![first, address(2, Channel::Email, true)]
        };
        for (channels, wants, expected) in [
            (&[Channel::Email][..], true, Ok(2)),
            (&[], true, Ok(1)),
            (&[Channel::Email], false, Ok(2)),
            (&[], false, Err(Refusal::FactorUnknown)),
        ] {
            let wanted = SendTarget {
                passkey: wants,
                ..target(channels)
            };
            let found = wanted.first_of(factors());
            let number = found.map(|(factor, _)| factor.id.bytes()[0]);
            assert_eq!(number, expected, "{channels:?} {wants}");
        }
        let user = account(true, true).user;
        let id = LoginId::from_bytes([2; 16]);
        let login = Login::begin(id, &user, Authorized::default(), crate::Dialect::Auth0, 0);
        let wanted = SendTarget {
            passkey: true,
            ..target(&[])
        };
        for (second, taken) in [
            (SecondUse::Asked, true),
            (SecondUse::Closed, false),
            (SecondUse::Nothing, false),
        ] {
            let offer = offer(AalPolicy::Aal2);
            let found = wanted.takes_stored(&offer, &login, &passkey(1, second));
            assert_eq!(found, taken, "{second:?}");
        }
    }

    #[test]
    fn a_named_factor_is_challenged_if_the_login_takes_it_and_codes_may_go_there() {
        let (email, sms) = (Channel::Email, Channel::Sms);
        let user = account(true, true).user;
        let plain = || {
            let id = LoginId::from_bytes([2; 16]);
            Login::begin(id, &user, Authorized::default(), crate::Dialect::Auth0, 0)
        };
        let enrols = |number: u8| Login {
            enrolment: Some(Enrolment {
                factor: FactorId::from_bytes([number; 16]),
                session: None,
                replaces: Vec::new(),
                recovery: None,
            }),
            ..plain()
        };
        for (login, factor, aal, taken) in [
            (plain(), address(1, email, true), AalPolicy::Aal1, true),
            (plain(), address(1, email, false), AalPolicy::Aal1, false),
            (plain(), address(1, email, true), AalPolicy::Aal2, false),
            (plain(), address(1, sms, true), AalPolicy::Aal1, false),
            (enrols(1), address(1, email, false), AalPolicy::Aal1, true),
            (enrols(2), address(1, email, true), AalPolicy::Aal1, false),
        ] {
            let found = target(&[email]).takes_stored(&offer(aal), &login, &factor);
            assert_eq!(found, taken, "{factor:?} {aal:?}");
        }
    }

    #[test]
    fn the_others_decide_on_weak_factors_and_on_the_mailbox_that_has_shown_something() {
        let (email, sms) = (Channel::Email, Channel::Sms);
        let mailbox = || Some("ann@example.com".to_owned());
        for (factor, aal, reset_by, signing_in, decides) in [
            (address(1, email, true), AalPolicy::Aal1, None, None, false),
            (
                address(1, email, true),
                AalPolicy::PreferAal2,
                None,
                None,
                true,
            ),
            (
                address(1, email, false),
                AalPolicy::PreferAal2,
                None,
                None,
                false,
            ),
            (
                address(1, sms, true),
                AalPolicy::PreferAal2,
                None,
                None,
                false,
            ),
            (
                address(1, email, true),
                AalPolicy::Aal1,
                mailbox(),
                None,
                true,
            ),
            (
                address(1, email, true),
                AalPolicy::Aal1,
                None,
                mailbox(),
                true,
            ),
            (
                address(1, email, false),
                AalPolicy::Aal1,
                mailbox(),
                None,
                false,
            ),
        ] {
            let user = User {
                reset_by,
                signing_in_mailbox: signing_in,
                ..account(true, true).user
            };
            assert_eq!(offer(aal).decides_by_others(&user, &factor), decides);
        }
    }
}
