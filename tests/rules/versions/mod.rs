//! What another version of the service wrote.

pub mod newer;
