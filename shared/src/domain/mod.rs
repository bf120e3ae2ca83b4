//! The nouns of a login and the rules that hold between them.
//!
//! Nothing here does I/O, reads a clock, draws a random number, or knows AWS,
//! HTTP or a serialisation: time and randomness come in as parameters.

pub mod action;
pub mod client;
pub mod code;
pub mod enrolment;
pub mod factor;
pub mod id;
pub mod login;
pub mod notice;
pub mod password;
pub mod password_policy;
pub mod refusal;
pub mod secret;
pub mod session;
pub mod throttle;
pub mod token;
pub mod totp;
pub mod user;

/// Seconds since the Unix epoch.
pub type Timestamp = i64;

/// The systems whose words the service speaks. The path of a request chooses one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Auth0's Authentication and MFA API , and plain OAuth 2.0 and OIDC.
    Auth0,
    /// ABP's account module over OpenIddict.
    Abp,
}

impl Dialect {
    /// The name as it stands in the table and in the log.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auth0 => "auth0",
            Self::Abp => "abp",
        }
    }

    /// The dialect of that stored name, if this version knows it.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "auth0" => Some(Self::Auth0),
            "abp" => Some(Self::Abp),
            _ => None,
        }
    }
}
