//! Logins on trusted devices at the same moment.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::http::Method;
use countersign_local::demo;

use crate::dialects::auth0::sessions::trusted_devices::{Phone, start};
use crate::races::logins::{at_once, with_status};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_uses_of_one_proof_of_a_device_begin_one_session() {
    let service = Arc::new(start().await);
    let phone = Arc::new(Phone::new());
    phone.remember(&service).await;
    let sessions = async || {
        let items = service.items().await;
        let sorts = items.iter().map(|item| item["SK"].as_s().unwrap());
        sorts.filter(|sort| sort.starts_with("SESSION#")).count()
    };
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_login_follows_the_end_of_a_device_while_logins_are_under_way() {
    let service = Arc::new(start().await);
    let phone = Arc::new(Phone::new());
    phone.remember(&service).await;
    let key = phone.holder.thumbprint();
    let answers = at_once(20, |number| {
        let (service, phone, key) = (service.clone(), phone.clone(), key.clone());
        async move {
            if number == 10 {
                let remove = ["user", "remove-device", demo::USER, &key];
                service.operated(&remove).await;
            }
            phone.sign_in(&service).await
        }
    })
    .await;
    assert!(with_status(&answers, 200) < 20);
    assert!(!phone.is_trusted(&service).await);
}
