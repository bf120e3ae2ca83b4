//! Races for sessions, keys and names: there is one successor, one set of keys, and one
//! owner.

use std::collections::HashSet;
use std::sync::Arc;

use countersign::domain::accounts::login_name::LoginName;
use countersign::domain::id::UserId;
use countersign::keyring::random_bytes;
use countersign::store::{Created, NewAccount};
use countersign_local::demo;

use crate::faults::aws::behind_proxy;
use crate::harness::proxy::Fault;
use crate::harness::{START, Service};
use crate::races::logins::{MANY, at_once};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_refreshes_with_one_token_get_the_same_successor() {
    let service = Arc::new(Service::start().await);
    let token = service.begin().await;
    let first = service
        .redeem_otp(&token, &service.totp())
        .await
        .text("refresh_token");
    let answers = at_once(MANY, |_| {
        let (service, first) = (service.clone(), first.clone());
        async move { service.refresh(&first).await }
    })
    .await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    let successors: HashSet<String> = answers
        .iter()
        .map(|answer| answer.text("refresh_token"))
        .collect();
    assert_eq!(successors.len(), 1);
    let successor = successors.into_iter().next().unwrap();
    assert_ne!(successor, first);

    service.advance(61);
    let next = service.refresh(&successor).await;
    assert_eq!(next.status, 200, "{}", next.raw);
    assert_eq!(service.refresh(&first).await.status, 403);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replay_that_races_with_the_newest_token_ends_the_family_for_good() {
    let service = Arc::new(Service::start().await);
    let token = service.begin().await;
    let first = service
        .redeem_otp(&token, &service.totp())
        .await
        .text("refresh_token");
    let second = service.refresh(&first).await.text("refresh_token");
    let third = service.refresh(&second).await.text("refresh_token");
    let answers = at_once(MANY, |number| {
        let (service, first) = (service.clone(), first.clone());
        let newest = third.clone();
        async move {
            let replays = number % 2 == 0;
            let token = if replays { first } else { newest };
            (replays, service.refresh(&token).await)
        }
    })
    .await;
    for (replays, answer) in &answers {
        match answer.status {
            200 => assert!(!replays, "a replayed token was accepted"),
            status => assert_eq!(status, 403, "{}", answer.raw),
        }
    }
    let mut known: Vec<String> = answers
        .iter()
        .filter(|(_, answer)| answer.status == 200)
        .map(|(_, answer)| answer.text("refresh_token"))
        .collect();
    known.push(third);
    for token in known {
        assert_eq!(service.refresh(&token).await.status, 403);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn makers_of_the_first_keys_at_once_end_with_one_set() {
    const MAKERS: usize = 6;
    let service = Service::start().await;
    service.empty_table().await;
    let apps: Vec<_> = (0..MAKERS).map(|_| service.restarted()).collect();
    let made = at_once(MAKERS, |number| {
        let app = apps[number].clone();
        async move { app.keyring.make_first(START, &mut Vec::new()).await }
    })
    .await;
    assert!(made.iter().all(Result::is_ok), "{made:?}");
    assert_eq!(service.app.store.read_keys().await.unwrap().len(), 4);
    let name = LoginName::parse("nobody@example.com").unwrap();
    let mut rings = HashSet::new();
    for app in &apps {
        let ring = app.keyring.current_ring(START).await.unwrap();
        let kid = ring.public_keys()[0].kid.clone();
        assert_eq!(ring.public_keys().len(), 1);
        assert!(ring.sign("JWT", &serde_json::json!({})).is_ok());
        rings.insert((kid, ring.pseudo_user(&name).unwrap()));
    }
    assert_eq!(rings.len(), 1, "the makers hold different keys");
}

#[tokio::test]
async fn a_maker_of_the_first_keys_that_comes_late_replaces_none() {
    let (service, proxy) = behind_proxy().await;
    service.empty_table().await;
    let (late, first) = (service.restarted(), service.restarted());
    proxy.queue("PutItem", Fault::Hold);
    let made_meanwhile = async {
        proxy.held().await;
        first
            .keyring
            .make_first(START, &mut Vec::new())
            .await
            .unwrap();
        let keys = service.app.store.read_keys().await.unwrap();
        proxy.release();
        format!("{keys:?}")
    };
    let mut none = Vec::new();
    let (made, before) = tokio::join!(late.keyring.make_first(START, &mut none), made_meanwhile);
    made.unwrap();
    let after = service.app.store.read_keys().await.unwrap();
    assert_eq!(format!("{after:?}"), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_new_users_with_one_name_one_is_made() {
    let service = Arc::new(Service::start().await);
    let model = service.account(demo::PLAIN_USER).await;
    let name = LoginName::parse("new@example.com").unwrap();
    let made = at_once(MANY, |_| {
        let (service, mut account) = (service.clone(), model.clone());
        account.user.id = UserId::random(random_bytes().unwrap());
        let names = [name.clone()];
        async move {
            let new = NewAccount {
                account: &account,
                names: &names,
            };
            let created = service.app.store.create_user(new).await.unwrap();
            (account.user.id, created)
        }
    })
    .await;
    let owner = service.app.store.find_name(&name).await.unwrap();
    for (user, created) in made {
        let stored = service.app.store.read_user(user).await.unwrap();
        if owner == Some(user) {
            assert_eq!(created, Created::Done);
            assert!(stored.is_some());
        } else {
            assert_eq!(created, Created::NameTaken(0));
            assert!(stored.is_none(), "a user without a name was left");
        }
    }
    assert!(owner.is_some());
}
