//! Logins one at a time and several at once, on one core.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use serde_json::{Value, json};

use crate::extent::Extent;
use crate::files::Built;
use crate::local::Local;
use crate::measure::calls;
use crate::measure::flows::{self, Functions, Step, Steps};
use crate::outcome::Outcome;
use crate::process::{MEASURED, on_core};
use crate::runtime_api::{Function, Invoked};
use crate::stopwatch;
use crate::users::{User, Users};

/// The value that this share of the values is not above.
pub fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1) as f64;
    let at = (last * share).round() as usize;
    values.get(at).copied().unwrap_or_default()
}

/// The times of each step.
#[derive(Default)]
struct Times {
    took: BTreeMap<Step, Vec<f64>>,
    cpu: BTreeMap<Step, Vec<f64>>,
}

impl Times {
    fn add(&mut self, step: Step, invoked: &Invoked) {
        let took = invoked.took.as_secs_f64() * 1e3;
        self.took.entry(step).or_default().push(took);
        self.cpu.entry(step).or_default().push(invoked.cpu * 1e3);
    }

    fn add_all(&mut self, steps: &Steps) {
        for (step, invoked) in steps {
            self.add(*step, invoked);
        }
    }

    fn figures(mut self) -> Value {
        let mut figures = serde_json::Map::new();
        for (step, took) in &mut self.took {
            let cpu = self.cpu.entry(*step).or_default();
            let mean = cpu.iter().sum::<f64>() / cpu.len() as f64;
            let of_step = json!({
                "times": took.len(),
                "p50_ms": quantile(took, 0.5),
                "p99_ms": quantile(took, 0.99),
                "cpu_ms": mean,
                "median_cpu_ms": quantile(cpu, 0.5),
            });
            figures.insert(step.name().to_owned(), of_step);
        }
        json!(figures)
    }
}

/// Argon2id alone on the core: milliseconds of CPU, and how many of these a second has.
pub fn argon2_alone(built: &Built, times: u32) -> Outcome<Value> {
    let mut command = on_core(MEASURED, &built.argon2);
    let ended = command.arg(times.to_string()).output()?;
    let nanoseconds: f64 = String::from_utf8(ended.stdout)?.trim().parse()?;
    let each = nanoseconds / 1e6 / f64::from(times);
    Ok(json!({ "ms": each, "a_second": 1e3 / each }))
}

/// Every step with one process of each function, one request at a time.
pub fn one_at_a_time(
    built: &Built,
    local: &Local,
    users: &Users,
    extent: Extent,
) -> Outcome<Value> {
    let functions = Functions {
        token: Function::start(&built.function("token"), &local.environment)?,
        send_code: Function::start(&built.function("send-code"), &local.environment)?,
    };
    for _ in 0..3 {
        flows::with_app(&functions.token, users.app())?;
    }
    let mut times = Times::default();
    let logins = extent.of(extent.logins, 10);
    let mut session = None;
    for _ in 0..logins {
        let user = users.app();
        let (steps, refresh_token) = flows::with_app(&functions.token, user)?;
        times.add_all(&steps);
        session = Some((user, refresh_token));
    }
    let memory = json!({
        "after_logins": logins,
        "now_kib": functions.token.process.memory_kib("VmRSS:")?,
        "peak_kib": functions.token.process.memory_kib("VmHWM:")?,
    });
    let (user, mut refresh_token) = session.ok_or("no login")?;
    for _ in 0..extent.of(extent.logins / 5, 5) {
        let (invoked, next) = flows::refresh(&functions.token, user, &refresh_token)?;
        times.add(Step::Refresh, &invoked);
        refresh_token = next;
    }
    for _ in 0..extent.of(60, 3) {
        for user in [users.mailbox(), users.phone()] {
            let mut steps = flows::with_sent_code(&functions, local, user)?;
            // The password step is already in the table.
            steps.remove(0);
            times.add_all(&steps);
        }
    }
    Ok(json!({ "steps": times.figures(), "memory": memory }))
}

/// Whole logins by several processes of `token`, which share the core.
pub fn several_at_once(
    built: &Built,
    local: &Local,
    users: &Users,
    extent: Extent,
) -> Outcome<Value> {
    let mut runs = serde_json::Map::new();
    let many: &[usize] = extent.of(&[1, 4, 16], &[1, 4]);
    for &at_once in many {
        let tokens: Vec<Function> = (0..at_once)
            .map(|_| Function::start(&built.function("token"), &local.environment))
            .collect::<Outcome<_>>()?;
        for token in &tokens {
            flows::with_app(token, users.app())?;
        }
        let times = Mutex::new(Times::default());
        let seconds = extent.of(Duration::from_secs(8), Duration::from_secs(1));
        let database = local.cpu_seconds()?;
        let began = stopwatch::now();
        let ended: Vec<Outcome<usize>> = std::thread::scope(|scope| {
            let each = tokens.into_iter().map(|token| {
                let times = &times;
                scope.spawn(move || -> Outcome<usize> {
                    let mut logins = 0;
                    while began.elapsed() < seconds {
                        let (steps, _) = flows::with_app(&token, users.app())?;
                        logins += 1;
                        let mut times = times.lock().unwrap_or_else(PoisonError::into_inner);
                        times.add_all(&steps);
                    }
                    Ok(logins)
                })
            });
            let each: Vec<_> = each.collect();
            let joined = each.into_iter().map(|thread| thread.join());
            joined
                .map(|ended| ended.unwrap_or_else(|_| Err("a thread ended".into())))
                .collect()
        });
        let elapsed = began.elapsed().as_secs_f64();
        let logins: usize = ended.into_iter().sum::<Outcome<usize>>()?;
        let times = times.into_inner().unwrap_or_else(PoisonError::into_inner);
        let of_run = json!({
            "logins": logins,
            "a_second": logins as f64 / elapsed,
            "database_share_of_its_core": (local.cpu_seconds()? - database) / elapsed,
            "steps": times.figures(),
        });
        runs.insert(at_once.to_string(), of_run);
    }
    Ok(json!(runs))
}

/// What refusals cost that a stranger can ask for.
pub fn refusals(built: &Built, local: &Local, times: usize) -> Outcome<Value> {
    let token = Function::start(&built.function("token"), &local.environment)?;
    let user = User::App(0);
    let malformed = calls::post("/oauth/token", "10.9.0.1", &json!({ "grant_type": 1 }));
    let unknown = json!({ "grant_type": "password", "client_id": "nobody", "username": "a",
        "password": "b" });
    let unknown = calls::post("/oauth/token", "10.9.0.2", &unknown);
    let forged = calls::code_of_app(user, &json!("v1.forged"), "123456");
    // The network that asks has no guess left after these.
    let exhausted = calls::password(User::Phone(0), "wrong");
    for _ in 0..30 {
        token.invoke(&exhausted)?;
    }
    let mut figures = serde_json::Map::new();
    for (name, event) in [
        ("malformed", malformed),
        ("unknown client", unknown),
        ("forged token", forged),
        ("exhausted budget", exhausted),
    ] {
        let mut cpu = Vec::new();
        let mut status = 0;
        for _ in 0..times {
            let invoked = token.invoke(&event)?;
            cpu.push(invoked.cpu * 1e3);
            status = invoked.status;
        }
        let figure = json!({ "status": status, "median_cpu_ms": quantile(&mut cpu, 0.5) });
        figures.insert(name.to_owned(), figure);
    }
    Ok(json!(figures))
}

#[cfg(test)]
mod tests {
    #[test]
    fn half_of_the_values_lie_below_the_median() {
        assert_eq!(super::quantile(&mut [3.0, 1.0, 2.0], 0.5), 2.0);
        assert_eq!(super::quantile(&mut [3.0, 1.0, 2.0], 1.0), 3.0);
    }
}
