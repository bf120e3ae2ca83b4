//! The rules for a new password (NIST SP 800-63B 3.1.1.2). It must be long enough, must
//! not be among the passwords that attackers try first, and must not be made of the
//! account's own names. There is no rule about kinds of characters, and nothing is
//! truncated.
//!
//! The crate `zxcvbn` estimates the guesses, because it is maintained. Its lists
//! are a few hundred KB. Nothing reads them before the first new password.

use unicode_normalization::UnicodeNormalization;

use crate::accounts::password::LONGEST_PASSWORD;
use crate::secret::Secret;

/// A password that an attacker finds within this many guesses is refused. At
/// about a hundred guesses a day at one account, that many guesses take
/// decades. At this number, zxcvbn's score goes from 1 to 2.
pub const LEAST_GUESSES: u64 = 1_000_000;

/// A rule that a new password breaks. Each dialect has its own words for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordProblem {
    /// The password has too few characters.
    TooShort {
        /// The minimum number of characters.
        minimum: usize,
    },
    /// The password has too many bytes.
    TooLong {
        /// The maximum number of bytes.
        maximum: usize,
    },
    /// The password is among those that attackers try first.
    Common,
    /// The password is made of the account's own names.
    OwnName,
    /// The account already has this password.
    Unchanged,
}

/// The estimate of how many guesses a password takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guesses {
    /// For an attacker who knows the account's names.
    pub with_names: u64,
    /// For an attacker who does not know the account's names.
    pub without_names: u64,
}

/// The rules that the operator may set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordPolicy {
    /// The minimum length in characters (Unicode code points after NFKC).
    pub minimum_length: usize,
}

impl PasswordPolicy {
    /// The rule about length that this password breaks, if any. A password that breaks
    /// one need not be estimated.
    pub fn check_length(&self, password: &Secret) -> Option<PasswordProblem> {
        if password.expose().len() > LONGEST_PASSWORD {
            let maximum = LONGEST_PASSWORD;
            return Some(PasswordProblem::TooLong { maximum });
        }
        let minimum = self.minimum_length;
        let length = password.expose().nfkc().count();
        (length < minimum).then_some(PasswordProblem::TooShort { minimum })
    }

    /// The rule about guessing that a password with this estimate breaks, if any.
    pub fn check_guesses(&self, guesses: Guesses) -> Option<PasswordProblem> {
        if guesses.without_names < LEAST_GUESSES {
            Some(PasswordProblem::Common)
        } else if guesses.with_names < LEAST_GUESSES {
            Some(PasswordProblem::OwnName)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Guesses, LEAST_GUESSES, PasswordPolicy, PasswordProblem};
    use crate::secret::Secret;

    const POLICY: PasswordPolicy = PasswordPolicy { minimum_length: 8 };

    fn length(password: String) -> Option<PasswordProblem> {
        POLICY.check_length(&Secret::new(password))
    }

    #[test]
    fn eight_characters_to_1024_bytes_are_taken() {
        let short = Some(PasswordProblem::TooShort { minimum: 8 });
        assert_eq!(length("x".repeat(7)), short);
        assert_eq!(length("x".repeat(8)), None);
        assert_eq!(length("x".repeat(1024)), None);
        let long = Some(PasswordProblem::TooLong { maximum: 1024 });
        assert_eq!(length("x".repeat(1025)), long);
    }

    #[test]
    fn characters_are_counted_and_not_bytes() {
        let short = Some(PasswordProblem::TooShort { minimum: 8 });
        assert_eq!(length("é".repeat(7)), short);
        // Seven letters, each followed by a combining accent, are seven.
        assert_eq!(length("e\u{301}".repeat(7)), short);
        assert_eq!(length("é".repeat(8)), None);
    }

    #[test]
    fn what_is_guessed_soon_is_refused_and_the_rule_says_by_whom() {
        let check = |with_names, without_names| {
            POLICY.check_guesses(Guesses {
                with_names,
                without_names,
            })
        };
        let (few, enough) = (LEAST_GUESSES - 1, LEAST_GUESSES);
        assert_eq!(check(few, few), Some(PasswordProblem::Common));
        assert_eq!(check(few, enough), Some(PasswordProblem::OwnName));
        assert_eq!(check(enough, enough), None);
    }
}
