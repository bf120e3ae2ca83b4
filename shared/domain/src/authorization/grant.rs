//! The grants: the ways in which a client may get tokens.

/// A grant. A client is allowed some of them (RFC 7591 2), and each request for
/// tokens names one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    /// User name and password (RFC 6749 4.3).
    Password,
    /// The password flow with a `realm`. The realm is accepted and ignored.
    PasswordRealm,
    /// A code of an authenticator app.
    MfaOtp,
    /// A code that was sent by a message.
    MfaOob,
    MfaRecoveryCode,
    /// A passkey beside another first factor. In Auth0's dialect only, and not Auth0's.
    MfaPasskey,
    /// A code that went to a mailbox, in place of a password. In Auth0's dialect only.
    MailboxCode,
    /// A passkey, in place of a password. In Auth0's dialect only.
    Passkey,
    /// A refresh token (RFC 6749 6).
    RefreshToken,
    /// An authorization code (RFC 6749 4.1.3).
    AuthorizationCode,
    /// The secret of a client, for a token without a user (RFC 6749 4.4).
    ClientCredentials,
    /// A token by `response_type=token`. No token endpoint takes this grant.
    Implicit,
}

impl Grant {
    /// Every grant. A token endpoint takes all but the last one.
    pub const ALL: [Self; 12] = [
        Self::Password,
        Self::PasswordRealm,
        Self::MfaOtp,
        Self::MfaOob,
        Self::MfaRecoveryCode,
        Self::MfaPasskey,
        Self::MailboxCode,
        Self::Passkey,
        Self::RefreshToken,
        Self::AuthorizationCode,
        Self::ClientCredentials,
        Self::Implicit,
    ];

    /// What a login with a password needs, with every second factor.
    pub const OF_A_PASSWORD_LOGIN: [Self; 7] = [
        Self::Password,
        Self::PasswordRealm,
        Self::MfaOtp,
        Self::MfaOob,
        Self::MfaRecoveryCode,
        Self::MfaPasskey,
        Self::RefreshToken,
    ];

    /// Whether a passkey is shown, as the first factor or as the second.
    pub const fn is_of_passkeys(self) -> bool {
        matches!(self, Self::Passkey | Self::MfaPasskey)
    }

    /// The name in `grant_type`, and in a client's item.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::PasswordRealm => "http://auth0.com/oauth/grant-type/password-realm",
            Self::MfaOtp => "http://auth0.com/oauth/grant-type/mfa-otp",
            Self::MfaOob => "http://auth0.com/oauth/grant-type/mfa-oob",
            Self::MfaRecoveryCode => "http://auth0.com/oauth/grant-type/mfa-recovery-code",
            Self::MfaPasskey => "http://auth0.com/oauth/grant-type/mfa-webauthn",
            Self::MailboxCode => "http://auth0.com/oauth/grant-type/passwordless/otp",
            Self::Passkey => "urn:okta:params:oauth:grant-type:webauthn",
            Self::RefreshToken => "refresh_token",
            Self::AuthorizationCode => "authorization_code",
            Self::ClientCredentials => "client_credentials",
            Self::Implicit => "implicit",
        }
    }

    /// The name that operators read and write: without the front part of Auth0's
    /// URIs.
    pub fn short_name(self) -> &'static str {
        let name = self.name();
        name.rsplit(['/', ':']).next().unwrap_or(name)
    }

    /// The grant of this name, if there is one.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grant| grant.name() == name)
    }
}

/// The grants that a client may use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grants {
    known: Vec<Grant>,
    /// Stored names that this version does not know. They allow nothing here. A
    /// newer version has written them, so a change of the client writes them back.
    unknown: Vec<String>,
}

impl Grants {
    /// The grants with these stored names.
    pub fn from_names(names: Vec<String>) -> Self {
        let mut grants = Self::default();
        for name in names {
            match Grant::from_name(&name) {
                Some(grant) => grants.known.push(grant),
                None => grants.unknown.push(name),
            }
        }
        grants
    }

    /// Whether the client may use this grant.
    pub fn allows(&self, grant: Grant) -> bool {
        self.known.contains(&grant)
    }

    /// The names as they are stored.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let unknown = self.unknown.iter().map(String::as_str);
        self.known.iter().map(|grant| grant.name()).chain(unknown)
    }

    /// Takes every grant away.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

impl FromIterator<Grant> for Grants {
    fn from_iter<T: IntoIterator<Item = Grant>>(grants: T) -> Self {
        Self {
            known: grants.into_iter().collect(),
            unknown: Vec::new(),
        }
    }
}

impl<const COUNT: usize> From<[Grant; COUNT]> for Grants {
    fn from(grants: [Grant; COUNT]) -> Self {
        grants.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Grant, Grants};

    #[test]
    fn each_grant_is_found_by_its_name_and_no_other_name_is_a_grant() {
        for grant in Grant::ALL {
            assert_eq!(Grant::from_name(grant.name()), Some(grant));
        }
        for name in ["", "Password", "mfa-otp", "device_code"] {
            assert_eq!(Grant::from_name(name), None, "{name}");
        }
    }

    #[test]
    fn a_stored_grant_that_this_version_does_not_know_allows_nothing_and_is_kept() {
        let stored = ["password", "urn:newer", "implicit"].map(str::to_owned);
        let grants = Grants::from_names(stored.to_vec());
        assert!(grants.allows(Grant::Password) && grants.allows(Grant::Implicit));
        assert!(!grants.allows(Grant::RefreshToken));
        let kept: Vec<&str> = grants.names().collect();
        assert_eq!(kept, ["password", "implicit", "urn:newer"]);
    }
}
