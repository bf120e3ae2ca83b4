//! The store's verbs, directly on the table: what each condition allows and refuses.
//! This file has names, users and hashes.
//!
//! These tests pass on any DynamoDB. See `COUNTERSIGN_TEST_DYNAMODB`.

use aws_sdk_dynamodb::types::AttributeValue;
use countersign::domain::Dialect;
use countersign::domain::accounts::login_name::LoginName;
use countersign::domain::accounts::password::PasswordHash;
use countersign::domain::accounts::user::Account;
use countersign::domain::authorization::client::{Authorized, Scope};
use countersign::domain::id::{LoginId, UserId};
use countersign::domain::login::pending_login::Login;
use countersign::keyring::random_bytes;
use countersign::store::{Charge, Counted, Created, LoginBeside, NewAccount};
use countersign_local::demo;

use crate::harness::{START, Service};

/// A number attribute.
pub fn number(value: i64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// Sets one attribute of an item directly in the table.
pub async fn set(service: &Service, key: (&str, &str), name: &str, value: AttributeValue) {
    let store = &service.app.store;
    store
        .dynamodb()
        .update_item()
        .table_name(store.table())
        .key("PK", AttributeValue::S(key.0.to_owned()))
        .key("SK", AttributeValue::S(key.1.to_owned()))
        .update_expression("SET #name = :value")
        .expression_attribute_names("#name", name)
        .expression_attribute_values(":value", value)
        .send()
        .await
        .unwrap();
}

/// The partition of a user.
pub fn partition(user: UserId) -> String {
    format!("USER#{user}")
}

/// The budgets of a guess that nobody made.
pub fn no_charge() -> Charge {
    Charge {
        name_and_network: "nobody, nowhere".to_owned(),
        name: "nobody".to_owned(),
        network: "nowhere".to_owned(),
        since: None,
    }
}

/// The first password that was counted in those budgets.
pub fn nobodys_guess() -> Counted {
    Counted {
        charge: no_charge(),
        locked_until: None,
        network_locked_until: None,
        by_name: true,
        completed_at: None,
    }
}

/// A stored login of the demo user that began at `START`.
pub async fn stored_login(service: &Service) -> Login {
    let user = service.account(demo::USER).await.user;
    let authorized = Authorized {
        client: demo::CLIENT.to_owned(),
        scope: Scope::parse("openid offline_access"),
        audience: vec![demo::AUDIENCE.to_owned()],
        key: None,
        code: None,
    };
    let id = LoginId::at(START, random_bytes().unwrap());
    let login = Login::begin(id, &user, authorized, Dialect::Auth0, START);
    service
        .app
        .store
        .begin_login(&login, &nobodys_guess())
        .await
        .unwrap();
    login
}

/// The login as the table holds it.
pub async fn read_again(service: &Service, login: &Login) -> Login {
    let store = &service.app.store;
    let beside = LoginBeside::default();
    let read = store.read_login(login.user, login.id, beside).await;
    read.unwrap().login.unwrap()
}

fn another_account(model: &Account) -> Account {
    let mut account = model.clone();
    account.user.id = UserId::random(random_bytes().unwrap());
    account
}

#[tokio::test]
async fn a_user_is_made_with_free_names_only_and_whole_or_not_at_all() {
    let service = Service::start().await;
    let store = &service.app.store;
    let model = service.account(demo::USER).await;
    let name = |text: &str| LoginName::parse(text).unwrap();
    let (first, second) = (another_account(&model), another_account(&model));
    let names = [name("ann"), name("ann@example.com")];
    let new = NewAccount {
        account: &first,
        names: &names,
    };
    assert_eq!(store.create_user(new).await.unwrap(), Created::Done);
    for taken_at in 0..2 {
        let mut names = [name("bob"), name("bob@example.com")];
        names[taken_at] = name("ann");
        let new = NewAccount {
            account: &second,
            names: &names,
        };
        let created = store.create_user(new).await.unwrap();
        assert_eq!(created, Created::NameTaken(taken_at));
    }
    assert_eq!(store.find_name(&name("bob")).await.unwrap(), None);
    assert!(store.read_account(second.user.id).await.unwrap().is_none());
    let read = store.read_account(first.user.id).await.unwrap().unwrap();
    assert_eq!(format!("{read:?}"), format!("{first:?}"));
    let found = store.find_name(&name("ann@example.com")).await.unwrap();
    assert_eq!(found, Some(first.user.id));
}

#[tokio::test]
async fn a_user_identifier_is_never_used_twice() {
    let service = Service::start().await;
    let account = service.account(demo::USER).await;
    let names = [LoginName::parse("free").unwrap()];
    let new = NewAccount {
        account: &account,
        names: &names,
    };
    assert!(service.app.store.create_user(new).await.is_err());
    let found = service.app.store.find_name(&names[0]).await.unwrap();
    assert_eq!(found, None);
}

#[tokio::test]
async fn a_hash_is_replaced_only_while_it_and_the_epoch_are_as_they_were_read() {
    let service = Service::start().await;
    let store = &service.app.store;
    let user = service.account(demo::USER).await.user;
    let old = user.password.clone().unwrap();
    let new = PasswordHash::from_stored("new");
    let other = PasswordHash::from_stored("other");
    assert!(!store.rehash(&user, &other, &new).await.unwrap());
    let mut earlier = user.clone();
    earlier.epoch -= 1;
    assert!(!store.rehash(&earlier, &old, &new).await.unwrap());
    assert!(store.rehash(&user, &old, &new).await.unwrap());
    assert!(!store.rehash(&user, &old, &other).await.unwrap());
    let stored = store.read_user(user.id).await.unwrap().unwrap();
    assert_eq!(stored.password.unwrap().as_str(), "new");
    assert_eq!(stored.epoch, user.epoch);
}

#[tokio::test]
async fn a_hash_of_a_user_who_is_gone_makes_no_profile() {
    let service = Service::start().await;
    let mut user = service.account(demo::USER).await.user;
    user.id = UserId::random(random_bytes().unwrap());
    let hash = PasswordHash::from_stored("new");
    let done = service.app.store.rehash(&user, &hash, &hash).await.unwrap();
    assert!(!done);
    let read = service.app.store.read_user(user.id).await.unwrap();
    assert!(read.is_none());
}

#[tokio::test]
async fn attributes_of_a_later_version_survive_the_writes_of_this_one() {
    let service = Service::start().await;
    let user = service.account(demo::USER).await.user;
    let partition = partition(user.id);
    let key = (partition.as_str(), "PROFILE");
    set(&service, key, "from_the_future", number(7)).await;
    let (old, new) = (
        user.password.clone().unwrap(),
        PasswordHash::from_stored("n"),
    );
    assert!(service.app.store.rehash(&user, &old, &new).await.unwrap());
    let items = service.items().await;
    let profile = items.iter().find(|item| {
        item["PK"] == AttributeValue::S(partition.clone())
            && item["SK"] == AttributeValue::S("PROFILE".into())
    });
    assert_eq!(profile.unwrap()["from_the_future"], number(7));
}
