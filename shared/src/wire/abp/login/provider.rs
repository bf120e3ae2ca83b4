//! Two-factor providers with ABP's names.

use utoipa::ToSchema;

use crate::domain::factors::factor::{Channel, Method};
use crate::domain::login::evidence::SubmittedCode;
use crate::domain::login::pending_login::SentTo;
use crate::domain::secret::Secret;

/// ABP's `Email`, `Phone` and `Authenticator`, and our addition `Webhook`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// A code by e-mail.
    Email,
    /// A code by text message.
    Phone,
    /// An authenticator app.
    Authenticator,
    /// A code that the operator's webhook delivers. ABP has no such provider. The list
    /// contains `Webhook` only for a user who enrolled a webhook through Aidbox's
    /// dialect.
    Webhook,
}

impl Provider {
    /// All providers, in ABP's order.
    pub const ALL: [Self; 4] = [Self::Email, Self::Phone, Self::Authenticator, Self::Webhook];

    /// The name in requests and answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Email => "Email",
            Self::Phone => "Phone",
            Self::Authenticator => "Authenticator",
            Self::Webhook => "Webhook",
        }
    }

    /// The provider with this name, in any case of letters.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|known| known.name().eq_ignore_ascii_case(name))
    }

    /// Whether this provider stands for factors of this method.
    pub fn serves(self, method: Method) -> bool {
        match self {
            Self::Email => method == Method::Email,
            Self::Phone => method == Method::Sms,
            Self::Authenticator => method == Method::Totp,
            Self::Webhook => method == Method::Webhook,
        }
    }

    /// The channel that sends the provider's codes. `None` for an authenticator app.
    pub fn channel(self) -> Option<Channel> {
        match self {
            Self::Email => Some(Channel::Email),
            Self::Phone => Some(Channel::Sms),
            Self::Authenticator => None,
            Self::Webhook => Some(Channel::Webhook),
        }
    }

    /// A submitted code of this provider.
    pub fn submitted(self, code: Secret) -> SubmittedCode {
        match self.channel() {
            Some(channel) => SubmittedCode::Sent {
                code,
                to: SentTo::Channel(channel),
            },
            None => SubmittedCode::Totp { code, factor: None },
        }
    }
}

/// Two-factor providers.
#[derive(ToSchema)]
pub enum AbpProvider {
    /// A code by e-mail.
    Email,
    /// A code by text message.
    Phone,
    /// An authenticator app.
    Authenticator,
    /// A code that the operator's webhook brings: ours, ABP has no such provider.
    Webhook,
}

/// The other providers that could complete the login.
#[derive(ToSchema)]
pub struct AbpOtherProviders {
    /// Their names.
    pub providers: Vec<AbpProvider>,
}
