//! One measured value. A function here for each metric takes the labels that the metric
//! needs, so no metric gets a label of another.

use crate::events::kind::EventKind;
use crate::factors::factor::{Channel, Method};
use crate::messages::payers::Row;
use crate::metrics::label::{
    Country, Label, LoginRefusal, LostAt, MeasuredKey, MessageKind, RefusingBudget,
};
use crate::metrics::metric::Metric;

/// A measured value with its labels: one for each dimension of its metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    pub metric: Metric,
    pub value: f64,
    pub labels: Vec<Label>,
}

/// A message as the metrics know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MeasuredMessage {
    pub kind: MessageKind,
    pub channel: Channel,
    /// A `Label::Country`.
    country: Label,
}

impl MeasuredMessage {
    /// A message by e-mail or by the webhook.
    pub fn without_country(kind: MessageKind, channel: Channel) -> Self {
        Self {
            kind,
            channel,
            country: Label::Country(Country::None),
        }
    }

    /// A text message to this number, in E.164 form.
    pub fn to_number(kind: MessageKind, number: &str) -> Self {
        Self {
            kind,
            channel: Channel::Sms,
            country: Label::country(number),
        }
    }
}

impl Sample {
    fn of(metric: Metric, value: f64, labels: &[Label]) -> Self {
        Self {
            metric,
            value,
            labels: labels.to_vec(),
        }
    }

    fn one(metric: Metric, labels: &[Label]) -> Self {
        Self::of(metric, 1.0, labels)
    }

    pub fn login_accepted(factor: Option<Method>) -> Self {
        Self::one(Metric::LoginsAccepted, &[Label::Factor(factor)])
    }

    pub fn login_refused(refusal: LoginRefusal) -> Self {
        Self::one(Metric::LoginsRefused, &[Label::Refusal(refusal)])
    }

    /// A refused request; `kind` is a refusal.
    pub fn request_refused(kind: EventKind) -> Self {
        Self::one(Metric::RequestsRefused, &[Label::Event(kind)])
    }

    pub fn refresh_token_reused() -> Self {
        Self::one(Metric::RefreshTokensReused, &[])
    }

    /// A message that went out, or that did not.
    pub fn message(message: MeasuredMessage, sent: bool) -> Self {
        let metric = match sent {
            true => Metric::MessagesSent,
            false => Metric::MessagesFailed,
        };
        let MeasuredMessage { kind, channel, .. } = message;
        let labels = [
            Label::Channel(channel),
            message.country,
            Label::Message(kind),
        ];
        Self::one(metric, &labels)
    }

    pub fn message_returned(channel: Channel) -> Self {
        Self::one(Metric::MessagesReturned, &[Label::Channel(channel)])
    }

    pub fn budget_refused(budget: RefusingBudget) -> Self {
        Self::one(Metric::BudgetRefusals, &[Label::Budget(budget)])
    }

    /// A message that this row refused.
    pub fn row_refused(row: Row) -> Self {
        Self::budget_refused(RefusingBudget::Messages(row))
    }

    pub fn text_messages_percent(percent: i64) -> Self {
        Self::of(Metric::TextMessagesPercent, float(percent), &[])
    }

    pub fn latency(function: Label, microseconds: u64) -> Self {
        let milliseconds = float(i64::try_from(microseconds).unwrap_or(i64::MAX)) / 1000.0;
        Self::of(Metric::Latency, milliseconds, &[function])
    }

    pub fn dynamodb_requests(function: Label, requests: u32) -> Self {
        Self::of(Metric::DynamoDbRequests, f64::from(requests), &[function])
    }

    pub fn dynamodb_throttles(throttles: u32) -> Self {
        Self::of(Metric::DynamoDbThrottles, f64::from(throttles), &[])
    }

    pub fn event_lost(place: LostAt) -> Self {
        Self::one(Metric::EventsLost, &[Label::Place(place)])
    }

    /// The age of the key in use, and by how much the key is too old. In seconds.
    pub fn key(kind: MeasuredKey, age: i64, oldest: i64) -> [Self; 2] {
        let kind = Label::KeyKind(kind);
        [
            Self::of(Metric::KeyAge, float(age.max(0)), &[kind]),
            Self::of(Metric::KeyOverdue, float((age - oldest).max(0)), &[kind]),
        ]
    }
}

/// Exact below 2^53, which no time and no count reaches.
#[allow(clippy::cast_precision_loss, reason = "the values are below 2^53")]
fn float(value: i64) -> f64 {
    value as f64
}
