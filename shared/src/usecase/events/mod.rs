//! Events: what the use cases of a request record, and how the one event of the
//! request gets to the log, the table and the bus.

pub(crate) mod hidden_outcome;
pub mod recorder;
pub mod tell;
