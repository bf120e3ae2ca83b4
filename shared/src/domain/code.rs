//! Codes that are sent: HOTP values (RFC 4226) of a key derived for one login
//! and one factor. No code and no hash of one is stored.

use super::secret::Secret;

/// How long a sent code is good, in seconds from its send.
pub const CODE_SECONDS: i64 = 300;

/// The least time between two sends to one factor, in seconds.
pub const COOL_DOWN_SECONDS: i64 = 30;

/// The six-digit HOTP value (RFC 4226 5.3) of `key` at `counter`.
pub fn hotp(key: &[u8], counter: u64) -> Secret {
    Secret::new(super::totp::generator(key).generate(counter).to_string())
}

/// What a person typed as a six-digit code, without spaces and dashes. What
/// cannot be a code is kept as it is: it is charged and refused like any
/// other wrong code.
pub fn normalise(typed: &str) -> Secret {
    let code: String = typed
        .chars()
        .filter(|character| !matches!(character, ' ' | '-'))
        .take(64)
        .collect();
    Secret::new(code)
}

#[cfg(test)]
mod tests {
    use super::{hotp, normalise};

    #[test]
    fn codes_are_those_of_rfc_4226_appendix_d() {
        let key = b"12345678901234567890";
        for (counter, code) in [(0, "755224"), (1, "287082"), (9, "520489")] {
            assert_eq!(hotp(key, counter).expose(), code);
        }
    }

    #[test]
    fn a_code_may_be_typed_in_two_halves() {
        assert_eq!(normalise("123 456").expose(), "123456");
    }
}
