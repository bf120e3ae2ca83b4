//! Which networks are known to a user.

use crate::Timestamp;
use crate::accounts::login_name::LoginName;
use crate::accounts::user::User;

/// Whether a login that was completed at this time makes its network known to the user. A
/// login before the last reset does not: somebody else may have known the old password. A
/// change of the password is not a reset, because a thief may have made the change. A login
/// before the user was made was of a deleted user who had the name.
pub fn makes_known(user: &User, completed_at: Option<Timestamp>) -> bool {
    let from = user.reset_at.unwrap_or(0).max(user.created_at);
    completed_at.is_some_and(|at| at >= from)
}

/// The user name, if a login by the user name too may have made a network known to the user
/// of a confirmed address. `None` if the user name is the address. Resets to an unconfirmed
/// address know no networks.
pub fn name_beside_address(user: &User) -> Option<LoginName> {
    let name = LoginName::parse(&user.user_name);
    let email = user.email.as_deref().and_then(LoginName::parse);
    name.filter(|name| user.email_confirmed && Some(name) != email.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::UserId;

    #[test]
    fn a_network_is_known_by_a_login_of_the_user_that_no_reset_came_after() {
        for (completed_at, reset_at, known) in [
            (None, None, false),
            (None, Some(100), false),
            (Some(49), None, false),
            (Some(50), None, true),
            (Some(99), Some(100), false),
            (Some(100), Some(100), true),
            (Some(101), Some(100), true),
        ] {
            let user = User {
                reset_at,
                password_changed_at: Some(500),
                created_at: 50,
                ..User::plain(UserId::from_bytes([7; 16]))
            };
            let found = makes_known(&user, completed_at);
            assert_eq!(found, known, "{completed_at:?} {reset_at:?}");
        }
    }

    #[test]
    fn a_user_name_beside_a_confirmed_address_may_know_networks() {
        for (user_name, confirmed, beside) in [
            ("ann", true, Some("ann")),
            ("ann", false, None),
            ("Ann@example.com", true, None),
        ] {
            let user = User {
                email: Some("ann@example.com".into()),
                email_confirmed: confirmed,
                ..User::new(UserId::from_bytes([7; 16]), user_name, 0)
            };
            let found = name_beside_address(&user);
            assert_eq!(found.as_ref().map(LoginName::as_str), beside);
        }
    }
}
