//! Which refusal a caller is told.

use crate::factors::enrolment_refusal::EnrolmentRefusal;
use crate::login::throttle::Guesser;
use crate::refusal::Refusal;

impl Guesser {
    /// What this guesser is told of a refused charge. A stranger whose budget is exhausted or
    /// closed gets `wrong`, the answer of a wrong code, because only a user who is signing in
    /// has anything to guess. Another answer would tell strangers that the user exists and is
    /// signing in.
    pub fn told_instead(self, refusal: Refusal, wrong: Refusal) -> Refusal {
        match (self, &refusal) {
            (Self::Stranger(_), Refusal::CodesExhausted { .. } | Refusal::CodesClosed) => wrong,
            (Self::Stranger(_) | Self::User(_) | Self::Near(_), _) => refusal,
        }
    }
}

/// What a session is told that confirms its enrolment. No token names the login there. So an
/// expired login means that there is nothing to confirm.
pub fn told_to_session(refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::LoginExpired | Refusal::LoginTokenMalformed => {
            EnrolmentRefusal::EnrolmentMissing.into()
        }
        refusal => refusal,
    }
}

/// Whether a code that was just sent for an earlier login may stand in for a send that was
/// refused so: the send has to wait.
pub fn may_adopt_after(refusal: &Refusal) -> bool {
    matches!(
        refusal,
        Refusal::SendTooSoon { .. } | Refusal::SendsExhausted { .. }
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::factors::factor::Method;
    use crate::id::UserId;

    #[test]
    fn only_a_stranger_takes_a_closed_budget_for_a_wrong_code() {
        let user = UserId::from_bytes([1; 16]);
        let wrong = || Refusal::CodeWrong(Method::Totp);
        let closed = || Refusal::CodesClosed;
        for (guesser, refusal, told) in [
            (Guesser::Stranger(user), closed(), wrong()),
            (Guesser::Near(user), closed(), closed()),
            (Guesser::User(user), closed(), closed()),
            (
                Guesser::Stranger(user),
                Refusal::LoginExpired,
                Refusal::LoginExpired,
            ),
        ] {
            assert_eq!(guesser.told_instead(refusal, wrong()), told, "{guesser:?}");
        }
    }

    #[test]
    fn a_session_has_no_login_that_could_be_over() {
        let missing = || Refusal::from(EnrolmentRefusal::EnrolmentMissing);
        for (refusal, told) in [
            (Refusal::LoginExpired, missing()),
            (Refusal::LoginTokenMalformed, missing()),
            (Refusal::CodesClosed, Refusal::CodesClosed),
        ] {
            assert_eq!(told_to_session(refusal), told);
        }
    }

    #[test]
    fn a_code_is_adopted_if_the_send_has_to_wait() {
        for (refusal, adopts) in [
            (Refusal::SendTooSoon { retry_at: 1 }, true),
            (Refusal::DeliveryFailed { others: Vec::new() }, false),
            (Refusal::LoginExpired, false),
        ] {
            assert_eq!(may_adopt_after(&refusal), adopts);
        }
    }
}
