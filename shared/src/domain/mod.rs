//! The nouns of a login and the rules that hold between them.
//!
//! Nothing here does I/O, reads a clock, draws a random number, or knows AWS,
//! HTTP or a serialisation: time and randomness come in as parameters.

pub mod accounts;
pub mod authorization;
pub mod client;
pub mod device;
pub mod factors;
pub mod id;
pub mod issuer;
pub mod login;
pub mod messages;
pub mod refusal;
pub mod refused;
pub mod secret;
pub mod sessions;
pub mod token;
pub mod typed;

/// Seconds since the Unix epoch.
pub type Timestamp = i64;

/// The systems whose words the service speaks. The path of a request chooses one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Auth0's Authentication and MFA API, and plain OAuth 2.0 and OIDC.
    Auth0,
    /// ABP's account module over OpenIddict.
    Abp,
    /// ASP.NET Core Identity's account API, as CodeMaze's articles have it.
    Aspnet,
    /// Aidbox's authentication API and its two-factor calls.
    Aidbox,
}

impl Dialect {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Auth0, Self::Abp, Self::Aspnet, Self::Aidbox];

    /// The name as it stands in the table and in the log.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auth0 => "auth0",
            Self::Abp => "abp",
            Self::Aspnet => "aspnet",
            Self::Aidbox => "aidbox",
        }
    }

    /// The dialect of that stored name, if this version knows it.
    pub fn from_name(name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|dialect| dialect.name() == name)
    }
}
