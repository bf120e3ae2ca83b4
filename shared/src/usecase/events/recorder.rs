//! What the use cases of one request record for its event.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::domain::events::attempt::Attempt;
use crate::domain::events::event::Event;
use crate::domain::events::kind::EventKind;
use crate::domain::events::reason::Reason;
use crate::domain::events::record::{Hidden, Record};
use crate::domain::factors::factor::Method;
use crate::domain::id::{SessionId, UserId};
use crate::domain::refusal::Refusal;

/// What the use cases of one request record for its event. A use case records a
/// success where the use case knows of the success. Use cases do not record
/// refusals, because the answer has the refusal.
#[derive(Clone, Debug, Default)]
pub struct Recorder(Arc<Mutex<Noted>>);

#[derive(Debug, Default)]
struct Noted {
    record: Record,
    /// The event that the table got within the fixed time of the answer.
    kept: Option<Event>,
}

impl Recorder {
    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Record)) {
        change(&mut self.noted().record);
    }

    /// Records what the request is for.
    pub fn is_for(&self, attempt: Attempt) {
        self.change(|record| record.attempt = attempt);
    }

    /// Records something that the request has done.
    pub fn did(&self, kind: EventKind) {
        self.change(|record| {
            record.done.insert(kind);
        });
    }

    /// Records something that the request has done with a factor of this kind.
    pub fn did_with(&self, kind: EventKind, method: impl Into<Method>) {
        self.is_about_factor(method);
        self.did(kind);
    }

    /// Records a failure that the answer must not reveal.
    pub fn failed(&self, kind: EventKind, reason: &'static str) {
        let reason = Reason::of_name(reason);
        self.hides(Hidden { kind, reason });
    }

    /// Records a refusal that the answer must not reveal.
    pub fn refused(&self, kind: EventKind, refusal: &Refusal) {
        let reason = Reason::of(refusal);
        self.hides(Hidden { kind, reason });
    }

    fn hides(&self, hidden: Hidden) {
        self.change(|record| {
            record.done.insert(hidden.kind);
            record.hidden = Some(hidden);
        });
    }

    /// Records the kind of factor that the request is about.
    pub fn is_about_factor(&self, method: impl Into<Method>) {
        let method = method.into();
        self.change(|record| record.factor = Some(method));
    }

    /// Records something that happened to this session. The event names the first
    /// session that is recorded, because a sign-in ends the browser's earlier
    /// session after it has begun the new session.
    pub fn did_to(&self, kind: EventKind, session: SessionId) {
        self.change(|record| {
            record.done.insert(kind);
            record.session.get_or_insert(session);
        });
    }

    /// Records the session that the request is about.
    pub fn is_about_session(&self, session: SessionId) {
        self.change(|record| record.session = Some(session));
    }

    /// Records the client. The client must exist.
    pub fn is_by_client(&self, client: &str) {
        // Our own pages have an empty identifier.
        if !client.is_empty() {
            self.change(|record| record.client = Some(client.to_owned()));
        }
    }

    /// The client, if a use case has found one.
    pub fn found_client(&self) -> Option<String> {
        self.noted().record.client.clone()
    }

    /// Records the user whose password is being guessed. If `exists` is false,
    /// the name is unknown, and `user` is the identifier derived from that name.
    pub fn guesses_at(&self, user: UserId, exists: bool) {
        self.change(|record| match exists {
            true => record.user = Some(user),
            false => record.nobody = Some(user),
        });
    }

    /// Records whether the caller has shown neither a password nor a token. The
    /// table then counts refusals by day, and gets them only within the time that
    /// a refusal takes. Otherwise strangers could fill the table, and learn
    /// something from the time of the write.
    pub fn is_of_stranger(&self, stranger: bool) {
        self.change(|record| record.stranger = stranger);
    }

    /// Whether the request has an attempt, but no outcome yet.
    pub fn is_idle(&self) -> bool {
        let noted = self.noted();
        noted.record.done.is_empty() && noted.record.attempt.idle().is_some()
    }

    /// What the request is for.
    pub fn attempt(&self) -> Attempt {
        self.noted().record.attempt
    }

    /// What was recorded so far.
    pub(super) fn record(&self) -> Record {
        self.noted().record.clone()
    }

    pub(super) fn note_kept(&self, event: Event) {
        self.noted().kept = Some(event);
    }

    pub(super) fn take_kept(&self) -> Option<Event> {
        self.noted().kept.take()
    }
}
