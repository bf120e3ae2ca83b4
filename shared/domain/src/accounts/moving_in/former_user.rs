//! Checks a user of another system, in the words of Auth0's schema. The import reads such
//! users from a file. A login gets such a user from the former system.

use crate::accounts::moving_in::arrival::{Arrival, ArrivedFactor, ArrivedPassword};
use crate::accounts::moving_in::former_details::FormerDetails;
use crate::accounts::moving_in::former_identity::FormerIdentity;
use crate::accounts::user::{EmailAddress, UserName};
use crate::factors::factor::Channel;
use crate::factors::totp::Seed;
use crate::id::UserId;
use crate::messages::phone_number::PhoneNumber;

/// What stands before the identifier of a user of an Auth0 database.
const STRATEGY: &str = "auth0|";

/// The most factors of a user.
const MOST_FACTORS: usize = 10;

/// The most characters of a person's name or a role's.
const LONGEST_LINE: usize = 256;

/// A user in the words of Auth0's schema.
#[derive(Default)]
pub struct FormerUser {
    /// `user_id`
    pub identifier: Option<String>,
    /// `email`
    pub email: Option<String>,
    /// `email_verified`
    pub email_verified: bool,
    /// `username`
    pub user_name: Option<String>,
    /// `phone_number`
    pub phone_number: Option<String>,
    /// `phone_verified`
    pub phone_verified: bool,
    /// `given_name`
    pub given_name: Option<String>,
    /// `family_name`
    pub family_name: Option<String>,
    pub details: FormerDetails,
    /// `blocked`
    pub blocked: bool,
    pub roles: Vec<String>,
    pub password: Option<ArrivedPassword>,
    /// `mfa_factors`: the seed of an app, the number of a phone, or the address
    /// of a mailbox.
    pub factors: Vec<[Option<String>; 3]>,
}

/// A user of another system who was checked.
pub struct CheckedUser {
    pub arrival: Arrival,
    /// The names of the fields of which a part is left out.
    pub left_out: Vec<String>,
    /// The identifier in the other system.
    pub former_id: Option<String>,
}

impl FormerUser {
    /// The user as it can be made here.
    ///
    /// # Errors
    /// The reason, which names a field and none of its values.
    pub fn into_checked(self) -> Result<CheckedUser, String> {
        let email = parsed_field(self.email.as_deref(), "email", EmailAddress::parse)?;
        let user_name = parsed_field(self.user_name.as_deref(), "username", UserName::parse)?;
        let Some(first) = self.email.as_ref().or(self.user_name.as_ref()) else {
            return Err("neither email nor username".to_owned());
        };
        if self.identifier.as_deref() == Some("") {
            return Err("user_id is empty".to_owned());
        }
        let former_id = self.identifier.as_deref().map(auth0_subject);
        let phone = self.phone_number.as_deref();
        let two_factor = !self.factors.is_empty();
        let factors = self.factors.into_iter().map(checked_factor);
        let factors: Result<Vec<ArrivedFactor>, String> = factors.collect();
        let roles = self.roles.into_iter().map(|role| {
            let name = one_line(Some(role), "a role")?;
            name.ok_or_else(|| "the roles are not a list of names".to_owned())
        });
        let (profile, left_out) = self.details.fitting();
        let arrival = Arrival {
            identity: FormerIdentity::of(former_id.as_deref(), first),
            roles: roles.collect::<Result<_, String>>()?,
            factors: few_factors(factors?)?,
            user_name,
            email,
            email_confirmed: self.email_verified,
            phone: parsed_field(phone, "phone_number", PhoneNumber::parse)?,
            phone_confirmed: self.phone_verified,
            given_name: one_line(self.given_name, "given_name")?,
            family_name: one_line(self.family_name, "family_name")?,
            profile,
            active: !self.blocked,
            locked_until: None,
            two_factor,
            must_change_password: false,
            password: self.password,
            recovery_codes: Vec::new(),
            kept: None,
        };
        Ok(CheckedUser {
            arrival,
            left_out,
            former_id,
        })
    }
}

/// The `sub` in Auth0's tokens of a user with this `user_id`. Auth0 puts the strategy before
/// the `user_id` of a bulk import. A UUID without a strategy is kept as it is.
fn auth0_subject(user_id: &str) -> String {
    match user_id.contains('|') || UserId::parse(user_id).is_some() {
        true => user_id.to_owned(),
        false => format!("{STRATEGY}{user_id}"),
    }
}

fn checked_factor(parts: [Option<String>; 3]) -> Result<ArrivedFactor, String> {
    match parts {
        [Some(secret), None, None] => {
            let wrong = "the secret of a totp factor is no base32 of 10 to 64 bytes";
            let seed = seed_of_another(&secret).ok_or_else(|| wrong.to_owned())?;
            Ok(ArrivedFactor::App(seed))
        }
        [None, Some(phone), None] => {
            let number = PhoneNumber::parse(&phone);
            let number = number.ok_or("the value of a phone factor is no phone number")?;
            let number = number.as_str().to_owned();
            Ok(ArrivedFactor::Address(Channel::Sms, number))
        }
        [None, None, Some(email)] => {
            let address = EmailAddress::parse(&email);
            let address = address.ok_or("the value of an email factor is no e-mail address")?;
            let address = address.as_str().to_owned();
            Ok(ArrivedFactor::Address(Channel::Email, address))
        }
        _ => Err("an element of mfa_factors is not one of totp, phone, email".to_owned()),
    }
}

/// The seed of an authenticator app, of 10 to 64 bytes in base32.
pub fn seed_of_another(text: &str) -> Option<Seed> {
    let plain = text.replace([' ', '-', '='], "").to_ascii_uppercase();
    let seed = Seed::from_base32(&plain)?;
    (10..=64).contains(&seed.expose().len()).then_some(seed)
}

/// A field, read with its own `parse`.
///
/// # Errors
/// The reason, with the field's name.
pub fn parsed_field<T>(
    text: Option<&str>,
    field: &str,
    parse: fn(&str) -> Option<T>,
) -> Result<Option<T>, String> {
    let wrong = || format!("{field} cannot be used here");
    text.map(|text| parse(text).ok_or_else(wrong)).transpose()
}

/// A text of one line; white space is none.
///
/// # Errors
/// The reason, with the field's name.
pub fn one_line(text: Option<String>, field: &str) -> Result<Option<String>, String> {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
        return Ok(None);
    };
    let fits = text.chars().count() <= LONGEST_LINE && !text.contains(char::is_control);
    match fits {
        true => Ok(Some(text)),
        false => Err(format!(
            "{field} is longer than {LONGEST_LINE} characters or has control characters"
        )),
    }
}

/// Factors, if they are not too many.
///
/// # Errors
/// The reason.
pub fn few_factors(factors: Vec<ArrivedFactor>) -> Result<Vec<ArrivedFactor>, String> {
    match factors.len() {
        0..=MOST_FACTORS => Ok(factors),
        _ => Err("more than ten second factors".to_owned()),
    }
}

#[cfg(test)]
#[path = "former_user_tests.rs"]
mod tests;
