//! What the comparison of a password means for its login.

use crate::Timestamp;
use crate::accounts::password::Compared;
use crate::accounts::user::User;
use crate::refusal::Refusal;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordVerdict {
    /// The password is wrong, or nobody has the name.
    Wrong,
    /// The password is right, and the user may not sign in.
    Inactive,
    Right,
    /// The password is right, and its hash is made again with today's parameters.
    RightButWeak,
}

impl PasswordVerdict {
    /// The verdict on a password that was compared with this user's.
    pub fn of(compared: Compared, user: Option<&User>) -> Self {
        match (compared, user) {
            (Compared::Wrong, _) | (_, None) => Self::Wrong,
            (Compared::Right | Compared::RightButWeak, Some(user)) if !user.active => {
                Self::Inactive
            }
            (Compared::Right, Some(_)) => Self::Right,
            (Compared::RightButWeak, Some(_)) => Self::RightButWeak,
        }
    }
}

/// The answer to a wrong password. `locked_until` says that the password has locked the name,
/// and `is_answered` that the answer says so. Otherwise the answer is that of the wrong
/// passwords before.
pub fn told_of_wrong_password(locked_until: Option<Timestamp>, is_answered: bool) -> Refusal {
    match locked_until.filter(|_| is_answered) {
        Some(retry_at) => Refusal::PasswordsExhausted { retry_at },
        None => Refusal::CredentialsWrong,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::UserId;

    #[test]
    fn only_a_right_password_of_an_active_user_signs_in() {
        let user = |active| {
            Some(User {
                active,
                ..User::plain(UserId::from_bytes([1; 16]))
            })
        };
        for (compared, user, verdict) in [
            (Compared::Wrong, user(true), PasswordVerdict::Wrong),
            (Compared::Wrong, user(false), PasswordVerdict::Wrong),
            (Compared::Wrong, None, PasswordVerdict::Wrong),
            (Compared::Right, None, PasswordVerdict::Wrong),
            (Compared::Right, user(true), PasswordVerdict::Right),
            (Compared::Right, user(false), PasswordVerdict::Inactive),
            (
                Compared::RightButWeak,
                user(true),
                PasswordVerdict::RightButWeak,
            ),
            (
                Compared::RightButWeak,
                user(false),
                PasswordVerdict::Inactive,
            ),
        ] {
            assert_eq!(PasswordVerdict::of(compared, user.as_ref()), verdict);
        }
    }

    #[test]
    fn a_lock_is_told_where_the_dialect_tells_it() {
        let locked = Refusal::PasswordsExhausted { retry_at: 7 };
        for (locked_until, is_answered, told) in [
            (None, false, Refusal::CredentialsWrong),
            (None, true, Refusal::CredentialsWrong),
            (Some(7), false, Refusal::CredentialsWrong),
            (Some(7), true, locked),
        ] {
            assert_eq!(told_of_wrong_password(locked_until, is_answered), told);
        }
    }
}
