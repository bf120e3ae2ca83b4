//! Delivers events to EventBridge, as CloudEvents 1.0 (its JSON format).

use std::fmt;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::config::http::HttpResponse;
use aws_sdk_eventbridge::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_eventbridge::operation::put_events::{PutEventsError, PutEventsOutput};
use aws_sdk_eventbridge::primitives::{DateTime, DateTimeFormat};
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use serde_json::{Map, Value, json};

use crate::domain::events::event::Event;

/// How long a delivery may take. A login waits for it, and never longer.
const LONGEST: Duration = Duration::from_millis(500);

/// How long an operator waits for the delivery of an act, over all its attempts.
const LONGEST_OF_ACT: Duration = Duration::from_secs(5);

/// How often the delivery of an act is tried.
const ATTEMPTS_OF_ACT: u32 = 3;

/// The `source` of our entries on the bus.
pub const SOURCE: &str = "countersign";

/// The `detail-type` of our entries on the bus.
pub const DETAIL_TYPE: &str = "Countersign event";

/// The bus, if the settings name one.
#[derive(Clone)]
pub struct EventBus {
    bus: Option<(Client, String)>,
    issuer: String,
}

/// Why an event was not delivered, without anything of the event.
#[derive(Debug)]
pub struct NotDelivered(String);

impl fmt::Display for NotDelivered {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "EventBridge: {}", self.0)
    }
}

impl EventBus {
    /// The bus of this name or ARN. `issuer` names the service in each event.
    pub fn new(aws: &SdkConfig, name: Option<&str>, issuer: &str) -> Self {
        let timeouts = TimeoutConfig::builder().operation_timeout(LONGEST).build();
        let bus = name.map(|name| {
            let config = aws_sdk_eventbridge::config::Builder::from(aws)
                .timeout_config(timeouts)
                .retry_config(RetryConfig::disabled())
                .build();
            (Client::from_conf(config), name.to_owned())
        });
        let issuer = issuer.to_owned();
        Self { bus, issuer }
    }

    /// Delivers an event, once. Does nothing without a bus.
    ///
    /// # Errors
    /// `NotDelivered` if the bus refuses the event or does not answer in half a
    /// second.
    pub async fn put_event(&self, event: &Event) -> Result<(), NotDelivered> {
        match &self.bus {
            Some((client, name)) => taken(
                client
                    .put_events()
                    .entries(self.entry(name, event))
                    .send()
                    .await,
            ),
            None => Ok(()),
        }
    }

    /// Delivers the act of an operator. The act is not done without the delivery, so the
    /// delivery has more time than that of a login, and is tried again. Does nothing
    /// without a bus.
    ///
    /// # Errors
    /// `NotDelivered` if the bus refuses the event or does not answer.
    pub async fn put_act(&self, event: &Event) -> Result<(), NotDelivered> {
        let Some((client, name)) = &self.bus else {
            return Ok(());
        };
        let timeouts = TimeoutConfig::builder()
            .operation_timeout(LONGEST_OF_ACT)
            .build();
        let patient = aws_sdk_eventbridge::Config::builder()
            .timeout_config(timeouts)
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS_OF_ACT));
        let put = client.put_events().entries(self.entry(name, event));
        taken(put.customize().config_override(patient).send().await)
    }

    fn entry(&self, bus: &str, event: &Event) -> PutEventsRequestEntry {
        PutEventsRequestEntry::builder()
            .event_bus_name(bus)
            .source(SOURCE)
            .detail_type(DETAIL_TYPE)
            .time(DateTime::from_secs(event.at))
            .detail(cloud_event(event, &self.issuer).to_string())
            .build()
    }
}

/// Whether the bus took the entry, by its answer.
fn taken(
    answer: Result<PutEventsOutput, SdkError<PutEventsError, HttpResponse>>,
) -> Result<(), NotDelivered> {
    let answer = answer
        .map_err(|error| NotDelivered(error.code().unwrap_or("no answer in time").to_owned()))?;
    let refused = answer.entries().iter().find_map(|entry| entry.error_code());
    match refused {
        Some(code) => Err(NotDelivered(code.to_owned())),
        None => Ok(()),
    }
}

/// The members of an event.
pub fn event_data(event: &Event) -> Value {
    let members = event.members().into_iter();
    let mut data: Map<String, Value> = members
        .map(|(name, value)| (name.to_owned(), Value::String(value)))
        .collect();
    data.insert("date".to_owned(), json!(date_of(event.at)));
    let also = event.other_codes();
    if !also.is_empty() {
        data.insert("also".to_owned(), json!(also));
    }
    Value::Object(data)
}

/// The envelope of an event (CloudEvents 1.0).
pub fn cloud_event(event: &Event, issuer: &str) -> Value {
    let mut envelope = json!({
        "specversion": "1.0",
        "id": event.id,
        "source": issuer,
        "type": event.type_code(),
        "time": date_of(event.at),
        "datacontenttype": "application/json",
        "data": event_data(event),
    });
    if let Some(user) = event.user {
        envelope["subject"] = json!(user.dashed());
    }
    envelope
}

/// A time in RFC 3339, in UTC.
pub fn date_of(at: i64) -> String {
    let text = DateTime::from_secs(at).fmt(DateTimeFormat::DateTime);
    // No clock shows a time without a text.
    text.unwrap_or_else(|_| at.to_string())
}
