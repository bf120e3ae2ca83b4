//! The end of a session, and the token of a client without a session.

pub mod machine_answer;
pub mod revocation;
