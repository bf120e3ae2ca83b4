//! A user as the table holds one.

use unicode_normalization::UnicodeNormalization;

use super::Timestamp;
use super::factor::{Factor, RecoveryCodes};
use super::id::UserId;
use super::password::PasswordHash;

/// Longest login name in bytes after normalisation: an e-mail address has at
/// most 254 (RFC 5321), and user names of other systems stop at 256.
const LONGEST_NAME: usize = 320;

/// A login name (user name or e-mail) in the one form in which names compare:
/// NFKC, lower case, without surrounding white space.
#[derive(Clone, PartialEq, Eq)]
pub struct LoginName(String);

impl LoginName {
    /// Normalises what a person typed. `None` if nothing is left, if it is
    /// longer than 320 bytes, or if it holds control characters.
    pub fn parse(typed: &str) -> Option<Self> {
        if typed.len() > 4 * LONGEST_NAME {
            return None;
        }
        let name: String = typed.trim().nfkc().flat_map(char::to_lowercase).collect();
        let fits = !name.is_empty() && name.len() <= LONGEST_NAME;
        (fits && !name.chars().any(char::is_control)).then_some(Self(name))
    }

    /// The normalised text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What the `PROFILE` item holds.
#[derive(Clone, Debug)]
pub struct User {
    /// Who it is.
    pub id: UserId,
    /// The user name as it was registered.
    pub user_name: String,
    /// The e-mail address as it was registered.
    pub email: Option<String>,
    /// Whether the address was confirmed.
    pub email_confirmed: bool,
    /// The phone number in E.164 form.
    pub phone: Option<String>,
    /// Whether the number was confirmed.
    pub phone_confirmed: bool,
    /// First name.
    pub given_name: Option<String>,
    /// Last name.
    pub family_name: Option<String>,
    /// Role names.
    pub roles: Vec<String>,
    /// The stored password, if the user has one.
    pub password: Option<PasswordHash>,
    /// Rises with every change of password, factor or standing.
    pub epoch: u64,
    /// Whether the user may sign in at all.
    pub active: bool,
    /// Whether a second factor is demanded.
    pub two_factor: bool,
    /// When the user was made.
    pub created_at: Timestamp,
    /// How many enrolments were begun: two at once do not both go by what
    /// they read.
    pub enrolments: u64,
}

/// A user with everything that can complete a login: what one query reads.
#[derive(Clone, Debug)]
pub struct Account {
    /// The profile.
    pub user: User,
    /// The authenticators, confirmed or not, by rank and then by age.
    pub factors: Vec<Factor>,
    /// The recovery codes, if any were made.
    pub recovery: Option<RecoveryCodes>,
}

impl Account {
    /// The confirmed authenticators. An unconfirmed one never counts.
    pub fn active_factors(&self) -> impl Iterator<Item = &Factor> {
        self.factors.iter().filter(|factor| factor.confirmed)
    }

    /// Whether there is anything that could complete a login: an active factor,
    /// or a confirmed address that may become one.
    pub fn has_provider(&self) -> bool {
        let user = &self.user;
        let email = user.email.is_some() && user.email_confirmed;
        let phone = user.phone.is_some() && user.phone_confirmed;
        email || phone || self.active_factors().next().is_some()
    }

    /// The authenticator that an app means when it names none: the first TOTP one.
    pub fn default_totp(&self) -> Option<&Factor> {
        self.active_factors().find(|factor| factor.is_totp())
    }
}

#[cfg(test)]
impl User {
    /// A user with nothing but an identifier, for tests.
    pub(crate) fn plain(id: UserId) -> Self {
        Self {
            id,
            user_name: "user".into(),
            email: None,
            email_confirmed: false,
            phone: None,
            phone_confirmed: false,
            given_name: None,
            family_name: None,
            roles: Vec::new(),
            password: None,
            epoch: 1,
            active: true,
            two_factor: false,
            created_at: 0,
            enrolments: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::LoginName;

    #[test]
    fn names_compare_in_one_form() {
        let name = LoginName::parse("  Ｕser@Example.COM ").unwrap();
        assert_eq!(name.as_str(), "user@example.com");
    }

    #[test]
    fn empty_overlong_and_control_names_are_no_names() {
        assert!(LoginName::parse("   ").is_none());
        assert!(LoginName::parse(&"a".repeat(321)).is_none());
        assert!(LoginName::parse("a\u{0}b").is_none());
    }
}
