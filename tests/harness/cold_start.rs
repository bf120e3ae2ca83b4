//! Cold starts: a new `App` that remembers nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use countersign::app::App;
use countersign::clock::{Clock, Timer};
use countersign::config::Config;
use countersign::keyring::Purpose;
use countersign_local::database::sdk_config;
use countersign_local::service::THIS_MACHINE;

/// One that may open every key.
pub(super) fn app(
    settings: &[(String, String)],
    dynamodb: &str,
    others: &str,
    now: &Arc<AtomicI64>,
) -> App {
    let all = vec![Purpose::Tokens, Purpose::Seeds, Purpose::Signing];
    app_with(settings, dynamodb, others, now, all)
}

/// One that may open every key and has this clock.
pub(super) fn app_with_clock(
    settings: &[(String, String)],
    dynamodb: &str,
    others: &str,
    clock: Clock,
) -> App {
    let all = vec![Purpose::Tokens, Purpose::Seeds, Purpose::Signing];
    made(settings, dynamodb, others, all, clock)
}

/// One that may open the keys of these purposes. Its timers end with the work.
pub(super) fn app_with(
    settings: &[(String, String)],
    dynamodb: &str,
    others: &str,
    now: &Arc<AtomicI64>,
    purposes: Vec<Purpose>,
) -> App {
    let now = now.clone();
    let clock =
        Clock::from_fn(move || now.load(Ordering::SeqCst)).with_timer(|_| Timer::EndsWithTheWork);
    made(settings, dynamodb, others, purposes, clock)
}

fn made(
    settings: &[(String, String)],
    dynamodb: &str,
    others: &str,
    purposes: Vec<Purpose>,
    clock: Clock,
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
        THIS_MACHINE,
    )
}
