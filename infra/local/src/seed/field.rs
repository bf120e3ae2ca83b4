//! The kinds of fields in the file. Each value is checked while it is read, so that an
//! error has the line of the value.

use std::fmt;

use countersign::domain::accounts::login_name::LoginName;
use countersign::domain::accounts::moving_in::former_identity::is_subject;
use countersign::domain::accounts::password::PasswordHash;
use countersign::domain::accounts::user::EmailAddress;
use countersign::domain::authorization::client::{
    LONGEST_CLIENT_ID, LONGEST_TOKEN_SECONDS, may_lead_back,
};
use countersign::domain::authorization::clients::native_apps::{AndroidApp, is_apple_app};
use countersign::domain::authorization::grant::Grant;
use countersign::domain::factors::factor::{is_former_code, normalise_recovery_code};
use countersign::domain::factors::totp;
use countersign::domain::id::UserId;
use countersign::domain::messages::phone_number::PhoneNumber;
use serde::de::{Deserialize, Deserializer, Error, Expected, Visitor};

/// The longest password in bytes.
const LONGEST_PASSWORD: usize = 1024;

/// The length of SHA-256 in base64url.
const HASH_LENGTH: usize = 43;

/// Reads a text from the file with `read`, which may refuse it.
struct Text {
    wants: &'static str,
    read: fn(&str) -> Option<String>,
}

impl Visitor<'_> for Text {
    type Value = String;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.wants)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<String, E> {
        (self.read)(text).ok_or_else(|| E::custom(format_args!("wants {}", self.wants)))
    }
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident: $wants:expr, $read:expr;)*) => {$(
        $(#[$doc])*
        pub struct $name(String);

        impl $name {
            /// A value of this kind from `text`, or `None`.
            pub fn new(text: &str) -> Option<Self> {
                let read: fn(&str) -> Option<String> = $read;
                read(text).map(Self)
            }

            /// The text, as the service stores it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                from.deserialize_str(Text { wants: $wants, read: $read }).map(Self)
            }
        }
    )*};
}

texts! {
    ClientId: "1 to 256 printable ASCII characters", |text| {
        let good = !text.is_empty() && text.len() <= LONGEST_CLIENT_ID;
        (good && text.bytes().all(|byte| (0x20..0x7f).contains(&byte))).then(|| text.to_owned())
    };
    /// A password or a client's secret.
    Password: "1 to 1024 bytes of text", |text| {
        (1..=LONGEST_PASSWORD).contains(&text.len()).then(|| text.to_owned())
    };
    /// A password hash, as the table stores it.
    StoredPassword: "a password hash that the service can compare", |text| {
        PasswordHash::from_stored(text).check().is_ok().then(|| text.to_owned())
    };
    /// The hash of a client's secret or of a recovery code, as the table stores it.
    CodeHash: "a hash as the export writes it", |text| {
        let byte = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        let own = text.len() == HASH_LENGTH && text.bytes().all(byte);
        let former = is_former_code(text) && PasswordHash::from_stored(text).check().is_ok();
        (own || former).then(|| text.to_owned())
    };
    GrantName: "a grant type: password, refresh_token, authorization_code, implicit, or one of \
            http://auth0.com/oauth/grant-type/{password-realm, mfa-otp, mfa-oob, \
            mfa-recovery-code, mfa-webauthn}", |text| {
        Grant::from_name(text).map(|grant| grant.name().to_owned())
    };
    ScopeName: "one scope, without spaces", |text| {
        let good = |byte: u8| byte.is_ascii_graphic() && !b"\"\\".contains(&byte);
        (!text.is_empty() && text.bytes().all(good)).then(|| text.to_owned())
    };
    Audience: "an audience: text without spaces, {issuer} for the issuer", |text| {
        let good = !text.is_empty() && !text.contains(|one: char| one.is_whitespace() || one.is_control());
        good.then(|| text.to_owned())
    };
    RedirectUri: "a URI with a scheme and without a fragment", |text| {
        may_lead_back(text).then(|| text.to_owned())
    };
    AndroidPackage: "an Android app: package, equals sign and SHA-256 fingerprint", |text| {
        AndroidApp::read(text).map(|_| text.to_owned())
    };
    AppleApp: "an app of Apple's: team, dot and bundle", |text| {
        is_apple_app(text).then(|| text.to_owned())
    };
    /// A user's identifier.
    User: "a UUID", |text| UserId::parse(text).map(|id| id.dashed());
    Subject: "a sub: 1 to 255 printable ASCII characters without spaces", |text| {
        is_subject(text).then(|| text.to_owned())
    };
    Name: "a user name: 1 to 320 bytes without control characters", |text| {
        LoginName::parse(text).map(|_| text.trim().to_owned())
    };
    Email: "an e-mail address", |text| {
        EmailAddress::parse(text).map(|address| address.as_str().to_owned())
    };
    Phone: "a phone number with its country's code, \"+15555550100\"", |text| {
        PhoneNumber::parse(text).map(|number| number.as_str().to_owned())
    };
    /// A name or a role.
    Line: "1 to 256 characters in one line", |text| {
        let good = (1..=256).contains(&text.chars().count()) && !text.contains(char::is_control);
        good.then(|| text.to_owned())
    };
    /// The seed of an authenticator app.
    TotpSeed: "a seed of 10 bytes or more in base32", |text| {
        let plain = text.replace([' ', '-', '='], "").to_ascii_uppercase();
        let seed = totp::Seed::from_base32(&plain)?;
        (10..=64).contains(&seed.expose().len()).then_some(plain)
    };
    RecoveryCode: "24 letters and digits; spaces and dashes between them do not count", |text| {
        normalise_recovery_code(text).map(|code| code.expose().to_owned())
    };
}

/// A number of seconds from 1 to a maximum.
struct Seconds(i64);

impl Visitor<'_> for Seconds {
    type Value = i64;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a whole number of seconds from 1 to {}", self.0)
    }

    fn visit_u64<E: Error>(self, seconds: u64) -> Result<i64, E> {
        let most = self.0;
        i64::try_from(seconds)
            .ok()
            .filter(|seconds| (1..=most).contains(seconds))
            .ok_or_else(|| E::custom(format_args!("wants {}", &self as &dyn Expected)))
    }
}

/// The lifetime of an access token in seconds.
#[derive(Clone, Copy)]
pub struct TokenLifetime(pub i64);

impl<'de> Deserialize<'de> for TokenLifetime {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_u64(Seconds(LONGEST_TOKEN_SECONDS))
            .map(Self)
    }
}

/// A lifetime of refresh tokens in seconds, at most a year.
#[derive(Clone, Copy)]
pub struct Lifetime(pub i64);

impl<'de> Deserialize<'de> for Lifetime {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_u64(Seconds(31_536_000)).map(Self)
    }
}
