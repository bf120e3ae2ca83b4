//! Writes the one event of a request to the log and to the table, and delivers the
//! event to the bus.

use crate::app::App;
use crate::domain::Timestamp;
use crate::domain::events::event::{Event, Happened, KeptFor, Origin};
use crate::domain::events::kind::EventKind;
use crate::domain::events::reason::Reason;
use crate::domain::events::record::Ending;
use crate::domain::factors::factor::Channel;
use crate::domain::id::UserId;
use crate::domain::messages::delivery::Trouble;
use crate::domain::metrics::label::LostAt;
use crate::domain::metrics::of_event::samples_of;
use crate::domain::metrics::sample::Sample;
use crate::metrics::recording::{record_all, record_sample};
use crate::notify::event_bus::{NotDelivered, date_of};
use crate::usecase::context::{Context, Trace};
use crate::usecase::events::recorder::Recorder;

/// The target of the log lines that are events.
pub const EVENT_TARGET: &str = "countersign::event";

/// What the event of a request is made from.
pub struct Observed<'a> {
    pub app: &'a App,
    /// What the use cases of the request recorded.
    pub recorder: &'a Recorder,
    /// The trace of the request, which knows the user.
    pub trace: &'a Trace,
    /// Where the request came from.
    pub origin: Origin,
    /// When the request came.
    pub now: Timestamp,
}

impl Observed<'_> {
    fn event(&self, ending: Ending) -> Option<Event> {
        let mut record = self.recorder.record();
        record.user = record.user.or(self.trace.user());
        Some(Event {
            id: uuid::Uuid::new_v4().to_string(),
            at: self.now,
            outcome: record.outcome(ending)?,
            user: record.user,
            client: record.client,
            factor: record.factor,
            session: record.session,
            key: None,
            act: None,
            origin: Some(self.origin.clone()),
        })
    }

    /// Writes and delivers the event of a request with this ending, if the
    /// request has an event. The log has every event. A failure to keep or to
    /// deliver the event does not change the answer, and takes a bounded time.
    pub async fn tell(&self, ending: Ending) {
        let kept = self.recorder.take_kept();
        let was_kept = kept.is_some();
        let Some(event) = kept.or_else(|| self.event(ending)) else {
            return;
        };
        let late = self.recorder.record().is_kept_in_time(&event.outcome);
        tell_event(self.app, &event, !was_kept && !late).await;
    }
}

/// Keeps the event of a request that ends like this, and whose answer must reveal nothing
/// by its time. The write happens within that time. The log and the bus get the event when
/// the request ends.
pub(crate) async fn keep_in_time(context: &Context, ending: Ending) {
    let observed = Observed {
        app: &context.app,
        recorder: &context.events,
        trace: &context.caller.trace,
        origin: context.caller.origin(),
        now: context.now(),
    };
    let Some(event) = observed.event(ending) else {
        return;
    };
    Box::pin(keep(&context.app, &event)).await;
    context.events.note_kept(event);
}

/// An event of something that the service did without a request.
fn of_its_own(kind: EventKind, now: Timestamp) -> Event {
    Event {
        id: uuid::Uuid::new_v4().to_string(),
        at: now,
        outcome: Happened {
            kind,
            reason: None,
            also: Vec::new(),
            kept: KeptFor::Nobody,
            by_day: false,
        },
        user: None,
        client: None,
        factor: None,
        session: None,
        key: None,
        act: None,
        origin: None,
    }
}

/// Writes and delivers the event of something that the service did to a key.
pub(crate) async fn tell_of_key(app: &App, kind: EventKind, key: &str, now: Timestamp) {
    let mut event = of_its_own(kind, now);
    event.key = Some(key.to_owned());
    tell_event(app, &event, false).await;
}

/// Writes, keeps and delivers the event of a destination of this user that was marked
/// for this trouble.
pub(crate) async fn tell_of_mark(app: &App, user: UserId, channel: Channel, trouble: Trouble) {
    let mut event = of_its_own(EventKind::DestinationMarked, app.clock.now());
    event.user = Some(user);
    event.factor = Some(channel.into());
    event.outcome.reason = Some(Reason::of_name(trouble.name()));
    event.outcome.kept = KeptFor::User(user);
    tell_event(app, &event, true).await;
}

/// Delivers the event of an operator's act to the bus, and writes the event to the log.
/// Returns `false` if there is a bus and the bus did not take the event. Then the log has
/// only the failure.
pub(crate) async fn announce_event(app: &App, event: &Event) -> bool {
    let taken = app.bus.put_act(event).await;
    match &taken {
        Ok(()) => log(event),
        Err(failed) => note_undelivered(event, failed),
    }
    taken.is_ok()
}

async fn tell_event(app: &App, event: &Event, keeps: bool) {
    record_all(samples_of(event));
    log(event);
    // On the heap, because the future of a request is large.
    let kept = Box::pin(async {
        if keeps {
            keep(app, event).await;
        }
    });
    let _: ((), ()) = tokio::join!(kept, Box::pin(deliver(app, event)));
}

async fn keep(app: &App, event: &Event) {
    if let Err(broken) = app.store.keep_event(event).await {
        record_sample(Sample::event_lost(LostAt::Table));
        tracing::warn!(log_id = event.id, error = %broken, unkept_events = 1, "an event is not kept");
    }
}

async fn deliver(app: &App, event: &Event) {
    if let Err(failed) = app.bus.put_event(event).await {
        note_undelivered(event, &failed);
    }
}

fn note_undelivered(event: &Event, failed: &NotDelivered) {
    record_sample(Sample::event_lost(LostAt::Bus));
    tracing::warn!(log_id = event.id, error = %failed, undelivered_events = 1, "an event is not delivered");
}

/// Writes the event as one line. The members have the same names on the bus.
fn log(event: &Event) {
    let members = event.members();
    let get = |wanted: &str| {
        let found = members.iter().find(|(name, _)| *name == wanted);
        found.map(|(_, value)| value.as_str())
    };
    let also = event.other_codes().join(" ");
    tracing::info!(
        target: EVENT_TARGET,
        date = date_of(event.at),
        log_id = get("log_id"),
        "type" = get("type"),
        event = get("event"),
        reason = get("reason"),
        user_id = get("user_id"),
        client_id = get("client_id"),
        factor = get("factor"),
        session_id = get("session_id"),
        key_id = get("key_id"),
        act = get("act"),
        by = get("by"),
        why = get("why"),
        act_id = get("act_id"),
        ip = get("ip"),
        device = get("device"),
        dialect = get("dialect"),
        request_id = get("request_id"),
        also = Some(also.as_str()).filter(|also| !also.is_empty()),
        "event"
    );
}
