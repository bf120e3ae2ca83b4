//! Logins on trusted devices at the same moment.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Method, Request};
use countersign_local::demo;

use crate::dialects::aidbox::pages::trusted_browsers::{COOKIE, remember, typed};
use crate::dialects::auth0::sessions::trusted_devices::{ON, Phone, start, stored};
use crate::harness::browser::Browser;
use crate::harness::proxy::{Fault, Proxy};
use crate::harness::{Answer, Service};
use crate::races::logins::{at_once, with_status};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_uses_of_one_proof_of_a_device_begin_one_session() {
    let service = Arc::new(start().await);
    let phone = Arc::new(Phone::new());
    phone.remember(&service).await;
    let sessions = async || stored(&service, "SESSION#").await;
    let before = sessions().await;
    let endpoint = (Method::POST, "/oauth/token");
    let proof = phone.holder.proof(&service, endpoint, None);
    let answers = at_once(100, |_| {
        let (service, phone, proof) = (service.clone(), phone.clone(), proof.clone());
        async move {
            let fields = phone.fields();
            let sent = service.post_with_proof("/oauth/token", Some(&proof), &fields);
            sent.await
        }
    })
    .await;
    assert!(with_status(&answers, 200) >= 1);
    let given = answers.iter().filter(|answer| answer.status == 200);
    let families: BTreeSet<String> = given.map(|answer| answer.text("refresh_token")).collect();
    assert_eq!(families.len(), 1);
    assert_eq!(sessions().await, before + 1);
}

#[tokio::test]
async fn no_login_follows_the_end_of_a_device_while_logins_are_under_way() {
    let proxy = Proxy::start().await;
    let before = proxy.clone();
    let service =
        Service::start_through(&ON, |dynamodb, others| (before.before(dynamodb), others)).await;
    let phone = Phone::new();
    phone.remember(&service).await;
    let key = phone.holder.thumbprint();
    // The login has read the device, and waits at its transaction.
    proxy.queue("TransactWriteItems", Fault::Hold);
    let end = async {
        proxy.held().await;
        let remove = ["user", "remove-device", demo::USER, &key];
        let removed = service.operated(&remove).await;
        proxy.release();
        removed
    };
    let (answer, _) = tokio::join!(phone.sign_in(&service), end);
    assert_eq!(answer.text("error"), "mfa_required", "{}", answer.raw);
}

/// The password from so many tabs of a remembered browser at once. Returns the session cookies
/// that the answers set.
async fn tabs(service: &Arc<Service>, browser: &Browser<'_>, count: usize) -> Vec<String> {
    let form = browser.get("/auth/login").await.form(0);
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.append_pair("csrf", form.value("csrf"));
    body.append_pair("username", demo::USER);
    body.append_pair("password", demo::PASSWORD_OF_ALL);
    let body = body.finish();
    let cookies = [COOKIE, "__Host-countersign-form"];
    let cookies = cookies.map(|name| format!("{name}={}", browser.cookie(name).unwrap()));
    let cookies = cookies.join("; ");
    let answers: Vec<Answer> = at_once(count, |_| {
        let (service, body, cookies) = (service.clone(), body.clone(), cookies.clone());
        async move {
            let request = Request::post("/auth/login")
                .header("cookie", cookies)
                .header("sec-fetch-site", "same-origin")
                .header("content-type", "application/x-www-form-urlencoded");
            service.send(request.body(Body::from(body)).unwrap()).await
        }
    })
    .await;
    let mut sessions = Vec::new();
    for answer in &answers {
        // A busy table answers 503; a busy budget sends the tab back to the form.
        assert!([303, 503].contains(&answer.status), "{}", answer.raw);
        for cookie in answer.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            if let Some(value) = cookie.strip_prefix("__Host-countersign=") {
                let value = value.split(';').next().unwrap().to_owned();
                service.watch_secret(&value);
                sessions.push(value);
            }
        }
    }
    sessions
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_tabs_of_a_remembered_browser_sign_in_at_once_each_with_its_own_session() {
    let service = Arc::new(start().await);
    let browser = Browser::new(&service);
    remember(&browser).await;
    let before = stored(&service, "SESSION#").await;
    let sessions = tabs(&service, &browser, 4).await;
    assert_eq!(sessions.len(), 4);
    let different: BTreeSet<&String> = sessions.iter().collect();
    assert_eq!(different.len(), 4);
    assert_eq!(stored(&service, "SESSION#").await, before + 4);
    assert_eq!(stored(&service, "DEVICE#").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_uses_of_one_cookie_begin_as_many_sessions_as_they_answer_and_no_pending_login() {
    let service = Arc::new(start().await);
    let browser = Browser::new(&service);
    remember(&browser).await;
    let before = stored(&service, "SESSION#").await;
    let logins = stored(&service, "LOGIN#").await;
    let sessions = tabs(&service, &browser, 100).await;
    assert!(!sessions.is_empty());
    let different: BTreeSet<&String> = sessions.iter().collect();
    assert_eq!(different.len(), sessions.len());
    assert_eq!(stored(&service, "SESSION#").await, before + sessions.len());
    assert_eq!(stored(&service, "LOGIN#").await, logins);
    assert_eq!(stored(&service, "DEVICE#").await, 1);
}

#[tokio::test]
async fn no_sign_in_follows_the_end_of_a_trusted_browser_while_sign_ins_are_under_way() {
    let proxy = Proxy::start().await;
    let before = proxy.clone();
    let service =
        Service::start_through(&ON, |dynamodb, others| (before.before(dynamodb), others)).await;
    let browser = Browser::new(&service);
    remember(&browser).await;
    let shown = service.operated(&["user", "show", demo::USER]).await;
    let key = shown["trusted_devices"][0]["id"].as_str().unwrap();
    // The sign-in has read the device, and waits at its transaction.
    proxy.queue("TransactWriteItems", Fault::Hold);
    let end = async {
        proxy.held().await;
        let remove = ["user", "remove-device", demo::USER, key];
        let removed = service.operated(&remove).await;
        proxy.release();
        removed
    };
    let (answer, _) = tokio::join!(typed(&browser), end);
    assert!(answer.raw.contains("Enter your code"), "{}", answer.raw);
}
