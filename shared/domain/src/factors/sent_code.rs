//! Codes that are sent: HOTP values (RFC 4226) of a key that is derived for a
//! login and a factor. Neither a code nor its hash is stored.

use totp_rs::{Algorithm, Builder, Secret as Key, Totp};

use crate::secret::Secret;
use crate::typed_text::characters;

/// How many digits a code has.
const DIGITS: usize = 6;

/// How long a sent code is valid, in seconds from its send.
pub const CODE_SECONDS: i64 = 300;

/// The cool-down: the minimum time between two sends to one factor, in seconds.
pub const COOL_DOWN_SECONDS: i64 = 30;

/// The six-digit HOTP value (RFC 4226 5.3) of `key` at `counter`.
pub fn hotp(key: &[u8], counter: u64) -> Secret {
    Secret::new(
        crate::factors::sent_code::generator(key)
            .generate(counter)
            .to_string(),
    )
}

/// Brings a typed six-digit code into the form that is compared. The text may
/// have digits of any script, white space, invisible characters and dashes.
/// `None` if the text cannot be a code; then nothing has to be compared.
pub fn six_digits(typed: &str) -> Option<Secret> {
    let code: String = characters(typed).take(DIGITS + 1).collect();
    let digits = code.bytes().all(|byte| byte.is_ascii_digit());
    (digits && code.len() == DIGITS).then(|| Secret::new(code))
}

/// A totp-rs generator of six-digit codes whose time is the counter.
pub(crate) fn generator(key: &[u8]) -> Totp {
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_secret(Key::from(key.to_vec()))
        .with_skew(0)
        .with_step_duration(1)
        .build_noncompliant()
}

#[cfg(test)]
mod tests {
    use super::{hotp, six_digits};

    #[test]
    fn codes_are_those_of_rfc_4226_appendix_d() {
        let key = b"12345678901234567890";
        for (counter, code) in [(0, "755224"), (1, "287082"), (9, "520489")] {
            assert_eq!(hotp(key, counter).expose(), code);
        }
    }

    #[test]
    fn a_code_is_the_same_however_it_was_pasted() {
        for typed in [
            "123 456",
            "123-456",
            " 123\u{2011}456\r\n",
            "\u{feff}123\u{202f}456\u{200b}",
            "١٢٣٤٥٦",
            "１２３４５６",
        ] {
            let code = six_digits(typed);
            assert_eq!(
                code.map(|code| code.expose().to_owned()).as_deref(),
                Some("123456")
            );
        }
    }

    #[test]
    fn what_has_not_six_digits_is_no_code() {
        for typed in [
            "", "-", "12345", "1234567", "12345a", "123456.0", "-1", "½23456",
        ] {
            assert!(six_digits(typed).is_none(), "{typed}");
        }
    }
}
