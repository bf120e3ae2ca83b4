//! Second factors: what a user can show beside the password.

use crate::Timestamp;
use crate::factors::passkey::{Passkey, SecondUse};
use crate::id::FactorId;
use crate::secret::Secret;
use crate::typed_text::characters;

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
    Email,
    /// By text message.
    Sms,
    /// By the operator's webhook, which brings the code to the user.
    Webhook,
}

impl Channel {
    pub const ALL: [Self; 3] = [Self::Email, Self::Sms, Self::Webhook];

    /// The name in the table, in the log and in Auth0's `oob_channel`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
            Self::Webhook => "webhook",
        }
    }

    /// The channel of that name, if this version knows the name.
    pub fn from_name(name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|channel| channel.name() == name)
    }

    /// Whether the channel shows only that somebody reads a mailbox. Such a channel
    /// never gives the second assurance level.
    pub fn is_weak(self) -> bool {
        match self {
            Self::Email | Self::Webhook => true,
            Self::Sms => false,
        }
    }
}

impl std::fmt::Display for Channel {
    /// The word that people use.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Email => "e-mail",
            Self::Sms => "SMS",
            Self::Webhook => "webhook",
        })
    }
}

/// A kind of second factor, not a particular factor.
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
    /// A passkey.
    Passkey,
}

impl Method {
    pub const ALL: [Self; 6] = [
        Self::Totp,
        Self::Email,
        Self::Sms,
        Self::Webhook,
        Self::RecoveryCode,
        Self::Passkey,
    ];

    /// The name in an event.
    pub fn name(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::Email => "email",
            Self::Sms => "sms",
            Self::Webhook => "webhook",
            Self::RecoveryCode => "recovery_code",
            Self::Passkey => "passkey",
        }
    }
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

/// A second factor of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Factor {
    pub id: FactorId,
    /// What the factor consists of.
    pub kind: FactorKind,
    /// Whether a code has shown that the factor works.
    pub confirmed: bool,
    /// When its enrolment was begun.
    pub created_at: Timestamp,
}

/// What a factor consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FactorKind {
    /// An authenticator app: the sealed seed and the last accepted 30-second
    /// step.
    Totp {
        /// The seed, sealed for this user and this factor.
        seed: Sealed,
        /// The last accepted step. Only later steps are accepted.
        last_step: Option<u64>,
    },
    /// A destination that codes are sent to.
    Address {
        /// The channel of the codes.
        channel: Channel,
        /// The e-mail address; the phone number in E.164 form; or the user's name for
        /// the webhook, whose receiver finds the destination by the user.
        to: String,
    },
    /// A passkey, which stands in place of the password, or beside it.
    Passkey(Box<Passkey>),
}

impl Factor {
    /// Whether the factor is confirmed, or may still be confirmed at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.confirmed || self.created_at + crate::factors::factor::UNCONFIRMED_SECONDS > now
    }

    /// Whether the factor is an authenticator app.
    pub fn is_totp(&self) -> bool {
        matches!(self.kind, FactorKind::Totp { .. })
    }

    /// The passkey, if the factor is one.
    pub fn passkey(&self) -> Option<&Passkey> {
        match &self.kind {
            FactorKind::Passkey(passkey) => Some(passkey),
            FactorKind::Totp { .. } | FactorKind::Address { .. } => None,
        }
    }

    /// Whether the factor can complete the login that the factor was read for, after the first
    /// factor. A passkey can if the login asks for passkeys.
    pub fn is_second(&self) -> bool {
        let asked = |passkey: &Passkey| passkey.second == SecondUse::Asked;
        self.passkey().is_none_or(asked)
    }

    /// Whether the factor is a confirmed second factor that the login cannot ask for.
    pub fn is_closed(&self) -> bool {
        let closed = |passkey: &Passkey| passkey.second == SecondUse::Closed;
        self.confirmed && self.passkey().is_some_and(closed)
    }

    /// Whether the user enrolled the factor as a second factor.
    pub fn was_enrolled_as_second(&self) -> bool {
        let as_second = |passkey: &Passkey| passkey.second != SecondUse::Nothing;
        self.passkey().is_none_or(as_second)
    }

    /// Lets the login ask for the factor, if the factor is a passkey.
    pub fn ask_for_passkey(&mut self) {
        if let FactorKind::Passkey(passkey) = &mut self.kind {
            passkey.second = SecondUse::Asked;
        }
    }

    /// The channel and address, for a factor that codes are sent to.
    pub fn address(&self) -> Option<(Channel, &str)> {
        match &self.kind {
            FactorKind::Totp { .. } | FactorKind::Passkey(_) => None,
            FactorKind::Address { channel, to } => Some((*channel, to)),
        }
    }

    /// The factor's place in a user's list. The strongest factor, which costs
    /// nothing, comes first: an app and a passkey, then SMS, then e-mail and the webhook.
    pub fn rank(&self) -> u8 {
        match self.address() {
            None => 0,
            Some((Channel::Sms, _)) => 1,
            Some((Channel::Email, _)) => 2,
            Some((Channel::Webhook, _)) => 3,
        }
    }

    /// The factor's kind.
    pub fn method(&self) -> Method {
        match &self.kind {
            FactorKind::Totp { .. } => Method::Totp,
            FactorKind::Address { channel, .. } => (*channel).into(),
            FactorKind::Passkey(_) => Method::Passkey,
        }
    }
}

/// The recovery codes of a user: hashes only. A code of this service has a fast hash,
/// and the code of a former system has an argon2id hash ([`is_former_code`]).
#[derive(Clone, Debug)]
pub struct RecoveryCodes {
    /// The identifier of the recovery codes in a client's list of factors.
    pub id: FactorId,
    /// Hashes of the codes that are not used yet.
    pub hashes: Vec<String>,
}

/// The length of a recovery code: 24 characters of `RECOVERY_ALPHABET`, 120 bits.
const RECOVERY_CODE_LENGTH: usize = 24;

/// How many characters a group has when a recovery code is shown in groups.
const RECOVERY_GROUP: usize = 4;

/// Crockford's base 32. It has no I, L and O, because they look like 1 and 0,
/// and no U, so that fewer words arise.
const RECOVERY_ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Makes a recovery code from random bytes. `None` if there are too few bytes.
pub fn recovery_code(random: &[u8]) -> Option<Secret> {
    let code: String = random
        .iter()
        .filter_map(|byte| RECOVERY_ALPHABET.get(usize::from(byte % 32)))
        .take(RECOVERY_CODE_LENGTH)
        .map(|byte| char::from(*byte))
        .collect();
    (code.len() == RECOVERY_CODE_LENGTH).then(|| Secret::new(code))
}

/// The shortest recovery code of a former system: ASP.NET Identity made codes of eight
/// hexadecimal digits, and later codes of ten characters.
const SHORTEST_FORMER_CODE: usize = 8;

/// Whether a stored hash of a recovery code is the argon2id hash of a former system's
/// code. Such a code is short, so a fast hash would tell the code to a person who reads the
/// table (NIST SP 800-63B 3.1.2.2). All former codes of a user have the same salt, so
/// one argon2id tells whether a typed code is among them.
pub fn is_former_code(hash: &str) -> bool {
    hash.starts_with('$')
}

/// A recovery code of a former system in the form that is hashed. `None` if a user
/// cannot type this code here.
pub fn former_recovery_code(text: &str) -> Option<Secret> {
    let code: String = characters(text)
        .map(|character| character.to_ascii_uppercase())
        .take(RECOVERY_CODE_LENGTH)
        .collect();
    let plain = code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let length = SHORTEST_FORMER_CODE..RECOVERY_CODE_LENGTH;
    (plain && length.contains(&code.len())).then(|| Secret::new(code))
}

/// A recovery code in groups of four with dashes between, as people copy it.
pub fn in_groups(code: &Secret) -> Secret {
    let mut groups = String::with_capacity(2 * RECOVERY_CODE_LENGTH);
    for (at, character) in code.expose().chars().enumerate() {
        if at > 0 && at % RECOVERY_GROUP == 0 {
            groups.push('-');
        }
        groups.push(character);
    }
    Secret::new(groups)
}

/// Brings a typed recovery code into the form that is compared: upper case,
/// without white space, invisible characters and dashes. `None` if the text
/// cannot be a recovery code.
pub fn normalise_recovery_code(typed: &str) -> Option<Secret> {
    let code: String = characters(typed)
        .map(|character| character.to_ascii_uppercase())
        .take(RECOVERY_CODE_LENGTH + 1)
        .collect();
    let plain = code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (plain && code.len() == RECOVERY_CODE_LENGTH).then(|| Secret::new(code))
}

/// A normalised recovery code in the form that is hashed: O as zero, I and L as
/// one. A code that an operator brings in may have these letters, and a user
/// who copies the code may write the digits.
pub fn folded_recovery_code(normalised: &Secret) -> Secret {
    let text = normalised.expose();
    Secret::new(text.replace('O', "0").replace(['I', 'L'], "1"))
}

/// The recovery codes that a typed text may mean: the text itself, and its
/// folded form. Codes of an earlier version may have been hashed with their
/// letters. A shorter text may be the code of a former system. Empty if the text
/// cannot be a recovery code.
pub fn meant_recovery_codes(typed: &str) -> Vec<Secret> {
    let Some(code) = normalise_recovery_code(typed) else {
        return former_recovery_code(typed).into_iter().collect();
    };
    let folded = folded_recovery_code(&code);
    if folded.matches(code.expose()) {
        vec![code]
    } else {
        vec![code, folded]
    }
}

/// How long a factor may wait to be confirmed, in seconds. A factor that a
/// login began ends with the login, which is sooner.
pub const UNCONFIRMED_SECONDS: i64 = 3600;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Secret, in_groups, meant_recovery_codes, normalise_recovery_code, recovery_code};

    fn texts(codes: &[Secret]) -> Vec<&str> {
        codes.iter().map(Secret::expose).collect()
    }

    #[test]
    fn a_recovery_code_is_24_characters_of_which_no_two_look_alike() {
        let code = recovery_code(&[7; 24]).unwrap();
        assert_eq!(code.expose(), "7".repeat(24));
        let all: Vec<u8> = (0..=255).collect();
        for bytes in all.windows(24) {
            let code = recovery_code(bytes).unwrap();
            assert!(!code.expose().contains(['I', 'L', 'O', 'U']));
        }
        assert!(recovery_code(&[7; 23]).is_none());
    }

    #[test]
    fn a_recovery_code_may_be_typed_in_groups_and_lower_case() {
        for typed in [
            "coun-ters-ign2 reco-ver4-demo",
            "COUN\u{a0}TERS\u{2013}IGN2\u{200b}RECOVER4DEMO\n",
        ] {
            let code = normalise_recovery_code(typed).unwrap();
            assert_eq!(code.expose(), "COUNTERSIGN2RECOVER4DEMO");
        }
        assert!(normalise_recovery_code("123456").is_none());
        assert!(normalise_recovery_code("COUNTERSIGN2RECOVER4DEM!").is_none());
    }

    #[test]
    fn letters_that_look_like_digits_are_read_as_both() {
        let typed = "OIl0-1234-5678-9ABC-DEFG-HJKM";
        let meant = meant_recovery_codes(typed);
        assert_eq!(
            texts(&meant),
            ["OIL0123456789ABCDEFGHJKM", "0110123456789ABCDEFGHJKM"]
        );
        let plain = meant_recovery_codes("0110123456789ABCDEFGHJKM");
        assert_eq!(texts(&plain), ["0110123456789ABCDEFGHJKM"]);
        assert_eq!(texts(&meant_recovery_codes("123456")), [""; 0]);
    }

    #[test]
    fn a_code_in_groups_is_read_back_as_the_same_code() {
        let code = recovery_code(&[9, 200, 31, 4, 77, 150, 23, 255].repeat(3)).unwrap();
        let shown = in_groups(&code);
        assert_eq!(shown.expose().len(), 29);
        assert_eq!(
            texts(&meant_recovery_codes(shown.expose())),
            [code.expose()]
        );
    }
}
