//! Passkeys: key pairs that sign a user in without a password (W3C Web Authentication).
//!
//! A passkey stands in place of the password. A login that began otherwise may ask for the
//! passkey as the second factor.

use crate::Timestamp;
use crate::id::LoginId;

/// How long a challenge is good, in seconds.
pub const CHALLENGE_SECONDS: i64 = 300;

/// The longest identifier of a credential (Web Authentication 4, "credential ID").
pub const LONGEST_CREDENTIAL: usize = 1023;

/// The identifier that authenticators keep of a user. It is random, and says nothing about
/// the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UserHandle([u8; 32]);

impl UserHandle {
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The handle that an authenticator gave. `None` for another length.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Where a private key is kept (RFC 8176 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyPlace {
    /// In one authenticator, which the key never leaves: `hwk`.
    Hardware,
    /// In an account of a provider, which copies the key to the user's devices: `swk`.
    Software,
}

impl KeyPlace {
    pub const ALL: [Self; 2] = [Self::Hardware, Self::Software];

    /// The name in tokens and in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hardware => "hwk",
            Self::Software => "swk",
        }
    }

    /// The kind of that name, if this version knows the name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// What a passkey has shown beside another first factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecondKey {
    pub place: KeyPlace,
    /// Whether the authenticator has verified the user, by a PIN or a finger.
    pub verified: bool,
}

impl SecondKey {
    pub const ALL: [Self; 4] = [
        Self::new(KeyPlace::Hardware, true),
        Self::new(KeyPlace::Hardware, false),
        Self::new(KeyPlace::Software, true),
        Self::new(KeyPlace::Software, false),
    ];

    const fn new(place: KeyPlace, verified: bool) -> Self {
        Self { place, verified }
    }

    /// The name in the table.
    pub fn name(self) -> &'static str {
        match (self.place, self.verified) {
            (KeyPlace::Hardware, true) => "hwk user",
            (KeyPlace::Hardware, false) => "hwk",
            (KeyPlace::Software, true) => "swk user",
            (KeyPlace::Software, false) => "swk",
        }
    }

    /// The key of that name, if this version knows the name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key| key.name() == name)
    }
}

/// Whether a passkey is a second factor of the login that the passkey was read for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SecondUse {
    /// The passkey stands in place of the password only.
    #[default]
    Nothing,
    /// The user enrolled the passkey as a second factor, and this login cannot ask for a
    /// passkey. Nothing weaker stands in its place.
    Closed,
    /// The login may ask for the passkey.
    Asked,
}

/// A passkey that began a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirstPasskey {
    pub place: KeyPlace,
    /// Whether the passkey counts as two factors, so that no second factor is demanded.
    pub counts_as_two: bool,
}

/// What a passkey consists of, without its private key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passkey {
    /// The identifier that the authenticator chose.
    pub credential: Vec<u8>,
    /// The public key, in the form in which the ceremonies read it.
    pub public_key: String,
    /// How often the authenticator has signed. Zero if the authenticator does not count.
    pub counter: u32,
    /// Whether the private key may be copied to other devices.
    pub may_be_copied: bool,
    /// Whether the private key has been copied.
    pub is_copied: bool,
    /// When the passkey last signed the user in.
    pub last_used_at: Option<Timestamp>,
    /// Whether the passkey is a second factor. The table does not hold `Asked`.
    pub second: SecondUse,
}

impl Passkey {
    /// A passkey that is to be a second factor, before the authenticator has made the key.
    pub fn begun() -> Self {
        Self {
            credential: Vec::new(),
            public_key: String::new(),
            counter: 0,
            may_be_copied: false,
            is_copied: false,
            last_used_at: None,
            second: SecondUse::Closed,
        }
    }

    /// Where the private key is kept.
    pub fn key_place(&self) -> KeyPlace {
        match self.may_be_copied {
            true => KeyPlace::Software,
            false => KeyPlace::Hardware,
        }
    }
}

/// Whether a challenge that was made with this identifier is still good.
pub fn challenge_is_live(id: LoginId, now: Timestamp) -> bool {
    let live = |at: Timestamp| at <= now && now < at + CHALLENGE_SECONDS;
    id.made_at().is_some_and(live)
}

#[cfg(test)]
mod tests {
    use super::{CHALLENGE_SECONDS, KeyPlace, LoginId, SecondKey, UserHandle, challenge_is_live};

    #[test]
    fn a_challenge_is_good_for_five_minutes() {
        let id = LoginId::at(1_800_000_000, [7; 10]);
        for (after, expected) in [
            (-1, false),
            (0, true),
            (CHALLENGE_SECONDS - 1, true),
            (CHALLENGE_SECONDS, false),
        ] {
            let now = 1_800_000_000 + after;
            assert_eq!(challenge_is_live(id, now), expected, "{after}");
        }
        assert!(!challenge_is_live(
            LoginId::from_bytes([7; 16]),
            1_800_000_000
        ));
    }

    #[test]
    fn a_key_of_a_second_factor_is_found_by_its_name() {
        for key in SecondKey::ALL {
            assert_eq!(SecondKey::from_name(key.name()), Some(key));
        }
        assert_eq!(SecondKey::from_name("user"), None);
    }

    #[test]
    fn a_handle_has_32_bytes_and_a_kind_of_key_its_name() {
        let handle = UserHandle::from_bytes([7; 32]);
        assert_eq!(UserHandle::read(handle.as_bytes()), Some(handle));
        assert_eq!(UserHandle::read(&[7; 31]), None);
        for kind in KeyPlace::ALL {
            assert_eq!(KeyPlace::from_name(kind.name()), Some(kind));
        }
        assert_eq!(KeyPlace::from_name("face"), None);
    }
}
