//! What a request has done so far, and the one event that comes of it.

use std::collections::BTreeSet;

use crate::events::attempt::Attempt;
use crate::events::event::{Happened, KeptFor};
use crate::events::kind::EventKind;
use crate::events::verdict::Verdict;
use crate::factors::factor::Method;
use crate::id::{SessionId, UserId};

/// The reasons of refusals that a caller can repeat at no cost, because a budget is used up or
/// the request is malformed. Their events are not kept in the table.
const FREE: [&str; 15] = [
    "passwords_exhausted",
    "network_exhausted",
    "codes_exhausted",
    "codes_closed",
    "send_too_soon",
    "sends_exhausted",
    "requests_exhausted",
    "parameter_missing",
    "parameter_misnamed",
    "request_malformed",
    "body_too_large",
    "grant_unsupported",
    "client_rejected",
    "grant_not_allowed",
    "form_rejected",
];

/// The kinds that are not kept in the table, for the same reason.
const UNKEPT: [EventKind; 3] = [
    EventKind::AccessRefused,
    EventKind::MessageRefused,
    EventKind::NothingChanged,
];

/// What a request has done so far.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// What the request is for.
    pub attempt: Attempt,
    /// What it did.
    pub done: BTreeSet<EventKind>,
    /// What failed, and why, although the answer does not say so.
    pub hidden: Option<(EventKind, &'static str)>,
    /// The kind of factor.
    pub factor: Option<Method>,
    /// The session.
    pub session: Option<SessionId>,
    /// The client, once it is known to exist.
    pub client: Option<String>,
    /// The user.
    pub user: Option<UserId>,
    /// The identifier that an unknown name stands for.
    pub nobody: Option<UserId>,
    /// The caller has shown neither a password nor a token.
    pub stranger: bool,
}

/// How a request was answered.
#[derive(Clone, Copy, Debug)]
pub enum Ending {
    /// With yes.
    Done,
    /// With no, and why.
    Refused(Verdict, &'static str),
    /// With the news that something broke.
    Broken,
}

impl Record {
    /// What is told of the request: one outcome, or none if the request did nothing that matters
    /// to security.
    pub fn outcome(&self, ending: Ending) -> Option<Happened> {
        let (refused, mut reason) = match ending {
            Ending::Refused(verdict, reason) => (verdict.kind(self.attempt), Some(reason)),
            Ending::Done | Ending::Broken => (None, None),
        };
        let mut kinds = self.done.clone();
        let kind = match refused {
            // The guess that locks is told as the lock.
            Some(_) if kinds.contains(&EventKind::AccountLocked) => {
                kinds.extend(refused);
                EventKind::AccountLocked
            }
            Some(kind) => kind,
            None => match (kinds.first(), ending) {
                (Some(kind), _) => {
                    let hidden = self.hidden.filter(|(failed, _)| failed == kind);
                    reason = hidden.map(|(_, reason)| reason);
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
            kept: self.kept(kind, reason, refused.is_some()),
        })
    }

    fn kept(&self, kind: EventKind, reason: Option<&str>, refused: bool) -> KeptFor {
        let free = UNKEPT.contains(&kind) || reason.is_some_and(|reason| FREE.contains(&reason));
        // A lock begins once, however its guess is answered.
        let free = free && kind != EventKind::AccountLocked;
        if free || (self.stranger && refused) {
            return KeptFor::Nobody;
        }
        match (self.user, self.nobody) {
            (Some(user), _) => KeptFor::User(user),
            // An unknown name makes the same write as a known one, so that the time
            // of the answer does not tell them apart.
            (None, Some(nobody)) => KeptFor::Pretence(nobody),
            (None, None) => KeptFor::Nobody,
        }
    }
}
