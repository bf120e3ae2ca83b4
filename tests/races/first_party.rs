//! One `auth_session` at the same moment in many requests.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::dialects::auth0::authorization::first_party::app::{NativeApp, with_apps};
use crate::races::logins::{UNTIL_ALL_GUESSES_ARE_BACK, at_once, with_status};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_hundred_uses_of_one_auth_session_one_gets_a_code() {
    let service = Arc::new(with_apps().await);
    let session = NativeApp::new(&service).begin().await;
    let code = service.totp();
    let answers = at_once(100, |_| {
        let (service, session, code) = (service.clone(), session.clone(), code.clone());
        async move { NativeApp::new(&service).otp(&session, &code).await }
    })
    .await;
    assert_eq!(with_status(&answers, 200), 1);
    let given: Vec<String> = answers
        .iter()
        .filter(|answer| answer.status == 200)
        .map(|answer| answer.text("authorization_code"))
        .collect();
    let app = NativeApp::new(&service);
    assert_eq!(app.exchange(&given[0]).await.status, 200);
    // Requests that read after the code was used saw a wrong code.
    service.advance(UNTIL_ALL_GUESSES_ARE_BACK);
    assert_eq!(
        app.otp(&app.begin().await, &service.totp()).await.status,
        200
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_right_codes_for_fifty_auth_sessions_one_gets_a_code() {
    let service = Arc::new(with_apps().await);
    let mut sessions = Vec::new();
    for _ in 0..50 {
        sessions.push(NativeApp::new(&service).begin().await);
    }
    let code = service.totp();
    let answers = at_once(50, |number| {
        let (service, session, code) = (service.clone(), sessions[number].clone(), code.clone());
        async move { NativeApp::new(&service).otp(&session, &code).await }
    })
    .await;
    let codes = answers.iter().filter(|answer| answer.status == 200);
    let codes: BTreeSet<String> = codes
        .map(|answer| answer.text("authorization_code"))
        .collect();
    assert_eq!(codes.len(), 1);
}
