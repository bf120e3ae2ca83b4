//! Enrolments in the store: begun once by each read of the user, and forgotten while they
//! are unconfirmed.

use countersign::domain::Dialect;
use countersign::domain::accounts::user::User;
use countersign::domain::authorization::client::Authorized;
use countersign::domain::factors::enrolment::Enrolment;
use countersign::domain::factors::factor::{Channel, Factor};
use countersign::domain::id::LoginId;
use countersign::domain::login::pending_login::Login;
use countersign::keyring::random_bytes;
use countersign::store::{Changed, NewEnrolment};
use countersign_local::demo;

use crate::harness::{START, Service, address_factor};

fn login(user: &User, factor: &Factor) -> Login {
    let id = LoginId::at(START, random_bytes().unwrap());
    let login = Login::begin(id, user, Authorized::default(), Dialect::Auth0, START);
    Login {
        enrolment: Some(Enrolment {
            factor: factor.id,
            replaces: Vec::new(),
            session: None,
            recovery: None,
        }),
        ..login
    }
}

async fn begin(service: &Service, user: &User, factor: &Factor) -> Changed {
    let enrolment = NewEnrolment {
        user,
        login: &login(user, factor),
        fresh: true,
        factor,
        handle: None,
    };
    let store = &service.app.store;
    store.put_enrolment(&enrolment, START).await.unwrap()
}

#[tokio::test]
async fn of_two_enrolments_that_rely_on_the_same_read_one_begins() {
    let service = Service::start().await;
    let user = service.account(demo::PLAIN_USER).await.user;
    let first = address_factor(Channel::Sms, "+15555550111", false);
    let second = address_factor(Channel::Sms, "+15555550112", false);
    assert_eq!(begin(&service, &user, &first).await, Changed::Done);
    assert_eq!(begin(&service, &user, &second).await, Changed::Overtaken);
    let account = service.account(demo::PLAIN_USER).await;
    let kept: Vec<_> = account.factors.iter().map(|factor| factor.id).collect();
    assert!(kept.contains(&first.id) && !kept.contains(&second.id));
    // A new read may begin the second.
    let begun = begin(&service, &account.user, &second).await;
    assert_eq!(begun, Changed::Done);
}

#[tokio::test]
async fn an_unconfirmed_factor_is_forgotten_once_and_a_confirmed_factor_never() {
    let service = Service::start().await;
    let store = &service.app.store;
    let user = service.account(demo::PLAIN_USER).await.user;
    let factor = address_factor(Channel::Sms, "+15555550111", false);
    begin(&service, &user, &factor).await;
    for forgotten in [true, false] {
        let did = store.forget_unconfirmed(user.id, factor.id).await;
        assert_eq!(did.unwrap(), forgotten);
    }
    let owner = service.account(demo::USER).await;
    let app = owner.default_totp().unwrap();
    let did = store.forget_unconfirmed(owner.user.id, app.id).await;
    assert!(!did.unwrap());
    assert!(service.account(demo::USER).await.default_totp().is_some());
}
