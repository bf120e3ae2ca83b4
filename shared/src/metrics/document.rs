//! Writes samples as documents of the embedded metric format (CloudWatch user guide,
//! "Specification: Embedded metric format"). The values of metrics and dimensions are
//! members of the document's root; the member `_aws` says which member is what.

use std::fmt::Write;

use crate::domain::Timestamp;
use crate::domain::metrics::label::Label;
use crate::domain::metrics::metric::{Metric, Unit};
use crate::domain::metrics::sample::Sample;

/// The target of the log events that are whole documents. The functions' log writes the
/// field `document` of such an event as a line of its own.
pub const METRICS_TARGET: &str = "countersign::metrics::document";

/// The most values that one metric may have in a document.
const MOST_VALUES: usize = 100;

/// What all documents of a request have in common.
#[derive(Clone, Copy, Debug)]
pub struct DocumentHead<'a> {
    /// The installation, whose name is part of the namespace.
    pub stack: &'a str,
    pub now: Timestamp,
    /// The identifier of the request. It is no dimension: it leads from a value to the
    /// request's other log lines.
    pub request_id: Option<&'a str>,
}

impl DocumentHead<'_> {
    /// Writes these samples into the log.
    pub fn log(self, samples: &[Sample]) {
        for document in self.documents(samples) {
            let document = document.as_str();
            tracing::info!(target: METRICS_TARGET, document);
        }
    }

    /// The documents of these samples. A member of a document's root has one value, so
    /// samples with different values of a dimension stand in different documents. Nearly
    /// every request has one document.
    pub fn documents(self, samples: &[Sample]) -> Vec<String> {
        let mut drafts: Vec<Draft> = Vec::new();
        for sample in samples {
            if !drafts.iter_mut().any(|draft| draft.takes(sample)) {
                drafts.push(Draft::of(sample));
            }
        }
        drafts.iter().map(|draft| draft.text(self)).collect()
    }
}

/// The samples that stand in one document.
struct Draft {
    labels: Vec<Label>,
    values: Vec<(Metric, Vec<f64>)>,
}

impl Draft {
    fn of(sample: &Sample) -> Self {
        Self {
            labels: sample.labels.clone(),
            values: vec![(sample.metric, vec![sample.value])],
        }
    }

    /// Takes the sample if each of its labels fits beside the labels of the document.
    fn takes(&mut self, sample: &Sample) -> bool {
        let known = |label: &Label| {
            let mut all = self.labels.iter();
            all.find(|other| other.dimension() == label.dimension())
        };
        let fits = |label: &Label| known(label).is_none_or(|other| other == label);
        if !sample.labels.iter().all(fits) {
            return false;
        }
        let new = sample.labels.iter().filter(|label| known(label).is_none());
        let new: Vec<Label> = new.copied().collect();
        let mut all = self.values.iter_mut();
        match all.find(|(metric, _)| *metric == sample.metric) {
            // A count is one number.
            Some((metric, values)) if metric.unit() == Unit::Count => {
                let before = values.pop().unwrap_or_default();
                values.push(before + sample.value);
            }
            Some((_, values)) if values.len() >= MOST_VALUES => return false,
            Some((_, values)) => values.push(sample.value),
            None => self.values.push((sample.metric, vec![sample.value])),
        }
        self.labels.extend(new);
        true
    }

    /// The document. Every text in it but the namespace and the identifier of the request
    /// is a constant of the program, without characters to escape.
    fn text(&self, head: DocumentHead<'_>) -> String {
        let namespace = quoted(&format!("Countersign/{}", head.stack));
        let mut text = String::with_capacity(1024);
        let milliseconds = head.now.saturating_mul(1000);
        // Writing to a text does not fail.
        let _ = write!(
            text,
            "{{\"_aws\":{{\"Timestamp\":{milliseconds},\"CloudWatchMetrics\":["
        );
        let mut told: Vec<usize> = Vec::new();
        for (at, (metric, _)) in self.values.iter().enumerate() {
            if told.contains(&at) {
                continue;
            }
            let sets = metric.dimension_sets();
            let alike = self.values.iter().enumerate().skip(at);
            let alike = alike.filter(|(_, (other, _))| other.dimension_sets() == sets);
            let comma = if told.is_empty() { "" } else { "," };
            let _ = write!(text, "{comma}{{\"Namespace\":{namespace},\"Dimensions\":[");
            for (index, set) in sets.iter().enumerate() {
                let names = set.iter().map(|dimension| dimension.name());
                let names: Vec<String> = names.map(|name| format!("\"{name}\"")).collect();
                let comma = if index == 0 { "" } else { "," };
                let _ = write!(text, "{comma}[{}]", names.join(","));
            }
            text.push_str("],\"Metrics\":[");
            for (index, (place, (metric, _))) in alike.enumerate() {
                told.push(place);
                let (name, unit) = (metric.name(), metric.unit().name());
                let comma = if index == 0 { "" } else { "," };
                let _ = write!(text, "{comma}{{\"Name\":\"{name}\",\"Unit\":\"{unit}\"}}");
            }
            text.push_str("]}");
        }
        text.push_str("]}");
        if let Some(id) = head.request_id {
            let _ = write!(text, ",\"request_id\":{}", quoted(id));
        }
        for label in &self.labels {
            let _ = write!(
                text,
                ",\"{}\":\"{}\"",
                label.dimension().name(),
                label.value()
            );
        }
        for (metric, values) in &self.values {
            let name = metric.name();
            let _ = match values.as_slice() {
                [one] => write!(text, ",\"{name}\":{one}"),
                several => write!(text, ",\"{name}\":{several:?}"),
            };
        }
        text.push('}');
        text
    }
}

/// A text of JSON.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::{Value, json};

    use super::DocumentHead;
    use crate::domain::factors::factor::{Channel, Method};
    use crate::domain::metrics::label::{Label, LoginRefusal, MeasuredKey, MessageKind};
    use crate::domain::metrics::sample::{MeasuredMessage, Sample};

    fn written(samples: &[Sample]) -> Vec<Value> {
        let head = DocumentHead {
            stack: "shop \"1\"",
            now: 1_800_000_000,
            request_id: Some("id"),
        };
        let documents = head.documents(samples);
        let read = |text: &String| serde_json::from_str(text).unwrap();
        documents.iter().map(read).collect()
    }

    #[test]
    fn what_fits_stands_in_one_document_and_metrics_of_the_same_dimensions_in_one_directive() {
        let function = Label::function("token");
        let all = [
            Sample::login_accepted(Some(Method::Totp)),
            Sample::latency(function, 12_345),
            Sample::dynamodb_requests(function, 4),
            Sample::text_messages_percent(20),
            Sample::text_messages_percent(60),
        ];
        let directive = |dimensions: Value, metrics: Value| {
            json!({
                "Namespace": "Countersign/shop \"1\"",
                "Dimensions": dimensions,
                "Metrics": metrics,
            })
        };
        let metric = |name: &str, unit: &str| json!({ "Name": name, "Unit": unit });
        let expected = json!({
            "_aws": {
                "Timestamp": 1_800_000_000_000_i64,
                "CloudWatchMetrics": [
                    directive(json!([["Factor"], []]), json!([metric("LoginsAccepted", "Count")])),
                    directive(json!([["Function"], []]), json!([metric("Latency", "Milliseconds")])),
                    directive(json!([["Function"]]), json!([metric("DynamoDbRequests", "Count")])),
                    directive(json!([[]]), json!([metric("TextMessagesPercent", "Percent")])),
                ],
            },
            "request_id": "id",
            "Factor": "totp",
            "Function": "token",
            "LoginsAccepted": 1,
            "Latency": 12.345,
            "DynamoDbRequests": 4,
            "TextMessagesPercent": [20.0, 60.0],
        });
        assert_eq!(written(&all), [expected]);
    }

    #[test]
    fn values_with_other_labels_stand_in_another_document_and_equal_counts_are_added() {
        let notice = MeasuredMessage::without_country(MessageKind::Notice, Channel::Email);
        let text = MeasuredMessage::to_number(MessageKind::Notice, "+442079460000");
        let all = [
            Sample::message(notice, true),
            Sample::message(text, true),
            Sample::message(notice, true),
            Sample::login_refused(LoginRefusal::CodeWrong),
        ];
        let documents = written(&all);
        assert_eq!(documents.len(), 2);
        let told = |document: &Value| {
            ["Channel", "Country", "MessagesSent", "Refusal"].map(|name| document[name].clone())
        };
        let (email, code) = (json!("email"), json!("code_wrong"));
        assert_eq!(told(&documents[0]), [email, json!("none"), json!(2), code]);
        let (sms, country) = (json!("sms"), json!("GB"));
        assert_eq!(told(&documents[1]), [sms, country, json!(1), Value::Null]);
    }

    #[test]
    fn a_number_of_no_country_is_of_another_country_and_no_label_is_a_callers_text() {
        let label = |number: &str| Label::country(number).value();
        let numbers = ["+15555550100", "+77011234567", "+19005550100", "+9991", "x"];
        assert_eq!(numbers.map(label), ["US", "KZ", "other", "other", "other"]);
        assert_eq!(Label::function("a caller's text").value(), "none");
    }

    #[test]
    fn a_key_that_is_young_enough_is_not_overdue() {
        let values = |age| Sample::key(MeasuredKey::Pair, age, 90).map(|sample| sample.value);
        assert_eq!(values(90), [90.0, 0.0]);
        assert_eq!(values(93), [93.0, 3.0]);
        assert_eq!(values(-5), [0.0, 0.0]);
    }
}
