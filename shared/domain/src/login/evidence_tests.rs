//! Tables of which factor evidence belongs to, and of what it may prove.

use super::{Evidence, Provable, SubmittedCode};
use crate::Dialect;
use crate::accounts::user::{Account, User};
use crate::authorization::client::Authorized;
use crate::factors::enrolment::Enrolment;
use crate::factors::factor::{Channel, Factor, FactorKind, Method, RecoveryCodes, Sealed};
use crate::id::{FactorId, LoginId, UserId};
use crate::login::pending_login::{Login, Proof, SentCode, SentTo, State};
use crate::refusal::Refusal;
use crate::secret::Secret;

const START: i64 = 1_800_000_000;
const STEP: u64 = 60_000_000;
const APP: u8 = 1;
const MAIL: u8 = 2;

fn id(byte: u8) -> FactorId {
    FactorId::from_bytes([byte; 16])
}

fn user() -> User {
    User::plain(UserId::from_bytes([9; 16]))
}

fn app(last_step: Option<u64>, confirmed: bool) -> Factor {
    Factor {
        id: id(APP),
        kind: FactorKind::Totp {
            seed: Sealed {
                key: 1,
                bytes: Vec::new(),
            },
            last_step,
        },
        confirmed,
        created_at: START,
    }
}

fn login() -> Login {
    let login = LoginId::from_bytes([3; 16]);
    Login::begin(login, &user(), Authorized::default(), Dialect::Abp, START)
}

fn sent(factor: u8, number: u32) -> SentCode {
    SentCode {
        earlier: None,
        number,
        factor: id(factor),
        channel: Channel::Email,
        at: START,
        key: 1,
    }
}

fn code() -> Secret {
    Secret::new("123456")
}

fn of_app() -> SubmittedCode {
    SubmittedCode::Totp {
        code: code(),
        factor: None,
    }
}

fn of_send(to: SentTo) -> SubmittedCode {
    SubmittedCode::Sent { code: code(), to }
}

fn recovery() -> SubmittedCode {
    SubmittedCode::Recovery { code: code() }
}

#[test]
fn six_digits_beside_a_password_are_of_the_app_if_there_is_one_else_of_a_send() {
    let six = Evidence::SixDigits(code());
    for (factors, expected) in [
        (vec![], of_send(SentTo::Anywhere)),
        (vec![app(None, false)], of_send(SentTo::Anywhere)),
        (vec![app(None, true)], of_app()),
    ] {
        let account = Account {
            user: user(),
            factors,
            recovery: None,
            closed_factor: false,
        };
        assert_eq!(six.beside_password(&account), expected);
        let named = Evidence::Of(recovery());
        assert_eq!(named.beside_password(&account), recovery());
    }
}

#[test]
fn six_digits_for_a_login_are_of_the_factor_of_its_newest_code_else_of_the_app() {
    let newest = Login {
        sent: vec![sent(APP, 1), sent(MAIL, 2)],
        ..login()
    };
    for (login, expected) in [
        (login(), of_app()),
        (newest, of_send(SentTo::Factor(id(MAIL)))),
    ] {
        assert_eq!(Evidence::SixDigits(code()).for_login(&login), expected);
        assert_eq!(Evidence::Of(recovery()).for_login(&login), recovery());
    }
}

#[test]
fn a_refusal_names_the_kind_of_factor_that_the_shown_code_says() {
    for (shown, method) in [
        (of_app(), Method::Totp),
        (recovery(), Method::RecoveryCode),
        (of_send(SentTo::Channel(Channel::Sms)), Method::Sms),
        (of_send(SentTo::Channel(Channel::Webhook)), Method::Webhook),
        (of_send(SentTo::Factor(id(MAIL))), Method::Email),
        (of_send(SentTo::Anywhere), Method::Email),
    ] {
        assert_eq!(shown.method(), method);
    }
}

#[test]
fn a_text_that_cannot_be_a_code_is_wrong_before_anything_is_compared() {
    let wrong = |method| Err(Refusal::CodeWrong(method));
    for (text, expected) in [
        ("123456", Ok(())),
        ("12345", wrong(Method::Totp)),
        ("12345x", wrong(Method::Totp)),
        ("", wrong(Method::Totp)),
    ] {
        let shown = SubmittedCode::Totp {
            code: Secret::new(text),
            factor: None,
        };
        assert_eq!(shown.check_typed(), expected, "{text}");
    }
    assert_eq!(recovery().check_typed(), wrong(Method::RecoveryCode));
}

fn steps(steps: &[u64]) -> Vec<Proof> {
    let proof = |step: &u64| Proof::Totp {
        factor: id(APP),
        step: *step,
    };
    steps.iter().map(proof).collect()
}

fn enrolling(factor: u8) -> Login {
    Login {
        enrolment: Some(Enrolment {
            factor: id(factor),
            session: None,
            replaces: Vec::new(),
            recovery: None,
        }),
        ..login()
    }
}

#[test]
fn a_code_of_an_app_proves_a_step_that_was_not_used_of_a_factor_that_the_login_takes() {
    for (login, factor, expected) in [
        (login(), Some(app(None, true)), steps(&[STEP, STEP - 1])),
        (login(), Some(app(Some(STEP - 1), true)), steps(&[STEP])),
        (login(), Some(app(Some(STEP), true)), steps(&[])),
        (login(), Some(app(None, false)), steps(&[])),
        (login(), None, steps(&[])),
        (
            enrolling(APP),
            Some(app(None, false)),
            steps(&[STEP, STEP - 1]),
        ),
        (enrolling(MAIL), Some(app(None, true)), steps(&[])),
    ] {
        let open = Provable {
            login: Some(&login),
            factor: factor.as_ref(),
            recovery: None,
        };
        assert_eq!(open.proofs(&of_app(), 1, START), expected);
    }
}

#[test]
fn a_sent_code_proves_a_send_to_its_place_that_is_valid_and_that_the_login_takes() {
    let with_sends = |login: Login| Login {
        state: State::CodeSent,
        sent: vec![sent(APP, 1), sent(MAIL, 2)],
        ..login
    };
    let of = |numbers: &[(u8, u32)]| -> Vec<Proof> {
        let proof = |(factor, number): &(u8, u32)| Proof::Sent(sent(*factor, *number));
        numbers.iter().map(proof).collect()
    };
    for (login, to, now, expected) in [
        (login(), SentTo::Anywhere, START, of(&[(MAIL, 2), (APP, 1)])),
        (login(), SentTo::Factor(id(MAIL)), START, of(&[(MAIL, 2)])),
        (login(), SentTo::Channel(Channel::Sms), START, of(&[])),
        (login(), SentTo::Anywhere, START + 300, of(&[])),
        (enrolling(MAIL), SentTo::Anywhere, START, of(&[(MAIL, 2)])),
    ] {
        let login = with_sends(login);
        let open = Provable {
            login: Some(&login),
            factor: None,
            recovery: None,
        };
        assert_eq!(open.proofs(&of_send(to), 1, now), expected, "{to:?}");
    }
}

#[test]
fn a_recovery_code_proves_one_of_the_hashes_and_confirms_no_factor() {
    let codes = RecoveryCodes {
        id: id(5),
        hashes: vec!["a".into(), "b".into()],
    };
    let hashes = ["a", "b"].map(|hash| Proof::Recovery { hash: hash.into() });
    for (login, recovery_codes, expected) in [
        (login(), Some(&codes), hashes.to_vec()),
        (login(), None, Vec::new()),
        (enrolling(APP), Some(&codes), Vec::new()),
    ] {
        let open = Provable {
            login: Some(&login),
            factor: None,
            recovery: recovery_codes,
        };
        assert_eq!(open.proofs(&recovery(), 1, START), expected);
    }
}

#[test]
fn a_verified_login_is_compared_with_its_proof_alone_and_a_redeemed_login_with_nothing() {
    let proof = Proof::Sent(sent(MAIL, 2));
    let verified = State::Verified {
        proof: proof.clone(),
        by_token: true,
    };
    for (state, expected) in [(verified, vec![proof]), (State::Redeemed, Vec::new())] {
        let login = Login { state, ..login() };
        let factor = app(None, true);
        let open = Provable {
            login: Some(&login),
            factor: Some(&factor),
            recovery: None,
        };
        assert_eq!(open.proofs(&of_app(), 1, START), expected);
    }
}

#[test]
fn a_change_of_the_account_takes_a_confirmed_app_and_recovery_codes_but_no_sent_code() {
    let codes = RecoveryCodes {
        id: id(5),
        hashes: vec!["a".into()],
    };
    for (confirmed, shown, expected) in [
        (true, of_app(), steps(&[STEP, STEP - 1])),
        (false, of_app(), steps(&[])),
        (true, recovery(), vec![Proof::Recovery { hash: "a".into() }]),
        (true, of_send(SentTo::Anywhere), Vec::new()),
    ] {
        let factor = app(None, confirmed);
        let own = Provable {
            login: None,
            factor: Some(&factor),
            recovery: Some(&codes),
        };
        assert_eq!(own.proofs(&shown, 1, START), expected, "{shown:?}");
    }
}
