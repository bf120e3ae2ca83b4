//! What a new password must be (NIST SP 800-63B 3.1.1.2): long enough, not
//! among the passwords that are tried first, not made of the account's own names.
//! There is no rule about kinds of characters, and nothing is truncated.
//!
//! The crate `zxcvbn` estimates the guesses, because it is maintained. Its lists
//! are a few hundred KB. Nothing reads them before the first new password.

use unicode_normalization::UnicodeNormalization;

use crate::accounts::password::LONGEST_PASSWORD;
use crate::secret::Secret;

/// A password that is found within this many guesses is refused. Guesses at
/// one account are held to about a hundred a day, so this is decades of them;
/// it is where zxcvbn's score goes from 1 to 2.
pub const LEAST_GUESSES: u64 = 1_000_000;

/// A rule that a new password fails. Each dialect has its own words for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordProblem {
    /// Fewer characters than are wanted.
    TooShort {
        /// How many are wanted.
        minimum: usize,
    },
    /// More bytes than are read.
    TooLong {
        /// How many are read.
        maximum: usize,
    },
    /// Among those that are tried first.
    Common,
    /// Made of the account's own names.
    OwnName,
    /// The password that the account has already.
    Unchanged,
}

/// How many guesses a password takes, as it was estimated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guesses {
    /// By somebody who knows the account's names.
    pub with_names: u64,
    /// By somebody who does not.
    pub without_names: u64,
}

/// The rules that the operator may set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordPolicy {
    /// The least length in characters (Unicode code points after NFKC).
    pub minimum_length: usize,
}

impl PasswordPolicy {
    /// The rule about length that this password fails, if one. A password that
    /// fails it need not be estimated.
    pub fn check_length(&self, password: &Secret) -> Option<PasswordProblem> {
        if password.expose().len() > LONGEST_PASSWORD {
            let maximum = LONGEST_PASSWORD;
            return Some(PasswordProblem::TooLong { maximum });
        }
        let minimum = self.minimum_length;
        let length = password.expose().nfkc().count();
        (length < minimum).then_some(PasswordProblem::TooShort { minimum })
    }

    /// The rule about guessing that a password of this estimate fails, if one.
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
