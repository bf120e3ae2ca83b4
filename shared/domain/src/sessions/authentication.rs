//! When and how a user was authenticated.

use crate::Timestamp;
use crate::factors::factor::Method;

/// How and when a user authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authentication {
    /// When the user authenticated: `auth_time`.
    pub at: Timestamp,
    /// The second factor that the user showed beside the password, if any.
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

    /// The authentication that the claims `auth_time`, `amr` and `acr` of our
    /// tokens describe. `None` if none of our tokens has such claims. A code by
    /// the webhook reads as a code by e-mail, which counts as much.
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

    /// The assurance level. A code by e-mail never gives the second level (NIST
    /// SP 800-63B 3.1.3.1). Neither does a code by the webhook, because nobody
    /// knows who reads it.
    pub fn acr(&self) -> &'static str {
        match self.method {
            None | Some(Method::Email | Method::Webhook) => "aal1",
            Some(Method::Totp | Method::Sms | Method::RecoveryCode) => "aal2",
        }
    }
}
