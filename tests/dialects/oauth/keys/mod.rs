//! Discovery documents, the key set, issuers, the files of the passkeys' domain,
//! and the web origins of clients.

pub mod discovery;
pub mod issuers;
pub mod passkey_files;
pub mod web_origins;
