//! What an operator changes of a user's names and addresses.

use crate::accounts::person_name::person_name;
use crate::accounts::user::{EmailAddress, User};
use crate::factors::factor::Channel;
use crate::messages::phone_number::PhoneNumber;

/// The new values. What is `None` stays. An empty text takes a value away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserUpdate {
    pub email: Option<String>,
    pub phone: Option<String>,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
}

impl UserUpdate {
    /// The user with the new values. A new address or number is not confirmed. If the
    /// user name was the old address, the user name is the new address.
    ///
    /// # Errors
    /// The reason, for the operator.
    pub fn apply(&self, user: &User) -> Result<User, String> {
        let mut new = user.clone();
        if let Some(email) = &self.email {
            let wrong = || format!("{email:?} is no e-mail address");
            let email = EmailAddress::parse(email).ok_or_else(wrong)?;
            if user.is_own_email(Channel::Email, &user.user_name) {
                new.user_name = email.as_str().to_owned();
            }
            let same = user.email.as_deref() == Some(email.as_str());
            new.email_confirmed = same && user.email_confirmed;
            new.email = Some(email.as_str().to_owned());
        }
        if let Some(phone) = given(self.phone.as_ref()) {
            let wrong = |phone: &str| format!("{phone:?} is no phone number");
            let parse = |phone: &str| PhoneNumber::parse(phone).ok_or_else(|| wrong(phone));
            let phone = phone.map(parse).transpose()?;
            new.phone = phone.map(|phone| phone.as_str().to_owned());
            let same = new.phone == user.phone;
            new.phone_confirmed = same && user.phone_confirmed;
        }
        let name = |name: &str| person_name(name).map_err(|_| format!("{name:?} is no name"));
        if let Some(given_name) = given(self.given_name.as_ref()) {
            new.given_name = given_name.map(name).transpose()?;
        }
        if let Some(family_name) = given(self.family_name.as_ref()) {
            new.family_name = family_name.map(name).transpose()?;
        }
        Ok(new)
    }
}

/// A given value: `Some(None)` takes the value away.
fn given(text: Option<&String>) -> Option<Option<&str>> {
    let text = text?.trim();
    Some((!text.is_empty()).then_some(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::UserId;

    fn ann() -> User {
        User {
            email: Some("ann@example.com".into()),
            email_confirmed: true,
            phone: Some("+15555550100".into()),
            phone_confirmed: true,
            given_name: Some("Ann".into()),
            ..User::new(UserId::from_bytes([1; 16]), "ann", 7)
        }
    }

    /// The update changes neither names nor addresses nor what is confirmed.
    fn assert_stays(update: &UserUpdate) {
        let (old, new) = (ann(), update.apply(&ann()).ok().unwrap());
        assert_eq!(
            (new.user_name, new.given_name, new.email, new.phone),
            (old.user_name, old.given_name, old.email, old.phone)
        );
        assert!(new.email_confirmed && new.phone_confirmed);
    }

    fn text(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn a_new_address_or_number_is_not_confirmed_and_the_same_one_stays_confirmed() {
        let update = |email: &str, phone: &str| UserUpdate {
            email: text(email),
            phone: text(phone),
            ..UserUpdate::default()
        };
        let same = update("ann@example.com", "+1 555 555 0100");
        assert_stays(&same);
        let new = update("ann@example.org", "+15555550101").apply(&ann());
        let new = new.ok().unwrap();
        assert!(!new.email_confirmed && !new.phone_confirmed);
        assert_eq!(new.user_name, "ann");
        let named = User {
            user_name: "ANN@example.com".into(),
            ..ann()
        };
        let new = update("ann@example.org", "").apply(&named).ok().unwrap();
        assert_eq!((&*new.user_name, new.phone), ("ann@example.org", None));
    }

    #[test]
    fn wrong_values_are_told_and_a_user_keeps_an_address() {
        let none = UserUpdate::default();
        assert_stays(&none);
        for (update, reason) in [
            (
                UserUpdate {
                    email: text(""),
                    ..UserUpdate::default()
                },
                "\"\" is no e-mail address",
            ),
            (
                UserUpdate {
                    phone: text("555"),
                    ..UserUpdate::default()
                },
                "\"555\" is no phone number",
            ),
            (
                UserUpdate {
                    family_name: text(&"x".repeat(65)),
                    ..UserUpdate::default()
                },
                &format!("{:?} is no name", "x".repeat(65)),
            ),
        ] {
            assert_eq!(update.apply(&ann()).err().as_deref(), Some(reason));
        }
    }
}
