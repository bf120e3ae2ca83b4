//! The event of a refusal: the one place that turns a refusal into an event.

use crate::accounts::refusals::action_refusal::ActionRefusal;
use crate::accounts::refusals::profile_refusal::ProfileRefusal;
use crate::authorization::page_refusal::PageRefusal;
use crate::authorization::proof_refusal::ProofRefusal;
use crate::authorization::token_refusal::TokenRefusal;
use crate::events::attempt::Attempt;
use crate::events::kind::EventKind;
use crate::events::reason::{CountedRefusal, Reason};
use crate::factors::enrolment_refusal::EnrolmentRefusal;
use crate::login::next_step::NextStep;
use crate::refusal::Refusal;

/// What a refusal says about the event of its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The event is of this kind, whatever the request was for.
    Is(EventKind),
    /// The request was for one `Attempt`. The event has the kind of a refusal of that attempt.
    ByAttempt,
    /// The metrics count the refusal by its name.
    Counted(CountedRefusal),
    /// The answer is not a failure of the user. What the request did decides the kind.
    AsDone,
}

impl Verdict {
    /// The verdict of a refusal. The match has no `_`, so a new refusal does not compile until
    /// its event and its metric are decided.
    pub fn of(refusal: &Refusal) -> Self {
        Self::Is(match refusal {
            Refusal::CredentialsWrong => return Self::Counted(CountedRefusal::CredentialsWrong),
            Refusal::NetworkExhausted { .. } => {
                return Self::Counted(CountedRefusal::NetworkExhausted);
            }
            Refusal::PasswordsExhausted { .. } => {
                return Self::Counted(CountedRefusal::PasswordsExhausted);
            }
            Refusal::CodeWrong(_) => return Self::Counted(CountedRefusal::CodeWrong),
            Refusal::CodesExhausted { .. } => return Self::Counted(CountedRefusal::CodesExhausted),
            Refusal::CodesClosed => return Self::Counted(CountedRefusal::CodesClosed),
            Refusal::SendTooSoon { .. } => return Self::Counted(CountedRefusal::SendTooSoon),
            Refusal::RequestsExhausted { .. } => {
                return Self::Counted(CountedRefusal::RequestsExhausted);
            }
            Refusal::AccountInactive => EventKind::LoginRefused,
            // Which budget of messages refused is counted where the message is charged.
            Refusal::SendsExhausted { .. } => EventKind::MessageRefused,
            Refusal::DeliveryFailed { .. } => EventKind::MessageFailed,
            Refusal::Token(TokenRefusal::RefreshTokenReused) => EventKind::SessionReused,
            Refusal::Token(
                TokenRefusal::RefreshTokenInvalid
                | TokenRefusal::RefreshTokenEnded
                | TokenRefusal::RefreshUserInactive,
            ) => EventKind::SessionRefused,
            Refusal::Token(TokenRefusal::AuthorizationCodeInvalid) => {
                EventKind::CodeExchangeRefused
            }
            Refusal::Profile(ProfileRefusal::CurrentPasswordWrong) => EventKind::PasswordRefused,
            Refusal::AccessTokenInvalid
            | Refusal::AccessTokenMissing
            | Refusal::ScopeInsufficient
            | Refusal::Administration(_)
            | Refusal::Token(TokenRefusal::StepUpImpossible)
            | Refusal::Proof(
                ProofRefusal::AccessTokenUnproven
                | ProofRefusal::AccessProofWrong(_)
                | ProofRefusal::AccessNonceWanted,
            )
            | Refusal::Enrolment(EnrolmentRefusal::AuthenticationInsufficient)
            | Refusal::Page(PageRefusal::FormRejected) => EventKind::AccessRefused,
            // No route, so the request was for nothing.
            Refusal::RouteUnknown | Refusal::MethodNotAllowed => return Self::AsDone,
            Refusal::ParameterMissing(_)
            | Refusal::ParameterMisnamed(_)
            | Refusal::RequestMalformed(_)
            | Refusal::ParameterInvalid { .. }
            | Refusal::BodyTooLarge
            | Refusal::Token(TokenRefusal::GrantUnsupported)
            | Refusal::ClientRejected { .. }
            | Refusal::GrantNotAllowed
            | Refusal::ScopeNotAllowed(_)
            | Refusal::AudienceNotAllowed(_)
            | Refusal::LoginTokenMalformed
            | Refusal::LoginExpired
            | Refusal::CodeMissing(_)
            | Refusal::FactorUnknown
            | Refusal::Proof(
                ProofRefusal::ProofWrong(_)
                | ProofRefusal::ProofNonceWanted
                | ProofRefusal::ProofMissing
                | ProofRefusal::KeyWrong,
            )
            | Refusal::Connection(_)
            | Refusal::Account(_)
            | Refusal::Action(_)
            | Refusal::Profile(ProfileRefusal::AddressMissing)
            | Refusal::Enrolment(
                EnrolmentRefusal::FactorsMissing
                | EnrolmentRefusal::AddressUnconfirmed
                | EnrolmentRefusal::AlreadyEnrolled
                | EnrolmentRefusal::FactorsFull
                | EnrolmentRefusal::FactorNotFound
                | EnrolmentRefusal::FactorKept
                | EnrolmentRefusal::EnrolmentMissing,
            )
            | Refusal::Page(
                PageRefusal::RedirectUriRejected(_)
                | PageRefusal::WebOriginRejected
                | PageRefusal::PushedRequestInvalid
                | PageRefusal::ResponseTypeUnsupported
                | PageRefusal::SignInRequired
                | PageRefusal::SecondFactorRequired,
            ) => return Self::ByAttempt,
        })
    }

    /// The verdict of a login that lacks a step.
    pub fn of_next_step(next: &NextStep) -> Self {
        match next {
            NextStep::ConfirmAddress { .. } => Self::Is(EventKind::LoginRefused),
            NextStep::ChangePassword { .. } => Self::Is(EventKind::PasswordDemanded),
            NextStep::Enrol => Self::Is(EventKind::FactorDemanded),
        }
    }

    /// The kind of the event, for a request with this attempt.
    pub fn kind(self, attempt: Attempt) -> Option<EventKind> {
        match self {
            Self::Is(kind) => attempt.refused_kind().map(|_| kind),
            Self::ByAttempt => attempt.refused_kind(),
            Self::Counted(refusal) => refusal.kind(attempt),
            Self::AsDone => None,
        }
    }

    /// The name by which the metrics count the refusal, if it has one of its own.
    pub fn counted(self) -> Option<CountedRefusal> {
        match self {
            Self::Counted(refusal) => Some(refusal),
            Self::Is(_) | Self::ByAttempt | Self::AsDone => None,
        }
    }
}

impl CountedRefusal {
    fn kind(self, attempt: Attempt) -> Option<EventKind> {
        let of_attempt = attempt.refused_kind()?;
        Some(match self {
            Self::CredentialsWrong | Self::NetworkExhausted => EventKind::LoginRefused,
            Self::CodeWrong | Self::CodesExhausted | Self::CodesClosed => EventKind::FactorRefused,
            Self::SendTooSoon => EventKind::MessageRefused,
            // A signed-in user shows the old password for a change.
            Self::PasswordsExhausted | Self::RequestsExhausted => of_attempt,
        })
    }
}

impl Reason {
    /// The reason of this refusal.
    pub fn of(refusal: &Refusal) -> Self {
        Self {
            name: refusal.name(),
            counted: Verdict::of(refusal).counted(),
            repeats_freely: repeats_freely(refusal),
        }
    }

    /// The reason of a login that lacks a step.
    pub fn of_next_step(next: &NextStep) -> Self {
        Self::of_name(next.name())
    }
}

fn repeats_freely(refusal: &Refusal) -> bool {
    matches!(
        refusal,
        Refusal::PasswordsExhausted { .. }
            | Refusal::NetworkExhausted { .. }
            | Refusal::CodesExhausted { .. }
            | Refusal::CodesClosed
            | Refusal::SendTooSoon { .. }
            | Refusal::SendsExhausted { .. }
            | Refusal::RequestsExhausted { .. }
            | Refusal::ParameterMissing(_)
            | Refusal::ParameterMisnamed(_)
            | Refusal::RequestMalformed(_)
            | Refusal::ParameterInvalid { .. }
            | Refusal::BodyTooLarge
            | Refusal::Token(TokenRefusal::GrantUnsupported)
            | Refusal::ClientRejected { .. }
            | Refusal::GrantNotAllowed
            | Refusal::Proof(_)
            | Refusal::Page(PageRefusal::FormRejected)
            | Refusal::LoginTokenMalformed
            | Refusal::LoginExpired
            | Refusal::Token(
                TokenRefusal::RefreshTokenEnded
                    | TokenRefusal::RefreshUserInactive
                    | TokenRefusal::AuthorizationCodeInvalid
            )
            | Refusal::Action(ActionRefusal::ActionTokenInvalid)
    )
}
