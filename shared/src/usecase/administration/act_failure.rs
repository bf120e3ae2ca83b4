//! Why an operator's act was not done.

use std::fmt;

use crate::failure::{Broken, Failure};

/// Why an act was not done. The texts are for the operator.
#[derive(Debug)]
pub enum ActFailure {
    /// The user, client or session does not exist.
    Missing(String),
    /// The act is not possible, or its input is wrong.
    Refused(String),
    /// DynamoDB or KMS does not answer, or the program has a fault.
    Broken(Broken),
}

impl ActFailure {
    /// The user or client changed during every attempt.
    pub(crate) fn changed_meanwhile() -> Self {
        Self::Broken(Broken::unavailable(
            "somebody else is changing this user or client: try again",
        ))
    }
}

impl From<Broken> for ActFailure {
    fn from(broken: Broken) -> Self {
        Self::Broken(broken)
    }
}

impl From<Failure> for ActFailure {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Broken(broken) => Self::Broken(broken),
            Failure::Refused(refusal) => Self::Refused(format!("{refusal:?}")),
        }
    }
}

impl fmt::Display for ActFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(text) | Self::Refused(text) => formatter.write_str(text),
            Self::Broken(broken) => broken.fmt(formatter),
        }
    }
}
