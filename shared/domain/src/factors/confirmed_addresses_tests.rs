//! Tables of the addresses that a login uses, and of the effect of a code to them.
#![allow(clippy::unwrap_used)]

use super::ConfirmedAddresses;
use crate::Dialect;
use crate::accounts::user::{Account, User};
use crate::authorization::client::Authorized;
use crate::factors::enrolment_refusal::EnrolmentRefusal;
use crate::factors::factor::{Channel, Factor, FactorKind, RecoveryCodes, Sealed};
use crate::factors::offer::{AalPolicy, Offer};
use crate::id::{FactorId, LoginId, UserId};
use crate::login::pending_login::{Login, Proof, SentCode};
use crate::messages::sms_countries::SmsCountries;

const EMAIL: &str = "a@b.example";
const PHONE: &str = "+15555550100";

/// Enough of a digest for tests: equal only if all parts are.
fn digest(parts: &[&[u8]]) -> String {
    let sum = |sum: u64, byte: &u8| sum.wrapping_mul(31).wrapping_add(u64::from(*byte));
    let sum = parts.concat().iter().fold(7, sum);
    format!("{sum:016x}")
}

fn with<T>(aal: AalPolicy, then: impl FnOnce(ConfirmedAddresses<'_>) -> T) -> T {
    let offer = Offer {
        aal,
        sms_countries: SmsCountries::parse(["+1"]).unwrap(),
        webhook: true,
    };
    then(ConfirmedAddresses {
        offer: &offer,
        digest,
    })
}

/// A user whose e-mail address and number are confirmed or not.
fn user(email: Option<bool>, phone: Option<bool>) -> User {
    User {
        email: email.map(|_| EMAIL.into()),
        email_confirmed: email == Some(true),
        phone: phone.map(|_| PHONE.into()),
        phone_confirmed: phone == Some(true),
        ..User::plain(UserId::from_bytes([1; 16]))
    }
}

fn account(user: User, factors: Vec<Factor>) -> Account {
    Account {
        user,
        factors,
        recovery: None,
        closed_factor: false,
    }
}

fn app(confirmed: bool) -> Factor {
    let seed = Sealed {
        key: 1,
        bytes: Vec::new(),
    };
    Factor {
        id: FactorId::from_bytes([2; 16]),
        kind: FactorKind::Totp {
            seed,
            last_step: None,
        },
        confirmed,
        created_at: 0,
    }
}

fn of_app() -> Authorized {
    Authorized {
        client: "app".into(),
        ..Authorized::default()
    }
}

fn of_pages() -> Authorized {
    Authorized::of_pages(Vec::new())
}

fn login(authorized: Authorized) -> Login {
    let id = LoginId::from_bytes([3; 16]);
    let user = user(None, None);
    Login::begin(id, &user, authorized, Dialect::Auth0, 0)
}

/// The addresses that a login uses. Each has whether a code there only shows the
/// address.
fn asked(aal: AalPolicy, account: &Account, authorized: &Authorized) -> Vec<(String, bool)> {
    with(aal, |addresses| {
        let first = addresses.first_if_none(account, authorized);
        let place = |factor: &Factor| {
            let to = factor.address().unwrap().1.to_owned();
            (to, addresses.is_way(&account.user, factor))
        };
        first.iter().map(place).collect()
    })
}

#[test]
fn a_user_without_a_factor_is_asked_for_the_confirmed_addresses_that_are_offered() {
    let (yes, no) = (Some(true), Some(false));
    for (aal, email, phone, expected) in [
        (AalPolicy::Aal1, None, None, vec![]),
        (AalPolicy::Aal1, no, None, vec![]),
        (AalPolicy::Aal1, no, yes, vec![]),
        (AalPolicy::Aal1, yes, no, vec![(EMAIL, false)]),
        (
            AalPolicy::Aal1,
            yes,
            yes,
            vec![(EMAIL, false), (PHONE, false)],
        ),
        (AalPolicy::Aal1, None, yes, vec![(PHONE, false)]),
        // If e-mail is not a factor, a code to an e-mail address only shows the
        // address.
        (AalPolicy::Aal2, yes, None, vec![(EMAIL, true)]),
        (AalPolicy::Aal2, yes, yes, vec![(PHONE, false)]),
    ] {
        let account = account(user(email, phone), Vec::new());
        let expected: Vec<(String, bool)> = expected
            .into_iter()
            .map(|(to, way)| (to.to_owned(), way))
            .collect();
        assert_eq!(asked(aal, &account, &of_app()), expected);
        // On our own pages, the user then sets up an app.
        let on_pages: Vec<(String, bool)> =
            expected.into_iter().map(|(to, _)| (to, true)).collect();
        assert_eq!(asked(aal, &account, &of_pages()), on_pages);
    }
}

#[test]
fn a_user_with_a_factor_that_is_offered_is_asked_for_no_address() {
    let owner = || user(Some(true), None);
    let closed = Account {
        closed_factor: true,
        ..account(owner(), Vec::new())
    };
    for (account, count) in [
        (account(owner(), vec![app(true)]), 0),
        (account(owner(), vec![app(false)]), 1),
        (closed, 0),
    ] {
        assert_eq!(asked(AalPolicy::Aal1, &account, &of_app()).len(), count);
    }
}

#[test]
fn a_user_cannot_complete_a_login_if_all_that_is_offered_only_shows_an_address() {
    let owner = || user(Some(true), None);
    let recovery = |hashes: &[&str]| Account {
        recovery: Some(RecoveryCodes {
            id: FactorId::from_bytes([4; 16]),
            hashes: hashes.iter().map(|hash| (*hash).to_owned()).collect(),
        }),
        ..account(owner(), Vec::new())
    };
    let closed = Account {
        closed_factor: true,
        ..account(owner(), Vec::new())
    };
    let none = || account(owner(), Vec::new());
    for (aal, account, authorized, cannot) in [
        (AalPolicy::Aal1, none(), of_app(), false),
        (AalPolicy::Aal1, none(), of_pages(), true),
        (AalPolicy::Aal2, none(), of_app(), true),
        (
            AalPolicy::Aal1,
            account(user(None, None), Vec::new()),
            of_app(),
            true,
        ),
        (
            AalPolicy::Aal2,
            account(owner(), vec![app(true)]),
            of_app(),
            false,
        ),
        (
            AalPolicy::Aal2,
            account(owner(), vec![app(false)]),
            of_app(),
            true,
        ),
        (AalPolicy::Aal2, closed, of_app(), false),
        (AalPolicy::Aal2, recovery(&["hash"]), of_app(), false),
        (AalPolicy::Aal2, recovery(&[]), of_app(), true),
    ] {
        let decided = with(aal, |addresses| {
            addresses.cannot_complete(&account, &authorized)
        });
        assert_eq!(decided, cannot, "{aal:?} {authorized:?} {account:?}");
    }
}

#[test]
fn only_a_code_to_an_address_that_makes_no_factor_shows_the_address() {
    let owner = user(Some(true), Some(true));
    let shows = |factor: FactorId, channel: Channel| {
        let sent = SentCode {
            earlier: None,
            number: 1,
            factor,
            channel,
            at: 0,
            key: 1,
        };
        let login = login(of_pages());
        with(AalPolicy::Aal1, |addresses| {
            addresses.proves_address(&owner, &login, &Proof::Sent(sent))
        })
    };
    let account = account(owner.clone(), Vec::new());
    let ids = |authorized: &Authorized| {
        let first = with(AalPolicy::Aal1, |addresses| {
            addresses.first_if_none(&account, authorized)
        });
        first.iter().map(|factor| factor.id).collect::<Vec<_>>()
    };
    let (way, factor) = (ids(&of_pages()), ids(&of_app()));
    assert!(shows(way[0], Channel::Email));
    assert!(shows(way[1], Channel::Sms));
    assert!(!shows(way[0], Channel::Sms));
    assert!(!shows(factor[0], Channel::Email));
    assert!(!shows(way[0], Channel::Webhook));
}

#[test]
fn a_login_enrols_another_factor_only_after_a_code_to_the_confirmed_address() {
    let mail = |to: &str| Factor {
        kind: FactorKind::Address {
            channel: Channel::Email,
            to: to.into(),
        },
        ..app(false)
    };
    let refused = Err(EnrolmentRefusal::AlreadyEnrolled);
    for (email, shown, new, expected) in [
        (Some(true), false, Some(app(false)), refused.clone()),
        (Some(true), false, None, refused.clone()),
        (Some(true), false, Some(mail("other@b.example")), refused),
        (Some(true), false, Some(mail("A@B.example")), Ok(())),
        (Some(true), true, Some(app(false)), Ok(())),
        (Some(false), false, Some(app(false)), Ok(())),
        (None, false, Some(app(false)), Ok(())),
    ] {
        let login = Login {
            address_shown: shown,
            ..login(of_app())
        };
        let checked = with(AalPolicy::Aal1, |addresses| {
            addresses.check_first(&user(email, None), &login, new.as_ref())
        });
        assert_eq!(checked, expected, "{email:?} {new:?}");
    }
}
