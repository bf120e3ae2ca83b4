//! Which sends a later login may adopt.
#![allow(clippy::unwrap_used)]

use super::adoptable;
use crate::Dialect;
use crate::accounts::user::User;
use crate::authorization::client::Authorized;
use crate::factors::enrolment::{EnrollingSession, Enrolment};
use crate::factors::factor::Channel;
use crate::id::{FactorId, LoginId, SessionId, UserId};
use crate::login::pending_login::{LOGIN_SECONDS, Login, SentCode, State};
use crate::sessions::authentication::{Authentication, FirstFactor};

const START: i64 = 1_800_000_000;

fn factor(byte: u8) -> FactorId {
    FactorId::from_bytes([byte; 16])
}

fn login() -> Login {
    Login {
        id: LoginId::from_bytes([2; 16]),
        user: UserId::from_bytes([1; 16]),
        state: State::Pending,
        epoch: 1,
        authorized: Authorized::default(),
        dialect: Dialect::Auth0,
        created_at: START,
        expires_at: START + LOGIN_SECONDS,
        sends: 0,
        sent: Vec::new(),
        enrolment: None,
        address_shown: false,
        network: None,
        came_from: None,
        mailbox: None,
        passkey: None,
        asks_for_passkey: false,
        steps_up: None,
    }
}

/// A login that a code to factor 1 was sent for, and a later one.
fn two() -> (Login, Login) {
    let sent = SentCode {
        earlier: None,
        number: 1,
        factor: factor(1),
        channel: Channel::Email,
        at: START,
        key: 1,
    };
    let earlier = Login {
        state: State::CodeSent,
        sent: vec![sent],
        sends: 1,
        ..login()
    };
    let later = Login {
        id: LoginId::from_bytes([9; 16]),
        ..login()
    };
    (earlier, later)
}

fn enrols(byte: u8, session: bool) -> Option<Enrolment> {
    let session = session.then(|| EnrollingSession {
        id: SessionId::from_bytes([3; 16]),
        authentication: Authentication {
            first: FirstFactor::Password,
            at: START,
            method: None,
            key: None,
        },
    });
    Some(Enrolment {
        factor: factor(byte),
        session,
        replaces: Vec::new(),
        recovery: None,
    })
}

fn adopted((earlier, later): &(Login, Login)) -> bool {
    earlier.adoptable_by(later, factor(1), START + 29).is_some()
}

#[test]
fn a_code_is_adopted_for_half_a_minute_by_another_login_of_the_client_and_dialect() {
    let (earlier, later) = two();
    let sent = earlier.adoptable_by(&later, factor(1), START + 29).unwrap();
    assert_eq!(sent.earlier, Some(earlier.id));
    assert_eq!(earlier.adoptable_by(&later, factor(1), START + 30), None);
    assert_eq!(earlier.adoptable_by(&later, factor(2), START), None);
    assert_eq!(earlier.adoptable_by(&earlier, factor(1), START), None);
    let mut other = later.clone();
    other.authorized.client = "other".into();
    assert_eq!(earlier.adoptable_by(&other, factor(1), START), None);
    let dialect = Dialect::Abp;
    let other = Login { dialect, ..later };
    assert_eq!(earlier.adoptable_by(&other, factor(1), START), None);
}

#[test]
fn a_code_that_enrols_is_adopted_where_both_logins_enrol_the_factor_and_no_session_does() {
    let both = |earlier, later| {
        let mut two = two();
        (two.0.enrolment, two.1.enrolment) = (earlier, later);
        adopted(&two)
    };
    assert!(both(None, None));
    assert!(both(enrols(1, false), enrols(1, false)));
    assert!(!both(enrols(1, false), enrols(2, false)));
    assert!(!both(enrols(2, false), enrols(1, false)));
    assert!(!both(enrols(1, true), enrols(1, false)));
    assert!(!both(enrols(1, false), enrols(1, true)));
    assert!(!both(enrols(1, true), enrols(1, true)));
    assert!(!both(None, enrols(1, false)));
    assert!(!both(enrols(1, false), None));
}

#[test]
fn a_login_that_has_shown_an_address_adopts_only_what_it_enrols() {
    let mut shown = two();
    shown.1.address_shown = true;
    assert!(!adopted(&shown));
    shown.0.enrolment = enrols(1, false);
    shown.1.enrolment = enrols(1, false);
    assert!(adopted(&shown));
}

#[test]
fn a_code_is_adopted_from_the_first_login_that_is_live_and_has_one() {
    let (earlier, later) = two();
    let user = User::plain(UserId::from_bytes([1; 16]));
    let over = Login {
        id: LoginId::from_bytes([4; 16]),
        epoch: 0,
        ..earlier.clone()
    };
    let older = Login {
        id: LoginId::from_bytes([1; 16]),
        ..earlier.clone()
    };
    for (logins, expected) in [
        (vec![], None),
        (vec![later.clone()], None),
        (vec![over.clone()], None),
        (
            vec![later.clone(), over, earlier.clone(), older],
            Some(earlier.id),
        ),
    ] {
        let sent = adoptable(&logins, &user, (&later, factor(1)), START + 29);
        assert_eq!(sent.and_then(|sent| sent.earlier), expected);
    }
}
