//! A table of what becomes of a row of an import.

use super::*;
use crate::accounts::moving_in::former_user::FormerUser;

/// The user of this address, who comes with the identifier of this number.
fn arrival(number: u8, user_name: Option<&str>) -> Arrival {
    let former = FormerUser {
        identifier: Some(id(number).dashed()),
        email: Some("ann@example.com".into()),
        user_name: user_name.map(str::to_owned),
        ..FormerUser::default()
    };
    former.into_checked().ok().unwrap().arrival
}

fn id(number: u8) -> UserId {
    UserId::from_bytes([number; 16])
}

fn refused(reason: String) -> Option<Arrived> {
    Some(Arrived::Refused(reason))
}

#[test]
fn a_row_is_new_or_kept_or_refused_by_who_has_its_names_and_its_identifier() {
    let taken = |name: &str| refused(format!("the name belongs to another user: \"{name}\""));
    let other_name = refused(format!(
        "the identifier belongs to a user with another name: \"{}\"",
        id(1).dashed()
    ));
    let email = "ann@example.com";
    for (user_name, known, owners, expected) in [
        (None, false, vec![], None),
        (None, true, vec![(email, 1)], Some(Arrived::Kept)),
        (None, true, vec![], other_name.clone()),
        (None, false, vec![(email, 2)], taken(email)),
        (None, true, vec![(email, 2)], taken(email)),
        (
            Some("ann"),
            true,
            vec![("ann", 1), (email, 1)],
            Some(Arrived::Kept),
        ),
        (Some("ann"), true, vec![(email, 1)], other_name),
        (Some("ann"), false, vec![("ann", 2)], taken("ann")),
        // Another import makes the user at this moment, and has written the names.
        (Some("ann"), false, vec![("ann", 1), (email, 1)], None),
    ] {
        let of = |(name, owner): (&str, u8)| (name.to_owned(), id(owner));
        let there = KnownUsers {
            known: known.then_some(id(1)).into_iter().collect(),
            owners: owners.iter().copied().map(of).collect(),
            ..KnownUsers::default()
        };
        let found = there.judge(&arrival(1, user_name));
        assert_eq!(found, expected, "{user_name:?} {known} {owners:?}");
    }
}
