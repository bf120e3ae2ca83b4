//! The real `keys` function tells CloudFormation over https the result of its custom
//! resource.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use countersign_local::certificate::Certificate;
use countersign_local::http::servers::Servers;
use serde_json::{Value, json};

use crate::harness::Service;
use crate::harness::deployment::event::kept;
use crate::harness::deployment::runtime_api::Lambda;
use crate::rules::keys::maintenance::{SECRET, deployment};

/// The file of the authority's certificate.
const AUTHORITY: &str = "ca.pem";

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

/// A certificate for this machine, and a new folder with the file of its authority.
fn certificate() -> (Certificate, PathBuf) {
    rustls::crypto::aws_lc_rs::default_provider()
        .install_default()
        .ok();
    let certificate = Certificate::make(countersign::clock::system_time(), None).unwrap();
    let folder = std::env::temp_dir().join(format!("countersign-{}", uuid::Uuid::new_v4()));
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join(AUTHORITY), &certificate.ca_pem).unwrap();
    (certificate, folder)
}

/// The variable of the authority that a function trusts.
fn trust_in(folder: &Path) -> (String, String) {
    let file = folder.join(AUTHORITY).to_str().unwrap().to_owned();
    ("SSL_CERT_FILE".to_owned(), file)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_setting_fails_the_deployment_with_the_reason_and_lets_it_be_undone() {
    let service = Service::start_at_the_systems_time().await;
    let (certificate, folder) = certificate();
    let puts: Arc<Mutex<Vec<Put>>> = Arc::default();
    let (url, _storage) = storage(Arc::clone(&puts), &certificate).await;
    let mut environment = service.environment();
    environment.push(trust_in(&folder));
    // A calling code that does not exist.
    environment.push(("COUNTERSIGN_SMS_COUNTRIES".into(), "+1,+999".into()));
    let lambda = Lambda::start("keys", &environment).await;
    for request_type in ["Create", "Update", "Delete"] {
        lambda.run(deployment(request_type, &url, &json!({})));
        let body = puts.lock().unwrap().pop().unwrap().body;
        let told: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(told["LogicalResourceId"], "Keys", "{told}");
        let reason = told["Reason"].as_str().unwrap();
        match request_type {
            "Delete" => assert_eq!((&told["Status"], reason), (&json!("SUCCESS"), "")),
            _ => {
                assert_eq!(told["Status"], "FAILED", "{told}");
                assert!(reason.contains("COUNTERSIGN_SMS_COUNTRIES"), "{told}");
            }
        }
    }
    lambda.fails(json!({ "source": "aws.events", "detail-type": "Scheduled Event" }));
    lambda.fails(kept("keys-oauth-jwks", &[]));
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_real_function_tells_cloudformation_and_logs_no_secret() {
    let service = Service::start_at_the_systems_time().await;
    service.empty_table().await;
    let (certificate, folder) = certificate();
    let puts = Arc::default();
    let (url, _storage) = storage(Arc::clone(&puts), &certificate).await;

    let mut environment = service.environment();
    environment.push(trust_in(&folder));
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
