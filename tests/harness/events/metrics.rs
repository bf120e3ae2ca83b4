//! The documents of metrics: whether they have the embedded metric format, and whether
//! they name only metrics and labels of the table.

use std::collections::BTreeSet;

use countersign::domain::metrics::label::Dimension;
use countersign::domain::metrics::metric::Metric;
use serde_json::{Value, json};

/// Whether a line of the log is a document of metrics.
pub fn is_document(line: &Value) -> bool {
    !line["_aws"].is_null()
}

/// The metric of this name.
pub fn metric_of(name: &str) -> Option<Metric> {
    let mut all = Metric::ALL.iter().copied();
    all.find(|metric| metric.name() == name)
}

/// The lists of dimensions of a metric, by their names.
pub fn dimension_sets(metric: Metric) -> Vec<Vec<&'static str>> {
    let sets = metric.dimension_sets().iter();
    sets.map(|set| set.iter().map(|one| one.name()).collect())
        .collect()
}

/// The directives of a document.
fn directives(document: &Value) -> &[Value] {
    let directives = document["_aws"]["CloudWatchMetrics"].as_array();
    directives.map_or(&[], Vec::as_slice)
}

/// What is wrong with a document, by CloudWatch's specification of the format and by our
/// table.
pub fn problems_of_document(document: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut used = BTreeSet::from(["_aws", "request_id"]);
    let milliseconds = document["_aws"]["Timestamp"].as_i64().unwrap_or(0);
    if milliseconds < 1_000_000_000_000 {
        wrong.push(format!("{milliseconds} is no time in milliseconds"));
    }
    if directives(document).is_empty() {
        wrong.push("no metric".to_owned());
    }
    for directive in directives(document) {
        let namespace = directive["Namespace"].as_str().unwrap_or_default();
        if !namespace.starts_with("Countersign/") {
            wrong.push(format!("the namespace {}", directive["Namespace"]));
        }
        let metrics = directive["Metrics"].as_array().unwrap();
        if metrics.is_empty() || metrics.len() > 100 {
            wrong.push(format!("{} metrics", metrics.len()));
        }
        for definition in metrics {
            let name = definition["Name"].as_str().unwrap();
            let Some(metric) = metric_of(name) else {
                wrong.push(format!("{name} is not in the table"));
                continue;
            };
            if !used.insert(metric.name()) {
                wrong.push(format!("{name} twice"));
            }
            if definition["Unit"] != metric.unit().name() {
                wrong.push(format!("{name} in {}", definition["Unit"]));
            }
            if directive["Dimensions"] != json!(dimension_sets(metric)) {
                wrong.push(format!("{name} by {}", directive["Dimensions"]));
            }
            let numbers = match &document[name] {
                Value::Array(numbers) => numbers.clone(),
                one => vec![one.clone()],
            };
            let fits = |number: &Value| number.as_f64().is_some_and(|number| number >= 0.0);
            if !(1..=100).contains(&numbers.len()) || !numbers.iter().all(fits) {
                wrong.push(format!("{name} is {}", document[name]));
            }
            for dimension in metric.dimension_sets().iter().copied().flatten() {
                used.insert(dimension.name());
                let value = document[dimension.name()].as_str().unwrap_or_default();
                if !dimension.values().contains(value) {
                    wrong.push(format!("{} is {value:?}", dimension.name()));
                }
            }
        }
    }
    for name in document.as_object().unwrap().keys() {
        if !used.contains(name.as_str()) {
            wrong.push(format!("{name} belongs to no metric"));
        }
    }
    wrong
}

/// The values of a metric in these documents, each with the values of the dimensions.
pub fn values(documents: &[Value], metric: Metric) -> Vec<(Vec<&str>, f64)> {
    let mut found = Vec::new();
    for document in documents {
        let value = &document[metric.name()];
        let numbers = value
            .as_array()
            .map_or(vec![value], |all| all.iter().collect());
        let sets = metric.dimension_sets().iter().copied().flatten();
        let named: BTreeSet<Dimension> = sets.copied().collect();
        let labels = named
            .iter()
            .map(|one| document[one.name()].as_str().unwrap_or_default());
        let labels: Vec<&str> = labels.collect();
        let numbers = numbers.into_iter().filter_map(Value::as_f64);
        found.extend(numbers.map(|number| (labels.clone(), number)));
    }
    found
}
