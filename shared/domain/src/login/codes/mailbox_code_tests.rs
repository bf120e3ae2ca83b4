//! Whose code, link or nothing goes to a mailbox or a phone.

use super::*;
use crate::accounts::password::PasswordHash;

fn code(user: Option<(UserId, u64)>) -> MailboxCode {
    MailboxCode {
        mailbox_id: UserId::from_bytes([1; 16]),
        id: LoginId::at(1000, [0; 10]),
        channel: Channel::Email,
        mailbox: "ann@example.com".into(),
        client: "app".into(),
        has_token: false,
        asked_from: "home".into(),
        user,
        request: None,
        at: 1000,
        key: 1,
    }
}

#[test]
fn a_code_is_its_clients_for_five_minutes() {
    let code = code(None);
    assert!(code.is_live("app", 1299));
    assert!(!code.is_live("app", 1300));
    assert!(!code.is_live("another", 1001));
    assert!(!code.is_live_link(1001));
}

#[test]
fn a_code_that_went_out_as_a_link_is_shown_by_a_browser_only() {
    let code = MailboxCode {
        request: Some("client_id=app".into()),
        ..code(None)
    };
    assert!(!code.is_live("app", 1001));
    assert!(code.is_live_link(1299) && !code.is_live_link(1300));
}

#[test]
fn a_guess_by_the_address_is_at_the_last_two_codes_that_its_network_asked_for() {
    let asked = |at: i64, from: &str, has_token| MailboxCode {
        at,
        has_token,
        asked_from: from.into(),
        ..code(None)
    };
    let codes = vec![
        asked(6, "home", true),
        asked(5, "away", false),
        asked(4, "far", false),
        asked(3, "home", false),
        asked(2, "home", false),
        asked(1, "home", false),
    ];
    for (here, guesser, times) in [
        ("home", CodeGuesser::Asker, vec![3, 2]),
        ("far", CodeGuesser::Asker, vec![4]),
        ("new", CodeGuesser::Elsewhere, vec![5, 4]),
    ] {
        let (charged, found) = MailboxCode::of_address(codes.clone(), here);
        let found: Vec<i64> = found.iter().map(|code| code.at).collect();
        assert_eq!((charged, found), (guesser, times), "{here}");
    }
}

#[test]
fn a_code_is_of_the_account_that_had_confirmed_the_mailbox_and_has_not_changed_since() {
    let owner = User {
        email: Some("Ann@example.com".into()),
        email_confirmed: true,
        epoch: 3,
        ..User::plain(UserId::from_bytes([7; 16]))
    };
    assert!(code(Some((owner.id, 3))).is_of(&owner));
    assert!(!code(Some((owner.id, 2))).is_of(&owner));
    assert!(!code(None).is_of(&owner));
    let unconfirmed = User {
        email_confirmed: false,
        ..owner.clone()
    };
    assert!(!code(Some((owner.id, 3))).is_of(&unconfirmed));
}

const MAIL: &str = "ann@example.com";

fn ann(email: &str, email_confirmed: bool, active: bool) -> User {
    User {
        email: Some(email.into()),
        email_confirmed,
        active,
        created_at: 50,
        ..User::plain(UserId::from_bytes([7; 16]))
    }
}

#[test]
fn the_owner_gets_a_code_and_a_mailbox_that_nobody_has_confirmed_a_link() {
    let (of_user, nothing) = (
        |known| MailboxAnswer::CodeOfUser { known },
        MailboxAnswer::Nothing,
    );
    for (user, completed_at, signs_up, answer) in [
        (None, None, true, MailboxAnswer::CodeThatSignsUp),
        (None, None, false, nothing),
        (Some(ann(MAIL, true, true)), None, true, of_user(false)),
        (Some(ann(MAIL, true, true)), Some(60), false, of_user(true)),
        (Some(ann(MAIL, true, true)), Some(40), false, of_user(false)),
        (Some(ann(MAIL, true, false)), Some(60), true, nothing),
        (
            Some(ann(MAIL, false, true)),
            None,
            true,
            MailboxAnswer::ResetLink,
        ),
        (Some(ann(MAIL, false, false)), None, true, nothing),
        // The mailbox is the user name of somebody with another address.
        (
            Some(ann("b@example.com", true, true)),
            Some(60),
            true,
            nothing,
        ),
        (Some(ann("b@example.com", false, true)), None, true, nothing),
    ] {
        let to = Recipient {
            channel: Channel::Email,
            to: MAIL,
        };
        let found = MailboxAnswer::of(to, user.as_ref(), completed_at, signs_up);
        assert_eq!(found, answer, "{user:?} {completed_at:?}");
    }
}

#[test]
fn a_number_signs_in_if_an_owned_account_has_confirmed_it_and_signs_nobody_up() {
    let number = "+15555550100";
    let user = |phone: &str, phone_confirmed, email_confirmed, active| {
        Some(User {
            phone: Some(phone.into()),
            phone_confirmed,
            ..ann(MAIL, email_confirmed, active)
        })
    };
    let code = MailboxAnswer::CodeOfUser { known: false };
    for (user, answer) in [
        (None, MailboxAnswer::Nothing),
        (user(number, true, true, true), code),
        (user(number, false, true, true), MailboxAnswer::Nothing),
        (user(number, true, false, true), MailboxAnswer::Nothing),
        (user(number, true, true, false), MailboxAnswer::Nothing),
        // Nobody could be told of what the number does.
        (
            user(number, true, true, true).map(|user| User {
                email: None,
                ..user
            }),
            MailboxAnswer::Nothing,
        ),
        (
            user("+15555550101", true, true, true),
            MailboxAnswer::Nothing,
        ),
    ] {
        let to = Recipient {
            channel: Channel::Sms,
            to: number,
        };
        let found = MailboxAnswer::of(to, user.as_ref(), None, true);
        assert_eq!(found, answer, "{user:?}");
    }
}

#[test]
fn an_account_that_nobody_owns_goes_to_the_reader_of_its_mailbox() {
    let with_password = |user: User| User {
        password: Some(PasswordHash::from_stored("hash")),
        ..user
    };
    for (user, now, claim) in [
        (ann(MAIL, false, true), 50, MailboxClaim::Taken),
        (
            with_password(ann(MAIL, false, true)),
            99,
            MailboxClaim::Taken,
        ),
        (ann(MAIL, true, true), 50, MailboxClaim::MovedIn),
        (ann(MAIL, true, true), 51, MailboxClaim::Refused),
        (
            with_password(ann(MAIL, true, true)),
            50,
            MailboxClaim::Refused,
        ),
        (ann(MAIL, false, false), 50, MailboxClaim::Refused),
        (ann("b@example.com", false, true), 50, MailboxClaim::Refused),
    ] {
        assert_eq!(MailboxClaim::of(MAIL, &user, now), claim, "{user:?}");
    }
}
