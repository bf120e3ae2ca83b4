//! Waits for the signal to stop: Ctrl-C or SIGTERM.

use crate::problem::Problem;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Waits for the first Ctrl-C (SIGINT) or SIGTERM.
pub struct StopSignal {
    interrupt: Signal,
    terminate: Signal,
}

impl StopSignal {
    /// Takes over both signals. From now on, they no longer end the process. A signal
    /// is kept until [`StopSignal::received`] is awaited. Must run inside a Tokio
    /// runtime.
    pub fn listen() -> Result<StopSignal, Problem> {
        let take = |kind| {
            signal(kind).map_err(|error| Problem::new(format!("cannot wait for signals: {error}")))
        };
        Ok(StopSignal {
            interrupt: take(SignalKind::interrupt())?,
            terminate: take(SignalKind::terminate())?,
        })
    }

    /// Returns when one of the two signals has arrived.
    pub async fn received(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
