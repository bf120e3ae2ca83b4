//! The progress line of long work, on standard error if that is a terminal.

use std::future::Future;
use std::io::{IsTerminal, Write};
use std::pin::pin;
use std::time::Duration;

use countersign::app::App;
use countersign::clock::Stopwatch;

/// How many signs the bar has.
const WIDTH: u64 = 20;

/// How often the line of a scan is written.
const EVERY: Duration = Duration::from_millis(250);

/// How far the work is.
pub struct Stage<'a> {
    /// How much of the whole is done: bytes of a file, items of a table.
    pub part: u64,
    /// An estimate of the whole. 0 if there is none.
    pub whole: u64,
    /// How many things are done.
    pub count: u64,
    /// What the things are.
    pub things: &'a str,
    /// What else the line says.
    pub beside: &'a str,
}

impl Stage<'_> {
    /// The line after so many seconds: a bar, the share, the things, things a second and
    /// the seconds left. Without an estimate of the whole, the line has the things only.
    pub fn line(&self, seconds: f64) -> String {
        let (seconds, things) = (seconds.max(0.001), self.things);
        #[allow(clippy::cast_precision_loss, reason = "an estimate for people")]
        let rate = self.count as f64 / seconds;
        let counted = format!("{} {things}, {rate:.0} a second", self.count);
        let line = match (self.part, self.whole) {
            (0, _) | (_, 0) => counted,
            (part, whole) => {
                // A whole that is an estimate may be too small.
                let part = part.min(whole);
                let full = usize::try_from(WIDTH * part / whole).unwrap_or_default();
                let percent = 100 * part / whole;
                #[allow(clippy::cast_precision_loss, reason = "an estimate for people")]
                let left = seconds * (whole - part) as f64 / part as f64;
                let bar = "#".repeat(full);
                let width = usize::try_from(WIDTH).unwrap_or_default();
                format!("[{bar:<width$}] {percent} %, {counted}, {left:.0} s left")
            }
        };
        format!("{line}{}", self.beside)
    }
}

/// The line, from the beginning of the work until this value is dropped.
pub struct Progress {
    watch: Stopwatch,
    shows: bool,
}

impl Progress {
    /// The line of work that begins now.
    pub fn begin() -> Self {
        Self {
            watch: Stopwatch::start(),
            shows: std::io::stderr().is_terminal(),
        }
    }

    /// Writes the line, if standard error is a terminal.
    pub fn show(&self, stage: &Stage<'_>) {
        if self.shows {
            let line = stage.line(self.watch.elapsed().as_secs_f64());
            let _closed = write!(std::io::stderr(), "\r\u{1b}[K{line}");
        }
    }

    /// How many items the table has, about, if the line shows.
    pub async fn items_of_table(&self, app: &App) -> u64 {
        match self.shows {
            true => app.store.about_how_many_items().await.unwrap_or_default(),
            false => 0,
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shows {
            let _closed = write!(std::io::stderr(), "\r\u{1b}[K");
        }
    }
}

/// Does work that reads the whole table, and shows how many items are read.
pub async fn with_items_shown<T>(app: &App, work: impl Future<Output = T>) -> T {
    let progress = Progress::begin();
    if !progress.shows {
        return work.await;
    }
    let whole = progress.items_of_table(app).await;
    let before = app.store.items_scanned();
    let mut work = pin!(work);
    let mut ticks = tokio::time::interval(EVERY);
    loop {
        tokio::select! {
            done = &mut work => return done,
            _ = ticks.tick() => {
                let part = app.store.items_scanned().saturating_sub(before);
                progress.show(&Stage { part, whole, count: part, things: "items read", beside: "" });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Stage;

    fn line(part: u64, whole: u64) -> String {
        let stage = Stage {
            part,
            whole,
            count: 1200,
            things: "rows",
            beside: ", 3 refused",
        };
        stage.line(4.0)
    }

    #[test]
    fn the_line_has_a_bar_and_the_seconds_left() {
        assert_eq!(
            line(25, 100),
            "[#####               ] 25 %, 1200 rows, 300 a second, 12 s left, 3 refused"
        );
        assert!(line(100, 100).starts_with("[####################] 100 %, "));
    }

    #[test]
    fn an_estimate_that_was_too_small_ends_at_a_hundred_percent() {
        assert!(line(200, 100).contains("] 100 %, 1200 rows, 300 a second, 0 s left"));
    }

    #[test]
    fn the_line_has_no_bar_without_an_estimate() {
        assert_eq!(line(5, 0), "1200 rows, 300 a second, 3 refused");
        assert_eq!(line(0, 9), "1200 rows, 300 a second, 3 refused");
    }
}
