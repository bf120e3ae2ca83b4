//! What a million logins cost at the list prices of docs/figures/prices.json.

use serde_json::{Value, json};

use crate::files::workspace;
use crate::measure::flows::Step;
use crate::outcome::Outcome;

/// The memory at which Lambda gives a function one whole core.
const ONE_CORE_MB: f64 = 1_769.0;

/// A million logins of each kind. `steps` has the CPU, `requests` what DynamoDB was asked.
pub fn of_a_million(steps: &Value, requests: &Value) -> Outcome<Value> {
    let text = std::fs::read_to_string(workspace().join("docs/figures/prices.json"))?;
    let prices: Value = serde_json::from_str(&text)?;
    let mut costs = serde_json::Map::new();
    for (kind, message) in [
        ("app", None),
        ("e-mail", Some("email")),
        ("SMS", Some("sms")),
    ] {
        costs.insert(
            kind.to_owned(),
            login(&prices, steps, &requests[kind], message),
        );
    }
    costs.insert(
        "refresh".to_owned(),
        login(&prices, steps, &requests["refresh"], None),
    );
    let users = 1e6 / number(&prices, "logins_of_an_active_user");
    let others = [
        ("Cognito", "cognito_active_user"),
        ("Auth0", "auth0_active_user"),
    ];
    let others = others.map(|(name, key)| (name.to_owned(), json!(users * price(&prices, key))));
    Ok(json!({
        "date": prices["date"],
        "kinds": costs,
        "active_users": users,
        "others": serde_json::Map::from_iter(others),
        "unconfirmed": unconfirmed(&prices),
    }))
}

/// A million logins of one kind, by what is paid for.
fn login(prices: &Value, steps: &Value, asked: &Value, message: Option<&str>) -> Value {
    let mut lambda = 0.0;
    let (mut gateway, mut table, mut logs) = (0.0, 0.0, 0.0);
    for step in Step::ALL {
        let asked = &asked[step.name()];
        if asked.is_null() {
            continue;
        }
        let sends = matches!(step, Step::SendEmail | Step::SendSms);
        let memory = number(
            prices,
            if sends {
                "send_code_memory_mb"
            } else {
                "token_memory_mb"
            },
        );
        let cpu = number(&steps[step.name()], "cpu_ms") * (ONE_CORE_MB / memory).max(1.0);
        let waits = number(asked, "requests") * number(prices, "dynamodb_round_trip_ms");
        let seconds = (cpu + waits).ceil() / 1e3;
        lambda += price(prices, "lambda_request")
            + seconds * memory / 1_024.0 * price(prices, "lambda_gb_second");
        gateway += price(prices, "api_request");
        table += number(asked, "read_units") * price(prices, "dynamodb_read_unit")
            + number(asked, "write_units") * price(prices, "dynamodb_write_unit");
        logs += number(asked, "log_bytes") / 1e9 * price(prices, "log_gb");
    }
    let message = message.map_or(0.0, |message| price(prices, message));
    json!({
        "lambda": lambda * 1e6,
        "gateway": gateway * 1e6,
        "dynamodb": table * 1e6,
        "logs": logs * 1e6,
        "messages": message * 1e6,
        "all": (lambda + gateway + table + logs + message) * 1e6,
    })
}

fn number(of: &Value, name: &str) -> f64 {
    of[name].as_f64().unwrap_or_default()
}

fn price(prices: &Value, name: &str) -> f64 {
    number(&prices["prices"][name], "price")
}

/// The prices that nobody has looked up on the date of the file.
fn unconfirmed(prices: &Value) -> Vec<&str> {
    let all = prices["prices"].as_object().into_iter().flatten();
    all.filter(|(_, price)| price["confirmed"] != json!(true))
        .map(|(name, _)| name.as_str())
        .collect()
}
