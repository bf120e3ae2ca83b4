//! The progress line of long work, on standard error if that is a terminal.

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use countersign::app::App;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Whether the process is the tool. `cargo local` runs commands too, and its terminal belongs
/// to its own log.
static AT_TERMINAL: AtomicBool = AtomicBool::new(false);

/// Shows the lines of this process on standard error, if that is a terminal.
pub fn show_at_terminal() {
    AT_TERMINAL.store(true, Ordering::Relaxed);
}

/// How often the line of a scan is written.
const EVERY: Duration = Duration::from_millis(250);

/// A bar, the share and an estimate of the time left.
const WITH_ESTIMATE: &str = "[{bar:20}] {percent} %, {msg}, {eta} left";

/// The line if nobody knows how much work there is.
const WITHOUT_ESTIMATE: &str = "{msg}";

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

/// The line, from the beginning of the work until this value is dropped.
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// The line of work that begins now.
    pub fn begin() -> Self {
        Self::on(match AT_TERMINAL.load(Ordering::Relaxed) {
            true => ProgressDrawTarget::stderr(),
            false => ProgressDrawTarget::hidden(),
        })
    }

    fn on(target: ProgressDrawTarget) -> Self {
        let bar = ProgressBar::with_draw_target(None, target);
        // Both templates are constants, and a test draws them.
        if let Ok(style) = ProgressStyle::with_template(WITHOUT_ESTIMATE) {
            bar.set_style(style);
        }
        Self { bar }
    }

    /// Whether standard error is a terminal.
    fn is_visible(&self) -> bool {
        !self.bar.is_hidden()
    }

    /// Writes the line, if standard error is a terminal.
    pub fn show(&self, stage: &Stage<'_>) {
        if !self.is_visible() {
            return;
        }
        let seconds = self.bar.elapsed().as_secs_f64().max(0.001);
        #[allow(clippy::cast_precision_loss, reason = "an estimate for people")]
        let rate = stage.count as f64 / seconds;
        let Stage {
            count,
            things,
            beside,
            ..
        } = stage;
        if stage.whole > 0 {
            if self.bar.length().is_none()
                && let Ok(style) = ProgressStyle::with_template(WITH_ESTIMATE)
            {
                self.bar.set_style(style.progress_chars("## "));
            }
            self.bar.set_length(stage.whole);
            // A whole that is an estimate may be too small.
            self.bar.set_position(stage.part.min(stage.whole));
        }
        self.bar
            .set_message(format!("{count} {things}, {rate:.0} a second{beside}"));
    }

    /// How many items the table has, about, if the line shows.
    pub async fn items_of_table(&self, app: &App) -> u64 {
        match self.is_visible() {
            true => app.store.about_how_many_items().await.unwrap_or_default(),
            false => 0,
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// Does work that reads the whole table, and shows how many items are read.
pub async fn with_items_counted<T>(app: &App, work: impl Future<Output = T>) -> T {
    let progress = Progress::begin();
    if !progress.is_visible() {
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
    #![allow(clippy::unwrap_used)]
    use std::io::Result;
    use std::sync::{Arc, Mutex};

    use super::{Progress, Stage};
    use indicatif::{ProgressDrawTarget, TermLike};

    /// A terminal that keeps what is written.
    #[derive(Clone, Debug, Default)]
    struct Screen(Arc<Mutex<String>>);

    impl TermLike for Screen {
        fn width(&self) -> u16 {
            200
        }

        fn move_cursor_up(&self, _: usize) -> Result<()> {
            Ok(())
        }

        fn move_cursor_down(&self, _: usize) -> Result<()> {
            Ok(())
        }

        fn move_cursor_right(&self, _: usize) -> Result<()> {
            Ok(())
        }

        fn move_cursor_left(&self, _: usize) -> Result<()> {
            Ok(())
        }

        fn write_line(&self, line: &str) -> Result<()> {
            self.write_str(line)
        }

        fn write_str(&self, text: &str) -> Result<()> {
            self.0.lock().unwrap().push_str(text);
            Ok(())
        }

        fn clear_line(&self) -> Result<()> {
            self.0.lock().unwrap().clear();
            Ok(())
        }

        fn flush(&self) -> Result<()> {
            Ok(())
        }
    }

    /// What the terminal shows at this stage, and after the work.
    fn shown(part: u64, whole: u64) -> [String; 2] {
        let screen = Screen::default();
        let target = ProgressDrawTarget::term_like(Box::new(screen.clone()));
        let progress = Progress::on(target);
        progress.show(&Stage {
            part,
            whole,
            count: 1200,
            things: "rows",
            beside: ", 3 refused",
        });
        progress.bar.force_draw();
        let line = screen.0.lock().unwrap().clone();
        drop(progress);
        let after = screen.0.lock().unwrap().clone();
        [line.trim().to_owned(), after.trim().to_owned()]
    }

    #[test]
    fn the_line_has_a_bar_and_the_time_left_and_goes_with_the_work() {
        let [line, after] = shown(25, 100);
        assert!(line.starts_with("[#####"), "{line}");
        assert!(line.contains("] 25 %, 1200 rows, "), "{line}");
        assert!(line.contains(" a second, 3 refused, "), "{line}");
        assert!(line.ends_with(" left"), "{line}");
        assert_eq!(after, "");
    }

    #[test]
    fn an_estimate_that_was_too_small_ends_at_a_hundred_percent() {
        let [line, _] = shown(200, 100);
        let full = format!("[{}] 100 %, 1200 rows, ", "#".repeat(20));
        assert!(line.starts_with(&full), "{line}");
    }

    #[test]
    fn the_line_has_no_bar_without_an_estimate() {
        let [line, _] = shown(5, 0);
        assert!(line.starts_with("1200 rows, "), "{line}");
        assert!(!line.contains('%') && !line.contains("left"), "{line}");
    }
}
