//! Metrics: each metric of the table is really emitted, and what its values count.

mod emitted;
mod values;
