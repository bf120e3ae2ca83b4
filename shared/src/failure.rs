//! The two kinds of errors. A `Refusal` is an answer; `Broken` is anything else.

use std::fmt;

use crate::domain::accounts::refusals::account_refusal::AccountRefusal;
use crate::domain::accounts::refusals::action_refusal::ActionRefusal;
use crate::domain::accounts::refusals::administration_refusal::AdministrationRefusal;
use crate::domain::accounts::refusals::profile_refusal::ProfileRefusal;
use crate::domain::authorization::page_refusal::PageRefusal;
use crate::domain::authorization::proof_refusal::ProofRefusal;
use crate::domain::authorization::token_refusal::TokenRefusal;
use crate::domain::factors::enrolment_refusal::EnrolmentRefusal;
use crate::domain::refusal::Refusal;

/// Why a use case gave no result.
#[derive(Debug)]
pub enum Failure {
    /// The caller gets a refusal.
    Refused(Refusal),
    /// Something broke. The caller learns only that, and gets a request id.
    Broken(Broken),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<TokenRefusal> for Failure {
    fn from(refusal: TokenRefusal) -> Self {
        Self::Refused(refusal.into())
    }
}

impl From<ProofRefusal> for Failure {
    fn from(refusal: ProofRefusal) -> Self {
        Self::Refused(refusal.into())
    }
}

impl From<AccountRefusal> for Failure {
    fn from(refusal: AccountRefusal) -> Self {
        Self::Refused(refusal.into())
    }
}

impl From<ActionRefusal> for Failure {
    fn from(refusal: ActionRefusal) -> Self {
        Self::Refused(refusal.into())
    }
}

impl From<ProfileRefusal> for Failure {
    fn from(refusal: ProfileRefusal) -> Self {
        Self::Refused(refusal.into())
    }
}

impl From<AdministrationRefusal> for Failure {
    fn from(refusal: AdministrationRefusal) -> Self {
        Self::Refused(refusal.into())
    }
}

impl From<EnrolmentRefusal> for Failure {
    fn from(refusal: EnrolmentRefusal) -> Self {
        Self::Refused(refusal.into())
    }
}

impl From<PageRefusal> for Failure {
    fn from(refusal: PageRefusal) -> Self {
        Self::Refused(refusal.into())
    }
}

impl From<Broken> for Failure {
    fn from(broken: Broken) -> Self {
        Self::Broken(broken)
    }
}

/// A failure that the caller cannot correct. It is logged once, at the boundary.
/// Therefore its text must not contain a secret: only a step, and the error code of a
/// service.
#[derive(Debug)]
pub struct Broken {
    /// Whether a retry may help. Then the answer is 503 instead of 500.
    pub transient: bool,
    /// The step that failed, and how.
    pub what: String,
}

impl Broken {
    /// A service that we depend on is down or overloaded.
    pub fn unavailable(what: impl Into<String>) -> Self {
        Self {
            transient: true,
            what: what.into(),
        }
    }

    /// A fault of the program or of its input.
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
