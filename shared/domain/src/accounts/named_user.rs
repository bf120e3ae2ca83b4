//! Whether a user is the one whom a caller names.

use crate::accounts::login_name::LoginName;
use crate::accounts::user::User;
use crate::factors::factor::Channel;
use crate::id::UserId;

/// The user that an administrator looks for.
#[derive(Clone, Copy, Debug)]
pub enum UserQuery<'a> {
    /// The user with this identifier.
    Id(UserId),
    UserName(&'a str),
    /// The user with this e-mail address.
    Email(&'a str),
}

impl UserQuery<'_> {
    /// Whether this is the user. User names and addresses share a name space. A search by
    /// user name must not find a user by address, or the reverse.
    pub fn finds(self, user: &User) -> bool {
        let same = |one: &str, other: &str| LoginName::parse(one) == LoginName::parse(other);
        match self {
            Self::Id(id) => user.id == id,
            Self::UserName(name) => same(&user.user_name, name),
            Self::Email(email) => user.is_own_email(Channel::Email, email),
        }
    }
}

/// The user that the caller of a link names. It must be the user of the link's token.
#[derive(Clone, Copy, Debug)]
pub enum ActionOwner<'a> {
    /// By identifier.
    Id(UserId),
    /// By e-mail address.
    Email(&'a str),
}

impl ActionOwner<'_> {
    /// Whether the link is this user's.
    pub fn owns(self, user: &User) -> bool {
        match self {
            Self::Id(id) => user.id == id,
            Self::Email(email) => user.is_own_email(Channel::Email, email),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(byte: u8) -> UserId {
        UserId::from_bytes([byte; 16])
    }

    fn ann() -> User {
        User {
            email: Some("ann@example.com".into()),
            ..User::new(id(1), "ann", 0)
        }
    }

    #[test]
    fn a_search_by_user_name_finds_nobody_by_address_or_the_reverse() {
        for (query, finds) in [
            (UserQuery::Id(id(1)), true),
            (UserQuery::Id(id(2)), false),
            (UserQuery::UserName("ANN"), true),
            (UserQuery::UserName("ann@example.com"), false),
            (UserQuery::Email("Ann@Example.com"), true),
            (UserQuery::Email("ann"), false),
        ] {
            assert_eq!(query.finds(&ann()), finds, "{query:?}");
        }
    }

    #[test]
    fn a_link_is_of_the_user_whom_the_caller_names() {
        let without = User {
            email: None,
            ..ann()
        };
        for (owner, user, owns) in [
            (ActionOwner::Id(id(1)), ann(), true),
            (ActionOwner::Id(id(2)), ann(), false),
            (ActionOwner::Email("ANN@example.com"), ann(), true),
            (ActionOwner::Email("b@example.com"), ann(), false),
            (ActionOwner::Email(""), without, false),
        ] {
            assert_eq!(owner.owns(&user), owns, "{owner:?}");
        }
    }
}
