//! Two-factor providers as ABP names them.

use utoipa::ToSchema;

use crate::domain::factors::factor::{Channel, Method};
use crate::domain::login::evidence::SubmittedCode;
use crate::domain::login::pending_login::SentTo;
use crate::domain::secret::Secret;

/// `Email`, `Phone`, `Authenticator` or ours, `Webhook`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// A code by e-mail.
    Email,
    /// A code by text message.
    Phone,
    /// An authenticator app.
    Authenticator,
    /// A code that the operator's webhook brings: ABP has no such provider, and
    /// lists one here only for a user who enrolled it in Aidbox's words.
    Webhook,
}

impl Provider {
    /// All of them, in ABP's order.
    pub const ALL: [Self; 4] = [Self::Email, Self::Phone, Self::Authenticator, Self::Webhook];

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Email => "Email",
            Self::Phone => "Phone",
            Self::Authenticator => "Authenticator",
            Self::Webhook => "Webhook",
        }
    }

    /// The provider of that name, in any case.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|known| known.name().eq_ignore_ascii_case(name))
    }

    /// Whether factors of this kind are its.
    pub fn is_for(self, method: Method) -> bool {
        match self {
            Self::Email => method == Method::Email,
            Self::Phone => method == Method::Sms,
            Self::Authenticator => method == Method::Totp,
            Self::Webhook => method == Method::Webhook,
        }
    }

    /// The channel that its codes are sent by, if they are sent.
    pub fn channel(self) -> Option<Channel> {
        match self {
            Self::Email => Some(Channel::Email),
            Self::Phone => Some(Channel::Sms),
            Self::Authenticator => None,
            Self::Webhook => Some(Channel::Webhook),
        }
    }

    /// A code that is shown for it.
    pub fn shown(self, code: Secret) -> SubmittedCode {
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
