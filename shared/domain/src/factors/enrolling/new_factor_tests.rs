//! Tables of where the codes of a new factor go, and of its identifier.

use super::*;
use crate::Dialect;
use crate::accounts::user::User;
use crate::authorization::client::Authorized;
use crate::factors::enrolment::{Enrolment, MOST_FACTORS};
use crate::factors::factor::{FactorKind, Sealed};
use crate::factors::offer::AalPolicy;
use crate::id::{LoginId, UserId};
use crate::messages::sms_countries::SmsCountries;

const NOW: Timestamp = 1000;
const MAIL: &str = "ann@example.com";

fn id(byte: u8) -> FactorId {
    FactorId::from_bytes([byte; 16])
}

fn factor(byte: u8, kind: FactorKind, confirmed: bool) -> Factor {
    Factor {
        id: id(byte),
        kind,
        confirmed,
        created_at: NOW,
    }
}

fn app(byte: u8, confirmed: bool) -> Factor {
    let seed = Sealed {
        key: 1,
        bytes: Vec::new(),
    };
    let kind = FactorKind::Totp {
        seed,
        last_step: None,
    };
    factor(byte, kind, confirmed)
}

fn mail(byte: u8, to: &str, confirmed: bool) -> Factor {
    let kind = FactorKind::Address {
        channel: Channel::Email,
        to: to.into(),
    };
    factor(byte, kind, confirmed)
}

fn account(email_confirmed: bool, factors: Vec<Factor>) -> Account {
    Account {
        user: User {
            email: Some(MAIL.into()),
            email_confirmed,
            ..User::plain(UserId::from_bytes([9; 16]))
        },
        factors,
        recovery: None,
        closed_factor: false,
    }
}

fn offer(aal: AalPolicy, countries: &[&str]) -> Offer {
    Offer {
        aal,
        sms_countries: SmsCountries::parse(countries.iter().copied()).unwrap(),
        webhook: false,
    }
}

#[test]
fn codes_go_to_the_typed_address_or_the_users_own_if_they_are_sent_there() {
    let (email, sms, webhook) = (Channel::Email, Channel::Sms, Channel::Webhook);
    let invalid = |name, problem| Err(Refusal::ParameterInvalid { name, problem });
    let abroad = invalid(
        "phone_number",
        "text messages are not sent to phones of this country",
    );
    let (aal1, aal2) = (AalPolicy::Aal1, AalPolicy::Aal2);
    for (aal, channel, typed, expected) in [
        (aal1, email, None, Ok(MAIL.to_owned())),
        (
            aal1,
            email,
            Some("B@Example.com"),
            Ok("B@example.com".to_owned()),
        ),
        (
            aal1,
            sms,
            None,
            Err(Refusal::ParameterMissing("phone_number")),
        ),
        (
            aal1,
            webhook,
            None,
            Err(Refusal::ParameterMissing("transport")),
        ),
        (
            aal1,
            sms,
            Some("+15555550100"),
            Ok("+15555550100".to_owned()),
        ),
        (aal1, sms, Some("+447700900123"), abroad),
        (aal1, webhook, Some("bridge"), Err(Refusal::FactorUnknown)),
        (
            aal2,
            email,
            None,
            invalid("email", "e-mail is not a second factor here"),
        ),
    ] {
        let found = offer(aal, &["+1"]).new_address(&account(true, vec![]), channel, typed);
        assert_eq!(found, expected, "{channel:?} {typed:?}");
    }
}

#[test]
fn an_app_that_this_login_has_begun_is_begun_again_and_another_needs_room() {
    let login = |enrols: Option<u8>| Login {
        enrolment: enrols.map(|byte| Enrolment {
            factor: id(byte),
            session: None,
            replaces: Vec::new(),
            recovery: None,
        }),
        ..Login::begin(
            LoginId::from_bytes([2; 16]),
            &account(true, vec![]).user,
            Authorized::default(),
            Dialect::Auth0,
            0,
        )
    };
    let full = || (0..10).map(|byte| app(byte, false)).collect::<Vec<_>>();
    assert_eq!(full().len(), MOST_FACTORS);
    for (enrols, factors, expected) in [
        (None, vec![], Ok(None)),
        (None, vec![app(1, false)], Ok(None)),
        (Some(1), vec![app(1, false)], Ok(Some(id(1)))),
        (Some(1), vec![app(1, true)], Ok(None)),
        (Some(1), vec![mail(1, MAIL, false)], Ok(None)),
        (Some(1), full(), Ok(Some(id(1)))),
        (None, full(), Err(EnrolmentRefusal::FactorsFull)),
    ] {
        let found = app_begun_before(&account(true, factors), &login(enrols), NOW);
        assert_eq!(found, expected, "{enrols:?}");
    }
}

#[test]
fn an_address_is_one_factor_whoever_began_it() {
    let offer = offer(AalPolicy::Aal1, &["+1"]);
    let addresses = ConfirmedAddresses {
        offer: &offer,
        digest: |_| "digest of sixteen bytes".to_owned(),
    };
    let derived = addresses.first_factor_id(UserId::from_bytes([9; 16]), Channel::Email, MAIL);
    let other = "b@example.com";
    let full = || (0..10).map(|byte| app(byte, false)).collect::<Vec<_>>();
    let with = |one: Factor| [full()[1..].to_vec(), vec![one]].concat();
    let refused = Err(EnrolmentRefusal::FactorsFull);
    for (confirmed, factors, to, expected) in [
        (true, vec![], MAIL, Ok(Some(derived))),
        (
            true,
            vec![mail(1, MAIL, false)],
            "Ann@example.com",
            Ok(Some(derived)),
        ),
        (
            true,
            vec![mail(1, MAIL, true)],
            MAIL,
            Err(EnrolmentRefusal::AlreadyEnrolled),
        ),
        (false, vec![], MAIL, Ok(None)),
        (false, vec![mail(1, MAIL, false)], MAIL, Ok(Some(id(1)))),
        (true, vec![], other, Ok(None)),
        (
            true,
            vec![mail(1, other, false)],
            "B@example.com",
            Ok(Some(id(1))),
        ),
        (true, full(), MAIL, refused.clone()),
        (true, full(), other, refused),
        (true, with(mail(20, other, false)), other, Ok(Some(id(20)))),
    ] {
        let account = account(confirmed, factors);
        let found = addresses.known_factor_at(&account, (Channel::Email, to), NOW);
        assert_eq!(found, expected, "{confirmed} {to}");
    }
}
