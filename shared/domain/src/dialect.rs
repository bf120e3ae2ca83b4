//! The systems whose words the service speaks.

/// A system whose words the service speaks. The path of a request chooses the
/// system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Auth0's Authentication and MFA API, and plain OAuth 2.0 and OIDC.
    Auth0,
    /// ABP's account module over OpenIddict.
    Abp,
    /// ASP.NET Core Identity's account API, as CodeMaze's articles have it.
    CodeMaze,
    /// Aidbox's authentication API and its two-factor calls.
    Aidbox,
}

impl Dialect {
    /// All of them.
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

    /// The dialect of that stored name, if this version knows the name.
    pub fn from_name(name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|dialect| dialect.name() == name)
    }
}

/// When a user is given recovery codes, and how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecoveryCodeStyle {
    /// One, when the first factor is begun. A used code is replaced by a new one in
    /// the same response.
    OneAtATime,
    /// Ten, when an app is confirmed. A used code is not replaced.
    Ten,
}

/// What a login demands of the user's addresses, beside what the policy demands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfirmationDemand {
    /// Nothing more.
    Policy,
    /// A confirmed e-mail address, because the tokens name the user by it.
    Email,
    /// A confirmed e-mail address, if the user has an address: anybody may sign up
    /// with another person's.
    Owned,
    /// Something confirmed that can be a second factor, if one is demanded: the apps
    /// have no screen that enrols one at a login.
    Provider,
}

/// Which claims of an access token name the user, beside `sub`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameClaims {
    /// None.
    None,
    /// `preferred_username`, `unique_name` and `role`, as OpenIddict writes them.
    OpenIddict,
    /// The URIs of ASP.NET Core's `ClaimTypes.Name` and `ClaimTypes.Role`.
    ClaimTypes,
}

/// What a refused user without a confirmed phone number is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissingNumber {
    /// That something is not confirmed: the words have no sentence for more.
    Unconfirmed,
    /// The page that sets up an app, where the user has no number; else the number
    /// can be confirmed by the app's own screen.
    PageWithoutNumber,
    /// The page that sets up an app.
    Page,
}

/// What each system does differently. Use cases ask this, and never match on the
/// dialect's name.
impl Dialect {
    /// When users get recovery codes.
    pub fn recovery_codes(self) -> RecoveryCodeStyle {
        match self {
            Self::Auth0 => RecoveryCodeStyle::OneAtATime,
            Self::Abp | Self::CodeMaze | Self::Aidbox => RecoveryCodeStyle::Ten,
        }
    }

    /// Whether a right recovery code also opens the codes that strangers have closed:
    /// where a code is verified without the login's token.
    pub fn recovery_code_opens_strangers(self) -> bool {
        self == Self::Abp
    }

    /// What a login demands of the user's addresses.
    pub fn confirmation_demand(self) -> ConfirmationDemand {
        match self {
            Self::Auth0 => ConfirmationDemand::Policy,
            Self::Abp => ConfirmationDemand::Provider,
            Self::CodeMaze => ConfirmationDemand::Email,
            Self::Aidbox => ConfirmationDemand::Owned,
        }
    }

    /// What a user without a confirmed phone number is told, where the policy wants
    /// the number confirmed.
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

    /// Whether the second step names the user only, with neither the password nor a
    /// token. The login then keeps the network that the password came from.
    pub fn second_step_names_the_user(self) -> bool {
        self == Self::CodeMaze
    }

    /// The claims that name the user in an access token.
    pub fn name_claims(self) -> NameClaims {
        match self {
            Self::Auth0 | Self::Aidbox => NameClaims::None,
            Self::Abp => NameClaims::OpenIddict,
            Self::CodeMaze => NameClaims::ClaimTypes,
        }
    }

    /// Whether the userinfo endpoint wants the scope `openid` (OpenID Connect Core
    /// 5.3). ABP's takes any token for the account.
    pub fn user_info_needs_openid(self) -> bool {
        self != Self::Abp
    }

    /// Whether apps name no audience, and manage their account all the same.
    pub fn clients_name_no_audience(self) -> bool {
        matches!(self, Self::Abp | Self::Aidbox)
    }

    /// Whether an e-mail with a code is the code alone, without the product's frame.
    pub fn mails_bare_codes(self) -> bool {
        self == Self::CodeMaze
    }
}
