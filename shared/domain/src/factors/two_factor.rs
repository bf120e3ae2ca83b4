//! Two-factor authentication as a whole, in Aidbox's way: it is on or off, and has one
//! way to send tokens.

use crate::accounts::user::Account;
use crate::factors::enrolment::{MfaPolicy, check_confirmed};
use crate::factors::enrolment_refusal::EnrolmentRefusal;
use crate::factors::factor::{Channel, Factor, FactorKind};
use crate::factors::offer::Offer;

/// The state of a user's two-factor authentication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TwoFactor {
    /// Whether a second factor is demanded, and the user has one.
    pub enabled: bool,
    /// How tokens are sent, if the user has no authenticator app.
    pub transport: Option<String>,
    /// Whether messages on that way came back.
    pub undeliverable: bool,
}

impl TwoFactor {
    /// The state of this account.
    pub fn of(account: &Account) -> Self {
        let first = account.active_factors().next();
        let enabled = account.user.two_factor && first.is_some();
        let transport = first.and_then(|factor| match &factor.kind {
            FactorKind::Totp { .. } | FactorKind::Passkey(_) => None,
            FactorKind::Address {
                channel: Channel::Webhook,
                to,
            } => Some(to.clone()),
            FactorKind::Address {
                channel: channel @ (Channel::Email | Channel::Sms),
                ..
            } => Some(channel.name().to_owned()),
        });
        let undeliverable = first.is_some_and(|factor| account.user.has_trouble_with(factor));
        Self {
            enabled,
            transport,
            undeliverable,
        }
    }

    /// Refuses to begin what is on.
    ///
    /// # Errors
    /// `AlreadyEnrolled`.
    pub fn check_may_begin(&self) -> Result<(), EnrolmentRefusal> {
        match self.enabled {
            true => Err(EnrolmentRefusal::AlreadyEnrolled),
            false => Ok(()),
        }
    }

    /// Refuses to end what is off, or what the policy requires.
    ///
    /// # Errors
    /// `FactorNotFound`, `FactorKept`.
    pub fn check_may_end(&self, policy: MfaPolicy) -> Result<(), EnrolmentRefusal> {
        match (self.enabled, policy.lets_go()) {
            (false, _) => Err(EnrolmentRefusal::FactorNotFound),
            (true, false) => Err(EnrolmentRefusal::FactorKept),
            (true, true) => Ok(()),
        }
    }
}

/// What a request changes that turns the demand for a second factor on or off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DemandSwitch {
    /// The demand already is as the request wants it.
    Unchanged,
    /// The demand is turned on, and these addresses become factors.
    On(Vec<FactorKind>),
    Off,
}

impl DemandSwitch {
    /// # Errors
    /// `AddressUnconfirmed`; `FactorsMissing` if there would be nothing to demand;
    /// `FactorKept` if the policy requires a factor.
    pub fn of(
        account: &Account,
        enabled: bool,
        policy: MfaPolicy,
        offer: &Offer,
    ) -> Result<Self, EnrolmentRefusal> {
        match (account.user.two_factor == enabled, enabled) {
            (true, _) => Ok(Self::Unchanged),
            (false, true) => {
                check_confirmed(&account.user)?;
                let new = addresses_to_add(account, offer);
                match new.is_empty() && !account.has_factor() {
                    true => Err(EnrolmentRefusal::FactorsMissing),
                    false => Ok(Self::On(new)),
                }
            }
            (false, false) if policy.lets_go() => Ok(Self::Off),
            (false, false) => Err(EnrolmentRefusal::FactorKept),
        }
    }
}

/// The channel of the first of these factors, which are in order of rank. The webhook
/// comes before e-mail, because Aidbox has no e-mail codes. `None` for an
/// authenticator app.
pub fn channel_of_default<'a>(mut factors: impl Iterator<Item = &'a Factor>) -> Option<Channel> {
    let (first, _) = factors.next()?.address()?;
    let is_webhook = |factor: &Factor| {
        let address = factor.address();
        address.is_some_and(|(channel, _)| channel == Channel::Webhook)
    };
    let webhook = first.is_weak() && factors.any(is_webhook);
    Some(if webhook { Channel::Webhook } else { first })
}

/// The addresses that become factors when a user turns the second factor on: the confirmed
/// addresses that the policy offers. A user who has a factor gets no weaker factor beside
/// it.
fn addresses_to_add(account: &Account, offer: &Offer) -> Vec<FactorKind> {
    let user = &account.user;
    if account.has_factor() {
        return Vec::new();
    }
    let phone = user.phone.as_ref().filter(|_| user.phone_confirmed);
    let email = user.email.as_ref().filter(|_| user.email_confirmed);
    let confirmed = [(Channel::Sms, phone), (Channel::Email, email)];
    let confirmed = confirmed
        .into_iter()
        .filter_map(|(channel, to)| Some((channel, to?)));
    let offered = confirmed.filter(|(channel, to)| offer.may_use(*channel, to));
    let kind = |(channel, to): (Channel, &String)| FactorKind::Address {
        channel,
        to: to.clone(),
    };
    offered.map(kind).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{
        Account, Channel, DemandSwitch, EnrolmentRefusal, Factor, FactorKind, MfaPolicy, Offer,
        TwoFactor, addresses_to_add, channel_of_default,
    };
    use crate::accounts::user::User;
    use crate::factors::factor::Sealed;
    use crate::factors::offer::AalPolicy;
    use crate::id::{FactorId, UserId};
    use crate::messages::sms_countries::SmsCountries;

    fn factor(kind: FactorKind) -> Factor {
        Factor {
            id: FactorId::from_bytes([1; 16]),
            kind,
            confirmed: true,
            created_at: 0,
        }
    }

    fn app() -> Factor {
        let seed = Sealed {
            key: 1,
            bytes: Vec::new(),
        };
        factor(FactorKind::Totp {
            seed,
            last_step: None,
        })
    }

    fn by(channel: Channel) -> Factor {
        factor(FactorKind::Address {
            channel,
            to: "bridge".into(),
        })
    }

    fn state(two_factor: bool, factors: Vec<Factor>) -> (bool, Option<String>) {
        let account = Account {
            user: User {
                two_factor,
                ..User::plain(UserId::from_bytes([9; 16]))
            },
            factors,
            recovery: None,
            closed_factor: false,
        };
        let state = TwoFactor::of(&account);
        (state.enabled, state.transport)
    }

    #[test]
    fn it_is_on_with_a_demand_and_a_factor_and_names_the_transport_of_the_first() {
        let transport = |name: &str| Some(name.to_owned());
        assert_eq!(state(true, vec![]), (false, None));
        assert_eq!(state(true, vec![app()]), (true, None));
        assert_eq!(state(false, vec![app()]), (false, None));
        for (channel, name) in [
            (Channel::Sms, "sms"),
            (Channel::Email, "email"),
            (Channel::Webhook, "bridge"),
        ] {
            assert_eq!(state(true, vec![by(channel)]), (true, transport(name)));
        }
    }

    #[test]
    fn a_token_goes_by_the_first_factor_but_by_the_webhook_instead_of_e_mail() {
        let (sms, email, webhook) = (Channel::Sms, Channel::Email, Channel::Webhook);
        for (factors, expected) in [
            (vec![], None),
            (vec![app(), by(webhook)], None),
            (vec![by(sms), by(email), by(webhook)], Some(sms)),
            (vec![by(email)], Some(email)),
            (vec![by(email), by(webhook)], Some(webhook)),
            (vec![by(webhook)], Some(webhook)),
        ] {
            assert_eq!(channel_of_default(factors.iter()), expected);
        }
    }

    #[test]
    fn the_confirmed_addresses_that_the_policy_offers_become_factors_of_a_user_without_one() {
        let (phone, email) = ("+15555550142", "ann@example.com");
        let offer = |aal, countries: &[&str]| Offer {
            aal,
            sms_countries: SmsCountries::parse(countries.iter().copied()).unwrap(),
            webhook: false,
        };
        let both = offer(AalPolicy::Aal1, &["+1"]);
        for (phone_confirmed, email_confirmed, factors, offer, expected) in [
            (true, true, vec![], &both, vec![phone, email]),
            (true, false, vec![], &both, vec![phone]),
            (false, true, vec![], &both, vec![email]),
            (false, false, vec![], &both, vec![]),
            (true, true, vec![app()], &both, vec![]),
            (
                true,
                true,
                vec![],
                &offer(AalPolicy::Aal2, &["+1"]),
                vec![phone],
            ),
            (
                true,
                true,
                vec![],
                &offer(AalPolicy::Aal1, &[]),
                vec![email],
            ),
        ] {
            let account = Account {
                user: User {
                    phone: Some(phone.into()),
                    phone_confirmed,
                    email: Some(email.into()),
                    email_confirmed,
                    ..User::plain(UserId::from_bytes([1; 16]))
                },
                factors,
                recovery: None,
                closed_factor: false,
            };
            let added = addresses_to_add(&account, offer);
            let to = added.iter().map(|kind| match kind {
                FactorKind::Address { to, .. } => to.as_str(),
                FactorKind::Totp { .. } | FactorKind::Passkey(_) => "app",
            });
            assert_eq!(to.collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn what_is_on_does_not_begin_and_what_is_off_or_required_does_not_end() {
        let (free, must) = (
            MfaPolicy::Optional,
            MfaPolicy::Required { grace_seconds: 0 },
        );
        let already = Err(EnrolmentRefusal::AlreadyEnrolled);
        for (enabled, policy, begins, ends) in [
            (false, free, Ok(()), Err(EnrolmentRefusal::FactorNotFound)),
            (true, free, already.clone(), Ok(())),
            (true, must, already, Err(EnrolmentRefusal::FactorKept)),
        ] {
            let state = TwoFactor {
                undeliverable: false,
                enabled,
                transport: None,
            };
            assert_eq!(state.check_may_begin(), begins);
            assert_eq!(state.check_may_end(policy), ends);
        }
    }

    #[test]
    fn the_demand_is_turned_on_only_with_something_to_demand_and_off_only_by_the_policy() {
        let (free, must) = (
            MfaPolicy::Optional,
            MfaPolicy::Required { grace_seconds: 0 },
        );
        let offer = Offer {
            aal: AalPolicy::Aal1,
            sms_countries: SmsCountries::parse(["+1"]).unwrap(),
            webhook: false,
        };
        let address = || FactorKind::Address {
            channel: Channel::Email,
            to: "ann@example.com".into(),
        };
        let missing = Err(EnrolmentRefusal::FactorsMissing);
        let unconfirmed = Err(EnrolmentRefusal::AddressUnconfirmed);
        let (some, none) = (Some("ann@example.com"), None);
        for (is_on, enabled, email, confirmed, factors, policy, expected) in [
            (
                true,
                true,
                some,
                true,
                vec![],
                free,
                Ok(DemandSwitch::Unchanged),
            ),
            (
                false,
                false,
                some,
                true,
                vec![],
                must,
                Ok(DemandSwitch::Unchanged),
            ),
            (
                false,
                true,
                some,
                true,
                vec![],
                free,
                Ok(DemandSwitch::On(vec![address()])),
            ),
            (
                false,
                true,
                some,
                true,
                vec![app()],
                free,
                Ok(DemandSwitch::On(vec![])),
            ),
            (false, true, some, false, vec![app()], free, unconfirmed),
            (false, true, none, false, vec![], free, missing),
            (
                true,
                false,
                some,
                true,
                vec![app()],
                free,
                Ok(DemandSwitch::Off),
            ),
            (
                true,
                false,
                some,
                true,
                vec![app()],
                must,
                Err(EnrolmentRefusal::FactorKept),
            ),
        ] {
            let account = Account {
                user: User {
                    two_factor: is_on,
                    email: email.map(str::to_owned),
                    email_confirmed: confirmed,
                    ..User::plain(UserId::from_bytes([1; 16]))
                },
                factors,
                recovery: None,
                closed_factor: false,
            };
            let found = DemandSwitch::of(&account, enabled, policy, &offer);
            assert_eq!(found, expected, "{is_on} {enabled} {policy:?}");
        }
    }
}
