//! What the service measures: each metric with its unit and its dimensions, and the
//! closed set of values of each dimension.

pub mod label;
pub mod metric;
pub mod of_event;
pub mod sample;
