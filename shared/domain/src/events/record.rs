//! What a request has done so far, and the one event that the record becomes.

use std::collections::BTreeSet;

use crate::events::attempt::Attempt;
use crate::events::event::{Happened, KeptFor};
use crate::events::kind::EventKind;
use crate::events::reason::Reason;
use crate::events::verdict::Verdict;
use crate::factors::factor::Method;
use crate::id::{SessionId, UserId};
use crate::refusal::Refusal;

/// The kinds that the table counts by day, because a caller can repeat such a request at no cost.
const BY_DAY: [EventKind; 4] = [
    EventKind::AccessRefused,
    EventKind::AuthorizationBegun,
    EventKind::MessageRefused,
    EventKind::NothingChanged,
];

/// A failure or a refusal that the answer does not reveal.
#[derive(Clone, Copy, Debug)]
pub struct Hidden {
    pub kind: EventKind,
    pub reason: Reason,
}

/// What a request has done so far.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// What the request is for.
    pub attempt: Attempt,
    /// The outcomes so far.
    pub done: BTreeSet<EventKind>,
    /// What failed, and why, although the answer does not say so.
    pub hidden: Option<Hidden>,
    /// The kind of factor.
    pub factor: Option<Method>,
    pub session: Option<SessionId>,
    /// The client, once it is known to exist.
    pub client: Option<String>,
    pub user: Option<UserId>,
    /// The identifier that is derived from an unknown name.
    pub nobody: Option<UserId>,
    /// The caller has shown neither a password nor a token. The service must not write the
    /// event of a refusal after the time that the refusal takes.
    pub stranger: bool,
}

/// How a request was answered.
#[derive(Clone, Copy, Debug)]
pub enum Ending {
    /// The answer is yes.
    Done,
    /// The answer is no, for this reason.
    Refused(Verdict, Reason),
    /// The answer says that something broke.
    Broken,
}

impl Record {
    /// The outcome that the event of the request reports. `None` if the request did nothing that
    /// matters to security.
    pub fn outcome(&self, ending: Ending) -> Option<Happened> {
        let (refused, mut reason) = match ending {
            Ending::Refused(verdict, reason) => (verdict.kind(self.attempt), Some(reason)),
            Ending::Done | Ending::Broken => (None, None),
        };
        let mut kinds = self.done.clone();
        let kind = match refused {
            // The guess that locks the name is reported as `account.locked`. Its reason is the
            // wrong password, although some dialects already answer that the name is locked.
            Some(_) if kinds.contains(&EventKind::AccountLocked) => {
                kinds.extend(refused);
                reason = Some(Reason::of(&Refusal::CredentialsWrong));
                EventKind::AccountLocked
            }
            Some(kind) => kind,
            None => match (kinds.first(), ending) {
                (Some(kind), _) => {
                    let hidden = self.hidden.filter(|hidden| hidden.kind == *kind);
                    reason = hidden.map(|hidden| hidden.reason);
                    *kind
                }
                (None, Ending::Broken) => return None,
                (None, _) => {
                    let (kind, why) = self.attempt.idle()?;
                    reason = why.or(reason);
                    kind
                }
            },
        };
        kinds.remove(&kind);
        Some(Happened {
            kind,
            reason,
            also: kinds.into_iter().collect(),
            kept: self.kept(),
            by_day: self.by_day(kind, reason, refused.is_some()),
        })
    }

    /// Whether the event was kept while its request ran, if at all. Where an answer must reveal
    /// nothing by its time, the write is over when the answer goes out.
    pub fn is_kept_in_time(&self, outcome: &Happened) -> bool {
        self.attempt.takes_exact_time() || (outcome.by_day && self.stranger)
    }

    fn by_day(&self, kind: EventKind, reason: Option<Reason>, refused: bool) -> bool {
        let free = BY_DAY.contains(&kind) || reason.is_some_and(|reason| reason.repeats_freely);
        // The event of a lock has an item of its own: a lock begins once, whatever the answer
        // to its guess says.
        (free || (self.stranger && refused)) && kind != EventKind::AccountLocked
    }

    fn kept(&self) -> KeptFor {
        match (self.user, self.nobody) {
            (Some(user), _) => KeptFor::User(user),
            // A guess at an unknown name makes the same write as a guess at a known name. So
            // the time of the answer does not tell the names apart.
            (None, Some(nobody)) => KeptFor::Pretence(nobody),
            (None, None) => KeptFor::Nobody,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Ending, Record};
    use crate::authorization::token_refusal::TokenRefusal;
    use crate::events::attempt::Attempt;
    use crate::events::event::KeptFor;
    use crate::events::kind::EventKind;
    use crate::events::reason::Reason;
    use crate::events::verdict::Verdict;
    use crate::factors::factor::Method;
    use crate::id::UserId;
    use crate::refusal::Refusal;

    fn user() -> UserId {
        UserId::from_bytes([1; 16])
    }

    fn record(attempt: Attempt, done: &[EventKind]) -> Record {
        Record {
            attempt,
            done: done.iter().copied().collect(),
            user: Some(user()),
            ..Record::default()
        }
    }

    #[test]
    fn the_first_of_several_outcomes_names_the_event_and_the_others_stand_beside() {
        let done = [
            EventKind::FactorVerified,
            EventKind::SessionBegun,
            EventKind::LoginAccepted,
        ];
        let told = record(Attempt::SignIn, &done)
            .outcome(Ending::Done)
            .unwrap();
        assert_eq!(told.kind, EventKind::LoginAccepted);
        assert_eq!(
            told.also,
            [EventKind::SessionBegun, EventKind::FactorVerified]
        );
        assert_eq!(told.kept, KeptFor::User(user()));
    }

    #[test]
    fn the_guess_that_locks_is_a_lock_however_it_is_answered() {
        let locks = record(Attempt::SignIn, &[EventKind::AccountLocked]);
        let verdict = Verdict::ByAttempt;
        for refusal in [
            Refusal::CredentialsWrong,
            Refusal::PasswordsExhausted { retry_at: 1 },
        ] {
            let ending = Ending::Refused(verdict, Reason::of(&refusal));
            let told = locks.outcome(ending).unwrap();
            assert_eq!(told.kind, EventKind::AccountLocked);
            assert_eq!(told.reason, Some(Reason::of(&Refusal::CredentialsWrong)));
            assert_eq!(told.also, [EventKind::LoginRefused]);
            assert_eq!(told.kept, KeptFor::User(user()));
        }
    }

    #[test]
    fn what_costs_the_caller_nothing_is_counted_by_day_for_its_user() {
        let refused = |record: &Record, refusal: Refusal| {
            let ending = Ending::Refused(Verdict::ByAttempt, Reason::of(&refusal));
            let told = record.outcome(ending).unwrap();
            (told.kept, told.by_day)
        };
        let each = (KeptFor::User(user()), false);
        let by_day = (KeptFor::User(user()), true);
        let known = record(Attempt::SignIn, &[]);
        assert_eq!(refused(&known, Refusal::CodeWrong(Method::Totp)), each);
        assert_eq!(refused(&known, Refusal::LoginExpired), by_day);
        assert_eq!(
            refused(&known, TokenRefusal::RefreshTokenEnded.into()),
            by_day
        );
        let exhausted = Refusal::PasswordsExhausted { retry_at: 1 };
        assert_eq!(refused(&known, exhausted), by_day);
        assert_eq!(
            refused(&known, Refusal::client_rejected("app", false)),
            by_day
        );
        let stranger = Record {
            stranger: true,
            ..known
        };
        assert_eq!(refused(&stranger, Refusal::CodeWrong(Method::Totp)), by_day);
        let unknown = Record {
            attempt: Attempt::SignIn,
            ..Record::default()
        };
        let malformed = refused(&unknown, Refusal::RequestMalformed("no JSON"));
        assert_eq!(malformed, (KeptFor::Nobody, true));
        let pretended = Record {
            nobody: Some(user()),
            ..Record::default()
        };
        let pretended = Record {
            attempt: Attempt::SignIn,
            ..pretended
        };
        let kept = refused(&pretended, Refusal::CredentialsWrong);
        assert_eq!(kept, (KeptFor::Pretence(user()), false));
    }

    #[test]
    fn a_request_that_only_reads_or_breaks_tells_nothing_and_an_idle_change_says_so() {
        let ended = |attempt, ending| record(attempt, &[]).outcome(ending);
        assert_eq!(ended(Attempt::Look, Ending::Done), None);
        assert_eq!(ended(Attempt::Nothing, Ending::Done), None);
        assert_eq!(ended(Attempt::SignIn, Ending::Broken), None);
        for (attempt, kind) in [
            (Attempt::EndSession, EventKind::NothingChanged),
            (Attempt::ShowKey, EventKind::NothingChanged),
            (Attempt::Authorize, EventKind::AuthorizationBegun),
            (Attempt::PushRequest, EventKind::AuthorizationBegun),
        ] {
            let idle = ended(attempt, Ending::Done).unwrap();
            assert_eq!((idle.kind, idle.by_day), (kind, true));
        }
        let nobody = ended(Attempt::AskReset, Ending::Done).unwrap();
        assert_eq!(nobody.kind, EventKind::ResetRefused);
        assert_eq!(nobody.reason, Some(Reason::of_name("user_unknown")));
    }
}
