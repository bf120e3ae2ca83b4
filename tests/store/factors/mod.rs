//! Factors in the store.

pub mod enrolments;
