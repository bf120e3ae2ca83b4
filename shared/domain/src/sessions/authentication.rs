//! When and how a user was authenticated.

use crate::Timestamp;
use crate::factors::factor::Method;

/// How and when a user authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authentication {
    /// When it was completed: `auth_time`.
    pub at: Timestamp,
    /// The second factor beside the password, if there was one.
    pub method: Option<Method>,
}

impl Authentication {
    /// Authentication methods (RFC 8176).
    pub fn amr(&self) -> &'static [&'static str] {
        match self.method {
            None => &["pwd"],
            Some(Method::Totp | Method::Email | Method::Webhook) => &["pwd", "otp", "mfa"],
            Some(Method::Sms) => &["pwd", "sms", "mfa"],
            Some(Method::RecoveryCode) => &["pwd", "mfa"],
        }
    }

    /// What a token of ours says with these claims, `auth_time`, `amr` and
    /// `acr`; `None` if none of ours does. A webhook's code reads as one by
    /// e-mail, which is worth as much.
    pub fn from_claims(at: Timestamp, amr: &[String], acr: &str) -> Option<Self> {
        let methods = [
            None,
            Some(Method::Totp),
            Some(Method::Email),
            Some(Method::Sms),
            Some(Method::RecoveryCode),
        ];
        let mut all = methods.into_iter().map(|method| Self { at, method });
        all.find(|one| one.amr() == amr && one.acr() == acr)
    }

    /// The assurance level. A code by e-mail never gives the second one
    /// (NIST SP 800-63B 3.1.3.1), nor one by a webhook, which may end anywhere.
    pub fn acr(&self) -> &'static str {
        match self.method {
            None | Some(Method::Email | Method::Webhook) => "aal1",
            Some(Method::Totp | Method::Sms | Method::RecoveryCode) => "aal2",
        }
    }
}
