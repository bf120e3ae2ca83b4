//! Two-factor providers as ABP names them.

use crate::domain::factor::{Channel, Method};
use crate::domain::login::SentTo;
use crate::domain::secret::Secret;
use crate::usecase::verify_code::Shown;

/// `Email`, `Phone` or `Authenticator`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// A code by e-mail.
    Email,
    /// A code by text message.
    Phone,
    /// An authenticator app.
    Authenticator,
}

impl Provider {
    /// All of them, in ABP's order.
    pub const ALL: [Self; 3] = [Self::Email, Self::Phone, Self::Authenticator];

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Email => "Email",
            Self::Phone => "Phone",
            Self::Authenticator => "Authenticator",
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
        }
    }

    /// The channel that its codes are sent by, if they are sent.
    pub fn channel(self) -> Option<Channel> {
        match self {
            Self::Email => Some(Channel::Email),
            Self::Phone => Some(Channel::Sms),
            Self::Authenticator => None,
        }
    }

    /// A code that is shown for it.
    pub fn shown(self, code: Secret) -> Shown {
        match self.channel() {
            Some(channel) => Shown::Sent {
                code,
                to: SentTo::Channel(channel),
            },
            None => Shown::Totp { code, factor: None },
        }
    }
}
