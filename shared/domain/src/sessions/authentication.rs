//! When and how a user was authenticated.

use crate::Timestamp;
use crate::factors::factor::{Channel, Method};
use crate::factors::passkey::{KeyPlace, SecondKey};

/// What a user showed first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstFactor {
    Password,
    /// The password on a device that the user trusts. The device showed its key. Without a
    /// second factor beside it, that is one factor: it changes nothing that takes a second one.
    PasswordOnDevice,
    /// The password in a browser that the user trusts. The browser showed its cookie, which is
    /// no key. Otherwise as `PasswordOnDevice`.
    PasswordInBrowser,
    /// A code to the user's mailbox.
    Code,
    /// A code to the user's phone.
    TextCode,
    /// A passkey, whose key is kept so.
    Passkey(KeyPlace),
}

impl FirstFactor {
    /// What a code shows that came over this channel, in place of a password.
    pub fn of_channel(channel: Channel) -> Self {
        match channel {
            Channel::Sms => Self::TextCode,
            Channel::Email | Channel::Webhook => Self::Code,
        }
    }

    /// What a code shows that went to this mailbox, or to this number in E.164 form.
    pub fn of_code_to(to: &str) -> Self {
        match to.starts_with('+') && !to.contains('@') {
            true => Self::TextCode,
            false => Self::Code,
        }
    }

    /// Whether a factor of this channel would show again what the first factor has shown.
    pub fn uses_channel(self, channel: Channel) -> bool {
        match self {
            Self::Code => channel == Channel::Email,
            Self::TextCode => channel == Channel::Sms,
            Self::Password
            | Self::PasswordOnDevice
            | Self::PasswordInBrowser
            | Self::Passkey(_) => false,
        }
    }

    /// Whether a device or a browser that the user trusts stood in for the second factor. It
    /// stands in at the login only.
    pub fn is_on_trusted_device(self) -> bool {
        matches!(self, Self::PasswordOnDevice | Self::PasswordInBrowser)
    }
}

/// How and when a user authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authentication {
    /// When the user authenticated: `auth_time`.
    pub at: Timestamp,
    pub first: FirstFactor,
    /// The second factor that the user showed beside the first, if any. `Passkey` beside a
    /// passkey: the passkey counted as two factors.
    pub method: Option<Method>,
    /// The key of the passkey that was the second factor beside another first factor.
    pub key: Option<SecondKey>,
}

impl FirstFactor {
    /// How the key of a passkey is kept. `None` for what is no passkey.
    pub fn passkey_place(self) -> Option<KeyPlace> {
        match self {
            Self::Passkey(place) => Some(place),
            Self::Password
            | Self::PasswordOnDevice
            | Self::PasswordInBrowser
            | Self::Code
            | Self::TextCode => None,
        }
    }
}

impl Authentication {
    /// Authentication methods (RFC 8176). `browser` is ours: a cookie of a trusted browser is
    /// none of the registered methods.
    pub fn amr(&self) -> &'static [&'static str] {
        if let Some(key) = self.key {
            return self.amr_of_key(key);
        }
        match (self.first, self.method) {
            (FirstFactor::Password, None) => &["pwd"],
            (FirstFactor::PasswordOnDevice, None) => &["pwd", "pop"],
            (FirstFactor::PasswordInBrowser, None) => &["pwd", "browser"],
            (
                FirstFactor::Password
                | FirstFactor::PasswordOnDevice
                | FirstFactor::PasswordInBrowser,
                Some(method),
            ) => Self::amr_of_password(method),
            (FirstFactor::Code, None) => &["otp"],
            (FirstFactor::Code, Some(Method::Sms)) => &["otp", "sms", "mfa"],
            (
                FirstFactor::Code,
                Some(Method::Totp | Method::Email | Method::Webhook | Method::RecoveryCode),
            ) => &["otp", "mfa"],
            (FirstFactor::Code, Some(Method::Passkey)) => &["otp", "pop", "mfa"],
            (FirstFactor::TextCode, None) => &["sms"],
            (FirstFactor::TextCode, Some(Method::Sms)) => &["sms", "mfa"],
            (
                FirstFactor::TextCode,
                Some(Method::Totp | Method::Email | Method::Webhook | Method::RecoveryCode),
            ) => &["sms", "otp", "mfa"],
            (FirstFactor::TextCode, Some(Method::Passkey)) => &["sms", "pop", "mfa"],
            (FirstFactor::Passkey(kind), method) => Self::amr_of_passkey(kind, method),
        }
    }

    fn amr_of_password(method: Method) -> &'static [&'static str] {
        match method {
            Method::Totp | Method::Email | Method::Webhook => &["pwd", "otp", "mfa"],
            Method::Sms => &["pwd", "sms", "mfa"],
            Method::RecoveryCode => &["pwd", "mfa"],
            Method::Passkey => &["pwd", "pop", "mfa"],
        }
    }

    fn amr_of_key(&self, key: SecondKey) -> &'static [&'static str] {
        match (self.first, key.place, key.verified) {
            (
                FirstFactor::Password
                | FirstFactor::PasswordOnDevice
                | FirstFactor::PasswordInBrowser,
                place,
                verified,
            ) => match (place, verified) {
                (KeyPlace::Hardware, true) => &["pwd", "hwk", "user", "mfa"],
                (KeyPlace::Hardware, false) => &["pwd", "hwk", "mfa"],
                (KeyPlace::Software, true) => &["pwd", "swk", "user", "mfa"],
                (KeyPlace::Software, false) => &["pwd", "swk", "mfa"],
            },
            (FirstFactor::Code, KeyPlace::Hardware, true) => &["otp", "hwk", "user", "mfa"],
            (FirstFactor::Code, KeyPlace::Hardware, false) => &["otp", "hwk", "mfa"],
            (FirstFactor::Code, KeyPlace::Software, true) => &["otp", "swk", "user", "mfa"],
            (FirstFactor::Code, KeyPlace::Software, false) => &["otp", "swk", "mfa"],
            (FirstFactor::TextCode, KeyPlace::Hardware, true) => &["sms", "hwk", "user", "mfa"],
            (FirstFactor::TextCode, KeyPlace::Hardware, false) => &["sms", "hwk", "mfa"],
            (FirstFactor::TextCode, KeyPlace::Software, true) => &["sms", "swk", "user", "mfa"],
            (FirstFactor::TextCode, KeyPlace::Software, false) => &["sms", "swk", "mfa"],
            (FirstFactor::Passkey(kind), _, _) => Self::amr_of_passkey(kind, self.method),
        }
    }

    fn amr_of_passkey(kind: KeyPlace, method: Option<Method>) -> &'static [&'static str] {
        match (kind, method) {
            (KeyPlace::Hardware, None) => &["hwk", "user"],
            (KeyPlace::Software, None) => &["swk", "user"],
            (KeyPlace::Hardware, Some(Method::Passkey | Method::RecoveryCode)) => {
                &["hwk", "user", "mfa"]
            }
            (KeyPlace::Software, Some(Method::Passkey | Method::RecoveryCode)) => {
                &["swk", "user", "mfa"]
            }
            (KeyPlace::Hardware, Some(Method::Totp | Method::Email | Method::Webhook)) => {
                &["hwk", "user", "otp", "mfa"]
            }
            (KeyPlace::Software, Some(Method::Totp | Method::Email | Method::Webhook)) => {
                &["swk", "user", "otp", "mfa"]
            }
            (KeyPlace::Hardware, Some(Method::Sms)) => &["hwk", "user", "sms", "mfa"],
            (KeyPlace::Software, Some(Method::Sms)) => &["swk", "user", "sms", "mfa"],
        }
    }

    /// The authentication that the claims `auth_time`, `amr` and `acr` of our
    /// tokens describe. `None` if none of our tokens has such claims. A code by
    /// the webhook reads as a code by e-mail, which counts as much. Beside a code as the
    /// first factor, a recovery code reads as a code of an app, which counts as much. Beside
    /// a passkey, a recovery code reads as a passkey that counted as two factors.
    pub fn from_claims(at: Timestamp, amr: &[String], acr: &str) -> Option<Self> {
        let methods = [
            None,
            Some(Method::Totp),
            Some(Method::Email),
            Some(Method::Sms),
            Some(Method::Passkey),
            Some(Method::RecoveryCode),
        ];
        let plain = methods.into_iter().map(|method| (method, None));
        let by_key = SecondKey::ALL.map(|key| (Some(Method::Passkey), Some(key)));
        let seconds = plain.chain(by_key);
        let firsts = [
            FirstFactor::Password,
            FirstFactor::PasswordOnDevice,
            FirstFactor::PasswordInBrowser,
            FirstFactor::Code,
            FirstFactor::TextCode,
            FirstFactor::Passkey(KeyPlace::Hardware),
            FirstFactor::Passkey(KeyPlace::Software),
        ];
        let of = |first| {
            let seconds = seconds.clone();
            seconds.map(move |(method, key)| Self {
                at,
                first,
                method,
                key,
            })
        };
        let mut all = firsts.into_iter().flat_map(of);
        all.find(|one| one.amr() == amr && one.acr() == acr)
    }

    /// The assurance level. A code by e-mail never gives the second level (NIST
    /// SP 800-63B 3.1.3.1). Neither does a code by the webhook, because nobody
    /// knows who reads that code.
    pub fn acr(&self) -> &'static str {
        match self.method {
            None | Some(Method::Email | Method::Webhook) => "aal1",
            Some(Method::Totp | Method::Sms | Method::RecoveryCode | Method::Passkey) => "aal2",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Authentication, Channel, FirstFactor, KeyPlace, Method, SecondKey};

    #[test]
    fn what_the_claims_say_of_an_authentication_is_read_back_as_what_counts_as_much() {
        let methods = [
            None,
            Some(Method::Totp),
            Some(Method::Email),
            Some(Method::Sms),
            Some(Method::Passkey),
        ];
        for first in [
            FirstFactor::Password,
            FirstFactor::Code,
            FirstFactor::TextCode,
            FirstFactor::Passkey(KeyPlace::Hardware),
            FirstFactor::Passkey(KeyPlace::Software),
        ] {
            for method in methods {
                let one = Authentication {
                    at: 7,
                    first,
                    method,
                    key: None,
                };
                let amr: Vec<String> = one.amr().iter().map(|text| (*text).to_owned()).collect();
                let read = Authentication::from_claims(7, &amr, one.acr());
                assert_eq!(read, Some(one));
            }
        }
    }

    #[test]
    fn a_password_on_a_trusted_device_is_of_the_first_level_and_says_what_was_shown() {
        for (first, shown) in [
            (FirstFactor::PasswordOnDevice, "pop"),
            (FirstFactor::PasswordInBrowser, "browser"),
        ] {
            let one = Authentication {
                at: 7,
                first,
                method: None,
                key: None,
            };
            assert_eq!((one.amr(), one.acr()), (["pwd", shown].as_slice(), "aal1"));
            let amr: Vec<String> = one.amr().iter().map(|text| (*text).to_owned()).collect();
            assert_eq!(Authentication::from_claims(7, &amr, "aal1"), Some(one));
            // A factor that is shown later counts as beside a password.
            let stepped = Authentication {
                method: Some(Method::Totp),
                ..one
            };
            assert_eq!(stepped.amr(), ["pwd", "otp", "mfa"]);
        }
    }

    #[test]
    fn a_code_alone_is_no_password_and_one_factor() {
        for (channel, amr) in [(Channel::Email, "otp"), (Channel::Sms, "sms")] {
            let one = Authentication {
                at: 7,
                first: FirstFactor::of_channel(channel),
                method: None,
                key: None,
            };
            assert_eq!((one.amr(), one.acr()), ([amr].as_slice(), "aal1"));
        }
    }

    #[test]
    fn a_passkey_beside_another_first_factor_says_where_its_key_is_and_is_read_back() {
        let firsts = [
            (FirstFactor::Password, "pwd"),
            (FirstFactor::PasswordOnDevice, "pwd"),
            (FirstFactor::Code, "otp"),
            (FirstFactor::TextCode, "sms"),
        ];
        for (first, name) in firsts {
            for key in SecondKey::ALL {
                let one = Authentication {
                    at: 7,
                    first,
                    method: Some(Method::Passkey),
                    key: Some(key),
                };
                let amr = format!("{name} {} mfa", key.name());
                assert_eq!((one.amr().join(" "), one.acr()), (amr, "aal2"));
                let amr: Vec<String> = one.amr().iter().map(|text| (*text).to_owned()).collect();
                let read = Authentication::from_claims(7, &amr, "aal2").map(|one| one.key);
                assert_eq!(read, Some(Some(key)));
            }
        }
    }

    #[test]
    fn a_verified_passkey_is_two_factors_and_another_passkey_is_one() {
        let by = |kind, method| {
            let one = Authentication {
                at: 7,
                first: FirstFactor::Passkey(kind),
                method,
                key: None,
            };
            (one.amr().join(" "), one.acr())
        };
        let verified = Some(Method::Passkey);
        for (kind, method, amr, acr) in [
            (KeyPlace::Hardware, verified, "hwk user mfa", "aal2"),
            (KeyPlace::Software, verified, "swk user mfa", "aal2"),
            (KeyPlace::Software, None, "swk user", "aal1"),
            (
                KeyPlace::Hardware,
                Some(Method::Totp),
                "hwk user otp mfa",
                "aal2",
            ),
        ] {
            assert_eq!(by(kind, method), (amr.to_owned(), acr));
        }
    }
}
