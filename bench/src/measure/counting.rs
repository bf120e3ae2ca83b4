//! Counts the requests to DynamoDB of each step, and the capacity that they consume.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::files::Built;
use crate::local::Local;
use crate::measure::flows::{self, Functions, Step, Steps};
use crate::outcome::Outcome;
use crate::proxy::Proxy;
use crate::runtime_api::Function;
use crate::users::{User, Users};

/// The requests of each step of each flow. The users have signed in before from the same
/// network, as most users have.
pub fn requests(built: &Built, local: &Local, users: &Users) -> Outcome<Value> {
    let proxy = Proxy::start(local.dynamodb()?)?;
    let environment = local.with_dynamodb(&proxy.address);
    let mut functions = Functions {
        token: Function::start_logging(&built.function("token"), &environment)?,
        send_code: Function::start_logging(&built.function("send-code"), &environment)?,
    };
    let cold = proxy.taken();
    // The first login of a process reads the client.
    for user in [users.app(), users.mailbox(), users.phone()] {
        one_flow(&functions, local, user)?;
    }
    proxy.taken();
    let proxy = Arc::new(proxy);
    functions.token.watch(&proxy);
    functions.send_code.watch(&proxy);
    let mut flows = serde_json::Map::new();
    for (name, user) in [
        ("app", users.app()),
        ("e-mail", users.mailbox()),
        ("SMS", users.phone()),
    ] {
        flows.insert(name.to_owned(), figures(one_flow(&functions, local, user)?));
    }
    let user = users.app();
    let (_, refresh_token) = flows::with_app(&functions.token, user)?;
    let (refreshed, _) = flows::refresh(&functions.token, user, &refresh_token)?;
    flows.insert(
        "refresh".to_owned(),
        figures(vec![(Step::Refresh, refreshed)]),
    );
    flows.insert("two cold starts".to_owned(), cold.figures());
    Ok(json!(flows))
}

/// A login of the kind that the user has a factor for.
fn one_flow(functions: &Functions, local: &Local, user: User) -> Outcome<Steps> {
    match user {
        User::App(_) => flows::with_app(&functions.token, user).map(|(steps, _)| steps),
        _ => flows::with_sent_code(functions, local, user),
    }
}

fn figures(steps: Steps) -> Value {
    let each = steps.iter().map(|(step, invoked)| {
        let mut figures = invoked.asked.figures();
        figures["log_bytes"] = json!(invoked.log_bytes);
        (step.name().to_owned(), figures)
    });
    json!(serde_json::Map::from_iter(each))
}
