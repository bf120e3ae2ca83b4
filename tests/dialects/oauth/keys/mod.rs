//! Discovery documents, the key set, and issuers.

pub mod discovery;
pub mod issuers;
