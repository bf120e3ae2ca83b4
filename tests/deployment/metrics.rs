//! The alarms and the dashboard name only metrics that the program emits, and the paper
//! of operators says what each alarm means.

use std::collections::BTreeSet;

use countersign::domain::metrics::metric::Metric;
use serde_json::Value;

use crate::harness::deployment::cloud::{SENDER, stack};
use crate::harness::deployment::template::Stack;
use crate::harness::events::metrics::{dimension_sets, metric_of};
use crate::tidy::source::read;

/// The namespace of the test's stack.
const NAMESPACE: &str = "Countersign/local";

/// A metric as an alarm or a widget names it.
#[derive(Debug)]
struct NamedMetric {
    namespace: String,
    name: String,
    dimensions: Vec<String>,
}

impl NamedMetric {
    /// Why the program does not emit this metric.
    fn problem(&self) -> Option<String> {
        if self.namespace != NAMESPACE {
            return Some(format!("{self:?}: no namespace of ours"));
        }
        let Some(metric) = metric_of(&self.name) else {
            return Some(format!("{self:?}: not in the table"));
        };
        let known = dimension_sets(metric);
        let known = known.iter().any(|set| *set == self.dimensions);
        (!known).then(|| format!("{self:?}: not by these dimensions"))
    }
}

/// The metric of a search: `SEARCH('{"namespace",Dimension} MetricName="Name"', …`.
fn searched(expression: &str) -> NamedMetric {
    let rest = expression.strip_prefix("SEARCH('{\"").unwrap();
    let (namespace, rest) = rest.split_once('"').unwrap();
    let (dimensions, rest) = rest.split_once('}').unwrap();
    let rest = rest.strip_prefix(" MetricName=\"").unwrap();
    let (name, _) = rest.split_once("\"', ").unwrap();
    let dimensions = dimensions.split(',').skip(1).map(str::to_owned);
    NamedMetric {
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        dimensions: dimensions.collect(),
    }
}

/// The metric in a row of a widget: namespace, name, pairs of dimensions, options; or an
/// expression.
fn in_row(row: &Value) -> NamedMetric {
    let row = row.as_array().unwrap();
    if let Some(expression) = row[0]["expression"].as_str() {
        return searched(expression);
    }
    let texts: Vec<&str> = row.iter().filter_map(Value::as_str).collect();
    NamedMetric {
        namespace: texts[0].to_owned(),
        name: texts[1].to_owned(),
        dimensions: texts[2..]
            .iter()
            .step_by(2)
            .map(|one| (*one).to_owned())
            .collect(),
    }
}

/// A stack that sends text messages and reads SNS's log of those that failed. Such a
/// stack has every alarm.
fn stack_with_every_alarm() -> Stack {
    let parameters = [
        ("ProductName", "Example"),
        ("SenderAddress", SENDER),
        ("SmsCountries", "+1"),
        (
            "SmsFailureLog",
            "sns/us-east-1/123456789012/DirectPublishToPhoneNumber/Failure",
        ),
    ];
    Stack::new("local", &parameters, &[])
}

/// A stack that sends no text messages.
fn stack_without_text_messages() -> Stack {
    let parameters = [("ProductName", "Example"), ("SenderAddress", SENDER)];
    Stack::new("local", &parameters, &[])
}

fn dashboard(stack: &Stack) -> Value {
    let boards = stack.resources("AWS::CloudWatch::Dashboard");
    assert_eq!(boards.len(), 1);
    assert_eq!(boards[0].1["DashboardName"], "local-us-east-1");
    serde_json::from_str(boards[0].1["DashboardBody"].as_str().unwrap()).unwrap()
}

#[test]
fn the_dashboard_shows_every_metric_of_the_table_and_no_other() {
    let board = dashboard(&stack("users"));
    let widgets = board["widgets"].as_array().unwrap();
    let graphs = widgets.iter().filter(|widget| widget["type"] == "metric");
    let rows = graphs.flat_map(|widget| widget["properties"]["metrics"].as_array().unwrap());
    let named: Vec<NamedMetric> = rows.map(in_row).collect();
    let wrong: Vec<String> = named.iter().filter_map(NamedMetric::problem).collect();
    assert_eq!(wrong, [""; 0]);
    let shown: BTreeSet<&str> = named.iter().map(|metric| metric.name.as_str()).collect();
    let table: BTreeSet<&str> = Metric::ALL.iter().map(|metric| metric.name()).collect();
    assert_eq!(shown, table);
}

#[test]
fn the_dashboard_shows_the_state_of_every_alarm_and_its_widgets_do_not_overlap() {
    for stack in [stack_with_every_alarm(), stack_without_text_messages()] {
        let board = dashboard(&stack);
        let widgets = board["widgets"].as_array().unwrap();
        let shown = widgets[0]["properties"]["alarms"].as_array().unwrap();
        let shown: BTreeSet<&str> = shown.iter().map(|arn| arn.as_str().unwrap()).collect();
        let alarms = stack.resources("AWS::CloudWatch::Alarm");
        let alarms = alarms
            .iter()
            .map(|(name, _)| format!("AWS::CloudWatch::Alarm/{name}.Arn"));
        let alarms: BTreeSet<String> = alarms.collect();
        assert_eq!(shown, alarms.iter().map(String::as_str).collect());
        let mut cells = BTreeSet::new();
        for widget in widgets {
            let [x, y, width, height] =
                ["x", "y", "width", "height"].map(|name| widget[name].as_i64().unwrap());
            assert!(x + width <= 24, "{widget}");
            for at in (x..x + width).flat_map(|x| (y..y + height).map(move |y| (x, y))) {
                assert!(cells.insert(at), "{widget}");
            }
        }
    }
}

/// The metrics that the template's filters make of the gateway's log.
fn filtered(stack: &Stack) -> BTreeSet<(String, String)> {
    let mut made = BTreeSet::new();
    for (name, filter) in stack.resources("AWS::Logs::MetricFilter") {
        for metric in filter["MetricTransformations"].as_array().unwrap() {
            let text = |member: &str| metric[member].as_str().unwrap().to_owned();
            assert!(metric["Dimensions"].is_null(), "{name}");
            made.insert((text("MetricNamespace"), text("MetricName")));
        }
    }
    made
}

#[test]
fn every_alarm_of_ours_is_of_a_metric_that_the_program_emits_or_a_filter_makes() {
    let stack = stack_with_every_alarm();
    let filtered = filtered(&stack);
    let mut ours = BTreeSet::new();
    for (name, alarm) in stack.resources("AWS::CloudWatch::Alarm") {
        let namespace = alarm["Namespace"].as_str().unwrap_or("AWS/");
        if namespace.starts_with("AWS/") {
            continue;
        }
        let dimensions = alarm["Dimensions"].as_array().cloned().unwrap_or_default();
        let dimension = |one: &Value| one["Name"].as_str().unwrap().to_owned();
        let named = NamedMetric {
            namespace: namespace.to_owned(),
            name: alarm["MetricName"].as_str().unwrap().to_owned(),
            dimensions: dimensions.iter().map(dimension).collect(),
        };
        let key = (named.namespace.clone(), named.name.clone());
        if filtered.contains(&key) {
            assert!(named.dimensions.is_empty(), "{name}");
        } else {
            assert_eq!(named.problem(), None, "{name}");
        }
        ours.insert(named.name);
    }
    let expected = [
        "BudgetRefusals",
        "EventsLost",
        "KeyOverdue",
        "LoginsRefused",
        "MessagesFailed",
        "RefreshTokensReused",
        "TextMessagesNotDelivered",
        "TextMessagesPercent",
        "TooManyRequests",
    ];
    assert_eq!(Vec::from_iter(ours), expected);
}

#[test]
fn a_metric_that_the_program_does_not_emit_is_found_in_a_widget_and_in_a_search() {
    let rows = [
        r#"["Countersign/local", "LoginsWrong"]"#,
        r#"["Countersign/local", "LoginsRefused", "Reason", "code_wrong"]"#,
        r#"["Countersign/other", "LoginsRefused"]"#,
        r#"[{"expression": "SEARCH('{\"Countersign/local\",Reason} MetricName=\"LoginsRefused\"', 'Sum', 300)"}]"#,
    ];
    for row in rows {
        let row: Value = serde_json::from_str(row).unwrap();
        assert!(in_row(&row).problem().is_some(), "{row}");
    }
}

/// The cells of the rows of a table whose first cell begins with a name in backticks.
fn rows(paper: &str) -> Vec<Vec<String>> {
    let rows = paper.lines().filter(|line| line.starts_with("| `"));
    let cells = |row: &str| {
        row.trim_matches('|')
            .split('|')
            .map(|cell| cell.trim().to_owned())
            .collect()
    };
    rows.map(cells).collect()
}

/// The names in backticks of a cell.
fn names(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

#[test]
fn the_paper_says_of_every_alarm_what_it_means_and_the_first_command() {
    let paper = read("docs/operating.md");
    let rows = rows(&paper);
    let told: Vec<&Vec<String>> = rows.iter().filter(|row| row.len() == 3).collect();
    let stack = stack_with_every_alarm();
    let mut listed = Vec::new();
    for row in &told {
        let alarms = names(&row[0]);
        if stack.names_under("Resources").contains(alarms[0]) {
            assert!(!row[1].is_empty() && row[2].starts_with('`'), "{row:?}");
            listed.extend(alarms);
        }
    }
    listed.sort_unstable();
    let alarms = stack.resources("AWS::CloudWatch::Alarm");
    let mut all: Vec<&str> = alarms.iter().map(|(name, _)| name.as_str()).collect();
    all.sort_unstable();
    assert_eq!(listed, all);
}

#[test]
fn the_paper_lists_every_metric_with_its_unit_and_its_dimensions() {
    let paper = read("docs/operating.md");
    let rows = rows(&paper);
    for metric in Metric::ALL {
        let row = rows
            .iter()
            .find(|row| row[0] == format!("`{}`", metric.name()));
        let row = row.unwrap_or_else(|| panic!("no row of {}", metric.name()));
        assert_eq!(row[1], metric.unit().name(), "{}", metric.name());
        let sets = dimension_sets(*metric).into_iter();
        let sets = sets.map(|set| match set.is_empty() {
            true => "all".to_owned(),
            false => set.join(" and "),
        });
        assert_eq!(row[2], Vec::from_iter(sets).join("; "), "{}", metric.name());
    }
}
