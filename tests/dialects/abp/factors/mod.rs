//! Second factors in ABP's dialect.

pub mod two_factor;
