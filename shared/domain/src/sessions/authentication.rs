//! When and how a user was authenticated.

use crate::Timestamp;
use crate::factors::factor::Method;

/// How and when a user authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authentication {
    /// When the user authenticated: `auth_time`.
    pub at: Timestamp,
    /// Whether a code to the user's mailbox was the first factor, and not the password.
    pub by_code: bool,
    /// The second factor that the user showed beside the first, if any.
    pub method: Option<Method>,
}

impl Authentication {
    /// Authentication methods (RFC 8176).
    pub fn amr(&self) -> &'static [&'static str] {
        match (self.by_code, self.method) {
            (false, None) => &["pwd"],
            (false, Some(Method::Totp | Method::Email | Method::Webhook)) => &["pwd", "otp", "mfa"],
            (false, Some(Method::Sms)) => &["pwd", "sms", "mfa"],
            (false, Some(Method::RecoveryCode)) => &["pwd", "mfa"],
            (true, None) => &["otp"],
            (true, Some(Method::Sms)) => &["otp", "sms", "mfa"],
            (true, Some(Method::Totp | Method::Email | Method::Webhook | Method::RecoveryCode)) => {
                &["otp", "mfa"]
            }
        }
    }

    /// The authentication that the claims `auth_time`, `amr` and `acr` of our
    /// tokens describe. `None` if none of our tokens has such claims. A code by
    /// the webhook reads as a code by e-mail, which counts as much. Beside a code as the
    /// first factor, a recovery code reads as a code of an app, which counts as much.
    pub fn from_claims(at: Timestamp, amr: &[String], acr: &str) -> Option<Self> {
        let methods = [
            None,
            Some(Method::Totp),
            Some(Method::Email),
            Some(Method::Sms),
            Some(Method::RecoveryCode),
        ];
        let of = |by_code| {
            methods.into_iter().map(move |method| Self {
                at,
                by_code,
                method,
            })
        };
        let mut all = of(false).chain(of(true));
        all.find(|one| one.amr() == amr && one.acr() == acr)
    }

    /// The assurance level. A code by e-mail never gives the second level (NIST
    /// SP 800-63B 3.1.3.1). Neither does a code by the webhook, because nobody
    /// knows who reads that code.
    pub fn acr(&self) -> &'static str {
        match self.method {
            None | Some(Method::Email | Method::Webhook) => "aal1",
            Some(Method::Totp | Method::Sms | Method::RecoveryCode) => "aal2",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Authentication, Method};

    #[test]
    fn what_the_claims_say_of_an_authentication_is_read_back_as_what_counts_as_much() {
        let methods = [
            None,
            Some(Method::Totp),
            Some(Method::Email),
            Some(Method::Sms),
        ];
        for by_code in [false, true] {
            for method in methods {
                let one = Authentication {
                    at: 7,
                    by_code,
                    method,
                };
                let amr: Vec<String> = one.amr().iter().map(|text| (*text).to_owned()).collect();
                let read = Authentication::from_claims(7, &amr, one.acr());
                assert_eq!(read, Some(one));
            }
        }
    }

    #[test]
    fn a_code_by_e_mail_alone_is_no_password_and_one_factor() {
        let one = Authentication {
            at: 7,
            by_code: true,
            method: None,
        };
        assert_eq!((one.amr(), one.acr()), (["otp"].as_slice(), "aal1"));
    }
}
