//! The store's logins: a login is verified once and redeemed once, and each proof is
//! consumed once.

use aws_sdk_dynamodb::types::AttributeValue;
use countersign::domain::Dialect;
use countersign::domain::id::{FactorId, SessionId};
use countersign::domain::login::pending_login::{Login, Proof, State};
use countersign::domain::sessions::authentication::{Authentication, FirstFactor};
use countersign::domain::sessions::session::Session;
use countersign::keyring::random_bytes;
use countersign::store::{AcceptedProof, LoginRedemption, LoginVerification};
use countersign_local::demo;

use crate::harness::{START, Service};
use crate::store::accounts::users::{number, partition, read_again, set, stored_login};

const STEP: u64 = 60_000_000;

async fn totp(service: &Service, step: u64) -> Proof {
    let account = service.account(demo::USER).await;
    Proof::Totp {
        factor: account.default_totp().unwrap().id,
        step,
    }
}

async fn recovery(service: &Service) -> Proof {
    let account = service.account(demo::USER).await;
    Proof::Recovery {
        hash: account.recovery.unwrap().hashes[0].clone(),
    }
}

async fn last_step(service: &Service) -> Option<u64> {
    let account = service.account(demo::USER).await;
    match account.default_totp().unwrap().kind {
        countersign::domain::factors::factor::FactorKind::Totp { last_step, .. } => last_step,
        countersign::domain::factors::factor::FactorKind::Address { .. }
        | countersign::domain::factors::factor::FactorKind::Passkey(_) => None,
    }
}

async fn hashes(service: &Service) -> Vec<String> {
    let account = service.account(demo::USER).await;
    account.recovery.unwrap().hashes
}

async fn verify(service: &Service, login: &Login, proof: &Proof, now: i64) -> LoginVerification {
    let store = &service.app.store;
    let verified = store.verify_login(login, &by_token(proof), now).await;
    verified.unwrap()
}

/// A proof that came with the login's token.
pub fn by_token(proof: &Proof) -> AcceptedProof<'_> {
    AcceptedProof {
        proof,
        by_token: true,
        resealed: None,
    }
}

/// A redemption that stores neither a session nor a recovery code.
fn redemption<'a>(login: &'a Login, proof: &'a Proof) -> LoginRedemption<'a> {
    LoginRedemption {
        login,
        proof,
        result: None,
        gives_back: None,
        new_recovery: None,
        counted: None,
        resealed: None,
        device: None,
    }
}

async fn redeem(service: &Service, login: &Login, proof: &Proof, now: i64) -> LoginVerification {
    let store = &service.app.store;
    let redemption = redemption(login, proof);
    let redeemed = store.redeem_login(&redemption, now);
    redeemed.await.unwrap()
}

fn session_of(login: &Login) -> Session {
    Session {
        id: SessionId::random(random_bytes().unwrap()),
        user: login.user,
        authorized: login.authorized.clone(),
        dialect: Dialect::Auth0,
        authentication: Authentication {
            first: FirstFactor::Password,
            at: START,
            method: None,
            key: None,
        },
        epoch: login.epoch,
        refresh_tokens: 1,
        rotated_at: START,
        expires_at: START + 1000,
        ends_at: START + 9000,
        revoked: false,
    }
}

#[tokio::test]
async fn verifying_records_the_proof_and_leaves_two_minutes_to_redeem() {
    let service = Service::start().await;
    let login = stored_login(&service).await;
    let proof = totp(&service, STEP).await;
    assert_eq!(
        verify(&service, &login, &proof, START + 5).await,
        LoginVerification::Done
    );
    let stored = read_again(&service, &login).await;
    assert_eq!(stored.expires_at, START + 125);
    let verified = State::Verified {
        proof,
        by_token: true,
    };
    assert_eq!(stored.state, verified);
    assert_eq!(last_step(&service).await, Some(STEP));
}

#[tokio::test]
async fn verifying_late_does_not_lengthen_a_login() {
    let service = Service::start().await;
    let login = stored_login(&service).await;
    let proof = totp(&service, STEP).await;
    assert_eq!(
        verify(&service, &login, &proof, START + 599).await,
        LoginVerification::Done
    );
    assert_eq!(read_again(&service, &login).await.expires_at, START + 600);
}

#[tokio::test]
async fn a_step_is_consumed_once_and_no_earlier_one_after_it() {
    let service = Service::start().await;
    for (step, accepted) in [
        (STEP, true),
        (STEP, false),
        (STEP - 1, false),
        (STEP + 1, true),
    ] {
        let expected = if accepted {
            LoginVerification::Done
        } else {
            LoginVerification::ProofUsed
        };
        let proof = totp(&service, step).await;
        let login = stored_login(&service).await;
        assert_eq!(verify(&service, &login, &proof, START).await, expected);
        let unchanged = matches!(read_again(&service, &login).await.state, State::Pending);
        assert_eq!(unchanged, !accepted, "step {step}");
    }
    for (step, accepted) in [(STEP + 1, false), (STEP + 2, true), (STEP + 2, false)] {
        let expected = if accepted {
            LoginVerification::Done
        } else {
            LoginVerification::ProofUsed
        };
        let proof = totp(&service, step).await;
        let login = stored_login(&service).await;
        assert_eq!(redeem(&service, &login, &proof, START).await, expected);
    }
    assert_eq!(last_step(&service).await, Some(STEP + 2));
}

#[tokio::test]
async fn a_step_of_a_factor_that_is_gone_proves_nothing() {
    let service = Service::start().await;
    let login = stored_login(&service).await;
    let proof = Proof::Totp {
        factor: FactorId::random(random_bytes().unwrap()),
        step: STEP,
    };
    let before = service.items().await.len();
    assert_eq!(
        verify(&service, &login, &proof, START).await,
        LoginVerification::ProofUsed
    );
    assert_eq!(
        redeem(&service, &login, &proof, START).await,
        LoginVerification::ProofUsed
    );
    assert_eq!(service.items().await.len(), before);
}

#[tokio::test]
async fn a_recovery_code_is_consumed_once_by_verify_or_by_redeem() {
    let service = Service::start().await;
    let store = &service.app.store;
    let proof = recovery(&service).await;
    let (first, second) = (stored_login(&service).await, stored_login(&service).await);
    assert_eq!(
        verify(&service, &first, &proof, START).await,
        LoginVerification::Done
    );
    assert!(hashes(&service).await.is_empty());
    assert_eq!(
        redeem(&service, &second, &proof, START).await,
        LoginVerification::ProofUsed
    );
    assert_eq!(
        verify(&service, &second, &proof, START).await,
        LoginVerification::ProofUsed
    );
    // The recovery code that verifying consumed is replaced when the login is redeemed.
    let verified = read_again(&service, &first).await;
    let renewed = LoginRedemption {
        new_recovery: Some("new"),
        ..redemption(&verified, &proof)
    };
    let redeemed = store.redeem_login(&renewed, START);
    assert_eq!(redeemed.await.unwrap(), LoginVerification::Done);
    assert_eq!(hashes(&service).await, ["new"]);
    let new = Proof::Recovery { hash: "new".into() };
    let renewed = LoginRedemption {
        new_recovery: Some("newer"),
        ..redemption(&second, &new)
    };
    let redeemed = store.redeem_login(&renewed, START);
    assert_eq!(redeemed.await.unwrap(), LoginVerification::Done);
    assert_eq!(hashes(&service).await, ["newer"]);
}

#[tokio::test]
async fn a_login_is_verified_once_and_redeemed_once() {
    let service = Service::start().await;
    let login = stored_login(&service).await;
    let proof = totp(&service, STEP).await;
    assert_eq!(
        verify(&service, &login, &proof, START).await,
        LoginVerification::Done
    );
    let next = totp(&service, STEP + 1).await;
    assert_eq!(
        verify(&service, &login, &next, START).await,
        LoginVerification::LoginOver
    );
    assert_eq!(
        redeem(&service, &login, &next, START).await,
        LoginVerification::LoginOver
    );
    assert_eq!(last_step(&service).await, Some(STEP));
    let verified = read_again(&service, &login).await;
    assert_eq!(
        redeem(&service, &verified, &proof, START).await,
        LoginVerification::Done
    );
    assert_eq!(
        redeem(&service, &verified, &proof, START).await,
        LoginVerification::LoginOver
    );
    assert_eq!(read_again(&service, &login).await.state, State::Redeemed);
}

#[tokio::test]
async fn a_login_is_over_at_its_expiry_before_and_after_it_was_verified() {
    let service = Service::start().await;
    let login = stored_login(&service).await;
    let proof = totp(&service, STEP).await;
    let late = START + 600;
    assert_eq!(
        verify(&service, &login, &proof, late).await,
        LoginVerification::LoginOver
    );
    assert_eq!(
        redeem(&service, &login, &proof, late).await,
        LoginVerification::LoginOver
    );
    assert_eq!(last_step(&service).await, None);
    assert_eq!(
        verify(&service, &login, &proof, START).await,
        LoginVerification::Done
    );
    let verified = read_again(&service, &login).await;
    let late = START + 120;
    assert_eq!(
        redeem(&service, &verified, &proof, late).await,
        LoginVerification::LoginOver
    );
    assert_eq!(
        redeem(&service, &verified, &proof, late - 1).await,
        LoginVerification::Done
    );
}

#[tokio::test]
async fn a_login_of_another_client_or_that_is_gone_is_over() {
    let service = Service::start().await;
    let login = stored_login(&service).await;
    let proof = totp(&service, STEP).await;
    let mut stranger = login.clone();
    stranger.authorized.client = demo::SERVER_CLIENT.to_owned();
    assert_eq!(
        verify(&service, &stranger, &proof, START).await,
        LoginVerification::LoginOver
    );
    assert_eq!(
        redeem(&service, &stranger, &proof, START).await,
        LoginVerification::LoginOver
    );
    service.delete_items(&partition(login.user)).await;
    assert_eq!(
        verify(&service, &login, &proof, START).await,
        LoginVerification::LoginOver
    );
    assert!(
        service
            .items()
            .await
            .iter()
            .all(|item| item["PK"].as_s() != Ok(&partition(login.user)))
    );
}

#[tokio::test]
async fn a_login_ends_with_the_users_epoch_and_standing() {
    let service = Service::start().await;
    let partition_of = partition(service.account(demo::USER).await.user.id);
    let profile = (partition_of.as_str(), "PROFILE");
    let proof = totp(&service, STEP).await;
    let login = stored_login(&service).await;
    let changes = [
        ("epoch", number(2), number(1)),
        (
            "active",
            AttributeValue::Bool(false),
            AttributeValue::Bool(true),
        ),
    ];
    for (name, changed, back) in changes {
        set(&service, profile, name, changed).await;
        assert_eq!(
            verify(&service, &login, &proof, START).await,
            LoginVerification::LoginOver
        );
        assert_eq!(
            redeem(&service, &login, &proof, START).await,
            LoginVerification::LoginOver
        );
        set(&service, profile, name, back).await;
    }
    assert_eq!(last_step(&service).await, None);
    assert_eq!(
        redeem(&service, &login, &proof, START).await,
        LoginVerification::Done
    );
}

#[tokio::test]
async fn a_session_is_kept_with_the_redemption_or_not_at_all() {
    let service = Service::start().await;
    let store = &service.app.store;
    let (first, second) = (stored_login(&service).await, stored_login(&service).await);
    let proof = totp(&service, STEP).await;
    for (login, expected) in [
        (&first, LoginVerification::Done),
        (&second, LoginVerification::ProofUsed),
    ] {
        let session = session_of(login);
        let result = session.clone().into();
        let kept = LoginRedemption {
            result: Some(&result),
            ..redemption(login, &proof)
        };
        let redeemed = store.redeem_login(&kept, START);
        assert_eq!(redeemed.await.unwrap(), expected);
        let read = store.read_session(session.user, session.id).await.unwrap();
        assert_eq!(read.is_some(), expected == LoginVerification::Done);
    }
}
