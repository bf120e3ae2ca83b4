//! Logins while the table grows: the items of a user, copied under other names.

use serde_json::{Value, json};

use crate::extent::Extent;
use crate::files::Built;
use crate::http::Connection;
use crate::local::Local;
use crate::measure::flows;
use crate::measure::load::quantile;
use crate::outcome::Outcome;
use crate::runtime_api::Function;
use crate::stopwatch;
use crate::users::{User, Users};

/// The most items that DynamoDB takes in one batch.
const BATCH: usize = 25;

/// The cost of a login at each number of users.
pub fn growing(built: &Built, local: &Local, users: &Users, extent: Extent) -> Outcome<Value> {
    let sizes: &[usize] = match (extent.quick, extent.million) {
        (true, _) => &[100, 1_000],
        (false, false) => &[1_000, 10_000, 100_000],
        (false, true) => &[1_000, 10_000, 100_000, 1_000_000],
    };
    let token = Function::start(&built.function("token"), &local.environment)?;
    flows::with_app(&token, users.app())?;
    let mut connection = Connection::to(local.dynamodb()?)?;
    let pattern = Pattern::of(local, &mut connection, User::App(0))?;
    let mut rows = Vec::new();
    let mut copied = 0;
    for &size in sizes {
        let began = stopwatch::now();
        pattern.copy(local, &mut connection, copied..size)?;
        copied = size;
        let filled = began.elapsed().as_secs_f64();
        let (mut cpu, mut took) = (Vec::new(), Vec::new());
        for _ in 0..extent.of(100, 3) {
            let (steps, _) = flows::with_app(&token, users.app())?;
            cpu.push(steps.iter().map(|(_, invoked)| invoked.cpu * 1e3).sum());
            took.push(
                steps
                    .iter()
                    .map(|(_, invoked)| invoked.took.as_secs_f64() * 1e3)
                    .sum(),
            );
        }
        rows.push(json!({
            "users": size,
            "median_cpu_ms": quantile(&mut cpu, 0.5),
            "p50_ms": quantile(&mut took, 0.5),
            "filled_in_seconds": filled,
        }));
    }
    Ok(json!(rows))
}

/// A user's items as text, and what stands in them for the user.
struct Pattern {
    items: String,
    id: String,
    name: String,
}

impl Pattern {
    fn of(local: &Local, connection: &mut Connection, user: User) -> Outcome<Self> {
        let name = user.name();
        let text = |value: &str| json!({ "S": value });
        let key = json!({ "PK": text(&format!("NAME#{name}")), "SK": text("NAME") });
        let asked = json!({ "TableName": local.table(), "Key": key });
        let named = local.table_call(connection, "GetItem", &asked)?["Item"].clone();
        let texts = named
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(attribute, _)| !["PK", "SK"].contains(&attribute.as_str()));
        for (_, value) in texts {
            let Some(id) = value["S"].as_str() else {
                continue;
            };
            let asked = json!({
                "TableName": local.table(),
                "KeyConditionExpression": "PK = :user AND begins_with(SK, :profile)",
                "ExpressionAttributeValues": {
                    ":user": text(&format!("USER#{id}")), ":profile": text("PROFILE") },
            });
            let found = local.table_call(connection, "Query", &asked)?;
            let Some(items) = found["Items"].as_array().filter(|items| !items.is_empty()) else {
                continue;
            };
            let items =
                json!([std::slice::from_ref(&named), items.as_slice()].concat()).to_string();
            return Ok(Self {
                items,
                id: id.to_owned(),
                name,
            });
        }
        Err("a user's items are not where this program looks for them".into())
    }

    /// Writes copies with these numbers.
    fn copy(
        &self,
        local: &Local,
        connection: &mut Connection,
        numbers: std::ops::Range<usize>,
    ) -> Outcome<()> {
        let mut waiting = Vec::new();
        let mut write = |waiting: &mut Vec<Value>| -> Outcome<()> {
            let mut requests = serde_json::Map::new();
            requests.insert(local.table().to_owned(), json!(std::mem::take(waiting)));
            local
                .table_call(
                    connection,
                    "BatchWriteItem",
                    &json!({ "RequestItems": requests }),
                )
                .map(drop)
        };
        for number in numbers {
            let id = format!("00000000-0000-4000-8000-{number:012}");
            let items = self.items.replace(&self.id, &id);
            let items = items.replace(&self.name, &format!("copy{number}@example.com"));
            let items: Vec<Value> = serde_json::from_str(&items)?;
            for item in items {
                waiting.push(json!({ "PutRequest": { "Item": item } }));
                if waiting.len() == BATCH {
                    write(&mut waiting)?;
                }
            }
        }
        if !waiting.is_empty() {
            write(&mut waiting)?;
        }
        Ok(())
    }
}
