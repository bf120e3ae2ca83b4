//! Cold starts: from exec to the first poll of the Runtime API.

use serde_json::{Value, json};

use crate::files::{Built, FUNCTIONS};
use crate::local::Local;
use crate::measure::load::quantile;
use crate::outcome::Outcome;
use crate::runtime_api::Function;

/// Starts every function this often, and the bare function beside them.
pub fn starts(built: &Built, local: &Local, times: usize) -> Outcome<Value> {
    let mut milliseconds = vec![Vec::new(); FUNCTIONS.len() + 1];
    let mut peak = vec![0; FUNCTIONS.len() + 1];
    for _ in 0..times {
        let each = FUNCTIONS.map(|name| built.function(name));
        let each = each.iter().chain([&built.bare]);
        for ((binary, taken), peak) in each.zip(&mut milliseconds).zip(&mut peak) {
            let function = Function::start(binary, &local.environment)?;
            taken.push(function.started_in.as_secs_f64() * 1e3);
            *peak = function.process.memory_kib("VmHWM:")?.max(*peak);
            function.process.terminate()?;
        }
    }
    let mut starts = serde_json::Map::new();
    let names = FUNCTIONS.iter().chain([&"bare"]);
    for ((name, taken), peak) in names.zip(&mut milliseconds).zip(peak) {
        let measured = json!({
            "median_ms": quantile(taken, 0.5),
            "fastest_ms": quantile(taken, 0.0),
            "slowest_ms": quantile(taken, 1.0),
            "peak_kib": peak,
        });
        starts.insert((*name).to_owned(), measured);
    }
    Ok(json!(starts))
}
