//! The user that an operator makes.

use crate::Timestamp;
use crate::accounts::login_name::LoginName;
use crate::accounts::new_user::roles::check_roles;
use crate::accounts::password::PasswordHash;
use crate::accounts::person_name::person_name;
use crate::accounts::user::{EmailAddress, User, UserName};
use crate::id::UserId;
use crate::messages::phone_number::PhoneNumber;

/// A user as an operator names it.
#[derive(Clone, Debug, Default)]
pub struct NewUser {
    /// The identifier that another system gave the user.
    pub id: Option<UserId>,
    /// The user name; the e-mail address if there is none.
    pub user_name: Option<String>,
    pub email: Option<String>,
    /// Whether the operator vouches for the address.
    pub email_confirmed: bool,
    pub phone: Option<String>,
    /// Whether the operator vouches for the number.
    pub phone_confirmed: bool,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    pub roles: Vec<String>,
    /// A password that the operator gives the user. Only `cargo local` has such operators.
    pub password: Option<PasswordHash>,
}

impl NewUser {
    /// The user with this identifier, and the user's names. A user without a password sets
    /// a password by *Forgot password*.
    ///
    /// # Errors
    /// The reason, for the operator: a field is wrong, or the user could never set a password.
    pub fn into_user(self, id: UserId, now: Timestamp) -> Result<(User, Vec<LoginName>), String> {
        check_roles(&self.roles)?;
        let email = parsed(self.email.as_deref(), "e-mail address", EmailAddress::parse)?;
        let phone = parsed(self.phone.as_deref(), "phone number", PhoneNumber::parse)?;
        let user_name = parsed(self.user_name.as_deref(), "user name", UserName::parse)?;
        let without = "a user without an e-mail address could never set a password";
        let email = email.ok_or_else(|| without.to_owned())?;
        let mut names = vec![email.login_name().clone()];
        names.extend(user_name.as_ref().map(|name| name.login_name().clone()));
        names.dedup();
        let named = user_name.as_ref().map_or(email.as_str(), UserName::as_str);
        let name = |name: String| person_name(&name).map_err(|_| format!("{name:?} is no name"));
        let user = User {
            email: Some(email.as_str().to_owned()),
            email_confirmed: self.email_confirmed,
            phone: phone.as_ref().map(|phone| phone.as_str().to_owned()),
            phone_confirmed: phone.is_some() && self.phone_confirmed,
            given_name: self.given_name.map(name).transpose()?,
            family_name: self.family_name.map(name).transpose()?,
            roles: self.roles,
            password: self.password,
            ..User::new(id, named, now)
        };
        Ok((user, names))
    }
}

fn parsed<T>(
    text: Option<&str>,
    what: &str,
    parse: fn(&str) -> Option<T>,
) -> Result<Option<T>, String> {
    let wrong = |text: &str| format!("{text:?} is no {what}");
    text.map(|text| parse(text).ok_or_else(|| wrong(text)))
        .transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(new: NewUser) -> Result<(User, Vec<LoginName>), String> {
        new.into_user(UserId::from_bytes([1; 16]), 7)
    }

    fn ann() -> NewUser {
        NewUser {
            email: Some("ann@example.com".into()),
            ..NewUser::default()
        }
    }

    #[test]
    fn a_wrong_field_is_told_and_an_address_has_to_be_there() {
        let text = |text: &str| Some(text.to_owned());
        let without = "a user without an e-mail address could never set a password";
        for (new, reason) in [
            (NewUser::default(), without),
            (
                NewUser {
                    email: text("ann"),
                    ..ann()
                },
                "\"ann\" is no e-mail address",
            ),
            (
                NewUser {
                    phone: text("555"),
                    ..ann()
                },
                "\"555\" is no phone number",
            ),
            (
                NewUser {
                    user_name: text("a b"),
                    ..ann()
                },
                "\"a b\" is no user name",
            ),
            (
                NewUser {
                    roles: vec![String::new()],
                    ..ann()
                },
                "a role wants 1 to 256 characters in one line",
            ),
        ] {
            assert_eq!(made(new).err().as_deref(), Some(reason));
        }
    }

    #[test]
    fn the_address_is_the_user_name_of_a_user_without_one_and_no_number_is_not_confirmed() {
        for (user_name, named, names) in [
            (None, "ann@example.com", 1),
            (Some("ann"), "ann", 2),
            (Some("ANN@example.com"), "ANN@example.com", 1),
        ] {
            let new = NewUser {
                user_name: user_name.map(str::to_owned),
                phone_confirmed: true,
                ..ann()
            };
            let (user, found) = made(new).ok().unwrap();
            assert_eq!((user.user_name.as_str(), found.len()), (named, names));
            assert!(!user.phone_confirmed && user.password.is_none());
        }
    }

    #[test]
    fn a_name_of_more_than_one_line_is_refused_as_at_an_update() {
        let two_lines = NewUser {
            given_name: Some("Ann\nLee".into()),
            ..ann()
        };
        assert!(made(two_lines).is_err());
    }
}
