//! Whether a session has ended, its end, and the token of a client without a session.

pub mod introspection;
pub mod machine_answer;
pub mod revocation;
