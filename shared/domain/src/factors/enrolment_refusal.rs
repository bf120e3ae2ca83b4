//! The refusals that occur only at a change of second factors.

/// A "no" to a user who adds, confirms or removes a second factor. Every dialect with calls for
/// that matches the list without `_`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnrolmentRefusal {
    /// To change factors, the user must have authenticated recently with the strongest factor
    /// that the user has.
    AuthenticationInsufficient,
    /// The user has no second factor that the change could be of.
    FactorsMissing,
    /// The account's address has to be confirmed first, because the address may be
    /// somebody else's.
    AddressUnconfirmed,
    /// The user already has a factor, and another factor needs an access token. Or the user
    /// already has this very factor.
    AlreadyEnrolled,
    /// The user has as many factors as are allowed.
    FactorsFull,
    /// There is no such factor to remove.
    FactorNotFound,
    /// This factor may not be removed: a verified e-mail address, or the last factor of a user
    /// who must have one.
    FactorKept,
    /// There is no enrolment to confirm, or it has expired.
    EnrolmentMissing,
}

impl EnrolmentRefusal {
    /// The name in the log.
    pub fn name(&self) -> &'static str {
        match self {
            Self::AuthenticationInsufficient => "authentication_insufficient",
            Self::FactorsMissing => "factors_missing",
            Self::AddressUnconfirmed => "user_unconfirmed",
            Self::AlreadyEnrolled => "already_enrolled",
            Self::FactorsFull => "factors_full",
            Self::FactorNotFound => "factor_not_found",
            Self::FactorKept => "factor_kept",
            Self::EnrolmentMissing => "enrolment_missing",
        }
    }
}
