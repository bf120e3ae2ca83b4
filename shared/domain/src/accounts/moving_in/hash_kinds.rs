//! Which kinds of hashes an import may bring.

use crate::accounts::password::{MOST_KINDS, PasswordHash};

/// The kinds of hashes that find no room beside the noted kinds, of the kinds that an
/// import has met, in their order.
pub fn without_room(mut noted: Vec<PasswordHash>, met: &[PasswordHash]) -> Vec<PasswordHash> {
    let mut without = Vec::new();
    for kind in met {
        if noted.contains(kind) {
            continue;
        }
        match noted.len() < MOST_KINDS {
            true => noted.push(kind.clone()),
            false => without.push(kind.clone()),
        }
    }
    without
}

#[cfg(test)]
mod tests {
    use super::{PasswordHash, without_room};

    #[test]
    fn a_fourth_kind_of_hash_finds_no_room() {
        for (noted, met, without) in [
            ("", "", ""),
            ("a", "abc", ""),
            ("ab", "cd", "d"),
            ("abc", "dae", "de"),
            ("abcd", "d", ""),
        ] {
            let kinds = |names: &str| -> Vec<PasswordHash> {
                let each = names.chars().map(String::from);
                each.map(|name| PasswordHash::from_stored(&name)).collect()
            };
            let found = without_room(kinds(noted), &kinds(met));
            assert!(found == kinds(without), "{noted} {met}");
        }
    }
}
