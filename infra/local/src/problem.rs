//! Why the service cannot start: one line for the developer at the terminal.

use std::fmt;

/// One line that says what is wrong and, if that helps, how to correct it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem(String);

impl Problem {
    /// `line` names the file, the port or the setting.
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
