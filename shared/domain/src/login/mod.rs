//! A pending login, and the rate limits of guesses and sends.

pub mod admission;
pub mod adoption;
pub mod begin_login;
pub mod browser_session;
pub mod code_candidates;
pub mod codes;
pub mod completion;
pub mod evidence;
pub mod next_step;
pub mod passwords;
pub mod pending_login;
pub mod throttle;
