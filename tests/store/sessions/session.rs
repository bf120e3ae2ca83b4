//! The store's sessions: started once, rotated only by the newest generation, and ended
//! by reuse.

use aws_sdk_dynamodb::types::AttributeValue;
use countersign::domain::Dialect;
use countersign::domain::authorization::client::{Authorized, Scope};
use countersign::domain::factors::factor::Method;
use countersign::domain::id::SessionId;
use countersign::domain::sessions::authentication::{Authentication, FirstFactor};
use countersign::domain::sessions::session::Session;
use countersign::keyring::random_bytes;
use countersign::store::SessionRotation;
use countersign_local::demo;

use crate::harness::{START, Service};
use crate::store::accounts::users::{nobodys_guess, number, partition, set};

const GRACE: i64 = 60;

async fn session(service: &Service) -> Session {
    let user = service.account(demo::USER).await.user;
    Session {
        id: SessionId::random(random_bytes().unwrap()),
        user: user.id,
        authorized: Authorized {
            client: demo::CLIENT.to_owned(),
            scope: Scope::parse("offline_access"),
            audience: vec![demo::AUDIENCE.to_owned()],
            key: None,
            code: None,
        },
        dialect: Dialect::Auth0,
        authentication: Authentication {
            first: FirstFactor::Password,
            at: START,
            method: Some(Method::Totp),
            key: None,
        },
        epoch: user.epoch,
        refresh_tokens: 1,
        rotated_at: START,
        expires_at: START + 1000,
        ends_at: START + 9000,
        revoked: false,
    }
}

/// A session that is stored.
pub async fn started(service: &Service) -> Session {
    let session = session(service).await;
    assert!(
        service
            .app
            .store
            .start_session(&session.clone().into(), &nobodys_guess(), START)
            .await
            .unwrap()
    );
    session
}

async fn read(service: &Service, session: &Session) -> Option<Session> {
    let store = &service.app.store;
    let read = store.read_session(session.user, session.id).await.unwrap();
    read.map(|(_, session)| session)
}

async fn rotates(service: &Service, session: &Session, now: i64) -> bool {
    let store = &service.app.store;
    let rotated = store.rotate_refresh(session, now + 1000, now).await;
    matches!(rotated.unwrap(), SessionRotation::Done(_))
}

#[tokio::test]
async fn a_session_reads_back_as_it_was_started_and_starts_once() {
    let service = Service::start().await;
    let session = started(&service).await;
    let found = read(&service, &session).await.unwrap();
    assert_eq!(format!("{found:?}"), format!("{session:?}"));
    assert!(
        !service
            .app
            .store
            .start_session(&session.clone().into(), &nobodys_guess(), START)
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn a_session_starts_only_for_an_active_user_at_the_epoch_that_was_read() {
    let service = Service::start().await;
    let store = &service.app.store;
    let session = session(&service).await;
    let partition = partition(session.user);
    let mut earlier = session.clone();
    earlier.epoch -= 1;
    assert!(
        !store
            .start_session(&earlier.clone().into(), &nobodys_guess(), START)
            .await
            .unwrap()
    );
    let key = (partition.as_str(), "PROFILE");
    set(&service, key, "active", AttributeValue::Bool(false)).await;
    assert!(
        !store
            .start_session(&session.clone().into(), &nobodys_guess(), START)
            .await
            .unwrap()
    );
    assert!(read(&service, &session).await.is_none());
    set(&service, key, "active", AttributeValue::Bool(true)).await;
    assert!(
        store
            .start_session(&session.clone().into(), &nobodys_guess(), START)
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn a_rotation_counts_up_and_moves_the_expiry() {
    let service = Service::start().await;
    let store = &service.app.store;
    let session = started(&service).await;
    let rotated = store
        .rotate_refresh(&session, START + 2000, START + 10)
        .await
        .unwrap();
    let SessionRotation::Done(rotated) = rotated else {
        panic!("{rotated:?}");
    };
    assert_eq!(
        (rotated.refresh_tokens, rotated.rotated_at),
        (2, START + 10)
    );
    assert_eq!(rotated.expires_at, START + 2000);
    let found = read(&service, &session).await.unwrap();
    assert_eq!(format!("{found:?}"), format!("{rotated:?}"));
}

#[tokio::test]
async fn a_generation_rotates_once_and_the_loser_learns_the_newest() {
    let service = Service::start().await;
    let store = &service.app.store;
    let session = started(&service).await;
    assert!(rotates(&service, &session, START + 10).await);
    let again = store
        .rotate_refresh(&session, START + 2000, START + 11)
        .await;
    match again.unwrap() {
        SessionRotation::Changed(Some(now)) => {
            assert_eq!((now.refresh_tokens, now.rotated_at), (2, START + 10))
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_session_rotates_only_for_its_client_and_epoch_and_before_it_ends() {
    let service = Service::start().await;
    let session = started(&service).await;
    let mut stranger = session.clone();
    stranger.authorized.client = demo::SERVER_CLIENT.to_owned();
    assert!(!rotates(&service, &stranger, START).await);
    let mut later = session.clone();
    later.epoch += 1;
    assert!(!rotates(&service, &later, START).await);
    assert!(!rotates(&service, &session, START + 1000).await);
    assert!(rotates(&service, &session, START + 999).await);
}

#[tokio::test]
async fn a_session_that_was_ended_or_never_was_does_not_rotate() {
    let service = Service::start().await;
    let store = &service.app.store;
    let ended = started(&service).await;
    store.revoke_session(&ended, START).await.unwrap();
    assert!(!rotates(&service, &ended, START).await);
    assert!(read(&service, &ended).await.unwrap().revoked);
    let never = session(&service).await;
    let rotated = store.rotate_refresh(&never, START + 1, START).await;
    assert!(matches!(rotated.unwrap(), SessionRotation::Changed(None)));
    store.revoke_session(&never, START).await.unwrap();
    store.revoke_reused(&never, 1, GRACE, START).await.unwrap();
    assert!(read(&service, &never).await.is_none());
}

#[tokio::test]
async fn reuse_ends_a_family_after_the_grace_or_two_generations_back() {
    let service = Service::start().await;
    let store = &service.app.store;
    // The shown generation, the newest generation, and the seconds since it was made.
    for (shown, newest, seconds, ends) in [
        (3, 3, 1000, false),
        (2, 3, GRACE - 1, false),
        (2, 3, GRACE, true),
        (1, 3, 0, true),
        (4, 3, 1000, false),
    ] {
        let session = started(&service).await;
        let partition = partition(session.user);
        let sort = format!("SESSION#{}", session.id);
        let key = (partition.as_str(), sort.as_str());
        set(&service, key, "generation", number(newest)).await;
        let now = START + seconds;
        store
            .revoke_reused(&session, shown, GRACE, now)
            .await
            .unwrap();
        let revoked = read(&service, &session).await.unwrap().revoked;
        assert_eq!(revoked, ends, "{shown} of {newest} after {seconds} s");
    }
}

#[tokio::test]
async fn the_time_of_the_first_revocation_stays() {
    let service = Service::start().await;
    let store = &service.app.store;
    let session = started(&service).await;
    store.revoke_session(&session, START + 1).await.unwrap();
    store.revoke_session(&session, START + 2).await.unwrap();
    store
        .revoke_reused(&session, 0, GRACE, START + 900)
        .await
        .unwrap();
    let sort = AttributeValue::S(format!("SESSION#{}", session.id));
    let items = service.items().await;
    let item = items.iter().find(|item| item["SK"] == sort).unwrap();
    assert_eq!(item["revoked_at"], number(START + 1));
}
