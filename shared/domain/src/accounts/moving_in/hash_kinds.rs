//! Which kinds of hashes an import may bring.

use crate::accounts::moving_in::arrival::Arrival;
use crate::accounts::moving_in::known_users::Arrived;
use crate::accounts::password::{MOST_KINDS, PasswordHash};

/// Adds the kinds of hashes that `all` lacks, as far as there is room.
pub fn add_kinds(all: &mut Vec<PasswordHash>, more: &[PasswordHash]) {
    for kind in more {
        if all.len() < MOST_KINDS && !all.contains(kind) {
            all.push(kind.clone());
        }
    }
}

impl Arrived {
    /// The result for a user with a hash whose work a wrong password for an unknown name would
    /// not cost, because the kind found no room among the noted kinds. `None` for any other
    /// user.
    pub fn of_hash_kind(arrival: &Arrival, noted: &[PasswordHash]) -> Option<Self> {
        let kind = arrival.hash_kind()?;
        let reason = format!(
            "the password hash is of a kind too many: {MOST_KINDS} kinds and costs of other \
             systems have been imported, which is the most"
        );
        (!noted.contains(&kind)).then_some(Self::Refused(reason))
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST_KINDS, PasswordHash, add_kinds};

    #[test]
    fn a_kind_of_hash_finds_room_once_until_there_are_sixteen() {
        let kinds = |names: std::ops::Range<usize>| -> Vec<PasswordHash> {
            names
                .map(|name| PasswordHash::from_stored(name.to_string()))
                .collect()
        };
        let mut noted = kinds(0..3);
        add_kinds(&mut noted, &kinds(1..5));
        assert!(noted == kinds(0..5));
        add_kinds(&mut noted, &kinds(4..MOST_KINDS + 9));
        assert!(noted == kinds(0..MOST_KINDS));
    }
}
