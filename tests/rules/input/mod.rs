//! What people paste and clients send is accepted or refused, and never grants more
//! than was asked for.

pub mod authorization_header;
mod parser_targets;
mod parsers;
pub mod pasted;
pub mod paths;
pub mod phone_numbers;
pub mod types_and_names;
