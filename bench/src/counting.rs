//! A proxy before DynamoDB that counts the requests of each step, and the capacity that
//! they consume.

use std::collections::BTreeMap;
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use serde_json::{Value, json};

use crate::files::Built;
use crate::flows::{self, Functions, Step, Steps};
use crate::http::Connection;
use crate::local::Local;
use crate::outcome::Outcome;
use crate::runtime_api::Function;
use crate::users::{User, Users};

/// What one step asked of DynamoDB.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    requests: u64,
    operations: BTreeMap<String, u64>,
    read_units: f64,
    write_units: f64,
}

impl Asked {
    fn figures(&self) -> Value {
        json!({ "requests": self.requests, "operations": self.operations,
            "read_units": self.read_units, "write_units": self.write_units })
    }
}

type Seen = Arc<Mutex<Asked>>;

/// A running proxy.
pub struct Proxy {
    pub address: String,
    seen: Seen,
}

impl Proxy {
    pub fn start(upstream: &str) -> Outcome<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?.to_string();
        let seen = Seen::default();
        let (counted, upstream) = (seen.clone(), upstream.to_owned());
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (counted, upstream) = (counted.clone(), upstream.clone());
                thread::spawn(move || forward(stream, &upstream, &counted));
            }
        });
        Ok(Self { address, seen })
    }

    /// What was asked since the last call.
    pub fn taken(&self) -> Asked {
        std::mem::take(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Forwards the requests of one connection. Asks for the consumed capacity too.
fn forward(stream: TcpStream, upstream: &str, seen: &Seen) -> Outcome<()> {
    let mut from = Connection::new(stream)?;
    let mut to = Connection::to(upstream)?;
    while let Some(request) = from.read()? {
        let mut body: Value = serde_json::from_slice(&request.body)?;
        body["ReturnConsumedCapacity"] = json!("TOTAL");
        let headers: Vec<(&str, &str)> = request
            .headers
            .iter()
            .filter(|(name, _)| !["content-length", "host"].contains(&name.as_str()))
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let answer = to.ask("POST /", &headers, body.to_string().as_bytes())?;
        let target = request.header("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default();
        count(operation, &serde_json::from_slice(&answer.body)?, seen);
        let headers: Vec<(&str, &str)> = answer
            .headers
            .iter()
            .filter(|(name, _)| !["content-length", "transfer-encoding"].contains(&name.as_str()))
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        from.write(&answer.first, &headers, &answer.body)?;
    }
    Ok(())
}

/// Adds a request. An answer without capacity is a refused condition, which consumes what
/// the write would have.
fn count(operation: &str, answer: &Value, seen: &Seen) {
    let consumed = &answer["ConsumedCapacity"];
    let one = std::slice::from_ref(consumed);
    let tables = consumed.as_array().map_or(one, Vec::as_slice);
    let units: f64 = tables
        .iter()
        .filter_map(|table| table["CapacityUnits"].as_f64())
        .sum();
    let mut asked = seen.lock().unwrap_or_else(PoisonError::into_inner);
    asked.requests += 1;
    *asked.operations.entry(operation.to_owned()).or_default() += 1;
    match operation {
        "GetItem" | "BatchGetItem" | "Query" | "TransactGetItems" => asked.read_units += units,
        _ if consumed.is_null() => asked.write_units += 1.0,
        _ => asked.write_units += units,
    }
}

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
