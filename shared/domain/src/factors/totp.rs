//! One-time passwords of an authenticator app: RFC 6238 with SHA-1, six digits
//! and steps of 30 seconds, because every app supports these.

use totp_rs::{Algorithm, Builder, Secret as Key};
use zeroize::Zeroizing;

use crate::Timestamp;
use crate::secret::Secret;

/// Length of a step in seconds.
pub const STEP_SECONDS: i64 = 30;

/// A TOTP seed in clear. Keep it as short a time as possible.
pub struct Seed(Zeroizing<Vec<u8>>);

impl Seed {
    /// Takes the raw bytes of a seed.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Reads a seed in base32 (RFC 4648), as enrolment shows it. `None` if the
    /// text is not base32.
    pub fn from_base32(text: &str) -> Option<Self> {
        let key = Key::try_from_base32(text).ok()?;
        Some(Self::new(key.as_bytes().to_vec()))
    }

    /// A new seed of these 20 random bytes, the 160 bits that RFC 4226 4 asks for.
    pub fn random(bytes: [u8; 20]) -> Self {
        Self::new(bytes.to_vec())
    }

    /// The seed in base32 (RFC 4648) without padding, as a person types it.
    pub fn to_base32(&self) -> Secret {
        Secret::new(Key::from(self.0.to_vec()).to_base32())
    }

    /// The URI that an authenticator app reads from a QR code. The app shows
    /// `issuer` and `account`. `None` if these cannot stand in such a URI.
    pub fn uri(&self, issuer: &str, account: &str) -> Option<Secret> {
        // A colon separates the two in the URI.
        let plain = |text: &str| text.replace(':', " ");
        let totp = Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(6)
            .with_secret(Key::from(self.0.to_vec()))
            .with_step_duration(30)
            .with_issuer(Some(plain(issuer)))
            .with_account_name(plain(account))
            .build_noncompliant();
        let uri = Zeroizing::new(totp.to_url().ok()?);
        // The URI also states the defaults, because some apps need them.
        Some(Secret::new(format!(
            "{}&algorithm=SHA1&digits=6&period=30",
            *uri
        )))
    }

    /// The raw bytes, to be sealed.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The code of one step (a step is the time divided by 30).
    pub fn code(&self, step: u64) -> Secret {
        // TOTP (RFC 6238) is HOTP with the step as its counter.
        crate::factors::sent_code::hotp(&self.0, step)
    }
}

/// The steps whose codes are accepted at `now`, newest first: the current step
/// and `past_steps` before it, never the next step. Steps up to `last_step` are
/// not accepted again, because they were used or a later step was used (RFC
/// 6238 5.2).
pub fn acceptable_steps(
    now: Timestamp,
    past_steps: u8,
    last_step: Option<u64>,
) -> impl Iterator<Item = u64> {
    let present = u64::try_from(now / STEP_SECONDS).unwrap_or(0);
    (0..=u64::from(past_steps))
        .filter_map(move |back| present.checked_sub(back))
        .filter(move |step| last_step.is_none_or(|last| *step > last))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Seed, acceptable_steps};

    #[test]
    fn codes_are_those_of_rfc_6238_appendix_b() {
        let seed = Seed::new(b"12345678901234567890".to_vec());
        for (time, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(seed.code(time / 30).expose(), code);
        }
    }

    #[test]
    fn this_step_and_the_one_before_are_accepted_and_never_the_next() {
        assert_eq!(acceptable_steps(300, 1, None).collect::<Vec<_>>(), [10, 9]);
        assert_eq!(acceptable_steps(329, 1, None).collect::<Vec<_>>(), [10, 9]);
        assert_eq!(acceptable_steps(300, 5, None).count(), 6);
    }

    #[test]
    fn a_step_up_to_the_last_accepted_one_is_not_accepted_again() {
        assert_eq!(acceptable_steps(300, 5, Some(9)).collect::<Vec<_>>(), [10]);
        assert_eq!(acceptable_steps(300, 5, Some(10)).count(), 0);
    }

    #[test]
    fn a_seed_is_shown_as_base32_and_as_a_uri() {
        let seed = Seed::random(*b"12345678901234567890");
        assert_eq!(
            seed.to_base32().expose(),
            "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
        );
        let uri = seed.uri("A: B", "user@example.com").unwrap();
        assert_eq!(
            uri.expose(),
            "otpauth://totp/A%20%20B:user%40example.com?\
             secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=A%20%20B&algorithm=SHA1&digits=6&period=30"
        );
    }

    #[test]
    fn a_seed_is_read_from_base32() {
        assert_eq!(
            Seed::from_base32("JBSWY3DPEHPK3PXP")
                .unwrap()
                .expose()
                .len(),
            10
        );
        assert!(Seed::from_base32("1!").is_none());
    }
}
