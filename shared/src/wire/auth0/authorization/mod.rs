//! Authorization requests that come before the browser.

pub mod authorize_challenge;
pub mod challenge_words;
pub mod push;
