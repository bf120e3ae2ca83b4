//! Events: what the steps of a request note, and how the one event of the
//! request is told, kept and delivered.

pub mod recorder;
pub mod tell;
