//! The dialects that the service speaks.

use crate::authorization::grant::Grant;

/// The end of the `sub` of a client in Auth0's words.
pub const SUBJECT_OF_A_CLIENT: &str = "@clients";

/// A system whose API the service speaks. The path of a request decides the dialect. An
/// installation that names no dialect speaks the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    #[default]
    /// Auth0's Authentication and MFA API, and plain OAuth 2.0 and OIDC.
    Auth0,
    /// ABP's account module over OpenIddict.
    Abp,
    /// ASP.NET Core Identity's account API, as in CodeMaze's articles.
    CodeMaze,
    /// Aidbox's authentication API and its two-factor calls.
    Aidbox,
}

impl Dialect {
    pub const ALL: [Self; 4] = [Self::Auth0, Self::Abp, Self::CodeMaze, Self::Aidbox];

    /// The name that the table and the log contain.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auth0 => "auth0",
            Self::Abp => "abp",
            Self::CodeMaze => "codemaze",
            Self::Aidbox => "aidbox",
        }
    }

    /// The dialect with this stored name, if this version knows the name.
    pub fn from_name(name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|dialect| dialect.name() == name)
    }
}

/// When a user is given recovery codes, and how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecoveryCodeStyle {
    /// One code, when the enrolment of the first factor begins. The response that
    /// accepts a code contains a new code.
    OneAtATime,
    /// Ten, when an app is confirmed. A used code is not replaced.
    Ten,
}

impl RecoveryCodeStyle {
    /// Whether the enrolment of a factor begins with a recovery code. A code to an address
    /// that was confirmed before enrols the address without showing anything.
    pub fn begins_with_code(self, has_codes: bool, by_address: bool) -> bool {
        match self {
            Self::OneAtATime => !has_codes && !by_address,
            Self::Ten => false,
        }
    }

    /// Whether the response that accepts a recovery code contains a new code.
    pub fn replaces_used_code(self) -> bool {
        match self {
            Self::OneAtATime => true,
            Self::Ten => false,
        }
    }
}

/// What a login requires of the user's addresses, in addition to the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfirmationDemand {
    /// Nothing more.
    Policy,
    /// A confirmed e-mail address, because the tokens name the user by the address.
    Email,
    /// A confirmed e-mail address if the user has an address, because anybody may sign
    /// up with another person's address.
    Owned,
    /// A confirmed address or number that can be a second factor, if the policy
    /// requires one. The reason is that the apps have no screen to enrol a factor at a
    /// login.
    Provider,
}

/// The claims of an access token that name the user, besides `sub`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameClaims {
    /// No other claims.
    None,
    /// `preferred_username`, `unique_name` and `role`, as OpenIddict writes them.
    OpenIddict,
    /// The URIs of ASP.NET Core's `ClaimTypes.Name` and `ClaimTypes.Role`.
    ClaimTypes,
}

/// What the answer tells a user who is refused because no phone number is confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissingNumber {
    /// That something is not confirmed. The dialect has no sentence that says more.
    Unconfirmed,
    /// The page that sets up an authenticator app, if the user has no number. A user
    /// with a number can confirm it on the app's own screen.
    PageWithoutNumber,
    /// The page that sets up an authenticator app.
    Page,
}

/// How the second request of a login by password and authenticator app says which login it
/// completes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepAfterPassword {
    /// By the token that the first answer gave.
    LoginToken,
    /// By the password again, with the provider of the code and the code.
    PasswordAndProvider,
    /// By the name, with the provider that the first answer named.
    NameAndProvider,
    /// By the password again, with the code as a token.
    PasswordAndToken,
}

/// The differences between the systems. Use cases ask these methods, and never match on
/// the dialect's name.
impl Dialect {
    /// The dialect whose token endpoint the plain issuer names: the first of these that is
    /// served.
    pub fn of_plain_issuer(serves: impl Fn(Self) -> bool) -> Self {
        let mut by_rank = [Self::Auth0, Self::Abp, Self::Aidbox].into_iter();
        by_rank
            .find(|dialect| serves(*dialect))
            .unwrap_or(Self::Abp)
    }

    /// The path of the token endpoint, relative to the issuer.
    pub fn token_path(self) -> &'static str {
        match self {
            Self::Auth0 => "oauth/token",
            Self::Abp | Self::CodeMaze => "connect/token",
            Self::Aidbox => "auth/token",
        }
    }

    /// The path of the authorization page, relative to the issuer, for an issuer that has
    /// the page.
    pub fn authorization_path(self) -> &'static str {
        match self {
            Self::Auth0 => "authorize",
            Self::Abp | Self::CodeMaze | Self::Aidbox => "auth/authorize",
        }
    }

    /// Whether the dialect's clients send browsers to our pages, whichever other dialect is
    /// served.
    pub fn has_pages(self) -> bool {
        matches!(self, Self::Auth0 | Self::Aidbox)
    }

    /// Whether the clients of every other served dialect may send browsers to this
    /// dialect's pages.
    pub fn lends_pages(self) -> bool {
        self == Self::Aidbox
    }

    /// Whether the metadata names calls for challenges, for pushed authorization requests
    /// and for the sign-out of OpenID Connect.
    pub fn names_more_endpoints(self) -> bool {
        self == Self::Auth0
    }

    /// Whether the token endpoint takes this grant.
    pub fn takes_grant(self, grant: Grant) -> bool {
        let of_auth0 = matches!(
            grant,
            Grant::MailboxCode | Grant::Passkey | Grant::MfaPasskey
        );
        !of_auth0 || self == Self::Auth0
    }

    /// Whether the dialect's own system reads a path in any case and with a slash at its
    /// end.
    pub fn reads_paths_in_any_case(self) -> bool {
        matches!(self, Self::Abp | Self::CodeMaze)
    }

    /// Whether the dialect's contract has a registration that is always there.
    pub fn registers_by_default(self) -> bool {
        self != Self::Auth0
    }

    /// Whether every request is made for one client, which a setting names.
    pub fn has_one_client(self) -> bool {
        self == Self::CodeMaze
    }

    /// The `sub` of a token that a client got for itself, without a user.
    pub fn subject_of_client(self, client: &str) -> String {
        match self {
            Self::Auth0 => format!("{client}{SUBJECT_OF_A_CLIENT}"),
            Self::Abp | Self::CodeMaze | Self::Aidbox => client.to_owned(),
        }
    }

    /// The dialects in whose words a stranger may sign up here, if one of them is open. The
    /// apps of Auth0 send their users to the pages, whose words are Aidbox's.
    pub fn sign_ups(self) -> &'static [Self] {
        match self {
            Self::Auth0 => &[Self::Auth0],
            Self::Abp => &[Self::Abp],
            Self::CodeMaze => &[Self::CodeMaze],
            Self::Aidbox => &[Self::Aidbox, Self::Auth0],
        }
    }

    /// When users get recovery codes.
    pub fn recovery_codes(self) -> RecoveryCodeStyle {
        match self {
            Self::Auth0 => RecoveryCodeStyle::OneAtATime,
            Self::Abp | Self::CodeMaze | Self::Aidbox => RecoveryCodeStyle::Ten,
        }
    }

    /// Whether a right recovery code also opens codes that strangers have closed. This
    /// matters only in a dialect that verifies a code without the login's token.
    pub fn recovery_code_opens_strangers(self) -> bool {
        self == Self::Abp
    }

    /// What a login requires of the user's addresses.
    pub fn confirmation_demand(self) -> ConfirmationDemand {
        match self {
            Self::Auth0 => ConfirmationDemand::Policy,
            Self::Abp => ConfirmationDemand::Provider,
            Self::CodeMaze => ConfirmationDemand::Email,
            Self::Aidbox => ConfirmationDemand::Owned,
        }
    }

    /// The answer to a user without a confirmed phone number if the policy requires a
    /// confirmed number.
    pub fn missing_number(self) -> MissingNumber {
        match self {
            Self::Auth0 => MissingNumber::Unconfirmed,
            Self::Abp => MissingNumber::PageWithoutNumber,
            Self::CodeMaze | Self::Aidbox => MissingNumber::Page,
        }
    }

    /// Whether a pending login can enrol a factor by a call of this API.
    pub fn enrolls_at_login(self) -> bool {
        self == Self::Auth0
    }

    /// Whether the second step names only the user, and has neither the password nor a
    /// token. The login then stores the network that the password came from.
    pub fn second_step_names_the_user(self) -> bool {
        self.step_after_password() == StepAfterPassword::NameAndProvider
    }

    /// How the second request of a login names the login.
    pub fn step_after_password(self) -> StepAfterPassword {
        match self {
            Self::Auth0 => StepAfterPassword::LoginToken,
            Self::Abp => StepAfterPassword::PasswordAndProvider,
            Self::CodeMaze => StepAfterPassword::NameAndProvider,
            Self::Aidbox => StepAfterPassword::PasswordAndToken,
        }
    }

    /// Whether a signed-in user adds a factor with an access token for our MFA endpoints.
    pub fn enrolls_by_mfa_token(self) -> bool {
        self == Self::Auth0
    }

    /// The pages that links in messages lead to, if the app has the pages.
    pub fn pages_of_app(self) -> Option<&'static str> {
        match self {
            Self::Abp => Some("/Account/ResetPassword"),
            Self::CodeMaze => Some("the pages that clientURI names"),
            Self::Auth0 | Self::Aidbox => None,
        }
    }

    /// The claims that name the user in an access token.
    pub fn name_claims(self) -> NameClaims {
        match self {
            Self::Auth0 | Self::Aidbox => NameClaims::None,
            Self::Abp => NameClaims::OpenIddict,
            Self::CodeMaze => NameClaims::ClaimTypes,
        }
    }

    /// Whether the userinfo endpoint requires the scope `openid` (OpenID Connect Core
    /// 5.3). ABP's accepts any token for the account.
    pub fn user_info_needs_openid(self) -> bool {
        self != Self::Abp
    }

    /// Whether apps name no audience, although they manage the user's account.
    pub fn clients_name_no_audience(self) -> bool {
        matches!(self, Self::Abp | Self::Aidbox)
    }

    /// Whether the answer of a token endpoint to a locked name says that the user was
    /// notified, so that the user must be notified.
    pub fn notifies_of_a_lockout(self) -> bool {
        self == Self::Auth0
    }

    /// Whether an e-mail with a link has the fixed subject of the dialect's own system.
    pub fn mails_fixed_subjects(self) -> bool {
        self == Self::CodeMaze
    }

    /// Whether an e-mail with a code contains only the code, without the product's
    /// frame.
    pub fn mails_bare_codes(self) -> bool {
        self == Self::CodeMaze
    }
}

#[cfg(test)]
mod tests {
    use super::Dialect::{self, Abp, Aidbox, Auth0, CodeMaze};
    use super::RecoveryCodeStyle::{OneAtATime, Ten};
    use crate::authorization::grant::Grant;

    #[test]
    fn the_plain_issuer_names_the_first_served_dialect_by_rank() {
        for (served, expected) in [
            (&[Auth0, Abp, CodeMaze, Aidbox][..], Auth0),
            (&[Abp, Aidbox], Abp),
            (&[CodeMaze, Aidbox], Aidbox),
            (&[CodeMaze], Abp),
        ] {
            let found = Dialect::of_plain_issuer(|dialect| served.contains(&dialect));
            assert_eq!(found, expected, "{served:?}");
        }
    }

    #[test]
    fn only_auth0s_token_endpoint_takes_a_mailbox_code_or_a_passkey() {
        for dialect in Dialect::ALL {
            for grant in Grant::ALL {
                let of_auth0 =
                    [Grant::MailboxCode, Grant::Passkey, Grant::MfaPasskey].contains(&grant);
                let takes = !of_auth0 || dialect == Auth0;
                assert_eq!(dialect.takes_grant(grant), takes, "{dialect:?} {grant:?}");
            }
        }
    }

    #[test]
    fn a_recovery_code_comes_with_the_first_factor_and_is_replaced_in_one_style_only() {
        for (style, has_codes, by_address, begins) in [
            (OneAtATime, false, false, true),
            (OneAtATime, true, false, false),
            (OneAtATime, false, true, false),
            (OneAtATime, true, true, false),
            (Ten, false, false, false),
            (Ten, true, true, false),
        ] {
            assert_eq!(style.begins_with_code(has_codes, by_address), begins);
        }
        assert_eq!(
            [OneAtATime, Ten].map(|style| style.replaces_used_code()),
            [true, false]
        );
    }
}
