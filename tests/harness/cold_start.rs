//! Cold starts: a new `App` without anything in memory, and what every test begins with.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use countersign::app::App;
use countersign::clock::{Clock, Timer};
use countersign::config::Config;
use countersign::domain::refused_value::Naming;
use countersign::keyring::Purpose;
use countersign::notify::Reach;
use countersign_local::service::THIS_MACHINE;
use countersign_local::storage::database::sdk_config;

/// The time when every test begins: 2027-01-15 08:00:00 UTC, the start of a TOTP step.
pub const START: i64 = 1_800_000_000;

/// The source address of requests, unless a test uses another.
pub const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

/// A cold start that may open every key.
pub(super) fn app(
    settings: &[(String, String)],
    dynamodb: &str,
    others: &str,
    now: &Arc<AtomicI64>,
) -> App {
    let all = vec![Purpose::Tokens, Purpose::Seeds, Purpose::Signing];
    app_with(settings, dynamodb, others, now, all)
}

/// A cold start that may open every key, with this clock.
pub(super) fn app_with_clock(
    settings: &[(String, String)],
    dynamodb: &str,
    others: &str,
    clock: Clock,
) -> App {
    let all = vec![Purpose::Tokens, Purpose::Seeds, Purpose::Signing];
    let naming = Naming::InTheLog;
    made(
        settings,
        (dynamodb, others),
        all,
        clock,
        (THIS_MACHINE, naming),
    )
}

/// A cold start that may open the keys of these purposes. Its timers end with the work.
pub(super) fn app_with(
    settings: &[(String, String)],
    dynamodb: &str,
    others: &str,
    now: &Arc<AtomicI64>,
    purposes: Vec<Purpose>,
) -> App {
    let clock = clock_of(now);
    let naming = Naming::InTheLog;
    made(
        settings,
        (dynamodb, others),
        purposes,
        clock,
        (THIS_MACHINE, naming),
    )
}

/// A cold start whose webhook may connect to what `reach` allows.
pub(super) fn app_with_reach(
    settings: &[(String, String)],
    dynamodb: &str,
    others: &str,
    now: &Arc<AtomicI64>,
    reach: Reach,
) -> App {
    let all = vec![Purpose::Tokens, Purpose::Seeds, Purpose::Signing];
    let local = (reach, Naming::InTheLog);
    made(settings, (dynamodb, others), all, clock_of(now), local)
}

/// A cold start whose answers name the refused value, as in `cargo local`.
pub(super) fn app_that_names(
    settings: &[(String, String)],
    dynamodb: &str,
    others: &str,
    now: &Arc<AtomicI64>,
) -> App {
    let all = vec![Purpose::Tokens, Purpose::Seeds, Purpose::Signing];
    let local = (THIS_MACHINE, Naming::InAnswersToo);
    made(settings, (dynamodb, others), all, clock_of(now), local)
}

fn clock_of(now: &Arc<AtomicI64>) -> Clock {
    let now = now.clone();
    Clock::from_fn(move || now.load(Ordering::SeqCst)).with_timer(|_| Timer::EndsWithTheWork)
}

fn made(
    settings: &[(String, String)],
    (dynamodb, others): (&str, &str),
    purposes: Vec<Purpose>,
    clock: Clock,
    (reach, naming): (Reach, Naming),
) -> App {
    let value = |name: &str| {
        settings
            .iter()
            .rev()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.clone())
    };
    let config = Config::read(value).unwrap();
    App::new(
        config,
        &sdk_config(dynamodb),
        &sdk_config(others),
        purposes,
        clock,
        reach,
        naming,
    )
}
