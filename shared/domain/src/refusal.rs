//! Every refusal that a caller may be told.

use super::Timestamp;
use super::refused_value::{Naming, Refused};
use crate::accounts::refusals::account_refusal::AccountRefusal;
use crate::accounts::refusals::action_refusal::ActionRefusal;
use crate::accounts::refusals::administration_refusal::AdministrationRefusal;
use crate::accounts::refusals::connection_refusal::ConnectionRefusal;
use crate::accounts::refusals::profile_refusal::ProfileRefusal;
use crate::authorization::page_refusal::PageRefusal;
use crate::authorization::proof_refusal::ProofRefusal;
use crate::authorization::token_refusal::TokenRefusal;
use crate::factors::enrolment_refusal::EnrolmentRefusal;
use crate::factors::factor::{Factor, Method};
use crate::login::throttle::{ANONYMOUS, CODES, PASSWORDS_BY_ADDRESS, PASSWORDS_BY_NETWORK};
use crate::messages::payers::Row;

/// A "no" that a caller may be told. The list is closed: each dialect matches it
/// without `_`, so a new refusal does not compile until every dialect answers it. A
/// refusal that only one capability can cause has a type of its own. Only the dialects
/// with that capability match that type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    ParameterMissing(&'static str),
    /// The request has a name that is nearly this parameter's name. The service would ignore the
    /// value.
    ParameterMisnamed(&'static str),
    /// The request cannot be parsed. The text says why.
    RequestMalformed(&'static str),
    /// The value of a parameter is of no use. The text says why.
    ParameterInvalid {
        /// The parameter, in the words of Auth0.
        name: &'static str,
        problem: &'static str,
    },
    /// The body is longer than the service reads.
    BodyTooLarge,
    /// No such route.
    RouteUnknown,
    /// The route exists for another method.
    MethodNotAllowed,
    /// Unknown client, wrong secret, or a secret where none belongs.
    ClientRejected {
        /// Whether the credentials came in the `Authorization` header. Then the answer needs a
        /// challenge (RFC 6749 5.2).
        in_header: bool,
        /// The client that the request named.
        client: Refused,
    },
    /// This client may not use this grant.
    GrantNotAllowed,
    /// This client may not ask for one of the scopes.
    ScopeNotAllowed(Refused),
    /// This client may not ask for this audience.
    AudienceNotAllowed(Refused),
    /// Unknown name or wrong password.
    CredentialsWrong,
    /// Too many wrong passwords. The service compares no password before `retry_at`.
    PasswordsExhausted {
        /// When the next password is compared.
        retry_at: Timestamp,
    },
    /// Too many wrong passwords from the caller's network, over all names. The
    /// service compares no password from there before `retry_at`.
    NetworkExhausted {
        /// When the next password is compared.
        retry_at: Timestamp,
    },
    /// Right password, but the account may not sign in.
    AccountInactive,
    /// The token that names a pending login is forged, or belongs to another client.
    LoginTokenMalformed,
    /// The pending login is over: it expired, it was completed, or its user's epoch has changed.
    LoginExpired,
    /// The request needs a code and has none.
    CodeMissing(Method),
    /// The code is wrong, too old, used, or of another factor.
    CodeWrong(Method),
    /// Too many wrong codes. The service compares no code before `retry_at`.
    CodesExhausted {
        /// When the next code is compared.
        retry_at: Timestamp,
    },
    /// A hundred wrong codes in a row closed six-digit codes. A recovery code or a new password
    /// opens them again.
    CodesClosed,
    /// The user has no factor like the one asked for.
    FactorUnknown,
    /// A code was sent to this factor just now.
    SendTooSoon {
        /// When the next code may be sent.
        retry_at: Timestamp,
    },
    /// Too many messages were sent: to this address, or on behalf of this account.
    SendsExhausted {
        /// When the next message may be sent.
        retry_at: Timestamp,
        /// The budget that is used up.
        row: Row,
        /// How many messages this budget allows at once.
        limit: i64,
        /// The other factors that could complete the login.
        others: Vec<Factor>,
    },
    /// The code could not be sent. Nothing was charged.
    DeliveryFailed {
        /// The other factors that could complete the login.
        others: Vec<Factor>,
    },
    /// The access token is wrong, expired, or for another audience.
    AccessTokenInvalid,
    /// No access token came (RFC 6750 3.1).
    AccessTokenMissing,
    /// The access token lacks the scope.
    ScopeInsufficient,
    /// Too many requests of this kind from this network.
    RequestsExhausted {
        /// When the next request is answered.
        retry_at: Timestamp,
    },
    /// A refusal that occurs only at a token endpoint.
    Token(TokenRefusal),
    /// A refusal of a DPoP proof.
    Proof(ProofRefusal),
    /// A refusal that occurs only at calls that make an account or replace its password.
    Account(AccountRefusal),
    /// A refusal that occurs only where a message's link or code is opened.
    Action(ActionRefusal),
    /// A refusal that occurs only where users look after their own account.
    Profile(ProfileRefusal),
    /// A refusal that occurs only at calls of an administrator.
    Administration(AdministrationRefusal),
    /// A refusal that occurs only at calls that name a connection.
    Connection(ConnectionRefusal),
    /// A refusal that occurs only at a change of second factors.
    Enrolment(EnrolmentRefusal),
    /// A refusal that occurs only on our own pages.
    Page(PageRefusal),
}

impl Refusal {
    /// The refusal of the client with this identifier.
    pub fn client_rejected(id: &str, in_header: bool) -> Self {
        let client = Refused::new("client", id);
        Self::ClientRejected { in_header, client }
    }

    /// The refused value, if the refusal is about one value of the request.
    pub fn refused_value(&self) -> Option<&Refused> {
        let (Self::ScopeNotAllowed(refused)
        | Self::AudienceNotAllowed(refused)
        | Self::Page(PageRefusal::RedirectUriRejected(refused))
        | Self::ClientRejected {
            client: refused, ..
        }) = self
        else {
            return None;
        };
        Some(refused)
    }

    /// The same refusal, with the place where the refused value is named.
    pub fn named(mut self, naming: Naming) -> Self {
        if let Self::ScopeNotAllowed(refused)
        | Self::AudienceNotAllowed(refused)
        | Self::Page(PageRefusal::RedirectUriRejected(refused))
        | Self::ClientRejected {
            client: refused, ..
        } = &mut self
        {
            *refused = refused.clone().named(naming);
        }
        self
    }

    /// A dialect's sentence for this refusal, with the refused value if answers name it.
    pub fn sentence(&self, words: &str) -> String {
        match self.refused_value().and_then(Refused::told) {
            None => words.to_owned(),
            Some(told) => format!("{words} ({told})"),
        }
    }
}

impl Refusal {
    /// The other factors that the answer names when no code could be sent.
    pub fn other_factors(&self) -> Option<&[Factor]> {
        match self {
            Self::DeliveryFailed { others } => Some(others),
            Self::SendsExhausted { others, .. } if !others.is_empty() => Some(others),
            _ => None,
        }
    }

    /// The name in the log.
    pub fn name(&self) -> &'static str {
        match self {
            Self::ParameterMissing(_) => "parameter_missing",
            Self::ParameterMisnamed(_) => "parameter_misnamed",
            Self::RequestMalformed(_) => "request_malformed",
            Self::ParameterInvalid { .. } => "parameter_invalid",
            Self::BodyTooLarge => "body_too_large",
            Self::RouteUnknown => "route_unknown",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::ClientRejected { .. } => "client_rejected",
            Self::GrantNotAllowed => "grant_not_allowed",
            Self::ScopeNotAllowed(_) => "scope_not_allowed",
            Self::AudienceNotAllowed(_) => "audience_not_allowed",
            Self::CredentialsWrong => "credentials_wrong",
            Self::PasswordsExhausted { .. } => "passwords_exhausted",
            Self::NetworkExhausted { .. } => "network_exhausted",
            Self::AccountInactive => "account_inactive",
            Self::LoginTokenMalformed => "login_token_malformed",
            Self::LoginExpired => "login_expired",
            Self::CodeMissing(_) => "code_missing",
            Self::CodeWrong(_) => "code_wrong",
            Self::CodesExhausted { .. } => "codes_exhausted",
            Self::CodesClosed => "codes_closed",
            Self::FactorUnknown => "factor_unknown",
            Self::SendTooSoon { .. } => "send_too_soon",
            Self::SendsExhausted { .. } => "sends_exhausted",
            Self::DeliveryFailed { .. } => "delivery_failed",
            Self::AccessTokenInvalid => "access_token_invalid",
            Self::AccessTokenMissing => "access_token_missing",
            Self::ScopeInsufficient => "scope_insufficient",
            Self::RequestsExhausted { .. } => "requests_exhausted",
            Self::Token(refusal) => refusal.name(),
            Self::Proof(refusal) => refusal.name(),
            Self::Account(refusal) => refusal.name(),
            Self::Action(refusal) => refusal.name(),
            Self::Profile(refusal) => refusal.name(),
            Self::Administration(refusal) => refusal.name(),
            Self::Connection(refusal) => refusal.name(),
            Self::Enrolment(refusal) => refusal.name(),
            Self::Page(refusal) => refusal.name(),
        }
    }
}

/// When a caller may retry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// The time of the next attempt.
    pub retry_at: Timestamp,
    /// How many the used-up budget allows at once, if a budget is used up.
    pub limit: Option<i64>,
}

impl Refusal {
    /// When the caller may try again. `None` if waiting does not help.
    pub fn wait(&self, now: Timestamp) -> Option<Wait> {
        /// Waiting does not open closed codes. The long wait keeps clients from polling.
        const CLOSED_SECONDS: Timestamp = 3600;
        let (retry_at, limit) = match self {
            Self::PasswordsExhausted { retry_at } => (*retry_at, Some(PASSWORDS_BY_ADDRESS)),
            Self::NetworkExhausted { retry_at } => (*retry_at, Some(PASSWORDS_BY_NETWORK.burst)),
            Self::CodesExhausted { retry_at } => (*retry_at, Some(CODES.burst)),
            Self::CodesClosed => (now + CLOSED_SECONDS, Some(CODES.burst)),
            Self::SendTooSoon { retry_at } => (*retry_at, Some(1)),
            Self::SendsExhausted {
                retry_at, limit, ..
            } => (*retry_at, Some(*limit)),
            Self::DeliveryFailed { .. } => (now + 1, None),
            Self::RequestsExhausted { retry_at } => (*retry_at, Some(ANONYMOUS.burst)),
            Self::ParameterMissing(_)
            | Self::ParameterMisnamed(_)
            | Self::RequestMalformed(_)
            | Self::ParameterInvalid { .. }
            | Self::BodyTooLarge
            | Self::RouteUnknown
            | Self::MethodNotAllowed
            | Self::ClientRejected { .. }
            | Self::GrantNotAllowed
            | Self::ScopeNotAllowed(_)
            | Self::AudienceNotAllowed(_)
            | Self::CredentialsWrong
            | Self::AccountInactive
            | Self::LoginTokenMalformed
            | Self::LoginExpired
            | Self::CodeMissing(_)
            | Self::CodeWrong(_)
            | Self::FactorUnknown
            | Self::AccessTokenInvalid
            | Self::AccessTokenMissing
            | Self::ScopeInsufficient
            | Self::Token(_)
            | Self::Proof(_)
            | Self::Account(_)
            | Self::Action(_)
            | Self::Profile(_)
            | Self::Administration(_)
            | Self::Connection(_)
            | Self::Enrolment(_)
            | Self::Page(_) => return None,
        };
        Some(Wait { retry_at, limit })
    }
}

impl From<TokenRefusal> for Refusal {
    fn from(refusal: TokenRefusal) -> Self {
        Self::Token(refusal)
    }
}

impl From<ProofRefusal> for Refusal {
    fn from(refusal: ProofRefusal) -> Self {
        Self::Proof(refusal)
    }
}

impl From<AccountRefusal> for Refusal {
    fn from(refusal: AccountRefusal) -> Self {
        Self::Account(refusal)
    }
}

impl From<ActionRefusal> for Refusal {
    fn from(refusal: ActionRefusal) -> Self {
        Self::Action(refusal)
    }
}

impl From<ProfileRefusal> for Refusal {
    fn from(refusal: ProfileRefusal) -> Self {
        Self::Profile(refusal)
    }
}

impl From<AdministrationRefusal> for Refusal {
    fn from(refusal: AdministrationRefusal) -> Self {
        Self::Administration(refusal)
    }
}

impl From<ConnectionRefusal> for Refusal {
    fn from(refusal: ConnectionRefusal) -> Self {
        Self::Connection(refusal)
    }
}

impl From<EnrolmentRefusal> for Refusal {
    fn from(refusal: EnrolmentRefusal) -> Self {
        Self::Enrolment(refusal)
    }
}

impl From<PageRefusal> for Refusal {
    fn from(refusal: PageRefusal) -> Self {
        Self::Page(refusal)
    }
}
