//! Logins on trusted devices at the same moment.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::http::Method;
use countersign_local::demo;

use crate::dialects::auth0::sessions::trusted_devices::{ON, Phone, start, stored};
use crate::harness::Service;
use crate::harness::proxy::{Fault, Proxy};
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
