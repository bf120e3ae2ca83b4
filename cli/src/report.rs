//! What a command prints: for people as a table or a sheet, for programs as
//! JSON. Both show the same values.

pub mod progress;

use std::io::Write;

use countersign::domain::Timestamp;
use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::problem::Problem;

/// The result of a command.
#[derive(Clone, Debug, PartialEq)]
pub enum Report {
    /// Several things of one kind. JSON: an array of all their values.
    Table {
        /// The values that the table shows, by name.
        columns: &'static [&'static str],
        rows: Vec<Value>,
    },
    /// One thing, name by name. JSON: the object.
    Sheet(Value),
    /// One thing, as JSON for people too.
    Json(Value),
    /// What was done, in a sentence. JSON: the object.
    Done {
        sentence: String,
        /// The values behind the sentence.
        value: Value,
    },
    /// What `doctor` found, in sentences. JSON: the object.
    Examined {
        sentence: String,
        /// The values behind them.
        value: Value,
        /// Whether nothing was found.
        healthy: bool,
    },
    /// The result of an import, in sentences. JSON: the object.
    Imported {
        sentence: String,
        /// The values behind them.
        value: Value,
        /// Whether no row was refused.
        whole: bool,
    },
}

impl Report {
    /// What this report prints.
    pub fn text(&self, json: bool) -> String {
        match (json, self) {
            (true, Self::Table { rows, .. }) => pretty(&Value::Array(rows.clone())),
            (_, Self::Json(value))
            | (true, Self::Sheet(value))
            | (
                true,
                Self::Done { value, .. }
                | Self::Imported { value, .. }
                | Self::Examined { value, .. },
            ) => pretty(value),
            (false, Self::Table { columns, rows }) => table(columns, rows),
            (false, Self::Sheet(value)) => sheet(value),
            (
                false,
                Self::Done { sentence, .. }
                | Self::Imported { sentence, .. }
                | Self::Examined { sentence, .. },
            ) => {
                format!("{sentence}\n")
            }
        }
    }

    /// The code that the process ends with: 5 if rows were refused, 6 if `doctor`
    /// found something.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Imported { whole: false, .. } => 5,
            Self::Examined { healthy: false, .. } => 6,
            Self::Table { .. }
            | Self::Sheet(_)
            | Self::Json(_)
            | Self::Done { .. }
            | Self::Imported { .. }
            | Self::Examined { .. } => 0,
        }
    }

    /// Prints the report.
    ///
    /// # Errors
    /// One line if the output is closed.
    pub fn print(&self, json: bool, out: &mut dyn Write) -> Result<(), Problem> {
        let text = self.text(json);
        let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        written.map_err(|error| Problem::broken(format!("cannot print: {error}")))
    }
}

/// A time as reports show it.
pub fn time(at: Timestamp) -> Value {
    let known = OffsetDateTime::from_unix_timestamp(at).ok();
    let text = known.and_then(|at| at.format(&Rfc3339).ok());
    text.map_or(Value::Null, Value::String)
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

/// A value as text for a person.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) if text.is_empty() => "-".to_owned(),
        Value::String(text) => text.chars().filter(|one| !one.is_control()).collect(),
        Value::Array(values) if values.is_empty() => "-".to_owned(),
        Value::Array(values) => values.iter().map(cell).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => {
            let parts = fields
                .iter()
                .map(|(name, value)| format!("{name} {}", cell(value)));
            parts.collect::<Vec<_>>().join(" ")
        }
        Value::Number(number) => number.to_string(),
    }
}

fn title(name: &str) -> String {
    name.replace('_', " ")
}

fn table(columns: &[&str], rows: &[Value]) -> String {
    if rows.is_empty() {
        return "none\n".to_owned();
    }
    let mut lines: Vec<Vec<String>> = vec![columns.iter().map(|name| title(name)).collect()];
    for row in rows {
        let cells = columns
            .iter()
            .map(|name| cell(row.get(name).unwrap_or(&Value::Null)));
        lines.push(cells.collect());
    }
    let width = |column: usize| {
        let cells = lines.iter().filter_map(|line| line.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    let mut text = String::new();
    for line in &lines {
        let padded = line.iter().zip(&widths);
        let padded = padded.map(|(cell, width)| format!("{cell:width$}"));
        let joined = padded.collect::<Vec<_>>().join("  ");
        text.push_str(joined.trim_end());
        text.push('\n');
    }
    text
}

fn sheet(value: &Value) -> String {
    let none = Map::new();
    let fields = value.as_object().unwrap_or(&none);
    let width = fields.keys().map(|name| name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for (name, value) in fields {
        let name = title(name);
        match value {
            Value::Array(values) if values.iter().any(Value::is_object) => {
                for (at, one) in values.iter().enumerate() {
                    let name = if at == 0 { name.as_str() } else { "" };
                    text.push_str(&format!("{name:width$}  {}\n", cell(one)));
                }
            }
            _ => text.push_str(&format!("{name:width$}  {}\n", cell(value))),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Report, time};
    use serde_json::json;

    #[test]
    fn a_table_lines_up_and_json_has_every_value() {
        let report = Report::Table {
            columns: &["id", "made_at"],
            rows: vec![
                json!({"id": "a", "made_at": time(0), "more": [1, 2]}),
                json!({"id": "longer", "made_at": null}),
            ],
        };
        let text = "id      made at\na       1970-01-01T00:00:00Z\nlonger  -\n";
        assert_eq!(report.text(false), text);
        assert!(report.text(true).contains("\"more\": ["));
    }

    #[test]
    fn no_value_moves_the_cursor_of_a_terminal() {
        let report = Report::Sheet(json!({ "name": "a\u{1b}[2Jb" }));
        assert_eq!(report.text(false), "name  a[2Jb\n");
    }
}
