//! The two kinds of errors. A `Refusal` is an answer; `Broken` is anything else.

use std::fmt;

use crate::domain::refusal::Refusal;

/// Why a use case gave no result.
#[derive(Debug)]
pub enum Failure {
    /// The caller is told no, and why.
    Refused(Refusal),
    /// Something broke. The caller learns only that, with a request id.
    Broken(Broken),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Broken> for Failure {
    fn from(broken: Broken) -> Self {
        Self::Broken(broken)
    }
}

/// Something that no caller can mend. It is logged once, at the boundary, so
/// its text must hold no secret: a step, and the code that a service answered.
#[derive(Debug)]
pub struct Broken {
    /// Whether trying again later may help: 503 rather than 500.
    pub transient: bool,
    /// What was being done, and what came of it.
    pub what: String,
}

impl Broken {
    /// A part that the service needs is down or overloaded.
    pub fn unavailable(what: impl Into<String>) -> Self {
        Self {
            transient: true,
            what: what.into(),
        }
    }

    /// A fault of the program or of what it was given.
    pub fn internal(what: impl Into<String>) -> Self {
        Self {
            transient: false,
            what: what.into(),
        }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.what)
    }
}

impl std::error::Error for Broken {}
