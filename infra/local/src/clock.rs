//! The service's clock on this machine: the system's time plus an offset that only
//! grows.
//!
//! A developer moves the clock forward to see codes, logins and tokens expire without
//! waiting. The offset is stored beside the database, because the items in the database
//! were written at that time.

use crate::problem::Problem;
use crate::storage::data_directory::write_private;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A function that returns the time in whole seconds since 1970.
pub type Now = Arc<dyn Fn() -> i64 + Send + Sync>;

/// The limit for moving the clock in one call: ten years of 365 days, in seconds.
pub const MOST_AT_ONCE: i64 = 10 * 365 * 86_400;

/// The limit for the whole offset: a hundred years, in seconds.
const MOST_AHEAD: i64 = 10 * MOST_AT_ONCE;

/// Why the clock was not moved. The offset is then unchanged.
#[derive(Debug)]
pub enum NotMoved {
    /// The number asked for is negative or too large.
    Refused(&'static str),
    /// The offset could not be written to disk.
    NotKept(std::io::Error),
}

/// A clock that can be moved forward. Clones are cheap and share the offset.
#[derive(Clone)]
pub struct Clock {
    base: Now,
    ahead: Arc<Mutex<i64>>,
    file: Option<Arc<PathBuf>>,
}

impl Clock {
    /// A clock over `base`. The offset is stored in `directory/clock`, or only in
    /// memory without a directory. Refuses a file without a valid number of seconds.
    pub fn open(directory: Option<&Path>, base: Now) -> Result<Clock, Problem> {
        let file = directory.map(|directory| directory.join("clock"));
        let ahead = match &file {
            Some(file) => read_offset(file)?,
            None => 0,
        };
        Ok(Clock {
            base,
            ahead: Arc::new(Mutex::new(ahead)),
            file: file.map(Arc::new),
        })
    }

    /// The service's time, in whole seconds since 1970.
    pub fn now(&self) -> i64 {
        (self.base)() + *self.offset()
    }

    /// Moves the clock forward by `seconds` and returns the new time. Refuses a
    /// negative number, and more than ten years in one call.
    pub fn advance(&self, seconds: i64) -> Result<i64, NotMoved> {
        if seconds < 0 {
            return Err(NotMoved::Refused("the clock only moves forward"));
        }
        if seconds > MOST_AT_ONCE {
            return Err(NotMoved::Refused("at most ten years at once"));
        }
        let mut ahead = self.offset();
        let moved = *ahead + seconds;
        if moved > MOST_AHEAD {
            return Err(NotMoved::Refused("at most a hundred years ahead"));
        }
        if let Some(file) = &self.file {
            write_private(file, format!("{moved}\n").as_bytes()).map_err(NotMoved::NotKept)?;
        }
        *ahead = moved;
        drop(ahead);
        Ok(self.now())
    }

    /// This clock as a function, for code that only reads it.
    pub fn reader(&self) -> Now {
        let clock = self.clone();
        Arc::new(move || clock.now())
    }

    /// The offset. A panic in another thread cannot leave it half written, because it
    /// is one number.
    fn offset(&self) -> MutexGuard<'_, i64> {
        self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The offset in `file`, or 0 if there is no such file.
fn read_offset(file: &Path) -> Result<i64, Problem> {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
        Err(error) => {
            return Err(Problem::new(format!(
                "cannot read {}: {error}",
                file.display()
            )));
        }
    };
    match text.trim().parse() {
        Ok(ahead) if (0..=MOST_AHEAD).contains(&ahead) => Ok(ahead),
        _ => Err(Problem::new(format!(
            "{} holds no number of seconds: delete it to use the system's time",
            file.display()
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::scratch_directory::ScratchDirectory;

    fn at(seconds: i64) -> Now {
        Arc::new(move || seconds)
    }

    #[test]
    fn moving_adds_up_and_every_clone_sees_it() {
        let clock = Clock::open(None, at(1_000)).unwrap();
        let reader = clock.reader();
        assert_eq!(clock.now(), 1_000);
        assert_eq!(clock.advance(30).unwrap(), 1_030);
        assert_eq!(clock.clone().advance(0).unwrap(), 1_030);
        assert_eq!(clock.advance(MOST_AT_ONCE).unwrap(), 1_030 + MOST_AT_ONCE);
        assert_eq!(reader(), 1_030 + MOST_AT_ONCE);
    }

    #[test]
    fn a_second_start_finds_the_offset() {
        let directory = ScratchDirectory::new();
        let clock = Clock::open(Some(directory.path()), at(1_000)).unwrap();
        clock.advance(600).unwrap();
        let again = Clock::open(Some(directory.path()), at(2_000)).unwrap();
        assert_eq!(again.now(), 2_600);
        let text = std::fs::read_to_string(directory.path().join("clock")).unwrap();
        assert_eq!(text, "600\n");
    }

    #[test]
    fn a_refused_move_changes_nothing() {
        let clock = Clock::open(None, at(1_000)).unwrap();
        for seconds in [-1, i64::MIN, MOST_AT_ONCE + 1, i64::MAX] {
            assert!(matches!(clock.advance(seconds), Err(NotMoved::Refused(_))));
        }
        assert_eq!(clock.now(), 1_000);
    }

    #[test]
    fn the_clock_stops_a_hundred_years_ahead() {
        let clock = Clock::open(None, at(0)).unwrap();
        for _ in 0..10 {
            clock.advance(MOST_AT_ONCE).unwrap();
        }
        assert!(matches!(clock.advance(1), Err(NotMoved::Refused(_))));
    }

    #[test]
    fn a_file_that_is_no_offset_is_named() {
        let directory = ScratchDirectory::new();
        for text in ["", "soon", "-5", "99999999999"] {
            std::fs::write(directory.path().join("clock"), text).unwrap();
            let problem = Clock::open(Some(directory.path()), at(0)).err().unwrap();
            assert!(problem.to_string().contains("clock holds no number"));
        }
    }
}
