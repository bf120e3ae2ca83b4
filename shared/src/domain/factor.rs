//! Second factors: what a user can show beside the password.

use super::Timestamp;
use super::id::FactorId;

/// Bytes sealed with AES-256-GCM, with the number of the data key that sealed them.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Number of the data key.
    pub key: u32,
    /// Nonce, ciphertext and tag.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Sealed(key {})", self.key)
    }
}

/// How a code reaches its user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// By e-mail.
    Email,
    /// By text message.
    Sms,
    /// By the operator's webhook, which brings it to the user in its own way.
    Webhook,
}

impl Channel {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Email, Self::Sms, Self::Webhook];

    /// The name as it stands in the table, the log and Auth0's `oob_channel`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
            Self::Webhook => "webhook",
        }
    }

    /// The channel of that name, if this version knows it.
    pub fn from_name(name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|channel| channel.name() == name)
    }

    /// Whether whoever reads its codes is known no better than the reader of a
    /// mailbox. Such a channel never gives the second assurance level.
    pub fn is_weak(self) -> bool {
        match self {
            Self::Email | Self::Webhook => true,
            Self::Sms => false,
        }
    }
}

impl std::fmt::Display for Channel {
    /// As a person calls it.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Email => "e-mail",
            Self::Sms => "SMS",
            Self::Webhook => "webhook",
        })
    }
}

/// A kind of second factor, without saying which one of that kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// An authenticator app (RFC 6238).
    Totp,
    /// A code sent by e-mail.
    Email,
    /// A code sent by text message.
    Sms,
    /// A code that the operator's webhook brought.
    Webhook,
    /// A saved recovery code.
    RecoveryCode,
}

impl From<Channel> for Method {
    fn from(channel: Channel) -> Self {
        match channel {
            Channel::Email => Self::Email,
            Channel::Sms => Self::Sms,
            Channel::Webhook => Self::Webhook,
        }
    }
}

/// An authenticator of a user.
#[derive(Clone, Debug)]
pub struct Factor {
    /// Which one.
    pub id: FactorId,
    /// What it is.
    pub kind: FactorKind,
    /// Whether its owner has shown that it works.
    pub confirmed: bool,
    /// When it was begun.
    pub created_at: Timestamp,
}

/// What an authenticator consists of.
#[derive(Clone, Debug)]
pub enum FactorKind {
    /// An authenticator app: the sealed seed and the last 30-second step accepted.
    Totp {
        /// The seed, sealed for this user and this factor.
        seed: Sealed,
        /// The last accepted step; only later ones are accepted.
        last_step: Option<u64>,
    },
    /// A place that codes are sent to.
    Address {
        /// How.
        channel: Channel,
        /// E-mail address, phone number in E.164 form, or for the webhook what
        /// its user calls it: it knows by the user where to send.
        to: String,
    },
}

impl Factor {
    /// Whether it is confirmed, or may still be at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.confirmed || self.created_at + super::enrolment::UNCONFIRMED_SECONDS > now
    }

    /// Whether it is an authenticator app.
    pub fn is_totp(&self) -> bool {
        matches!(self.kind, FactorKind::Totp { .. })
    }

    /// The channel and address, for a factor that codes are sent to.
    pub fn address(&self) -> Option<(Channel, &str)> {
        match &self.kind {
            FactorKind::Totp { .. } => None,
            FactorKind::Address { channel, to } => Some((*channel, to)),
        }
    }

    /// Where it stands when a user has several: what costs nothing and is
    /// strongest first. An app, then SMS, then e-mail and the webhook.
    pub fn rank(&self) -> u8 {
        match self.address() {
            None => 0,
            Some((Channel::Sms, _)) => 1,
            Some((Channel::Email, _)) => 2,
            Some((Channel::Webhook, _)) => 3,
        }
    }

    /// Its kind.
    pub fn method(&self) -> Method {
        match &self.kind {
            FactorKind::Totp { .. } => Method::Totp,
            FactorKind::Address { channel, .. } => (*channel).into(),
        }
    }
}

/// The recovery codes of a user: hashes only.
#[derive(Clone, Debug)]
pub struct RecoveryCodes {
    /// The identifier under which clients list them.
    pub id: FactorId,
    /// Hashes of the codes that are left.
    pub hashes: Vec<String>,
}

/// The length of a recovery code: 24 characters of A-Z and 0-9, 124 bits.
pub const RECOVERY_CODE_LENGTH: usize = 24;

/// Makes a recovery code from random bytes. Bytes that would favour some
/// characters are skipped, so more must be given than are used; `None` asks
/// for another draw.
pub fn recovery_code(random: &[u8]) -> Option<super::secret::Secret> {
    const ALPHABET: &[u8; 36] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let code: String = random
        .iter()
        .filter(|byte| **byte < 252)
        .filter_map(|byte| ALPHABET.get(usize::from(byte % 36)))
        .take(RECOVERY_CODE_LENGTH)
        .map(|byte| char::from(*byte))
        .collect();
    (code.len() == RECOVERY_CODE_LENGTH).then(|| super::secret::Secret::new(code))
}

/// What a person typed as a recovery code, as it is compared: without spaces
/// and dashes, in upper case. `None` if it cannot be one.
pub fn normalise_recovery_code(typed: &str) -> Option<super::secret::Secret> {
    let code: String = typed
        .chars()
        .filter(|character| !matches!(character, ' ' | '-'))
        .map(|character| character.to_ascii_uppercase())
        .take(RECOVERY_CODE_LENGTH + 1)
        .collect();
    let plain = code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (plain && code.len() == RECOVERY_CODE_LENGTH).then(|| super::secret::Secret::new(code))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{normalise_recovery_code, recovery_code};

    #[test]
    fn a_recovery_code_is_24_letters_and_digits() {
        let code = recovery_code(&[7; 40]).unwrap();
        assert_eq!(code.expose(), "H".repeat(24));
        assert!(recovery_code(&[255; 40]).is_none());
    }

    #[test]
    fn a_recovery_code_may_be_typed_in_groups_and_lower_case() {
        let code = normalise_recovery_code("coun-ters-ign2 reco-ver4-demo").unwrap();
        assert_eq!(code.expose(), "COUNTERSIGN2RECOVER4DEMO");
        assert!(normalise_recovery_code("123456").is_none());
        assert!(normalise_recovery_code("COUNTERSIGN2RECOVER4DEM!").is_none());
    }
}
