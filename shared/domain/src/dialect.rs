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
