//! Authorization codes in the store: exchanged once, while their browser is signed in.

use countersign::domain::authorization::code::{AUTHORIZATION_CODE_SECONDS, AuthorizationCode};
use countersign::domain::id::{CodeId, SessionId};
use countersign::domain::sessions::session::Session;
use countersign::keyring::random_bytes;

use crate::harness::{START, Service};
use crate::store::sessions::session::started;

/// The session of a signed-in browser, and a code that was given in it.
async fn with_code(service: &Service) -> (Session, AuthorizationCode) {
    let browser = started(service).await;
    let code = AuthorizationCode {
        id: CodeId::random(random_bytes().unwrap()),
        user: browser.user,
        authorized: browser.authorized.clone(),
        redirect_uri: None,
        challenge: None,
        nonce: None,
        authentication: browser.authentication,
        named_as_auth0: false,
        epoch: browser.epoch,
        session: SessionId::random(random_bytes().unwrap()),
        depends_on: Some(browser.id),
        session_ends_at: None,
        expires_at: START + AUTHORIZATION_CODE_SECONDS,
        spent: false,
    };
    service.app.store.keep_code(&code).await.unwrap();
    (browser, code)
}

async fn redeem(service: &Service, code: &AuthorizationCode, browser: &Session, now: i64) -> bool {
    let session = Session {
        id: code.session,
        ..browser.clone()
    };
    let store = &service.app.store;
    store.redeem_code(code, &session, now).await.unwrap()
}

#[tokio::test]
async fn a_code_is_exchanged_once_and_then_reads_as_spent() {
    let service = Service::start().await;
    let (browser, code) = with_code(&service).await;
    assert!(redeem(&service, &code, &browser, START + 1).await);
    assert!(!redeem(&service, &code, &browser, START + 1).await);
    let read = service.app.store.read_code(code.user, code.id).await;
    let (_, read) = read.unwrap().unwrap();
    assert!(read.spent);
}

#[tokio::test]
async fn a_code_ends_with_its_time_and_with_the_browser_that_got_it() {
    let service = Service::start().await;
    let (browser, code) = with_code(&service).await;
    assert!(!redeem(&service, &code, &browser, code.expires_at).await);
    let store = &service.app.store;
    store.revoke_session(&browser, START).await.unwrap();
    assert!(!redeem(&service, &code, &browser, START + 1).await);
}
