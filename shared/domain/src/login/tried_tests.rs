//! Tables of the logins that a code is tried against.
#![allow(clippy::unwrap_used)]

use super::{CodeAlone, Login, SentCode, SentTo, State};
use crate::Dialect;
use crate::accounts::user::User;
use crate::authorization::client::Authorized;
use crate::authorization::key_proof::KeyThumbprint;
use crate::factors::enrolment::{EnrollingSession, Enrolment};
use crate::factors::factor::Channel;
use crate::id::{FactorId, LoginId, SessionId, UserId};
use crate::login::pending_login::{LOGIN_SECONDS, Proof};
use crate::sessions::authentication::{Authentication, FirstFactor};
use crate::sessions::party::Party;

const START: i64 = 1_800_000_000;

fn user() -> User {
    User::plain(UserId::from_bytes([1; 16]))
}

/// A login of our own pages that waits for a code.
fn login(id: u8) -> Login {
    let authorized = Authorized::of_pages(Vec::new());
    let id = LoginId::from_bytes([id; 16]);
    Login::begin(id, &user(), authorized, Dialect::CodeMaze, START)
}

fn from_network(id: u8, network: &str) -> Login {
    Login {
        network: Some(network.into()),
        ..login(id)
    }
}

fn verified(id: u8) -> Login {
    let proof = Proof::Recovery {
        hash: "hash".into(),
    };
    Login {
        state: State::Verified {
            proof,
            by_token: false,
        },
        ..login(id)
    }
}

fn send(channel: Channel, earlier: Option<u8>) -> SentCode {
    SentCode {
        earlier: earlier.map(|id| LoginId::from_bytes([id; 16])),
        number: 1,
        factor: FactorId::from_bytes([7; 16]),
        channel,
        at: START,
        key: 1,
    }
}

fn with_send(id: u8, sent: SentCode) -> Login {
    Login {
        state: State::CodeSent,
        sends: 1,
        sent: vec![sent],
        ..login(id)
    }
}

#[test]
fn a_client_completes_no_login_of_another_key_and_such_a_login_displaces_no_other() {
    let key = |letter: &str| KeyThumbprint::parse(&letter.repeat(43)).unwrap();
    let bound = |id, letter: &str| Login {
        authorized: login(id).authorized.bound_to(Some(&key(letter))),
        ..login(id)
    };
    let logins = || vec![bound(9, "a"), bound(8, "b"), bound(7, "a"), login(6)];
    for (shown, expected) in [
        (None, vec![6]),
        (Some(key("a")), vec![9, 7]),
        (Some(key("c")), vec![6]),
    ] {
        let code = CodeAlone {
            user: &user(),
            party: Some(Party::Pages),
            key: shown.as_ref(),
            sent: None,
            network: "here",
            now: START,
        };
        let tried = code.tried(logins()).into_iter();
        assert_eq!(
            tried.map(|login| login.id.bytes()[0]).collect::<Vec<_>>(),
            expected
        );
    }
}

/// The first byte of each login that a code is tried against.
fn tried(logins: Vec<Login>, sent: Option<SentTo>, now: i64) -> Vec<u8> {
    let code = CodeAlone {
        user: &user(),
        party: Some(Party::Pages),
        key: None,
        sent,
        network: "here",
        now,
    };
    let tried = code.tried(logins);
    tried.iter().map(|login| login.id.bytes()[0]).collect()
}

#[test]
fn a_code_is_tried_against_each_verified_login_then_the_two_newest_of_this_network_first() {
    let there = |id| from_network(id, "there");
    let here = |id| from_network(id, "here");
    for (logins, expected) in [
        (vec![], vec![]),
        (vec![login(9)], vec![9]),
        (vec![login(9), login(8), login(7)], vec![9, 8]),
        (vec![there(9), there(8), here(7)], vec![7, 9]),
        (vec![there(9), here(8), here(7), here(6)], vec![8, 7]),
        (
            vec![login(9), login(8), login(7), verified(6), verified(5)],
            vec![6, 5, 9, 8],
        ),
    ] {
        assert_eq!(tried(logins, None, START), expected);
    }
}

#[test]
fn a_login_of_another_client_of_a_session_or_that_is_over_is_not_tried() {
    let of_app = Authorized {
        client: "app".into(),
        ..Authorized::default()
    };
    let enrolment = Enrolment {
        factor: FactorId::from_bytes([7; 16]),
        session: Some(EnrollingSession {
            id: SessionId::from_bytes([3; 16]),
            authentication: Authentication {
                first: FirstFactor::Password,
                at: START,
                method: None,
                key: None,
            },
        }),
        replaces: Vec::new(),
        recovery: None,
    };
    for left_out in [
        Login {
            authorized: of_app,
            ..login(9)
        },
        Login {
            enrolment: Some(enrolment),
            ..login(9)
        },
        Login {
            state: State::Redeemed,
            ..login(9)
        },
        Login {
            epoch: 0,
            ..login(9)
        },
        Login {
            expires_at: START,
            ..login(9)
        },
    ] {
        let kept = tried(vec![left_out.clone(), login(8)], None, START);
        assert_eq!(kept, [8], "{left_out:?}");
    }
    assert_eq!(tried(vec![login(9)], None, START + LOGIN_SECONDS), [0; 0]);
}

#[test]
fn a_sent_code_is_tried_only_against_logins_that_a_valid_code_was_sent_for() {
    let logins = || {
        vec![
            login(9),
            with_send(8, send(Channel::Sms, None)),
            with_send(7, send(Channel::Email, None)),
            verified(6),
        ]
    };
    let to = |channel| Some(SentTo::Channel(channel));
    for (sent, now, expected) in [
        (None, START, vec![6, 9, 8]),
        (to(Channel::Email), START, vec![6, 7]),
        (to(Channel::Sms), START, vec![6, 8]),
        (to(Channel::Webhook), START, vec![6]),
        (Some(SentTo::Anywhere), START, vec![6, 8, 7]),
        (to(Channel::Email), START + 299, vec![6, 7]),
        (to(Channel::Email), START + 300, vec![6]),
    ] {
        assert_eq!(tried(logins(), sent, now), expected, "{sent:?} at {now}");
    }
}

#[test]
fn an_adopted_code_is_tried_only_while_its_own_login_waits_for_it() {
    let adopted = || with_send(9, send(Channel::Email, Some(8)));
    let own = || with_send(8, send(Channel::Email, None));
    let spent = Login {
        state: State::Redeemed,
        ..own()
    };
    let replaced = Login {
        sent: vec![SentCode {
            number: 2,
            ..send(Channel::Email, None)
        }],
        ..own()
    };
    for (logins, expected) in [
        (vec![adopted(), own()], vec![9, 8]),
        (vec![adopted(), spent], vec![]),
        (vec![adopted(), replaced], vec![8]),
        (vec![adopted()], vec![]),
    ] {
        assert_eq!(tried(logins, Some(SentTo::Anywhere), START), expected);
    }
}
