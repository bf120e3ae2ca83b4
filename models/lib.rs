//! The models are tests: see `main.rs`.
