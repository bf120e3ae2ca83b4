//! The refusals that occur only at a token endpoint.

/// A "no" of a token endpoint: to a grant, an authorization code or a refresh token. Only
/// the dialects with a token endpoint match the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenRefusal {
    /// The service does not know this grant type.
    GrantUnsupported,
    /// The authorization code is forged, expired, used, or for another client or redirect URI.
    AuthorizationCodeInvalid,
    /// The refresh token is unknown, or belongs to another client.
    RefreshTokenInvalid,
    /// The session has ended: it expired, it was revoked, or the user's epoch has changed.
    RefreshTokenEnded,
    /// The refresh token was used before. So the whole session has ended.
    RefreshTokenReused,
    /// The session's user may no longer sign in.
    RefreshUserInactive,
    /// The refresh asks for an authentication that none of the user's factors gives.
    StepUpImpossible,
}

impl TokenRefusal {
    /// The name in the log.
    pub fn name(&self) -> &'static str {
        match self {
            Self::GrantUnsupported => "grant_unsupported",
            Self::AuthorizationCodeInvalid => "authorization_code_invalid",
            Self::RefreshTokenInvalid => "refresh_token_invalid",
            Self::RefreshTokenEnded => "refresh_token_ended",
            Self::RefreshTokenReused => "refresh_token_reused",
            Self::RefreshUserInactive => "refresh_user_inactive",
            Self::StepUpImpossible => "step_up_impossible",
        }
    }
}
