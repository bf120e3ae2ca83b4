//! How long a send may take, and how often it is tried.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;

/// The time limits of a send, and its number of attempts. By default, the SDK has no
/// attempt timeout.
pub(super) struct Limits {
    pub(super) attempts: u32,
    pub(super) first_backoff: Duration,
    pub(super) longest_backoff: Duration,
    pub(super) connect: Duration,
    pub(super) attempt: Duration,
    pub(super) operation: Duration,
}

impl Limits {
    pub(super) const DEFAULT: Limits = Limits {
        attempts: 2,
        first_backoff: Duration::from_millis(50),
        longest_backoff: Duration::from_millis(200),
        connect: Duration::from_millis(500),
        attempt: Duration::from_secs(2),
        operation: Duration::from_secs(5),
    };

    pub(super) fn retries(&self) -> RetryConfig {
        RetryConfig::standard()
            .with_max_attempts(self.attempts)
            .with_initial_backoff(self.first_backoff)
            .with_max_backoff(self.longest_backoff)
    }

    pub(super) fn timeouts(&self) -> TimeoutConfig {
        TimeoutConfig::builder()
            .connect_timeout(self.connect)
            .operation_attempt_timeout(self.attempt)
            .operation_timeout(self.operation)
            .build()
    }
}
