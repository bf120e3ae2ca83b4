//! The only reader of the clock in this program.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// A point in time, to measure from.
#[expect(clippy::disallowed_methods, reason = "a stopwatch measures time")]
pub fn now() -> Instant {
    Instant::now()
}

/// Seconds since 1970.
#[expect(
    clippy::disallowed_methods,
    reason = "codes of an app depend on the time"
)]
pub fn seconds_since_1970() -> u64 {
    let passed = SystemTime::now().duration_since(UNIX_EPOCH);
    passed.map(|passed| passed.as_secs()).unwrap_or_default()
}
