//! How a part ends.

/// A result, or one line that says what went wrong.
pub type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;
