//! The name and the password as a caller typed them.

use crate::accounts::login_name::LoginName;
use crate::accounts::password::LONGEST_PASSWORD;
use crate::refusal::Refusal;
use crate::secret::Secret;

/// The name in the form in which names are compared.
///
/// # Errors
/// `RequestMalformed` for a text that is no name, or for a password that is too long to
/// compare.
pub fn typed_name(name: &str, password: &Secret) -> Result<LoginName, Refusal> {
    let Some(name) = LoginName::parse(name) else {
        return Err(Refusal::RequestMalformed(
            "the user name is empty, too long or has control characters",
        ));
    };
    match password.expose().len() > LONGEST_PASSWORD {
        true => Err(Refusal::RequestMalformed("the password is too long")),
        false => Ok(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_compared_for_a_text_that_is_no_name_or_a_password_without_end() {
        let no_name = "the user name is empty, too long or has control characters";
        let (longest, long) = (
            "x".repeat(LONGEST_PASSWORD),
            "x".repeat(LONGEST_PASSWORD + 1),
        );
        for (name, password, why) in [
            ("Ann", "secret", None),
            ("ann", longest.as_str(), None),
            ("", "secret", Some(no_name)),
            ("a\u{0}b", "secret", Some(no_name)),
            ("ann", long.as_str(), Some("the password is too long")),
        ] {
            let found = typed_name(name, &Secret::new(password));
            let refused = why.map(Refusal::RequestMalformed);
            assert_eq!(found.err(), refused, "{name:?}");
        }
    }
}
