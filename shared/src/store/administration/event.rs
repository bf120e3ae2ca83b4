//! The events of a user, kept for 90 days. They stand in a partition of their
//! own, because a stranger's wrong password is an event too, and nothing that a
//! stranger does writes under `USER#`.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::domain::Timestamp;
use crate::domain::events::event::{Event, KeptFor};
use crate::failure::Broken;
use crate::store::item::{
    Attributes, Closed, Item, Key, NewItem, TTL_ATTRIBUTE, number, text, texts,
};
use crate::store::table::{Store, broken};

/// How long an event is kept, in seconds.
pub(in crate::store) const KEPT_SECONDS: i64 = 90 * 86_400;

/// How long the event of an unknown name stays, in seconds. Nobody reads it.
const PRETENCE_SECONDS: i64 = 3600;

/// An event as the table keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptEvent {
    pub at: Timestamp,
    /// Its members, by name.
    pub members: BTreeMap<String, String>,
    /// The codes of what else the request did.
    pub also: Vec<String>,
}

impl KeptEvent {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.members.get(name).map(String::as_str)
    }
}

/// Some events of a user or a client, the newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventPage {
    pub events: Vec<KeptEvent>,
    /// Where the next page begins, if there may be one.
    pub next: Option<String>,
}

/// The partition of the events of a user, by identifier, or of `client ID`.
pub(in crate::store) fn events_partition(subject: &str) -> String {
    format!("EVENTS#{subject}")
}

/// The key of an event. Events sort by time.
pub(in crate::store) fn event_key(subject: &str, at: Timestamp, id: &str) -> Key {
    Key::new(events_partition(subject), format!("EVENT#{at:012}#{id}"))
}

fn read(item: Item<'_>) -> Result<KeptEvent, Broken> {
    const NOT_MEMBERS: [&str; 2] = ["PK", "SK"];
    let member = |(name, value): (&String, &AttributeValue)| match value {
        AttributeValue::S(value) if !NOT_MEMBERS.contains(&name.as_str()) => {
            Some((name.clone(), value.clone()))
        }
        _ => None,
    };
    Ok(KeptEvent {
        at: item.number("at")?,
        members: item.0.iter().filter_map(member).collect(),
        also: item.texts("also")?,
    })
}

impl Store {
    /// Stores an event, if the table keeps this event. At most one request.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn keep_event(&self, event: &Event) -> Result<(), Broken> {
        let (subject, seconds) = match event.outcome.kept {
            KeptFor::User(user) => (user, KEPT_SECONDS),
            KeptFor::Pretence(user) => (user, PRETENCE_SECONDS),
            KeptFor::Nobody => return Ok(()),
        };
        let key = event_key(&subject.to_string(), event.at, &event.id);
        let mut item = NewItem::at(&key)
            .with("at", number(event.at))
            .with(TTL_ATTRIBUTE, number(event.at + seconds));
        for (name, value) in event.members() {
            item = item.with(name, text(value));
        }
        let also: Vec<String> = event.other_codes().into_iter().map(str::to_owned).collect();
        if !also.is_empty() {
            item = item.with("also", texts(&also));
        }
        self.put_new("keep an event", item.0).await.map(|_| ())
    }

    /// At most `limit` events of this user or client, the newest first, from
    /// where a page ended. With `acts_only`, only what operators did.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn list_events(
        &self,
        subject: &str,
        acts_only: bool,
        from: Option<String>,
        limit: i32,
    ) -> Result<EventPage, Broken> {
        let from = from.map(|sort| Key::new(events_partition(subject), sort).attributes());
        let mut query = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .scan_index_forward(false)
            .limit(limit)
            .set_exclusive_start_key(from)
            .key_condition_expression("PK = :events")
            .expression_attribute_values(":events", text(events_partition(subject)));
        if acts_only {
            query = query
                .filter_expression("attribute_exists(#by)")
                .expression_attribute_names("#by", "by");
        }
        let found = query
            .send()
            .await
            .map_err(|error| broken("list events", &error))?;
        let items = found.items.unwrap_or_default();
        let read = |item: &Attributes| read(Item(item)).newer("an event");
        let next = found.last_evaluated_key;
        let next = next.and_then(|key| Item(&key).text("SK").ok().map(str::to_owned));
        Ok(EventPage {
            events: items.iter().filter_map(read).collect(),
            next,
        })
    }
}
