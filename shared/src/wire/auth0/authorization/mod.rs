//! Authorization requests that come before the browser.

pub mod push;
