//! The account of anybody who registers.

use crate::Timestamp;
use crate::accounts::login_name::LoginName;
use crate::accounts::person_name::person_name;
use crate::accounts::profile::Profile;
use crate::accounts::refusals::account_refusal::{AccountRefusal, TakenName};
use crate::accounts::user::{EmailAddress, User, UserName};
use crate::id::UserId;
use crate::refusal::Refusal;
use crate::secret::Secret;

/// The data of a new account.
pub struct Registration<'a> {
    /// The user name as it was typed.
    pub user_name: &'a str,
    /// The e-mail address as it was typed.
    pub email: &'a str,
    /// The password as it was typed.
    pub password: &'a Secret,
    pub given_name: Option<&'a str>,
    pub family_name: Option<&'a str>,
    /// What apps show of the user and keep with the user.
    pub profile: Profile,
    /// The roles of every user who registers.
    pub roles: &'a [&'a str],
}

/// What a new user says of the person.
#[derive(Clone, Debug, Default)]
pub struct Person<'a> {
    pub given_name: Option<&'a str>,
    pub family_name: Option<&'a str>,
    /// What apps show of the user and keep with the user.
    pub profile: Profile,
}

impl Person<'_> {
    /// The user with these names.
    ///
    /// # Errors
    /// `RequestMalformed` for a profile or a name that does not fit.
    pub fn new_user(self, names: &NewNames, id: UserId, now: Timestamp) -> Result<User, Refusal> {
        if let Some(problem) = self.profile.problem() {
            return Err(Refusal::RequestMalformed(problem));
        }
        let person = |name: Option<&str>| name.map(person_name).transpose();
        Ok(User {
            given_name: person(self.given_name)?,
            family_name: person(self.family_name)?,
            profile: self.profile,
            ..names.new_user(id, now)
        })
    }
}

/// The names that a new user signs in with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewNames {
    pub user_name: UserName,
    pub email: EmailAddress,
}

/// Reads an e-mail address that a caller typed.
///
/// # Errors
/// `NameInvalid`.
pub fn email_of(typed: &str) -> Result<EmailAddress, AccountRefusal> {
    let wrong = || AccountRefusal::NameInvalid(TakenName::Email(readable_name(typed)));
    EmailAddress::parse(typed).ok_or_else(wrong)
}

impl NewNames {
    /// Reads the names that a caller typed. User names and e-mail addresses share a name
    /// space. So a user name with `@` must be the account's own address.
    ///
    /// # Errors
    /// `NameInvalid`.
    pub fn of(user_name: &str, email: &str) -> Result<Self, AccountRefusal> {
        let email = email_of(email)?;
        let own = |name: &UserName| {
            !name.as_str().contains('@') || name.login_name() == email.login_name()
        };
        let wrong = || AccountRefusal::NameInvalid(TakenName::UserName(readable_name(user_name)));
        let user_name = UserName::parse(user_name).filter(own).ok_or_else(wrong)?;
        Ok(Self { user_name, email })
    }

    /// A user with these names and nothing else.
    pub fn new_user(&self, id: UserId, now: Timestamp) -> User {
        User {
            email: Some(self.email.as_str().to_owned()),
            ..User::new(id, self.user_name.as_str(), now)
        }
    }

    /// The names in the form in which they are compared: the user name, and the address if
    /// that is another name.
    pub fn login_names(&self) -> Vec<LoginName> {
        let both = [self.user_name.login_name(), self.email.login_name()];
        let mut names: Vec<LoginName> = both.into_iter().cloned().collect();
        names.dedup();
        names
    }

    /// The refusal of the name at this place of `login_names`, which another user has.
    pub fn taken(&self, index: usize) -> AccountRefusal {
        AccountRefusal::NameTaken(match index {
            0 => TakenName::UserName(self.user_name.as_str().to_owned()),
            _ => TakenName::Email(self.email.as_str().to_owned()),
        })
    }
}

impl Registration<'_> {
    /// The user with these names, without a password yet.
    ///
    /// # Errors
    /// `RequestMalformed` for a profile or a name that does not fit.
    pub fn new_user(&self, names: &NewNames, id: UserId, now: Timestamp) -> Result<User, Refusal> {
        let person = Person {
            given_name: self.given_name,
            family_name: self.family_name,
            profile: self.profile.clone(),
        };
        Ok(User {
            roles: self.roles.iter().map(|role| (*role).to_owned()).collect(),
            ..person.new_user(names, id, now)?
        })
    }
}

/// The typed text, short enough for an answer to repeat it.
fn readable_name(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIL: &str = "ann@example.com";

    #[test]
    fn a_user_name_with_an_at_sign_is_the_accounts_own_address() {
        let name = |text: &str| AccountRefusal::NameInvalid(TakenName::UserName(text.into()));
        let mail = |text: &str| AccountRefusal::NameInvalid(TakenName::Email(text.into()));
        let long = "x".repeat(300);
        for (user_name, email, expected) in [
            ("ann", MAIL, Ok(2)),
            ("Ann@Example.com", MAIL, Ok(1)),
            ("b@example.com", MAIL, Err(name("b@example.com"))),
            ("a b", MAIL, Err(name("a b"))),
            ("a\u{7}b", MAIL, Err(name("ab"))),
            (&long, MAIL, Err(name(&"x".repeat(64)))),
            ("ann", "ann", Err(mail("ann"))),
            ("a b", "ann", Err(mail("ann"))),
        ] {
            let found = NewNames::of(user_name, email).map(|names| names.login_names().len());
            assert_eq!(found, expected, "{user_name:?} {email}");
        }
    }

    #[test]
    fn a_taken_name_is_told_as_it_was_typed() {
        let names = NewNames::of("Ann", "Ann@example.com").unwrap();
        for (index, expected) in [
            (0, TakenName::UserName("Ann".into())),
            (1, TakenName::Email("Ann@example.com".into())),
        ] {
            assert_eq!(names.taken(index), AccountRefusal::NameTaken(expected));
        }
    }

    #[test]
    fn a_profile_or_a_persons_name_that_does_not_fit_makes_no_user() {
        let names = NewNames::of("ann", MAIL).unwrap();
        let password = Secret::new("password");
        let long = "x".repeat(65);
        let with_name = |name: &str| Profile {
            name: Some(name.to_owned()),
            ..Profile::default()
        };
        for (given_name, profile, made) in [
            (None, Profile::default(), true),
            (Some("Ann"), with_name("Ann Lee"), true),
            (Some(long.as_str()), Profile::default(), false),
            (None, with_name("a\nb"), false),
        ] {
            let asked = Registration {
                user_name: "ann",
                email: MAIL,
                password: &password,
                given_name,
                family_name: None,
                profile,
                roles: &["user"],
            };
            let user = asked.new_user(&names, UserId::from_bytes([1; 16]), 7);
            assert_eq!(user.is_ok(), made, "{given_name:?}");
        }
    }
}
