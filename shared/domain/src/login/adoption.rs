//! Which code that was sent for one login may complete a later one, whose user
//! went back and signed in again.

use crate::Timestamp;
use crate::factors::sent_code::COOL_DOWN_SECONDS;
use crate::id::FactorId;
use crate::login::pending_login::{Login, SentCode, SentTo, State};

impl Login {
    /// The code that went to this factor less than half a minute ago, as a later
    /// login of the same user may adopt it in place of another send: the same
    /// client's, in the same words, for the same purpose.
    pub fn adoptable_by(&self, later: &Self, factor: FactorId, now: Timestamp) -> Option<SentCode> {
        let takes_codes = |login: &Self| matches!(login.state, State::Pending | State::CodeSent);
        let alike = self.id != later.id
            && self.authorized.client == later.authorized.client
            && self.dialect == later.dialect
            && takes_codes(self)
            && takes_codes(later)
            && self.asks_alike(later, factor);
        let mut sends = self.good_sends(SentTo::Factor(factor), now);
        // Where one was adopted itself, the login that it was sent for says
        // whether it is spent.
        let own = sends.find(|sent| sent.earlier.is_none() && alike)?;
        (own.at + COOL_DOWN_SECONDS > now).then_some(SentCode {
            earlier: Some(self.id),
            ..*own
        })
    }

    /// Whether a code of this factor does for both logins what it was sent for.
    /// Where both enrol the same factor, it shows for either that the user reads
    /// what comes there. What a session enrols, that session confirms.
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
