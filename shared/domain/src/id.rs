//! Identifiers: 128 bits, written as 32 hexadecimal digits in keys and as a
//! dashed UUID where a client reads them.

use std::fmt;

use sha1::{Digest, Sha1};
use uuid::Uuid;

use super::Timestamp;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Uuid);

        impl $name {
            /// An identifier made of these 16 random bytes.
            pub fn random(bytes: [u8; 16]) -> Self {
                Self(uuid::Builder::from_random_bytes(bytes).into_uuid())
            }

            /// The identifier with exactly these bytes.
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// Reads 32 hexadecimal digits, with or without dashes, in any case.
            pub fn parse(text: &str) -> Option<Self> {
                Uuid::try_parse(text).ok().map(Self)
            }

            pub fn bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// With dashes: 8-4-4-4-12.
            pub fn dashed(&self) -> String {
                self.0.hyphenated().to_string()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.simple().fmt(formatter)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, concat!(stringify!($name), "({})"), self.0.simple())
            }
        }
    };
}

id!(
    /// A user.
    UserId
);
id!(
    /// A pending login. The identifier of a later login sorts after the
    /// identifier of an earlier login.
    LoginId
);
id!(
    /// An authenticator of a user.
    FactorId
);
id!(
    /// A session, which is a family of refresh tokens.
    SessionId
);

id!(
    /// An authorization code.
    CodeId
);

id!(
    /// The random part of the cookie by which a trusted browser is known. The table has a hash
    /// of the identifier only.
    BrowserId
);

id!(
    /// A pending action: a confirmation or a password reset. The identifier of
    /// a later action sorts after the identifier of an earlier action.
    ActionId
);

impl UserId {
    /// The identifier that stands for this name: RFC 9562's version 5 of the
    /// name as a URL. Other tools compute the same identifier from the name.
    pub fn of_name(name: &str) -> Self {
        let mut digest = Sha1::new();
        digest.update(Uuid::NAMESPACE_URL.as_bytes());
        digest.update(name.as_bytes());
        let hash = digest.finalize();
        let mut bytes = [0; 16];
        for (byte, hashed) in bytes.iter_mut().zip(hash) {
            *byte = hashed;
        }
        Self(uuid::Builder::from_sha1_bytes(bytes).into_uuid())
    }

    /// The user whom the tokens name by this `sub`: a UUID is the identifier itself. Any
    /// other text comes from a former system, and the identifier stands for the text
    /// (`of_name`). So two users never have the same `sub`.
    pub fn of_subject(subject: &str) -> Self {
        Self::parse(subject).unwrap_or_else(|| Self::of_name(subject))
    }
}

impl ActionId {
    /// A time-ordered identifier (RFC 9562, version 7) of an action that starts at `now`.
    pub fn at(now: Timestamp, random: [u8; 10]) -> Self {
        Self(time_ordered(now, random))
    }
}

impl LoginId {
    /// A time-ordered identifier (RFC 9562, version 7) of a login that starts at `now`.
    pub fn at(now: Timestamp, random: [u8; 10]) -> Self {
        Self(time_ordered(now, random))
    }

    /// When a time-ordered identifier was made. `None` for another identifier.
    pub fn made_at(&self) -> Option<Timestamp> {
        let made = self
            .0
            .get_timestamp()
            .filter(|_| self.0.get_version_num() == 7)?;
        Timestamp::try_from(made.to_unix().0).ok()
    }
}

fn time_ordered(now: Timestamp, random: [u8; 10]) -> Uuid {
    let milliseconds = u64::try_from(now).unwrap_or(0).saturating_mul(1000);
    uuid::Builder::from_unix_timestamp_millis(milliseconds, &random).into_uuid()
}

impl LoginId {
    /// The identifier of the enrolment that a session has in progress. A
    /// session has one enrolment at a time. The time in the identifier is zero,
    /// so it sorts before every login by password.
    pub fn of_session(session: SessionId) -> Self {
        let mut bytes = *session.bytes();
        if let Some(time) = bytes.first_chunk_mut::<6>() {
            *time = [0; 6];
        }
        Self::from_bytes(bytes)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{LoginId, SessionId, UserId};

    #[test]
    fn an_id_reads_both_written_forms_in_any_case() {
        let id = UserId::from_bytes([0xab; 16]);
        assert_eq!(UserId::parse(&id.to_string()), Some(id));
        assert_eq!(UserId::parse(&id.dashed().to_uppercase()), Some(id));
        assert_eq!(UserId::parse("not an id"), None);
    }

    #[test]
    fn a_name_stands_for_the_identifier_that_other_tools_compute() {
        // Python: uuid.uuid5(uuid.NAMESPACE_URL, "auth0|583c3ac3f38e84297c002546")
        let id = UserId::of_name("auth0|583c3ac3f38e84297c002546");
        assert_eq!(id.dashed(), "339ec230-9440-5be1-866d-0f8e7aa66483");
    }

    #[test]
    fn the_enrolment_of_a_session_sorts_before_every_login() {
        let one = LoginId::of_session(SessionId::from_bytes([0xff; 16]));
        let other = LoginId::of_session(SessionId::from_bytes([0xfe; 16]));
        assert_ne!(one, other);
        assert!(one.to_string() < LoginId::at(1, [0; 10]).to_string());
    }

    #[test]
    fn a_later_login_sorts_after_an_earlier_one() {
        let earlier = LoginId::at(1_700_000_000, [0xff; 10]).to_string();
        let later = LoginId::at(1_700_000_001, [0; 10]).to_string();
        assert!(earlier < later);
    }
}
