//! The real `keys` function tells CloudFormation over https the result of its custom
//! resource.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use countersign_local::certificate::Certificate;
use countersign_local::http::servers::Servers;
use serde_json::{Value, json};

use crate::harness::Service;
use crate::harness::deployment::runtime_api::Lambda;
use crate::rules::keys::maintenance::{SECRET, deployment};

/// A put that CloudFormation's storage received.
#[derive(Clone, Debug)]
struct Put {
    method: Method,
    /// The path and the query.
    target: String,
    headers: HeaderMap,
    body: String,
}

/// A storage over https that accepts puts.
async fn storage(puts: Arc<Mutex<Vec<Put>>>, certificate: &Certificate) -> (String, impl Sized) {
    let take = |State(puts): State<Arc<Mutex<Vec<Put>>>>,
                method: Method,
                uri: axum::http::Uri,
                headers: HeaderMap,
                body: String| async move {
        puts.lock().unwrap().push(Put {
            method,
            target: uri.to_string(),
            headers,
            body,
        });
        StatusCode::OK
    };
    let router = Router::new().fallback(take).with_state(puts);
    let servers = Servers::bind(0, 0).unwrap();
    let url = format!(
        "https://localhost:{}/put?X-Amz-Signature=s%2F1",
        servers.https_port()
    );
    (url, servers.start(router, certificate).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_real_function_tells_cloudformation_and_logs_no_secret() {
    let service = Service::start_at_the_systems_time().await;
    service.empty_table().await;
    rustls::crypto::aws_lc_rs::default_provider()
        .install_default()
        .ok();
    let certificate = Certificate::make(countersign::clock::system_time(), None).unwrap();
    let folder = std::env::temp_dir().join(format!("countersign-{}", uuid::Uuid::new_v4()));
    std::fs::create_dir(&folder).unwrap();
    let trusted = folder.join("ca.pem");
    std::fs::write(&trusted, &certificate.ca_pem).unwrap();
    let puts = Arc::default();
    let (url, _storage) = storage(Arc::clone(&puts), &certificate).await;

    let mut environment = service.environment();
    let trusted = trusted.to_str().unwrap().to_owned();
    environment.push(("SSL_CERT_FILE".into(), trusted));
    let lambda = Lambda::start("keys", &environment).await;
    let properties = json!({ "ClientId": "app", "ClientSecret": SECRET });
    lambda.run(deployment("Create", &url, &properties));
    let [put]: [Put; 1] = puts.lock().unwrap().clone().try_into().unwrap();
    assert_eq!(put.method, Method::PUT);
    let target = put.target;
    assert!(target.ends_with("/put?X-Amz-Signature=s%2F1"), "{target}");
    assert_eq!(put.headers.get("content-type"), None);
    let body: Value = serde_json::from_str(&put.body).unwrap();
    assert_eq!(body["Status"], "SUCCESS", "{body}");
    assert_eq!(service.app.store.read_keys().await.unwrap().len(), 4);
    for (_, line) in lambda.stop() {
        assert!(!line.contains(SECRET) && !line.contains("X-Amz"), "{line}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}
