//! The nouns of a login and the rules that hold between them.
//!
//! Nothing here does I/O, reads a clock, draws a random number, or knows AWS,
//! HTTP or a serialisation. Time and randomness come in as parameters.

pub mod accounts;
pub mod authorization;
pub mod device;
pub mod dialect;
pub mod events;
pub mod factors;
pub mod function_name;
pub mod id;
pub mod issuer;
pub mod keys;
pub mod login;
pub mod messages;
pub mod metrics;
pub mod refusal;
pub mod refused_value;
pub mod secret;
pub mod sessions;
pub mod token;
pub mod typed_text;

pub use crate::dialect::Dialect;

/// Seconds since the Unix epoch.
pub type Timestamp = i64;
