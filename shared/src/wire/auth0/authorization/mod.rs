//! Authorization requests that come before the browser.

pub mod authorize_challenge;
mod challenge_step;
pub mod challenge_words;
pub mod push;
