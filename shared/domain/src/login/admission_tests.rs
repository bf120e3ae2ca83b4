//! A table of what a user must do next after a right password.
#![allow(clippy::unwrap_used)]

use super::{Admission, LoginRules, WouldSignIn};
use crate::Dialect;
use crate::accounts::user::{Account, ConfirmationPolicy, User};
use crate::authorization::client::Authorized;
use crate::factors::confirmed_addresses::ConfirmedAddresses;
use crate::factors::enrolment::MfaPolicy;
use crate::factors::factor::{Channel, Factor, FactorKind};
use crate::factors::offer::{AalPolicy, Offer};
use crate::id::{FactorId, UserId};
use crate::login::browser_session::SessionLacks;
use crate::messages::sms_countries::SmsCountries;
use crate::sessions::authentication::{Authentication, FirstFactor};

const OPTIONAL: MfaPolicy = MfaPolicy::Optional;
const REQUIRED: MfaPolicy = MfaPolicy::Required { grace_seconds: 0 };
const DISABLED: MfaPolicy = MfaPolicy::Disabled;

/// A user whom an operator made without an e-mail address.
fn without_email() -> User {
    User::plain(UserId::from_bytes([1; 16]))
}

fn unconfirmed() -> User {
    User {
        email: Some("a@b.example".into()),
        ..without_email()
    }
}

fn owner() -> User {
    User {
        email_confirmed: true,
        ..unconfirmed()
    }
}

/// An owner whose phone number is stored and not confirmed.
fn with_number() -> User {
    User {
        phone: Some("+15555550100".into()),
        ..owner()
    }
}

fn account(user: User) -> Account {
    Account {
        user,
        factors: Vec::new(),
        recovery: None,
        closed_factor: false,
    }
}

/// With a confirmed phone as a factor.
fn with_phone(user: User, to: &str) -> Account {
    let phone = Factor {
        id: FactorId::from_bytes([2; 16]),
        kind: FactorKind::Address {
            channel: Channel::Sms,
            to: to.into(),
        },
        confirmed: true,
        created_at: 0,
    };
    Account {
        factors: vec![phone],
        ..account(user)
    }
}

fn admit(dialect: Dialect, mfa: MfaPolicy, confirm: &str, account: &Account) -> Admission {
    rules(dialect, mfa, confirm, false, |rules| {
        rules.admit(account, 0)
    })
}

fn rules<T>(
    dialect: Dialect,
    mfa: MfaPolicy,
    confirm: &str,
    at_pages: bool,
    then: impl FnOnce(LoginRules<'_>) -> T,
) -> T {
    let offer = Offer {
        aal: AalPolicy::Aal1,
        sms_countries: SmsCountries::parse(["+1"]).unwrap(),
        webhook: true,
    };
    then(LoginRules {
        mfa,
        confirmation: ConfirmationPolicy::from_name(confirm).unwrap(),
        offer: &offer,
        dialect,
        at_pages,
        wants_factor: false,
        shown_two: false,
        trusts_devices: true,
    })
}

#[test]
fn a_user_confirms_enrols_or_shows_what_policy_and_dialect_demand() {
    use Admission::{ConfirmFirst, EnrolOnPage, PasswordOnly, SecondFactor};
    use Dialect::{Abp, Aidbox, Auth0, CodeMaze};
    let here = "+15555550101";
    let abroad = "+445555550101";
    let closed = Account {
        closed_factor: true,
        ..account(unconfirmed())
    };
    for (at, (dialect, mfa, confirm, account, expected)) in [
        // The setting for confirmations.
        (
            Auth0,
            OPTIONAL,
            "none",
            account(unconfirmed()),
            PasswordOnly,
        ),
        (
            Auth0,
            OPTIONAL,
            "email",
            account(unconfirmed()),
            ConfirmFirst,
        ),
        (Auth0, OPTIONAL, "email", account(owner()), PasswordOnly),
        (
            Auth0,
            OPTIONAL,
            "email",
            account(without_email()),
            PasswordOnly,
        ),
        (Auth0, OPTIONAL, "phone", account(owner()), ConfirmFirst),
        (Auth0, DISABLED, "none", account(owner()), PasswordOnly),
        // A user without a factor enrols only under a confirmed address.
        (
            Auth0,
            REQUIRED,
            "none",
            account(unconfirmed()),
            ConfirmFirst,
        ),
        (Auth0, REQUIRED, "none", account(owner()), SecondFactor),
        // A user who shows an offered factor has confirmed enough.
        (
            Auth0,
            REQUIRED,
            "email",
            with_phone(unconfirmed(), here),
            SecondFactor,
        ),
        (
            Auth0,
            REQUIRED,
            "email",
            with_phone(unconfirmed(), abroad),
            ConfirmFirst,
        ),
        (Auth0, REQUIRED, "email", closed, SecondFactor),
        (
            Auth0,
            DISABLED,
            "email",
            with_phone(unconfirmed(), here),
            ConfirmFirst,
        ),
        // ABP's apps have no screen to enrol at a login.
        (Abp, OPTIONAL, "none", account(unconfirmed()), PasswordOnly),
        (Abp, REQUIRED, "none", account(owner()), SecondFactor),
        (Abp, OPTIONAL, "phone", account(owner()), EnrolOnPage),
        (Abp, OPTIONAL, "phone", account(with_number()), ConfirmFirst),
        (Abp, DISABLED, "phone", account(owner()), ConfirmFirst),
        // CodeMaze's tokens name the user by the address.
        (
            CodeMaze,
            OPTIONAL,
            "none",
            account(without_email()),
            ConfirmFirst,
        ),
        (
            CodeMaze,
            OPTIONAL,
            "none",
            account(unconfirmed()),
            ConfirmFirst,
        ),
        (CodeMaze, OPTIONAL, "none", account(owner()), PasswordOnly),
        (
            CodeMaze,
            OPTIONAL,
            "phone",
            account(with_number()),
            EnrolOnPage,
        ),
        // Anybody may sign up in Aidbox's dialect with another's address.
        (
            Aidbox,
            OPTIONAL,
            "none",
            account(without_email()),
            PasswordOnly,
        ),
        (
            Aidbox,
            OPTIONAL,
            "none",
            account(unconfirmed()),
            ConfirmFirst,
        ),
        (
            Aidbox,
            REQUIRED,
            "none",
            with_phone(unconfirmed(), here),
            ConfirmFirst,
        ),
        (Aidbox, OPTIONAL, "phone", account(owner()), EnrolOnPage),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(admit(dialect, mfa, confirm, &account), expected, "row {at}");
    }
}

#[test]
fn on_our_pages_an_app_stands_in_for_a_missing_number() {
    use Admission::{ConfirmFirst, PasswordOnly, SecondFactor};
    for (mfa, confirm, user, expected) in [
        (OPTIONAL, "phone", owner(), SecondFactor),
        (OPTIONAL, "phone", with_number(), SecondFactor),
        (OPTIONAL, "phone", unconfirmed(), ConfirmFirst),
        (DISABLED, "phone", owner(), ConfirmFirst),
        (OPTIONAL, "none", owner(), PasswordOnly),
    ] {
        let account = account(user);
        let admitted = rules(Dialect::Aidbox, mfa, confirm, true, |rules| {
            rules.admit(&account, 0)
        });
        assert_eq!(admitted, expected, "{confirm} {account:?}");
    }
}

#[test]
fn a_trial_lets_an_unconfirmed_user_enrol_where_the_dialect_can() {
    for (dialect, expected) in [
        (Dialect::Auth0, Admission::SecondFactor),
        (Dialect::Abp, Admission::ConfirmFirst),
    ] {
        let account = account(unconfirmed());
        let admitted = rules(dialect, REQUIRED, "none", false, |rules| {
            let confirmation = ConfirmationPolicy {
                unconfirmed_enrolls: true,
                ..rules.confirmation
            };
            LoginRules {
                confirmation,
                ..rules
            }
            .admit(&account, 0)
        });
        assert_eq!(admitted, expected, "{dialect:?}");
    }
}

#[test]
fn a_factor_is_enrolled_at_a_login_in_auth0s_words_and_on_our_pages() {
    for dialect in Dialect::ALL {
        for at_pages in [false, true] {
            let enrolls = rules(dialect, OPTIONAL, "none", at_pages, |rules| {
                rules.enrolls_at_login()
            });
            assert_eq!(enrolls, at_pages || dialect == Dialect::Auth0);
        }
    }
}

#[test]
fn a_user_without_a_factor_enrols_elsewhere_where_the_login_cannot_enrol() {
    let app = Authorized {
        client: "app".to_owned(),
        ..Authorized::default()
    };
    let (none, phone) = (
        account(without_email()),
        with_phone(without_email(), "+15555550101"),
    );
    for (dialect, at_pages, account, elsewhere) in [
        (Dialect::Auth0, false, &none, false),
        (Dialect::Abp, false, &none, true),
        (Dialect::CodeMaze, false, &none, true),
        (Dialect::Aidbox, false, &none, true),
        (Dialect::Aidbox, true, &none, false),
        (Dialect::Abp, false, &phone, false),
    ] {
        let said = rules(dialect, REQUIRED, "none", at_pages, |rules| {
            let addresses = ConfirmedAddresses {
                offer: rules.offer,
                digest: |_| String::new(),
            };
            rules.must_enrol_elsewhere(addresses, account, &app)
        });
        assert_eq!(said, elsewhere, "{dialect:?} {at_pages}");
    }
}

#[test]
fn a_password_alone_signs_in_only_a_user_who_has_nothing_to_do_first() {
    for (admission, must_change_password, answer) in [
        (Admission::ConfirmFirst, false, WouldSignIn::NotAllowed),
        (Admission::EnrolOnPage, false, WouldSignIn::NotAllowed),
        (Admission::SecondFactor, false, WouldSignIn::SecondFactor),
        (Admission::SecondFactor, true, WouldSignIn::SecondFactor),
        (Admission::PasswordOnly, true, WouldSignIn::NotAllowed),
        (Admission::PasswordOnly, false, WouldSignIn::Yes),
    ] {
        let user = User {
            must_change_password,
            ..owner()
        };
        assert_eq!(WouldSignIn::of(admission, &user), answer, "{admission:?}");
    }
}

#[test]
fn a_trusted_browser_stands_in_for_a_factor_only_while_browsers_are_trusted() {
    let shown = Authentication {
        at: 7,
        first: FirstFactor::PasswordInBrowser,
        method: None,
        key: None,
    };
    let user = User::plain(UserId::from_bytes([1; 16]));
    let account = with_phone(user, "+15555550101");
    for (trusts_devices, expected) in [(true, SessionLacks::Nothing), (false, SessionLacks::Factor)]
    {
        let lacks = rules(Dialect::Aidbox, REQUIRED, "none", true, |rules| {
            let rules = LoginRules {
                trusts_devices,
                ..rules
            };
            rules.session_lacks(&account, shown, 8)
        });
        assert_eq!(lacks, expected);
    }
}
