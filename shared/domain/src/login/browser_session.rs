//! Whether the rules for a login are still met by the session of a browser, when an app asks
//! for tokens of that session. A setting or the user may have changed since the sign-in.

use crate::Timestamp;
use crate::accounts::user::{Account, User};
use crate::factors::enrolment::MfaPolicy;
use crate::factors::factor::Method;
use crate::factors::offer::AalPolicy;
use crate::login::admission::{Admission, LoginRules};
use crate::sessions::authentication::{Authentication, FirstFactor};

/// What a session lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionLacks {
    Nothing,
    /// The user has to show another factor.
    Factor,
    /// The user has to sign in again, because a right password would not be enough now.
    SignIn,
}

impl LoginRules<'_> {
    /// Whether the user's factors have to be read to decide what the session lacks.
    pub fn depends_on_factors(&self, user: &User, shown: Authentication) -> bool {
        let wished = self.wants_factor && shown.acr() != "aal2";
        let demanded = !self.is_enough(shown) && self.mfa.may_demand(user);
        let confirmed = user.is_owned() && self.confirmation.is_met_by(user);
        wished || demanded || !confirmed || user.must_change_password
    }

    /// What a session of this user lacks, who authenticated so, by the rules for a login.
    pub fn session_lacks(
        &self,
        account: &Account,
        shown: Authentication,
        now: Timestamp,
    ) -> SessionLacks {
        let by_policy = Self {
            wants_factor: false,
            shown_two: shown.method == Some(Method::Passkey),
            ..*self
        };
        let lacks_policy = match by_policy.admit(account, now) {
            Admission::ConfirmFirst | Admission::EnrolOnPage => return SessionLacks::SignIn,
            Admission::SecondFactor => !self.is_enough(shown) && !self.has_enrolled(account, shown),
            Admission::PasswordOnly => false,
        };
        if account.user.must_change_password {
            return SessionLacks::SignIn;
        }
        match lacks_policy || self.wants_factor && self.lacks_factor(account, shown) {
            true => SessionLacks::Factor,
            false => SessionLacks::Nothing,
        }
    }

    /// Whether the user has enrolled each second factor that is offered in this session. The
    /// session has then shown the first code of each, and every other session has ended.
    fn has_enrolled(&self, account: &Account, shown: Authentication) -> bool {
        let mut offered = account.clone();
        self.offer.keep_allowed(&mut offered.factors);
        let mut factors = offered.active_factors().peekable();
        factors.peek().is_some() && factors.all(|factor| factor.created_at > shown.at)
    }

    /// Whether this authentication has a second factor that the settings accept today, or a
    /// trusted browser that stood in for the factor and still may.
    fn is_enough(&self, shown: Authentication) -> bool {
        let trusted = [
            FirstFactor::PasswordOnDevice,
            FirstFactor::PasswordInBrowser,
        ];
        if shown.method.is_none() && trusted.contains(&shown.first) {
            return self.trusts_devices;
        }
        match self.offer.aal {
            AalPolicy::Aal2 => shown.acr() == "aal2",
            AalPolicy::Aal1 | AalPolicy::PreferAal2 => shown.method.is_some(),
        }
    }
}

impl MfaPolicy {
    /// Whether a second factor may be demanded of this user, depending on the factors.
    fn may_demand(self, user: &User) -> bool {
        match self {
            Self::Optional => user.two_factor,
            Self::Disabled => false,
            Self::Required { .. } => true,
        }
    }
}
