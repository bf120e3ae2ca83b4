//! A pending login, and the rate limits of guesses and sends.

mod adoption;
pub mod pending_login;
pub mod throttle;
