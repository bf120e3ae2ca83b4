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

pub enum Timer {
    /// The timer ends when its time has passed.
    Ends(Pin<Box<dyn Future<Output = ()> + Send>>),
    /// The timer ends as soon as the work does. This is for tests that are not
    /// about time.
    EndsWithTheWork,
}

impl Clock {
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

    /// This clock, with the caller's timers.
    #[must_use]
    pub fn with_timer(self, timer: impl Fn(Duration) -> Timer + Send + Sync + 'static) -> Self {
        Self {
            timer: Arc::new(timer),
            ..self
        }
    }

    pub fn now(&self) -> Timestamp {
        (self.now)()
    }

    /// Does this work, and returns after exactly this time, no earlier and no later.
    /// Work that takes longer is abandoned, and the result is `None`. So the time of an
    /// answer reveals nothing about the work.
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

    /// Does this work. An error is returned no earlier than after this time, so that
    /// the time of a refusal does not reveal how far the work got. The work is never
    /// abandoned.
    ///
    /// # Errors
    /// The errors of `work`.
    pub async fn fail_no_earlier<T, E>(
        &self,
        time: Duration,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let timer = match (self.timer)(time) {
            Timer::EndsWithTheWork => return work.await,
            Timer::Ends(timer) => timer,
        };
        match select(std::pin::pin!(work), timer).await {
            Either::Left((done, timer)) => {
                if done.is_err() {
                    timer.await;
                }
                done
            }
            Either::Right(((), work)) => work.await,
        }
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Clock")
    }
}

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

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};
    use std::pin::pin;
    use std::task::Poll;

    use futures_util::poll;

    use super::*;

    fn clock_with(timer: impl Future<Output = ()> + Clone + Send + Sync + 'static) -> Clock {
        Clock::from_fn(|| 0).with_timer(move |_| Timer::Ends(Box::pin(timer.clone())))
    }

    const TIME: Duration = Duration::from_millis(250);

    #[tokio::test]
    async fn an_error_waits_for_its_time_and_a_result_does_not() {
        // This timer does not end.
        let clock = clock_with(futures_util::future::pending::<()>());
        let mut failed = pin!(clock.fail_no_earlier(TIME, ready(Err::<(), _>("no"))));
        assert_eq!(poll!(&mut failed), Poll::Pending);
        let mut done = pin!(clock.fail_no_earlier(TIME, ready(Ok::<_, ()>("yes"))));
        assert_eq!(poll!(&mut done), Poll::Ready(Ok("yes")));
    }

    #[tokio::test]
    async fn work_that_takes_longer_is_not_given_up() {
        let clock = clock_with(futures_util::future::ready(()));
        let mut late = pin!(clock.fail_no_earlier(TIME, pending::<Result<(), ()>>()));
        assert_eq!(poll!(&mut late), Poll::Pending);
        let failed = clock.fail_no_earlier(TIME, ready(Err::<(), _>("no"))).await;
        assert_eq!(failed, Err("no"));
    }
}
