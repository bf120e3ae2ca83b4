//! What a typed code is compared with, and what a wrong one is told.

pub mod code_destination;
pub mod login_reads;
pub mod mailbox_code;
pub mod refused_charge;
