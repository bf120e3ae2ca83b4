//! What becomes of a user of another system, by what the table already has.

use std::collections::{HashMap, HashSet};

use crate::accounts::login_name::LoginName;
use crate::accounts::moving_in::arrival::Arrival;
use crate::factors::passkey::UserHandle;
use crate::id::UserId;

/// The result for a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrived {
    /// The user was made.
    Made,
    /// An earlier import has already made the user, who stays unchanged.
    Kept,
    /// The user was not made, for this reason.
    Refused(String),
}

/// What the table already has of some users.
#[derive(Default)]
pub struct KnownUsers {
    /// The identifiers that have a profile.
    pub known: HashSet<UserId>,
    /// The users of the names that are taken.
    pub owners: HashMap<String, UserId>,
    /// The users whom authenticators know by a handle.
    pub passkey_users: HashMap<UserHandle, UserId>,
}

impl Arrived {
    /// The result for a user whose name another user has.
    pub fn of_taken_name(name: &LoginName) -> Self {
        Self::Refused(format!(
            "the name belongs to another user: \"{}\"",
            name.as_str()
        ))
    }
}

impl KnownUsers {
    /// The result for a user of whom the table already has something. `None` for a new
    /// user.
    pub fn judge(&self, arrival: &Arrival) -> Option<Arrived> {
        let names = arrival.login_names();
        for name in &names {
            match self.owners.get(name.as_str()) {
                Some(owner) if *owner != arrival.identity.id => {
                    return Some(Arrived::of_taken_name(name));
                }
                _ => {}
            }
        }
        if !self.known.contains(&arrival.identity.id) {
            let handle = arrival.passkey_handle();
            let owner = handle.and_then(|handle| self.passkey_users.get(&handle));
            let other = owner.filter(|owner| **owner != arrival.identity.id);
            let reason = "the passkey_handle belongs to another user";
            return other.map(|_| Arrived::Refused(reason.to_owned()));
        }
        let mut each = names.iter();
        let same = each.all(|name| self.owners.contains_key(name.as_str()));
        Some(match same {
            true => Arrived::Kept,
            false => Arrived::Refused(format!(
                "the identifier belongs to a user with another name: \"{}\"",
                arrival.identity.id.dashed()
            )),
        })
    }
}

#[cfg(test)]
#[path = "known_users_tests.rs"]
mod tests;
