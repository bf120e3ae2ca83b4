//! The only reader of the system's clock. Everywhere else, time is a parameter.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use futures_util::future::{Either, select};

use crate::domain::Timestamp;

/// The source of the service's time. A request reads the time once.
#[derive(Clone)]
pub struct Clock {
    now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    timer: Arc<dyn Fn(Duration) -> Timer + Send + Sync>,
}

/// A timer.
pub enum Timer {
    /// The timer ends when its time has passed.
    Ends(Pin<Box<dyn Future<Output = ()> + Send>>),
    /// The timer ends as soon as the work does. This is for tests that are not
    /// about time.
    EndsWithTheWork,
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self::from_fn(system_time)
    }

    /// A clock that asks this function for the seconds since the Unix epoch.
    /// Its timers are the timers of the runtime.
    pub fn from_fn(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self {
            now: Arc::new(now),
            timer: Arc::new(|time| Timer::Ends(Box::pin(tokio::time::sleep(time)))),
        }
    }

    /// The same clock, with the caller's timers.
    #[must_use]
    pub fn with_timer(self, timer: impl Fn(Duration) -> Timer + Send + Sync + 'static) -> Self {
        Self {
            timer: Arc::new(timer),
            ..self
        }
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        (self.now)()
    }

    /// Does this work, and ends after exactly this time: not when the work is
    /// done, and not later. Work that is not done by then is given up, and the
    /// result is `None`. So the time of an answer reveals nothing of the work.
    pub async fn take_exactly<T>(
        &self,
        time: Duration,
        work: impl Future<Output = T>,
    ) -> Option<T> {
        match (self.timer)(time) {
            Timer::EndsWithTheWork => Some(work.await),
            Timer::Ends(timer) => match select(std::pin::pin!(work), timer).await {
                Either::Left((done, timer)) => {
                    timer.await;
                    Some(done)
                }
                Either::Right(((), _unfinished)) => None,
            },
        }
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Clock")
    }
}

/// The system's time.
#[allow(
    clippy::disallowed_methods,
    reason = "the one place that reads the system's clock"
)]
pub fn system_time() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or(Duration::ZERO);
    Timestamp::try_from(since.as_secs()).unwrap_or(Timestamp::MAX)
}

/// Measures how long something took, for the log.
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts measuring.
    #[allow(
        clippy::disallowed_methods,
        reason = "the one place that reads the system's clock"
    )]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Time since the start.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}
