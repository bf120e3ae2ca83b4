//! Tables of the account that a user of another system gets.

use super::*;
use crate::accounts::moving_in::former_user::FormerUser;
use crate::factors::factor::Channel::Email;
use crate::id::FactorId;

const NOW: Timestamp = 1_800_000_000;

fn arrival(email: Option<&str>, user_name: Option<&str>) -> Arrival {
    let former = FormerUser {
        email: email.map(str::to_owned),
        email_verified: true,
        user_name: user_name.map(str::to_owned),
        phone_verified: true,
        ..FormerUser::default()
    };
    former.into_checked().ok().unwrap().arrival
}

fn parts() -> NewParts {
    NewParts {
        password: None,
        factors: Vec::new(),
        recovery: None,
    }
}

#[test]
fn the_address_is_the_user_name_of_a_user_without_one_and_only_what_is_there_is_confirmed() {
    let (ann, email) = (Some("ann"), Some("ann@example.com"));
    for (email, user_name, expected, confirmed, names) in [
        (email, None, "ann@example.com", true, 1),
        (email, ann, "ann", true, 2),
        (email, Some("Ann@example.com"), "Ann@example.com", true, 1),
        (None, ann, "ann", false, 1),
    ] {
        let arrival = arrival(email, user_name);
        let user = arrival.new_account(parts(), NOW).user;
        assert_eq!(user.user_name, expected);
        assert_eq!(
            (user.email_confirmed, user.phone_confirmed),
            (confirmed, false)
        );
        assert_eq!(arrival.login_names().len(), names);
        assert_eq!((user.epoch, user.created_at), (NOW.unsigned_abs(), NOW));
    }
}

#[test]
fn what_another_system_enrolled_counts_as_an_enrolment_that_a_reset_checks() {
    let factor = || ArrivedFactor::Address(Email, "ann@example.com".into());
    for (factors, codes, enrolments) in [(0, 0, 0), (1, 0, 1), (0, 2, 1), (2, 1, 1)] {
        let mut arrival = arrival(None, Some("ann"));
        arrival.factors = (0..factors).map(|_| factor()).collect();
        arrival.recovery_codes = vec![Secret::new("code"); codes];
        let user = arrival.new_account(parts(), NOW).user;
        assert_eq!(user.enrolments, enrolments, "{factors} {codes}");
    }
}

#[test]
fn an_export_of_this_service_decides_over_what_the_arrival_says() {
    let mut arrival = arrival(None, Some("ann"));
    arrival.kept = Some(Box::new(KeptUser {
        created_at: 7,
        epoch: 9,
        password_changed_at: None,
        reset_by: None,
        reset_at: None,
        enrolments: 5,
        passkey_handle: None,
        factors: Vec::new(),
        recovery: Some(RecoveryCodes {
            id: FactorId::from_bytes([9; 16]),
            hashes: Vec::new(),
        }),
        recovery_owned: false,
        wrong_codes: Default::default(),
    }));
    let account = arrival.new_account(parts(), NOW);
    let user = &account.user;
    assert_eq!((user.created_at, user.enrolments), (7, 5));
    assert!(account.recovery.is_some());
}
