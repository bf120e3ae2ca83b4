//! A user as the table holds one.

use unicode_normalization::UnicodeNormalization;

use super::Timestamp;
use super::factor::{Channel, Factor, RecoveryCodes};
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
    /// Whether the password has to be changed before the next tokens.
    pub must_change_password: bool,
    /// When the password was last changed, if it ever was.
    pub password_changed_at: Option<Timestamp>,
    /// The e-mail address that the password was last reset by. Until a login
    /// completes with another factor, its mailbox is no second factor: whoever
    /// reads it has had the first one from it.
    pub reset_by: Option<String>,
}

impl User {
    /// Whether this factor is the mailbox that the password was last reset by.
    pub fn was_reset_by(&self, factor: &Factor) -> bool {
        let address = self.reset_by.as_deref().and_then(LoginName::parse);
        let to = factor
            .address()
            .filter(|(channel, _)| *channel == Channel::Email);
        let to = to.and_then(|(_, to)| LoginName::parse(to));
        address.is_some() && address == to
    }
}

/// What the operator wants confirmed before a user gets tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Confirmation {
    /// The e-mail address.
    pub email: bool,
    /// The phone number.
    pub phone: bool,
}

impl Confirmation {
    /// The setting of this name: `none`, `email`, `phone` or `both`.
    pub fn from_name(name: &str) -> Option<Self> {
        let (email, phone) = match name {
            "none" => (false, false),
            "email" => (true, false),
            "phone" => (false, true),
            "both" => (true, true),
            _ => return None,
        };
        Some(Self { email, phone })
    }

    /// Whether this user has confirmed it.
    pub fn is_met_by(self, user: &User) -> bool {
        (!self.email || user.email_confirmed) && (!self.phone || user.phone_confirmed)
    }
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
    /// The authenticators that may complete a login: the confirmed ones, but
    /// not the mailbox that the password was last reset by where there is
    /// another. An unconfirmed one never counts.
    pub fn active_factors(&self) -> impl Iterator<Item = &Factor> {
        let confirmed = || self.factors.iter().filter(|factor| factor.confirmed);
        let another = confirmed().any(|factor| !self.user.was_reset_by(factor));
        confirmed().filter(move |factor| !another || !self.user.was_reset_by(factor))
    }

    /// The authenticator that an app means when it names none: the first TOTP one.
    pub fn default_totp(&self) -> Option<&Factor> {
        self.active_factors().find(|factor| factor.is_totp())
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
