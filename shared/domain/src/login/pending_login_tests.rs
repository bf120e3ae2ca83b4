//! The rules of `pending_login.rs` as tables.
#![allow(clippy::unwrap_used)]

use super::{Login, Proof, SentCode, SentTo, State};
use crate::Dialect;
use crate::accounts::user::User;
use crate::authorization::client::Authorized;
use crate::factors::factor::{Channel, Method};
use crate::id::{FactorId, LoginId, UserId};
use crate::refusal::Refusal;
use crate::sessions::authentication::{Authentication, FirstFactor};

const START: i64 = 1_800_000_000;

fn user() -> User {
    User {
        epoch: 3,
        two_factor: true,
        ..User::new(UserId::from_bytes([1; 16]), "user", 0)
    }
}

fn login() -> Login {
    let authorized = Authorized {
        client: "app".into(),
        ..Authorized::default()
    };
    Login::begin(
        LoginId::from_bytes([2; 16]),
        &user(),
        authorized,
        Dialect::Auth0,
        START,
    )
}

fn factor(byte: u8) -> FactorId {
    FactorId::from_bytes([byte; 16])
}

fn verified(by_token: bool) -> State {
    State::Verified {
        proof: Proof::Totp {
            factor: factor(1),
            step: 1,
        },
        by_token,
    }
}

fn with_send(login: &Login, to: FactorId, at: i64) -> Login {
    let sent = login.next_send(to, Channel::Email, 1, at).unwrap();
    Login {
        state: State::CodeSent,
        sends: sent.number,
        sent: login.newest_with(sent),
        ..login.clone()
    }
}

#[test]
fn a_login_lives_ten_minutes() {
    assert_eq!(login().check_live(&user(), START + 599), Ok(()));
    assert_eq!(
        login().check_live(&user(), START + 600),
        Err(Refusal::LoginExpired)
    );
}

#[test]
fn a_login_ends_with_a_new_epoch_a_blocked_user_or_its_redemption() {
    let changed = User { epoch: 4, ..user() };
    assert_eq!(
        login().check_live(&changed, START),
        Err(Refusal::LoginExpired)
    );
    let blocked = User {
        active: false,
        ..user()
    };
    assert_eq!(
        login().check_live(&blocked, START),
        Err(Refusal::LoginExpired)
    );
    let redeemed = Login {
        state: State::Redeemed,
        ..login()
    };
    assert_eq!(
        redeemed.check_live(&user(), START),
        Err(Refusal::LoginExpired)
    );
}

#[test]
fn only_the_client_that_began_a_login_may_go_on_with_it() {
    assert_eq!(login().check_began_by("app"), Ok(()));
    assert_eq!(
        login().check_began_by("other"),
        Err(Refusal::LoginTokenMalformed)
    );
}

#[test]
fn sends_are_numbered_and_cool_down_for_each_factor() {
    let sent = with_send(&login(), factor(1), START);
    let again = |to, at| {
        sent.next_send(to, Channel::Email, 1, at)
            .map(|send| send.number)
    };
    assert_eq!(
        again(factor(1), START + 29),
        Err(Refusal::SendTooSoon {
            retry_at: START + 30
        })
    );
    assert_eq!(again(factor(1), START + 30), Ok(2));
    assert_eq!(again(factor(2), START), Ok(2));
}

#[test]
fn nothing_is_sent_for_a_verified_login() {
    let login = Login {
        state: verified(true),
        ..login()
    };
    let refused = login.next_send(factor(1), Channel::Email, 1, START);
    assert_eq!(refused, Err(Refusal::LoginExpired));
}

#[test]
fn the_last_two_codes_are_good_for_five_minutes_each_and_only_for_their_factor() {
    let mut login = login();
    for at in [START, START + 30, START + 60] {
        login = with_send(&login, factor(1), at);
    }
    let numbers = |to, at| -> Vec<u32> {
        login
            .good_sends(SentTo::Factor(to), at)
            .map(|sent: &SentCode| sent.number)
            .collect()
    };
    assert_eq!(numbers(factor(1), START + 60), [3, 2]);
    assert_eq!(numbers(factor(1), START + 330), [3]);
    assert_eq!(numbers(factor(1), START + 360), Vec::<u32>::new());
    assert_eq!(numbers(factor(2), START + 60), Vec::<u32>::new());
}

#[test]
fn a_verified_login_waits_two_minutes_and_never_longer_than_the_login() {
    assert_eq!(login().expiry_when_verified(START + 10), START + 130);
    assert_eq!(login().expiry_when_verified(START + 590), START + 600);
}

#[test]
fn a_token_alone_completes_a_login_only_if_the_verify_carried_it() {
    let expected = Method::Totp;
    for (state, completes) in [
        (State::Pending, false),
        (State::CodeSent, false),
        (verified(false), false),
        (verified(true), true),
        (State::Redeemed, false),
    ] {
        let login = Login { state, ..login() };
        assert_eq!(
            login.proof_by_token(expected).is_ok(),
            completes,
            "{:?}",
            login.state
        );
    }
}

#[test]
fn what_a_token_says_of_an_authentication_reads_back() {
    let methods = [
        None,
        Some(Method::Totp),
        Some(Method::Email),
        Some(Method::Sms),
        Some(Method::RecoveryCode),
    ];
    for method in methods {
        let authentication = Authentication {
            at: 7,
            first: FirstFactor::Password,
            method,
            key: None,
        };
        let amr: Vec<String> = authentication
            .amr()
            .iter()
            .map(|one| (*one).into())
            .collect();
        let read = Authentication::from_claims(7, &amr, authentication.acr());
        assert_eq!(read, Some(authentication));
    }
    assert_eq!(Authentication::from_claims(7, &[], "aal2"), None);
}

#[test]
fn a_code_by_email_never_gives_the_second_assurance_level() {
    let with = |method| Authentication {
        at: 0,
        first: FirstFactor::Password,
        method,
        key: None,
    };
    assert_eq!(with(Some(Method::Email)).acr(), "aal1");
    assert_eq!(with(None).acr(), "aal1");
    assert_eq!(with(Some(Method::Totp)).acr(), "aal2");
    assert_eq!(with(Some(Method::Sms)).amr(), ["pwd", "sms", "mfa"]);
}
