//! Why the service cannot start here: one line for the person at the terminal.

use std::fmt;

/// One clear line that says what is wrong and, where it helps, what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem(String);

impl Problem {
    /// A problem told by `line`, which names the file, port or setting concerned.
    pub fn new(line: impl Into<String>) -> Problem {
        Problem(line.into())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Problem {}
