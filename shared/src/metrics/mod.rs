//! Metrics in CloudWatch's embedded metric format (EMF): CloudWatch Logs makes metrics
//! of a log line, so a metric costs no request.
//!
//! What a request measures is collected in [`recording`] while the request runs, and
//! [`document`] writes it as one more log line. `domain/metrics/` has the table of
//! metrics. The operators' tool runs no request and measures nothing.

pub mod document;
pub mod recording;
