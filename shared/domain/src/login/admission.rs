//! Decides what follows a right password: who must confirm what, and who must show a
//! second factor.

use crate::accounts::user::{Account, ConfirmationPolicy, User};
use crate::authorization::client::Authorized;
use crate::dialect::{ConfirmationDemand, MissingNumber};
use crate::factors::confirmed_addresses::ConfirmedAddresses;
use crate::factors::enrolment::MfaPolicy;
use crate::factors::offer::Offer;
use crate::sessions::authentication::Authentication;
use crate::{Dialect, Timestamp};

/// What the settings and the dialect require of a login.
#[derive(Clone, Copy, Debug)]
pub struct LoginRules<'a> {
    /// Who must show a second factor.
    pub mfa: MfaPolicy,
    /// What users must confirm.
    pub confirmation: ConfirmationPolicy,
    /// Which factors are offered.
    pub offer: &'a Offer,
    /// The dialect of the login.
    pub dialect: Dialect,
    /// Whether our own pages ask.
    pub at_pages: bool,
    /// Whether the request wants a second factor, whatever the policy says.
    pub wants_factor: bool,
    /// Whether the first factor was a passkey that counts as two factors.
    pub shown_two: bool,
    /// Whether trusted devices and browsers are on.
    pub trusts_devices: bool,
}

/// What a user with a right password must do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// The user must confirm an address or number first.
    ConfirmFirst,
    /// The user must set up an authenticator app first, on our own pages.
    EnrolOnPage,
    /// The user must show a second factor.
    SecondFactor,
    /// The password is enough.
    PasswordOnly,
}

impl LoginRules<'_> {
    /// What this user must do next after a right password.
    pub fn admit(&self, account: &Account, now: Timestamp) -> Admission {
        let demanded = self.factor_is_wanted(account) || self.mfa.demands(account, now);
        let number_missing = self.number_is_missing(&account.user);
        if number_missing && self.at_pages {
            return Admission::SecondFactor;
        }
        if !self.is_confirmed(account, demanded) {
            return match number_missing && self.tells_of_page(&account.user) {
                true => Admission::EnrolOnPage,
                false => Admission::ConfirmFirst,
            };
        }
        match demanded && !self.shown_two {
            true => Admission::SecondFactor,
            false => Admission::PasswordOnly,
        }
    }

    /// Whether a pending login can enrol a factor in this dialect or on our own pages.
    fn enrolls_at_login(&self) -> bool {
        self.dialect.enrolls_at_login() || self.at_pages
    }

    /// Whether the user has to enrol a factor first, and cannot do so at this login of the
    /// client.
    pub fn must_enrol_elsewhere(
        &self,
        addresses: ConfirmedAddresses<'_>,
        account: &Account,
        authorized: &Authorized,
    ) -> bool {
        !self.enrolls_at_login() && addresses.cannot_complete(account, authorized)
    }

    /// Whether the user has confirmed what must be confirmed before a login goes
    /// on. A dialect may demand more than the policy (`ConfirmationDemand`). A user
    /// who has no factor yet must have confirmed the address before enrolling one. A
    /// user who has a second factor to show has confirmed enough for the policy.
    fn is_confirmed(&self, account: &Account, demanded: bool) -> bool {
        let user = &account.user;
        let demand = self.dialect.confirmation_demand();
        match demand {
            ConfirmationDemand::Email if !user.email_confirmed => return false,
            ConfirmationDemand::Owned if !user.is_owned() => return false,
            ConfirmationDemand::Email
            | ConfirmationDemand::Owned
            | ConfirmationDemand::Policy
            | ConfirmationDemand::Provider => {}
        }
        let shows_one = demanded && (self.shown_two || self.has_offered_factor(account));
        if demanded && !shows_one && !self.confirmation.lets_enroll(user) {
            return false;
        }
        let has_address = user.email.is_some() || user.phone.is_some();
        let wants_provider = demand == ConfirmationDemand::Provider && demanded && has_address;
        if wants_provider && !account.has_provider() {
            return false;
        }
        shows_one || self.confirmation.is_met_by(user)
    }

    /// Whether the request wants a second factor of this user. On our own pages only of a
    /// user who has one, because there the request only wishes for a second factor.
    fn factor_is_wanted(&self, account: &Account) -> bool {
        self.wants_factor && (!self.at_pages || self.has_offered_factor(account))
    }

    /// Whether the user has a second factor that is offered.
    pub fn has_offered_factor(&self, account: &Account) -> bool {
        let mut offered = account.factors.clone();
        self.offer.keep_allowed(&mut offered);
        account.has_closed_factor()
            || offered
                .iter()
                .any(|factor| factor.confirmed && factor.is_second())
    }

    /// Whether the user can show more than this authentication has, for a request that wishes
    /// `aal2`: any second factor beside none, a factor that gives `aal2` beside a weaker one.
    pub fn lacks_factor(&self, account: &Account, shown: Authentication) -> bool {
        if shown.acr() == "aal2" {
            return false;
        }
        if shown.method.is_none() {
            return self.has_offered_factor(account);
        }
        let mut offered = account.clone();
        self.offer.keep_allowed(&mut offered.factors);
        account.has_closed_factor() || offered.has_strong_factor()
    }

    /// Whether the policy requires a confirmed phone number that the user does not
    /// have, and the user's e-mail address is confirmed. On our own pages, an
    /// authenticator app then replaces the number, because no sign-up asks for a
    /// number.
    fn number_is_missing(&self, user: &User) -> bool {
        let has_address = user.email.is_some() && user.email_confirmed;
        has_address && self.mfa.asks() && !self.confirmation.is_met_by(user)
    }

    /// Whether the refusal in this dialect names that page.
    fn tells_of_page(&self, user: &User) -> bool {
        match self.dialect.missing_number() {
            MissingNumber::Unconfirmed => false,
            MissingNumber::PageWithoutNumber => user.phone.is_none(),
            MissingNumber::Page => true,
        }
    }
}

/// The answer that the token endpoint would give to a right password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WouldSignIn {
    /// The user would get tokens.
    Yes,
    /// The user has to confirm or change something first.
    NotAllowed,
    /// A second factor is needed.
    SecondFactor,
}

impl WouldSignIn {
    /// The answer to a right password of this user, who is admitted so.
    pub fn of(admission: Admission, user: &User) -> Self {
        match admission {
            Admission::ConfirmFirst | Admission::EnrolOnPage => Self::NotAllowed,
            Admission::SecondFactor => Self::SecondFactor,
            Admission::PasswordOnly if user.must_change_password => Self::NotAllowed,
            Admission::PasswordOnly => Self::Yes,
        }
    }
}

#[cfg(test)]
#[path = "admission_tests.rs"]
mod tests;
