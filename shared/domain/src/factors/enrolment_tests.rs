//! Tests of who may change factors, and of addresses.

#![allow(clippy::unwrap_used)]
use super::{
    Channel, EnrollingSession, EnrolmentRefusal, MfaPolicy, RECENT_SECONDS, check_may_change,
    check_room, check_second_channel, parse_address, replaced_factors,
};
use crate::accounts::user::{Account, User};
use crate::factors::factor::{Factor, FactorKind, Method, Sealed};
use crate::factors::offer::{AalPolicy, Offer};
use crate::factors::passkey::{KeyPlace, Passkey, SecondUse};
use crate::id::{FactorId, SessionId, UserId};
use crate::messages::sms_countries::SmsCountries;
use crate::sessions::authentication::{Authentication, FirstFactor};

const NOW: i64 = 1_800_000_000;

fn factor(method: Method, confirmed: bool) -> Factor {
    let address = |channel| FactorKind::Address {
        channel,
        to: "a".into(),
    };
    Factor {
        id: FactorId::from_bytes([1; 16]),
        kind: match method {
            Method::Sms => address(Channel::Sms),
            Method::Email => address(Channel::Email),
            Method::Webhook => address(Channel::Webhook),
            Method::Totp | Method::RecoveryCode | Method::Passkey => FactorKind::Totp {
                seed: Sealed {
                    key: 1,
                    bytes: vec![],
                },
                last_step: None,
            },
        },
        confirmed,
        created_at: NOW,
    }
}

fn account(factors: Vec<Factor>) -> Account {
    Account {
        user: User::plain(UserId::from_bytes([1; 16])),
        factors,
        recovery: None,
        closed_factor: false,
    }
}

fn may(account: &Account, method: Option<Method>, age: i64) -> bool {
    let authentication = Authentication {
        first: FirstFactor::Password,
        at: NOW - age,
        method,
        key: None,
    };
    check_may_change(account, authentication, NOW).is_ok()
}

#[test]
fn a_change_needs_the_strongest_factor_that_the_user_has() {
    let both = account(vec![
        factor(Method::Totp, true),
        factor(Method::Email, true),
    ]);
    assert!(may(&both, Some(Method::Totp), 0));
    assert!(may(&both, Some(Method::RecoveryCode), 0));
    assert!(!may(&both, Some(Method::Sms), 0));
    assert!(!may(&both, Some(Method::Email), 0));
    assert!(!may(&both, None, 0));
    let weak = account(vec![factor(Method::Sms, true), factor(Method::Email, true)]);
    assert!(may(&weak, Some(Method::Sms), 0));
    assert!(!may(&weak, Some(Method::Email), 0));
}

#[test]
fn where_nobody_is_asked_for_a_factor_a_recent_session_is_enough() {
    let app = account(vec![factor(Method::Totp, true)]);
    let by_password = |age| Authentication {
        first: FirstFactor::Password,
        at: NOW - age,
        method: None,
        key: None,
    };
    let check = |policy: MfaPolicy, age| policy.check_may_change(&app, by_password(age), NOW);
    assert!(check(MfaPolicy::Disabled, RECENT_SECONDS - 1).is_ok());
    assert!(check(MfaPolicy::Disabled, RECENT_SECONDS).is_err());
    assert!(check(MfaPolicy::Optional, 0).is_err());
    assert!(check(MfaPolicy::Required { grace_seconds: 0 }, 0).is_err());
}

#[test]
fn an_unconfirmed_factor_does_not_count() {
    let begun = account(vec![factor(Method::Totp, false)]);
    assert!(may(&begun, None, 0));
}

#[test]
fn an_authentication_is_recent_for_ten_minutes() {
    let none = account(vec![]);
    assert!(may(&none, None, RECENT_SECONDS - 1));
    assert!(!may(&none, None, RECENT_SECONDS));
}

#[test]
fn a_user_has_ten_factors_at_most_and_stale_ones_make_room() {
    let full = account(vec![factor(Method::Totp, true); 10]);
    assert!(check_room(&full, NOW).is_err());
    let waiting = account(vec![factor(Method::Totp, false); 10]);
    assert!(check_room(&waiting, NOW + 3599).is_err());
    assert!(check_room(&waiting, NOW + 3600).is_ok());
}

#[test]
fn a_policy_says_who_is_asked_for_a_second_factor() {
    let asked = |policy: MfaPolicy, two_factor, factors, age| {
        let mut account = account(factors);
        account.user.two_factor = two_factor;
        account.user.created_at = NOW - age;
        policy.demands(&account, NOW)
    };
    let grace = MfaPolicy::Required { grace_seconds: 60 };
    let app = || vec![factor(Method::Totp, true)];
    assert!(asked(MfaPolicy::Optional, true, vec![], 99));
    assert!(!asked(MfaPolicy::Optional, false, app(), 99));
    assert!(!asked(MfaPolicy::Disabled, true, app(), 99));
    assert!(!asked(grace, false, vec![factor(Method::Totp, false)], 59));
    assert!(asked(grace, false, vec![], 60));
    assert!(asked(grace, false, app(), 59));
    assert!(asked(grace, true, vec![], 59));
}

#[test]
fn phone_numbers_are_taken_in_e164_form_only() {
    let phone = |typed| parse_address(Channel::Sms, typed).ok();
    assert_eq!(phone("+1 (555) 555-0100").as_deref(), Some("+15555550100"));
    for wrong in [
        "15555550100",
        "+05555550100",
        "+1555",
        "+1555555010000000",
        "+1555CALLME0",
        "+15555550100;ext=1",
        "",
    ] {
        assert_eq!(phone(wrong), None, "{wrong}");
    }
}

#[test]
fn an_email_address_is_one_bare_address() {
    let email = |typed| parse_address(Channel::Email, typed).ok();
    assert_eq!(
        email(" a.b@Example.COM ").as_deref(),
        Some("a.b@example.com")
    );
    for wrong in [
        "nobody",
        "@example.com",
        "a@localhost",
        "a@example.com,b@example.com",
        "a@b@example.com",
        "a b@example.com",
        "A <a@example.com>",
        "a@example..com",
        "a@example.com\r\nBcc: x@example.com",
    ] {
        assert_eq!(email(wrong), None, "{wrong}");
    }
}

#[test]
fn a_login_alone_enrols_only_while_no_offered_factor_is_confirmed() {
    let offer = Offer {
        aal: AalPolicy::Aal2,
        sms_countries: SmsCountries::parse(["+1"]).unwrap(),
        webhook: false,
    };
    let unknown = Account {
        closed_factor: true,
        ..account(vec![])
    };
    for (account, may) in [
        (account(vec![]), true),
        (account(vec![factor(Method::Totp, false)]), true),
        (account(vec![factor(Method::Totp, true)]), false),
        // The policy does not offer e-mail.
        (account(vec![factor(Method::Email, true)]), true),
        (unknown, false),
    ] {
        let checked = offer.check_first_enrolment(&account, false);
        assert_eq!(checked.is_ok(), may, "{account:?}");
    }
}

fn passkey() -> Factor {
    Factor {
        id: FactorId::from_bytes([2; 16]),
        kind: FactorKind::Passkey(Box::new(Passkey {
            credential: vec![1],
            public_key: "{}".into(),
            counter: 0,
            may_be_copied: false,
            is_copied: false,
            last_used_at: None,
            second: SecondUse::Nothing,
        })),
        confirmed: true,
        created_at: NOW,
    }
}

#[test]
fn beside_a_passkey_the_password_alone_enrols_nothing_unless_a_code_to_an_address_comes_before() {
    let offer = |aal| Offer {
        aal,
        sms_countries: SmsCountries::parse(["+1"]).unwrap(),
        webhook: false,
    };
    for (aal, email, phone, by_passkey, may) in [
        (AalPolicy::PreferAal2, None, None, false, false),
        (AalPolicy::PreferAal2, None, None, true, true),
        (
            AalPolicy::PreferAal2,
            Some("a@example.com"),
            None,
            false,
            true,
        ),
        (AalPolicy::Aal2, Some("a@example.com"), None, false, false),
        (AalPolicy::Aal2, None, Some("+15555550100"), false, true),
        (AalPolicy::Aal2, None, Some("+4915555550100"), false, false),
    ] {
        let mut account = account(vec![passkey()]);
        account.user.email = email.map(str::to_owned);
        account.user.email_confirmed = email.is_some();
        account.user.phone = phone.map(str::to_owned);
        account.user.phone_confirmed = phone.is_some();
        let checked = offer(aal).check_first_enrolment(&account, by_passkey);
        assert_eq!(
            checked.is_ok(),
            may,
            "{aal:?} {email:?} {phone:?} {by_passkey}"
        );
    }
}

#[test]
fn a_user_with_a_passkey_changes_factors_by_the_passkey_under_every_policy() {
    let by = |first, method| Authentication {
        first,
        at: NOW,
        method,
        key: None,
    };
    let key = FirstFactor::Passkey(KeyPlace::Hardware);
    let alone = account(vec![passkey()]);
    let with_app = account(vec![passkey(), factor(Method::Totp, true)]);
    for (policy, account, authentication, may) in [
        (
            MfaPolicy::Optional,
            &alone,
            by(FirstFactor::Password, None),
            false,
        ),
        (
            MfaPolicy::Disabled,
            &alone,
            by(FirstFactor::Password, None),
            false,
        ),
        (MfaPolicy::Disabled, &alone, by(key, None), true),
        (
            MfaPolicy::Disabled,
            &alone,
            by(key, Some(Method::Passkey)),
            true,
        ),
        // A passkey that has verified nobody, where there is nothing else.
        (MfaPolicy::Optional, &alone, by(key, None), true),
        (MfaPolicy::Optional, &with_app, by(key, None), false),
        (
            MfaPolicy::Optional,
            &with_app,
            by(key, Some(Method::Totp)),
            true,
        ),
    ] {
        let found = policy.check_may_change(account, authentication, NOW);
        assert_eq!(found.is_ok(), may, "{policy:?} {authentication:?}");
    }
}

#[test]
fn a_mailbox_that_has_shown_the_first_factor_is_no_second() {
    let by = |first| {
        Some(EnrollingSession {
            id: SessionId::from_bytes([3; 16]),
            authentication: Authentication {
                at: NOW,
                first,
                method: None,
                key: None,
            },
        })
    };
    let (password, code, text) = (
        FirstFactor::Password,
        FirstFactor::Code,
        FirstFactor::TextCode,
    );
    let (mail, sms) = (Some(Channel::Email), Some(Channel::Sms));
    for (login, session, new, answer) in [
        (password, None, mail, Ok(())),
        (code, None, sms, Ok(())),
        (code, None, None, Ok(())),
        (code, None, mail, Err(EnrolmentRefusal::AlreadyEnrolled)),
        (text, None, mail, Ok(())),
        (text, None, sms, Err(EnrolmentRefusal::AlreadyEnrolled)),
        (password, by(password), mail, Ok(())),
        (password, by(code), sms, Ok(())),
        (
            password,
            by(code),
            mail,
            Err(EnrolmentRefusal::AuthenticationInsufficient),
        ),
        (
            password,
            by(text),
            sms,
            Err(EnrolmentRefusal::AuthenticationInsufficient),
        ),
    ] {
        let found = check_second_channel(login, session, new);
        assert_eq!(found, answer, "{login:?} {session:?} {new:?}");
    }
}

#[test]
fn only_a_new_app_replaces_the_confirmed_app() {
    let with = |confirmed| account(vec![factor(Method::Totp, confirmed)]);
    for (new, confirmed, replaces) in [
        (Method::Totp, true, 1),
        (Method::Totp, false, 0),
        (Method::Email, true, 0),
        (Method::Sms, true, 0),
    ] {
        let replaced = replaced_factors(&with(confirmed), &factor(new, false));
        assert_eq!(replaced.len(), replaces, "{new:?} {confirmed}");
    }
}
