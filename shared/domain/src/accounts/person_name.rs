//! The first and the last name of a person.

use crate::refusal::Refusal;

/// The longest name, in characters. ABP has the same limit.
const LONGEST: usize = 64;

/// A first or last name as it is stored: without space around it, and without control
/// characters.
///
/// # Errors
/// `RequestMalformed`.
pub fn person_name(text: &str) -> Result<String, Refusal> {
    let name = text.trim();
    if name.chars().count() > LONGEST || name.chars().any(char::is_control) {
        return Err(Refusal::RequestMalformed(
            "A name is longer than 64 characters or has control characters.",
        ));
    }
    Ok(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::person_name;

    #[test]
    fn a_name_is_one_line_of_at_most_sixty_four_characters() {
        for (text, name) in [
            (" Ann ", Some("Ann")),
            ("", Some("")),
            (&*"é".repeat(64), Some(&*"é".repeat(64))),
            (&*"e".repeat(65), None),
            ("An\nn", None),
            ("An\u{7}n", None),
        ] {
            assert_eq!(person_name(text).ok().as_deref(), name, "{text:?}");
        }
    }
}
