//! The form of a log line: one JSON object. A document of metrics is a line as it is,
//! because CloudWatch reads metrics only from the root of a line.

use std::fmt;

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::registry::LookupSpan;

use crate::metrics::document::METRICS_TARGET;

/// Writes documents of metrics as they are, and every other line in this form.
pub(super) struct Lines<F>(pub F);

impl<S, N, F> FormatEvent<S, N> for Lines<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        if event.metadata().target() != METRICS_TARGET {
            return self.0.format_event(context, writer, event);
        }
        let mut written = DocumentField {
            to: &mut writer,
            result: Ok(()),
        };
        event.record(&mut written);
        written.result
    }
}

/// Writes the field `document`.
struct DocumentField<'a, 'w> {
    to: &'a mut Writer<'w>,
    result: fmt::Result,
}

impl Visit for DocumentField<'_, '_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "document" {
            self.result = writeln!(self.to, "{value}");
        }
    }

    fn record_debug(&mut self, _field: &Field, _value: &dyn fmt::Debug) {}
}
