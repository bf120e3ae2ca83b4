//! Why a command failed, and the exit code that tells a script.

use std::fmt;

use countersign::failure::Broken;
use countersign::usecase::administration::act_failure::ActFailure;

/// Why a command failed: one line for the person at the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    code: u8,
    line: String,
    of_settings: bool,
}

impl Problem {
    /// Exit code 1: the deployment does not answer, or something broke.
    pub fn broken(line: impl Into<String>) -> Self {
        Self::of(1, line)
    }

    /// Exit code 1: a setting of the deployment is wrong.
    pub fn settings(line: impl Into<String>) -> Self {
        Self {
            of_settings: true,
            ..Self::of(1, line)
        }
    }

    /// Whether a setting of the deployment is wrong.
    pub fn is_of_settings(&self) -> bool {
        self.of_settings
    }

    /// Exit code 2: the command line is wrong. clap uses the same code.
    pub fn usage(line: impl Into<String>) -> Self {
        Self::of(2, line)
    }

    /// Exit code 3: there is no such client, user or session.
    pub fn missing(line: impl Into<String>) -> Self {
        Self::of(3, line)
    }

    /// Exit code 4: the service refuses the command.
    pub fn refused(line: impl Into<String>) -> Self {
        Self::of(4, line)
    }

    fn of(code: u8, line: impl Into<String>) -> Self {
        Self {
            code,
            line: line.into(),
            of_settings: false,
        }
    }

    /// The code that the process ends with.
    pub fn exit_code(&self) -> u8 {
        self.code
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.line)
    }
}

impl std::error::Error for Problem {}

impl From<ActFailure> for Problem {
    fn from(not_done: ActFailure) -> Self {
        match not_done {
            ActFailure::Missing(line) => Self::missing(line),
            ActFailure::Refused(line) => Self::refused(line),
            ActFailure::Broken(broken) => broken.into(),
        }
    }
}

impl From<Broken> for Problem {
    fn from(broken: Broken) -> Self {
        Self::broken(broken.to_string())
    }
}
