//! Discovery documents, the key set, issuers, and the files of the passkeys' domain.

pub mod discovery;
pub mod issuers;
pub mod passkey_files;
