//! Decides which code that was sent for one login may complete a later login, after the
//! user went back and signed in again.

use crate::Timestamp;
use crate::accounts::user::User;
use crate::factors::sent_code::COOL_DOWN_SECONDS;
use crate::id::FactorId;
use crate::login::pending_login::{Login, SentCode, SentTo, State};

/// The code that went to this factor less than half a minute ago for one of
/// these logins, if the later login may adopt the code.
pub fn adoptable(
    logins: &[Login],
    user: &User,
    (later, factor): (&Login, FactorId),
    now: Timestamp,
) -> Option<SentCode> {
    let mut live = logins
        .iter()
        .filter(|login| login.check_live(user, now).is_ok());
    live.find_map(|login| login.adoptable_by(later, factor, now))
}

impl Login {
    /// The code that went to this factor less than half a minute ago, if a
    /// later login of the same user may adopt it instead of sending again. The
    /// later login must have the same client, dialect and purpose.
    fn adoptable_by(&self, later: &Self, factor: FactorId, now: Timestamp) -> Option<SentCode> {
        let takes_codes = |login: &Self| matches!(login.state, State::Pending | State::CodeSent);
        let alike = self.id != later.id
            && self.authorized.client == later.authorized.client
            && self.dialect == later.dialect
            && takes_codes(self)
            && takes_codes(later)
            && self.asks_alike(later, factor);
        let mut sends = self.good_sends(SentTo::Factor(factor), now);
        // An adopted send is adopted from its own login only, because only that
        // login says whether the code is spent.
        let own = sends.find(|sent| sent.earlier.is_none() && alike)?;
        (own.at + COOL_DOWN_SECONDS > now).then_some(SentCode {
            earlier: Some(self.id),
            ..*own
        })
    }

    /// Whether a code of this factor has the same purpose in both logins. If
    /// both enrol the same factor, the code shows for either login that the
    /// user reads what arrives there. An enrolment of a session adopts nothing,
    /// because that session confirms its factor.
    fn asks_alike(&self, later: &Self, factor: FactorId) -> bool {
        match (&self.enrolment, &later.enrolment) {
            (None, None) => !self.address_shown && !later.address_shown,
            (Some(ours), Some(theirs)) => [ours, theirs]
                .iter()
                .all(|one| one.factor == factor && one.session.is_none()),
            (None, Some(_)) | (Some(_), None) => false,
        }
    }
}

#[cfg(test)]
#[path = "adoption_tests.rs"]
mod tests;
