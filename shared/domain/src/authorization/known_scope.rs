//! The scopes that mean something to this service. All other scopes belong to the APIs
//! that tokens are for.

/// A scope that this service itself reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnownScope {
    /// Asks for an id token (OpenID Connect Core 3.1.2.1).
    OpenId,
    Profile,
    Email,
    Phone,
    Address,
    /// OpenIddict counts this scope among OIDC's own.
    Roles,
    /// The name of `Roles` in ABP's templates before version 6.
    Role,
    /// Asks for a refresh token (OpenID Connect Core 11).
    OfflineAccess,
    /// An access token needs this scope to enrol a factor.
    Enroll,
    /// An access token needs this scope to list the factors.
    ReadAuthenticators,
    /// An access token needs this scope to remove a factor.
    RemoveAuthenticators,
    /// These three rights in the words of Auth0's My Account API, and the rights to name
    /// factors, to list the kinds of factors, and to list and end sessions.
    CreateMyMethods,
    ReadMyMethods,
    DeleteMyMethods,
    UpdateMyMethods,
    ReadMyFactors,
    ReadMySessions,
    DeleteMySessions,
}

impl KnownScope {
    pub const ALL: [Self; 18] = [
        Self::OpenId,
        Self::Profile,
        Self::Email,
        Self::Phone,
        Self::Address,
        Self::Roles,
        Self::Role,
        Self::OfflineAccess,
        Self::Enroll,
        Self::ReadAuthenticators,
        Self::RemoveAuthenticators,
        Self::CreateMyMethods,
        Self::ReadMyMethods,
        Self::DeleteMyMethods,
        Self::UpdateMyMethods,
        Self::ReadMyFactors,
        Self::ReadMySessions,
        Self::DeleteMySessions,
    ];

    /// The name in `scope`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OpenId => "openid",
            Self::Profile => "profile",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Address => "address",
            Self::Roles => "roles",
            Self::Role => "role",
            Self::OfflineAccess => "offline_access",
            Self::Enroll => "enroll",
            Self::ReadAuthenticators => "read:authenticators",
            Self::RemoveAuthenticators => "remove:authenticators",
            Self::CreateMyMethods => "create:me:authentication_methods",
            Self::ReadMyMethods => "read:me:authentication_methods",
            Self::DeleteMyMethods => "delete:me:authentication_methods",
            Self::UpdateMyMethods => "update:me:authentication_methods",
            Self::ReadMyFactors => "read:me:factors",
            Self::ReadMySessions => "read:me:sessions",
            Self::DeleteMySessions => "delete:me:sessions",
        }
    }

    /// The scope of this name, if the service reads it.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }

    /// Whether every client may ask for the scope: OIDC's own scopes (OpenID Connect
    /// Core 5.4), and the roles. A client lists each other scope that it may ask for.
    pub fn is_for_every_client(self) -> bool {
        match self {
            Self::OpenId
            | Self::Profile
            | Self::Email
            | Self::Phone
            | Self::Address
            | Self::Roles
            | Self::Role => true,
            Self::OfflineAccess
            | Self::Enroll
            | Self::ReadAuthenticators
            | Self::RemoveAuthenticators
            | Self::CreateMyMethods
            | Self::ReadMyMethods
            | Self::DeleteMyMethods
            | Self::UpdateMyMethods
            | Self::ReadMyFactors
            | Self::ReadMySessions
            | Self::DeleteMySessions => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::KnownScope;

    #[test]
    fn every_client_may_ask_for_oidcs_own_scopes_and_for_no_right_to_change_factors() {
        let open: Vec<&str> = KnownScope::ALL
            .into_iter()
            .filter(|scope| scope.is_for_every_client())
            .map(KnownScope::name)
            .collect();
        let oidc = [
            "openid", "profile", "email", "phone", "address", "roles", "role",
        ];
        assert_eq!(open, oidc);
        for scope in KnownScope::ALL {
            assert_eq!(KnownScope::from_name(scope.name()), Some(scope));
        }
        assert_eq!(KnownScope::from_name("OpenID"), None);
    }
}
