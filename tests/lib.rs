//! The tests of the whole service are in `main.rs`; nothing is here.
