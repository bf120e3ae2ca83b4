//! What a session must have shown before a request may change the user's factors.

use crate::Timestamp;
use crate::accounts::refusals::profile_refusal::ProfileRefusal;
use crate::accounts::user::{Account, User};
use crate::factors::enrolment::{MfaPolicy, check_confirmed, check_recent};
use crate::factors::enrolment_refusal::EnrolmentRefusal;
use crate::factors::offer::Offer;
use crate::messages::phone_number::PhoneNumber;
use crate::refusal::Refusal;
use crate::sessions::authentication::Authentication;

/// What a session has to have shown, so that a call may change the user's factors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactorDemand {
    /// The user's strongest factor, in the last ten minutes
    /// (`MfaPolicy::check_may_change`).
    Strongest,
    /// A password or a factor, in the last ten minutes.
    Recent,
    /// Nothing, because the request changes no factor of this user.
    Nothing,
}

impl FactorDemand {
    /// For a request that turns the demand for a second factor on or off. A user who has
    /// turned the demand off signs in without a factor, and must be able to turn the demand
    /// on again. The demand helps only the owner.
    pub fn to_set_two_factor(user: &User, enabled: bool) -> Self {
        match (user.two_factor == enabled, enabled) {
            (true, _) => Self::Nothing,
            (false, true) => Self::Recent,
            (false, false) => Self::Strongest,
        }
    }

    /// For a request that has a code sent to this number. A new number may become a second
    /// factor, so storing it takes what a change of factors takes: a confirmed address, and a
    /// recent authentication with the strongest factor.
    ///
    /// # Errors
    /// `RequestMalformed`, `AddressMissing`, `AddressUnconfirmed`.
    pub fn to_confirm_number(account: &Account, number: Option<&str>) -> Result<Self, Refusal> {
        if new_number(&account.user, number)?.is_none() {
            return Ok(Self::Nothing);
        }
        check_confirmed(&account.user)?;
        Ok(Self::Strongest)
    }

    /// Refuses a session that has not shown what is demanded.
    ///
    /// # Errors
    /// `AuthenticationInsufficient`.
    pub fn check(
        self,
        policy: MfaPolicy,
        (account, shown): (&Account, Authentication),
        now: Timestamp,
    ) -> Result<(), EnrolmentRefusal> {
        match self {
            Self::Strongest => policy.check_may_change(account, shown, now),
            Self::Recent => check_recent(shown, now),
            Self::Nothing => Ok(()),
        }
    }
}

/// The strongest factor, of every user.
///
/// # Errors
/// None. Other demands have errors.
pub fn strongest(_: &Account) -> Result<FactorDemand, Refusal> {
    Ok(FactorDemand::Strongest)
}

/// The number that the request names, if it is not the user's number yet.
///
/// # Errors
/// `RequestMalformed` for a text that is no number; `AddressMissing` for another number than
/// the confirmed one.
pub fn new_number(user: &User, named: Option<&str>) -> Result<Option<PhoneNumber>, Refusal> {
    let Some(named) = named else {
        return Ok(None);
    };
    let number = PhoneNumber::parse(named).ok_or(Refusal::RequestMalformed(
        "The field phoneNumber must be in E.164 form, like +15555550100.",
    ))?;
    if user.phone.as_deref() == Some(number.as_str()) {
        return Ok(None);
    }
    match user.phone_confirmed {
        true => Err(ProfileRefusal::AddressMissing.into()),
        false => Ok(Some(number)),
    }
}

/// Whether the request names another number than the user's, also one that is refused.
pub fn asks_for_new_number(user: &User, named: Option<&str>) -> bool {
    !matches!(new_number(user, named), Ok(None))
}

impl MfaPolicy {
    /// Whether somebody may have an address of the user confirmed without an access token,
    /// after a right password. A user with a second factor must show the factor first. A link
    /// alone does nothing, so a confirmation that only the mailbox completes is excepted.
    pub fn lets_stranger_confirm(self, account: &Account, by_link: bool) -> bool {
        let asked = account.has_factor() && account.user.two_factor && self.asks();
        account.user.active && (by_link || !asked)
    }

    /// Whether a session may change the password that has shown this. A user who has turned a
    /// second factor on must have shown one. A trusted device stands in for a factor at the
    /// login only.
    pub fn lets_change_password(self, user: &User, shown: Authentication) -> bool {
        let asked = user.two_factor && self.asks();
        shown.method.is_some() || !(asked || shown.first.is_on_trusted_device())
    }
}

/// A number that is to be confirmed by a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberToConfirm {
    /// The number, if it is stored with the request for the code.
    pub new: Option<PhoneNumber>,
}

impl NumberToConfirm {
    /// The number of the user that is to be confirmed: the stored number, or the named number,
    /// if the caller may store one. `None` if the number is confirmed.
    ///
    /// # Errors
    /// `AddressMissing` for a number that the caller may not use; `RequestMalformed` for a
    /// number that no text message goes to.
    pub fn of(
        user: &User,
        named: Option<&str>,
        may_store: bool,
        offer: &Offer,
    ) -> Result<Option<Self>, Refusal> {
        let new = new_number(user, named)?;
        if new.is_some() && !may_store {
            return Err(ProfileRefusal::AddressMissing.into());
        }
        if user.phone_confirmed {
            return Ok(None);
        }
        let number = new.as_ref().map(PhoneNumber::as_str);
        let number = number.or(user.phone.as_deref());
        match number.is_none_or(|to| offer.may_text(to)) {
            true => Ok(Some(Self { new })),
            false => Err(Refusal::RequestMalformed(
                "text messages are not sent to phones of this country",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::FactorDemand::{Nothing, Recent, Strongest};
    use super::*;
    use crate::factors::factor::{Channel, Factor, FactorKind, Method};
    use crate::factors::offer::AalPolicy;
    use crate::id::{FactorId, UserId};
    use crate::messages::sms_countries::SmsCountries;
    use crate::sessions::authentication::FirstFactor;

    const OWN: &str = "+15555550100";
    const OTHER: &str = "+15555550123";

    fn user() -> User {
        User::plain(UserId::from_bytes([1; 16]))
    }

    #[test]
    fn only_turning_the_demand_off_takes_the_strongest_factor() {
        for (two_factor, enabled, demand) in [
            (false, false, Nothing),
            (true, true, Nothing),
            (false, true, Recent),
            (true, false, Strongest),
        ] {
            let user = User {
                two_factor,
                ..user()
            };
            let found = FactorDemand::to_set_two_factor(&user, enabled);
            assert_eq!(found, demand, "{two_factor} {enabled}");
        }
    }

    #[test]
    fn only_a_new_number_takes_a_confirmed_address_and_the_strongest_factor() {
        let missing = || Err(Refusal::from(ProfileRefusal::AddressMissing));
        let unconfirmed = || Err(Refusal::from(EnrolmentRefusal::AddressUnconfirmed));
        for (named, phone_confirmed, email_confirmed, demand) in [
            (None, false, false, Ok(Nothing)),
            (Some(OWN), false, false, Ok(Nothing)),
            (Some(OWN), true, false, Ok(Nothing)),
            (Some(OTHER), true, true, missing()),
            (Some(OTHER), false, false, unconfirmed()),
            (Some(OTHER), false, true, Ok(Strongest)),
        ] {
            let account = Account {
                user: User {
                    email: Some("ann@example.com".into()),
                    email_confirmed,
                    phone: Some(OWN.into()),
                    phone_confirmed,
                    ..user()
                },
                factors: Vec::new(),
                recovery: None,
                closed_factor: false,
            };
            let found = FactorDemand::to_confirm_number(&account, named);
            assert_eq!(found, demand, "{named:?} {phone_confirmed}");
        }
        let malformed = new_number(&user(), Some("0555"));
        assert!(matches!(malformed, Err(Refusal::RequestMalformed(_))));
    }

    #[test]
    fn a_session_is_recent_for_ten_minutes_and_nothing_is_always_met() {
        let account = Account {
            user: user(),
            factors: Vec::new(),
            recovery: None,
            closed_factor: false,
        };
        let shown = Authentication {
            first: FirstFactor::Password,
            at: 1000,
            method: None,
            key: None,
        };
        for (demand, now, met) in [
            (Recent, 1599, true),
            (Recent, 1600, false),
            (Strongest, 1599, true),
            (Strongest, 1600, false),
            (Nothing, 9999, true),
        ] {
            let found = demand.check(MfaPolicy::Optional, (&account, shown), now);
            assert_eq!(found.is_ok(), met, "{demand:?} {now}");
        }
    }

    #[test]
    fn a_user_with_a_second_factor_shows_it_before_a_number_is_confirmed_or_a_password_changed() {
        let (free, off) = (MfaPolicy::Optional, MfaPolicy::Disabled);
        for (two_factor, active, by_link, policy, confirms, changes) in [
            (false, true, false, free, true, true),
            (true, true, false, free, false, false),
            (true, true, true, free, true, false),
            (true, true, false, off, true, true),
            (false, false, true, free, false, true),
        ] {
            let account = Account {
                user: User {
                    two_factor,
                    active,
                    ..user()
                },
                factors: vec![Factor {
                    id: FactorId::from_bytes([2; 16]),
                    kind: FactorKind::Address {
                        channel: Channel::Sms,
                        to: OWN.into(),
                    },
                    confirmed: true,
                    created_at: 0,
                }],
                recovery: None,
                closed_factor: false,
            };
            let shown = |method| Authentication {
                at: 0,
                first: FirstFactor::Password,
                method,
                key: None,
            };
            assert_eq!(policy.lets_stranger_confirm(&account, by_link), confirms);
            assert_eq!(
                policy.lets_change_password(&account.user, shown(None)),
                changes
            );
            assert!(policy.lets_change_password(&account.user, shown(Some(Method::Totp))));
            for first in [
                FirstFactor::PasswordOnDevice,
                FirstFactor::PasswordInBrowser,
            ] {
                let by_device = Authentication {
                    first,
                    ..shown(None)
                };
                assert!(!policy.lets_change_password(&account.user, by_device));
            }
        }
    }

    #[test]
    fn the_stored_number_is_confirmed_or_a_new_number_of_somebody_who_may_store_it() {
        let abroad = "+447700900123";
        let offer = Offer {
            aal: AalPolicy::Aal1,
            sms_countries: SmsCountries::parse(["+1"]).unwrap(),
            webhook: false,
        };
        let of = |stored: Option<&str>, confirmed, named, may_store| {
            let user = User {
                phone: stored.map(str::to_owned),
                phone_confirmed: confirmed,
                ..user()
            };
            let found = NumberToConfirm::of(&user, named, may_store, &offer);
            found.map(|found| found.map(|found| found.new.map(|new| new.as_str().to_owned())))
        };
        let missing = Err(Refusal::from(ProfileRefusal::AddressMissing));
        let no_texts = "text messages are not sent to phones of this country";
        let no_texts = Err(Refusal::RequestMalformed(no_texts));
        let some = |text: &str| Some(text.to_owned());
        for (stored, confirmed, named, may_store, expected) in [
            (Some(OWN), false, None, false, Ok(Some(None))),
            (Some(OWN), true, None, false, Ok(None)),
            (Some(OWN), true, Some(OWN), true, Ok(None)),
            (Some(OWN), false, Some(OTHER), true, Ok(Some(some(OTHER)))),
            (Some(OWN), false, Some(OTHER), false, missing),
            (None, false, None, true, Ok(Some(None))),
            (None, false, Some(abroad), true, no_texts.clone()),
            (Some(abroad), false, None, true, no_texts),
        ] {
            let found = of(stored, confirmed, named, may_store);
            assert_eq!(found, expected, "{stored:?} {named:?}");
        }
    }
}
