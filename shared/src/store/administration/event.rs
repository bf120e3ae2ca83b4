//! The events of a user, kept for 90 days. They stand in a partition of their
//! own, because a stranger's wrong password is an event too, and nothing that a
//! stranger does writes under `USER#`.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::domain::Timestamp;
use crate::domain::events::event::{Event, KeptFor};
use crate::failure::Broken;
use crate::store::item::{
    Attributes, Closed, Item, Key, NewItem, TTL_ATTRIBUTE, number_value, text_value, texts_value,
};
use crate::store::table::{Store, broken};

/// How long an event is kept, in seconds.
pub(in crate::store) const KEPT_SECONDS: i64 = 90 * 86_400;

/// How long the event of an unknown name stays, in seconds. Nobody reads it.
const PRETENCE_SECONDS: i64 = 3600;

const DAY_SECONDS: i64 = 86_400;

/// An event as the table keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptEvent {
    pub at: Timestamp,
    /// Its members, by name.
    pub members: BTreeMap<String, String>,
    /// The codes of what else the request did.
    pub also: Vec<String>,
    /// The count, if the item counts the events of a day.
    pub by_day: Option<DayCount>,
}

/// How often something happened to a user on a day. The members of the event are those of the
/// last time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayCount {
    pub times: u64,
    /// When the first of the events happened.
    pub first_at: Timestamp,
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
        by_day: match item.maybe_number("n")? {
            None => None,
            Some(times) => Some(DayCount {
                times,
                first_at: item.number("first_at")?,
            }),
        },
    })
}

impl Store {
    /// Stores an event, or counts the event among those of its day, if the event has a user.
    /// At most one request.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn keep_event(&self, event: &Event) -> Result<(), Broken> {
        let (subject, seconds) = match event.outcome.kept {
            KeptFor::User(user) => (user, KEPT_SECONDS),
            KeptFor::Pretence(user) => (user, PRETENCE_SECONDS),
            KeptFor::Nobody => return Ok(()),
        };
        if event.outcome.by_day {
            return self.count_event(&subject.to_string(), event, seconds).await;
        }
        let key = event_key(&subject.to_string(), event.at, &event.id);
        let mut item = NewItem::of_key(&key)
            .with("at", number_value(event.at))
            .with(TTL_ATTRIBUTE, number_value(event.at + seconds));
        for (name, value) in event.members() {
            item = item.with(name, text_value(value));
        }
        let also: Vec<String> = event.other_codes().into_iter().map(str::to_owned).collect();
        if !also.is_empty() {
            item = item.with("also", texts_value(&also));
        }
        self.put_new("keep an event", item.0).await.map(|_| ())
    }

    /// Counts an event in the item of its day, its kind and its reason. The item has the
    /// members of the last of these events.
    async fn count_event(&self, subject: &str, event: &Event, seconds: i64) -> Result<(), Broken> {
        let kind = event.outcome.kind.name();
        let reason = event.outcome.reason.map_or("", |reason| reason.name);
        // The counts of a day stand in lists before its other events.
        let last_second = event.at - event.at.rem_euclid(DAY_SECONDS) + DAY_SECONDS - 1;
        let key = event_key(subject, last_second, &format!("~day#{kind}#{reason}"));
        let mut set = vec![
            "#n = if_not_exists(#n, :none) + :once".to_owned(),
            "#first = if_not_exists(#first, :at)".to_owned(),
            "#at = :at".to_owned(),
            "#ttl = :ttl".to_owned(),
        ];
        let mut update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key.to_attributes()))
            .expression_attribute_names("#n", "n")
            .expression_attribute_names("#first", "first_at")
            .expression_attribute_names("#at", "at")
            .expression_attribute_names("#ttl", TTL_ATTRIBUTE)
            .expression_attribute_values(":none", number_value(0))
            .expression_attribute_values(":once", number_value(1))
            .expression_attribute_values(":at", number_value(event.at))
            .expression_attribute_values(":ttl", number_value(event.at + seconds));
        let members = event.members();
        for (name, value) in members {
            set.push(format!("#m_{name} = :m_{name}"));
            update = update
                .expression_attribute_names(format!("#m_{name}"), name)
                .expression_attribute_values(format!(":m_{name}"), text_value(value));
        }
        let lacks = event.absent_members();
        for name in &lacks {
            update = update.expression_attribute_names(format!("#m_{name}"), *name);
        }
        let removed: Vec<String> = lacks.iter().map(|name| format!("#m_{name}")).collect();
        let mut expression = format!("SET {}", set.join(", "));
        if !removed.is_empty() {
            expression = format!("{expression} REMOVE {}", removed.join(", "));
        }
        let counted = update.update_expression(expression).send().await;
        counted
            .map(|_| ())
            .map_err(|error| broken("count an event", &error))
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
        let from = from.map(|sort| Key::new(events_partition(subject), sort).to_attributes());
        let mut query = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .scan_index_forward(false)
            .limit(limit)
            .set_exclusive_start_key(from)
            .key_condition_expression("PK = :events")
            .expression_attribute_values(":events", text_value(events_partition(subject)));
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
