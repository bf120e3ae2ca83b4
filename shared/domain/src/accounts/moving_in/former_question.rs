//! What the former system is asked at a login.

use crate::accounts::user::User;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormerQuestion {
    /// Who the user of an unknown name is.
    WhoIsThis,
    /// Whether the password is that of a user who has none here.
    Password,
    Nothing,
}

impl FormerQuestion {
    /// The question about a name. `user` has the name. `is_known` says that the name is in the
    /// table, also if its user is gone. An account that was taken from a stranger has no
    /// password on purpose: the former system may know the stranger's.
    pub fn of(is_known: bool, user: Option<&User>) -> Self {
        match user {
            None if !is_known => Self::WhoIsThis,
            Some(user) if user.password.is_none() && user.reset_at.is_none() => Self::Password,
            Some(_) | None => Self::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::password::PasswordHash;
    use crate::id::UserId;

    #[test]
    fn the_former_system_knows_nothing_about_who_has_a_password_here_or_was_reset() {
        let user = |password: Option<&str>, reset_at| {
            Some(User {
                password: password.map(PasswordHash::from_stored),
                reset_at,
                ..User::plain(UserId::from_bytes([1; 16]))
            })
        };
        for (is_known, user, question) in [
            (false, None, FormerQuestion::WhoIsThis),
            (true, None, FormerQuestion::Nothing),
            (true, user(None, None), FormerQuestion::Password),
            (true, user(Some("hash"), None), FormerQuestion::Nothing),
            (true, user(None, Some(7)), FormerQuestion::Nothing),
        ] {
            assert_eq!(FormerQuestion::of(is_known, user.as_ref()), question);
        }
    }
}
