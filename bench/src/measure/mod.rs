//! What is measured: one part each.

pub mod calls;
pub mod cold;
pub mod counting;
pub mod flows;
pub mod instructions;
pub mod load;
pub mod table;
