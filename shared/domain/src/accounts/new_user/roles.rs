//! Which texts can be roles.

/// The longest name of a role, in characters.
const LONGEST_ROLE: usize = 256;

/// Refuses a name that can be no role.
///
/// # Errors
/// The reason, for the operator.
pub fn check_roles(roles: &[String]) -> Result<(), String> {
    let good = |role: &String| {
        let fits = (1..=LONGEST_ROLE).contains(&role.chars().count());
        fits && !role.trim().is_empty() && !role.contains(char::is_control)
    };
    match roles.iter().all(good) {
        true => Ok(()),
        false => Err("a role wants 1 to 256 characters in one line".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::check_roles;

    #[test]
    fn a_role_is_one_line_of_1_to_256_characters() {
        let (longest, long) = ("é".repeat(256), "e".repeat(257));
        for (role, good) in [("admin", true), ("", false), (" ", false), ("a\nb", false)]
            .into_iter()
            .chain([(longest.as_str(), true), (long.as_str(), false)])
        {
            let roles = ["editor".to_owned(), role.to_owned()];
            assert_eq!(check_roles(&roles).is_ok(), good, "{role:?}");
        }
        assert!(check_roles(&[]).is_ok());
    }
}
