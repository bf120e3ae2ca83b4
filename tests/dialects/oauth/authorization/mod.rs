//! Clients that act for themselves.

pub mod machines;
