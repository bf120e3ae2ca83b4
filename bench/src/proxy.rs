//! A proxy before DynamoDB that sees the requests and the capacity that they consume.

use std::collections::BTreeMap;
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use serde_json::{Value, json};

use crate::http::Connection;
use crate::outcome::Outcome;

/// What one step asked of DynamoDB.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    requests: u64,
    operations: BTreeMap<String, u64>,
    read_units: f64,
    write_units: f64,
}

impl Asked {
    /// The numbers for the page.
    pub fn figures(&self) -> Value {
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
