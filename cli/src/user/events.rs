//! `user events`: what happened to a user.

use countersign::app::App;
use countersign::store::KeptEvent;
use countersign::usecase::administration::users::events::list_user_events;
use serde_json::{Map, Value, json};

use crate::problem::Problem;
use crate::report::{Report, time};

/// The events of a user as a table.
///
/// # Errors
/// One line if there is no such user, or the table does not answer.
pub async fn user_events(
    app: &App,
    who: &str,
    before: Option<&str>,
    limit: usize,
) -> Result<Report, Problem> {
    let events = list_user_events(app, who, before, limit).await?;
    Ok(Report::Table {
        columns: &[
            "date",
            "times",
            "type",
            "event",
            "reason",
            "factor",
            "also",
            "client_id",
            "ip",
            "device",
            "act",
            "by",
            "why",
            "log_id",
        ],
        rows: events.iter().map(row).collect(),
    })
}

/// An event with all its members.
pub fn row(event: &KeptEvent) -> Value {
    let members = event.members.iter();
    let mut row: Map<String, Value> = members
        .map(|(name, value)| (name.clone(), Value::String(value.clone())))
        .collect();
    row.insert("date".to_owned(), time(event.at));
    if let Some(counted) = event.by_day {
        row.insert("times".to_owned(), json!(counted.times));
        row.insert("first_date".to_owned(), time(counted.first_at));
    }
    if !event.also.is_empty() {
        row.insert("also".to_owned(), json!(event.also));
    }
    Value::Object(row)
}
