//! The grants of a token endpoint, as the OpenAPI document names them.

use utoipa::ToSchema;

/// The grants.
#[derive(ToSchema)]
pub enum GrantType {
    /// User name and password (RFC 6749 4.3).
    #[schema(rename = "password")]
    Password,
    /// The same with a `realm`, which is accepted and not needed.
    #[schema(rename = "http://auth0.com/oauth/grant-type/password-realm")]
    PasswordRealm,
    /// A code of an authenticator app.
    #[schema(rename = "http://auth0.com/oauth/grant-type/mfa-otp")]
    MfaOtp,
    /// A code that was sent.
    #[schema(rename = "http://auth0.com/oauth/grant-type/mfa-oob")]
    MfaOob,
    /// A recovery code.
    #[schema(rename = "http://auth0.com/oauth/grant-type/mfa-recovery-code")]
    MfaRecoveryCode,
    /// A passkey beside another first factor. Not Auth0's.
    #[schema(rename = "http://auth0.com/oauth/grant-type/mfa-webauthn")]
    MfaPasskey,
    /// A code that went to a mailbox, in place of a password.
    #[schema(rename = "http://auth0.com/oauth/grant-type/passwordless/otp")]
    MailboxCode,
    /// A passkey, in place of a password.
    #[schema(rename = "urn:okta:params:oauth:grant-type:webauthn")]
    Passkey,
    /// New tokens for a refresh token (RFC 6749 6).
    #[schema(rename = "refresh_token")]
    RefreshToken,
    /// A code that Aidbox's pages gave (RFC 6749 4.1.3).
    #[schema(rename = "authorization_code")]
    AuthorizationCode,
    /// The secret of a client, for a token without a user (RFC 6749 4.4).
    #[schema(rename = "client_credentials")]
    ClientCredentials,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::{Value, json};
    use utoipa::PartialSchema;

    use super::GrantType;
    use crate::domain::authorization::grant::Grant;
    use crate::wire::aidbox::login::token::AidboxGrantType;
    use crate::wire::grants::token_grants;

    fn documented<T: PartialSchema>() -> Value {
        serde_json::to_value(T::schema()).unwrap()["enum"].clone()
    }

    #[test]
    fn the_document_names_every_grant_that_a_token_endpoint_takes() {
        let names: Vec<&str> = token_grants().map(Grant::name).collect();
        assert_eq!(documented::<GrantType>(), json!(names));
        // Aidbox's clients know none of Auth0's grants.
        let plain: Vec<&&str> = names.iter().filter(|name| !name.contains(':')).collect();
        assert_eq!(documented::<AidboxGrantType>(), json!(plain));
        assert!(!names.contains(&Grant::Implicit.name()));
    }
}
