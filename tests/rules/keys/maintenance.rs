//! The tasks of the `keys` function besides requests: at a deployment, and once a day.

use countersign::app::App;
use countersign::domain::authorization::grant::Grant;
use countersign::domain::secret::Secret;
use countersign::routes::Function;
use countersign::store::StoredKey;
use countersign::usecase::authorization::authenticate_client::client_secret_hash;
use countersign::wire::task::{Task, carry_out_rotation, task_of};
use countersign_local::demo;
use serde_json::{Value, json};

use crate::harness::Service;
use crate::harness::deployment::event::kept;
use crate::rules::keys::rotation::{ES256, check, delete_key, key_set, tokens};

const DAY: i64 = 86_400;
pub const SECRET: &str = "a-secret-of-at-least-thirty-two-characters";

/// The request of a deployment with these properties.
pub fn deployment(request_type: &str, url: &str, properties: &Value) -> Value {
    json!({
        "RequestType": request_type,
        "ResponseURL": url,
        "StackId": "arn:aws:cloudformation:us-east-1:123456789012:stack/login/1",
        "RequestId": "one",
        "ResourceType": "Custom::CountersignKeys",
        "LogicalResourceId": "Keys",
        "ResourceProperties": properties,
    })
}

/// Carries out a deployment. Returns the answer to CloudFormation.
pub async fn deploy(app: &App, request_type: &str, properties: &Value) -> Value {
    let event = deployment(request_type, "https://localhost/", properties);
    let Some(Task::Deploy(resource)) = task_of(&event) else {
        panic!("this is a deployment");
    };
    serde_json::from_str(&resource.carry_out(app).await).unwrap()
}

async fn rotate(app: &App) -> Value {
    carry_out_rotation(app).await.unwrap()
}

fn kids(keys: &Value) -> Vec<Value> {
    let keys = keys["keys"].as_array().unwrap();
    keys.iter().map(|key| key["kid"].clone()).collect()
}

#[tokio::test]
async fn a_signing_key_is_followed_after_ninety_days_by_one_that_signs_a_day_later() {
    let mut service = Service::start().await;
    let keys = service.restarted_as(Function::Keys, &[]);
    service.advance(90 * DAY - 1);
    assert_eq!(
        rotate(&keys).await,
        json!({ "published": [], "retired": [] })
    );
    service.advance(1);
    let rotated = rotate(&keys).await;
    let second = rotated["published"][0].clone();
    assert_eq!(rotated, json!({ "published": [second], "retired": [] }));
    // A second request does nothing more.
    assert_eq!(
        rotate(&keys).await,
        json!({ "published": [], "retired": [] })
    );

    service.take(service.restarted());
    let published = key_set(&service).await;
    let [first, last] = kids(&published).try_into().unwrap();
    assert_eq!(last, second);
    let before = tokens(&service).await.text("access_token");
    let kid = check(&published, &before, demo::AUDIENCE).kid;
    assert_eq!(json!(kid), first);
    service.advance(DAY);
    let after = tokens(&service).await.text("access_token");
    let kid = check(&published, &after, demo::AUDIENCE).kid;
    assert_eq!(json!(kid), second);
}

#[tokio::test]
async fn an_old_key_stays_published_until_the_last_token_that_it_can_have_signed_has_expired() {
    let mut service = Service::start().await;
    let keys = service.restarted_as(Function::Keys, &[]);
    let first = kids(&key_set(&service).await).remove(0);
    service.advance(90 * DAY);
    rotate(&keys).await;
    // The old key signs for one more day, and no token lives longer than thirty days.
    service.advance(DAY + 31 * DAY - 1);
    assert_eq!(rotate(&keys).await["retired"], json!([]));
    service.advance(1);
    assert_eq!(rotate(&keys).await["retired"], json!([first]));
    service.take(service.restarted());
    assert_eq!(kids(&key_set(&service).await).len(), 1);
    check(
        &key_set(&service).await,
        &tokens(&service).await.text("access_token"),
        demo::AUDIENCE,
    );
}

#[tokio::test]
async fn keys_that_follow_each_other_every_week_are_deleted_when_their_own_tokens_have_expired() {
    let mut service = Service::start().await;
    let weekly = ("COUNTERSIGN_SIGNING_KEY_DAYS", "7");
    let keys = service.restarted_as(Function::Keys, &[weekly, ES256]);
    let mut retired = 0;
    for _ in 0..70 {
        service.advance(DAY);
        retired += rotate(&keys).await["retired"].as_array().unwrap().len();
    }
    // Ten keys of ES256 were made. The key of RS256 stays, because the key would sign
    // again after a change back.
    assert_eq!(retired, 5);
    service.take(service.restarted());
    assert_eq!(kids(&key_set(&service).await).len(), 10 - 5 + 1);
    let token = tokens(&service).await.text("access_token");
    check(&key_set(&service).await, &token, demo::AUDIENCE);
}

#[tokio::test]
async fn a_key_that_signed_until_the_algorithm_changed_again_stays_for_its_tokens() {
    let mut service = Service::start().await;
    let es256 = service.restarted_as(Function::Keys, &[ES256]);
    let rs256 = service.restarted_as(Function::Keys, &[]);
    rotate(&es256).await;
    // Back after eleven days, and away again after sixty.
    for (keys, days) in [(&es256, 11), (&rs256, 49)] {
        for _ in 0..days {
            service.advance(DAY);
            rotate(keys).await;
        }
    }
    service.take(service.restarted());
    let token = tokens(&service).await.text("access_token");
    let kid = check(&key_set(&service).await, &token, demo::AUDIENCE).kid;
    for _ in 0..31 {
        let rotated = rotate(&es256).await;
        assert_eq!(rotated["retired"], json!([]), "{kid:?}");
        service.advance(DAY);
    }
    service.advance(DAY);
    let rotated = rotate(&es256).await;
    assert!(rotated["retired"].as_array().unwrap().contains(&json!(kid)));
}

#[tokio::test]
async fn no_client_gets_access_tokens_that_outlive_the_key_that_signs_them() {
    let service = Service::start().await;
    service
        .add_client("year", |client| {
            client.access_token_seconds = Some(365 * DAY);
        })
        .await;
    let fields = [
        ("grant_type", "password"),
        ("client_id", "year"),
        ("username", demo::PLAIN_USER),
        ("password", demo::PASSWORD_OF_ALL),
    ];
    let answer = service.post_form("/oauth/token", &fields).await;
    assert_eq!(answer.body["expires_in"], 30 * DAY, "{}", answer.raw);
}

#[tokio::test]
async fn a_deployment_makes_the_first_keys_and_the_first_client() {
    let mut service = Service::start().await;
    service.empty_table().await;
    let keys = service.restarted_as(Function::Keys, &[]);
    let properties = json!({
        "ClientId": "app",
        "ClientSecret": SECRET,
        "ClientAudience": "https://api.example.com",
        "ClientScopes": "read:orders offline_access",
        "ClientRedirectUris": "https://a.example/back com.example:/back",
    });
    let told = deploy(&keys, "Create", &properties).await;
    assert_eq!(
        told,
        json!({
            "Status": "SUCCESS",
            "Reason": "",
            "PhysicalResourceId": "keys",
            "StackId": "arn:aws:cloudformation:us-east-1:123456789012:stack/login/1",
            "RequestId": "one",
            "LogicalResourceId": "Keys",
        })
    );
    service.take(service.restarted());
    assert_eq!(kids(&key_set(&service).await).len(), 1);
    let client = service.app.store.read_client("app").await.unwrap().unwrap();
    assert_eq!(client.scopes, ["read:orders", "offline_access"]);
    let audiences = [
        "https://api.example.com",
        "https://localhost:8788/mfa/",
        "https://localhost:8788/api/account/",
    ];
    assert_eq!(client.audiences, audiences);
    let hash = client_secret_hash("app", &Secret::new(SECRET));
    assert_eq!(client.secret_hashes, [hash]);
    let uris = ["https://a.example/back", "com.example:/back"];
    assert_eq!(client.redirect_uris, uris);
    assert_eq!(client.check_grant(Grant::AuthorizationCode), Ok(()));
    assert_eq!(client.check_grant(Grant::Implicit), Ok(()));

    // A later deployment keeps what an operator has changed.
    let mut changed = client;
    changed.scopes.push("write:orders".into());
    service.app.store.put_client(&changed).await.unwrap();
    assert_eq!(
        deploy(&keys, "Update", &properties).await["Status"],
        "SUCCESS"
    );
    let client = service.app.store.read_client("app").await.unwrap().unwrap();
    assert_eq!(client.scopes, changed.scopes);
}

#[tokio::test]
async fn a_user_logs_in_at_a_first_client_without_a_secret() {
    let service = Service::start().await;
    let keys = service.restarted_as(Function::Keys, &[]);
    let told = deploy(
        &keys,
        "Create",
        &json!({ "ClientId": "app", "ClientSecret": "" }),
    )
    .await;
    assert_eq!(told["Status"], "SUCCESS");
    let client = service.app.store.read_client("app").await.unwrap().unwrap();
    assert!(client.check_grant(Grant::Implicit).is_err());
    let fields = [
        ("grant_type", "password"),
        ("client_id", "app"),
        ("username", demo::PLAIN_USER),
        ("password", demo::PASSWORD_OF_ALL),
        ("scope", "openid offline_access"),
    ];
    let answer = service.post_form("/oauth/token", &fields).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    assert!(answer.body["refresh_token"].is_string());
}

#[tokio::test]
async fn a_first_client_of_aidboxs_apps_is_for_the_account_too() {
    let service = Service::start().await;
    let aidbox = ("COUNTERSIGN_DIALECTS", "aidbox");
    let keys = service.restarted_as(Function::Keys, &[aidbox]);
    let told = deploy(&keys, "Create", &json!({ "ClientId": "app" })).await;
    assert_eq!(told["Status"], "SUCCESS");
    let client = service.app.store.read_client("app").await.unwrap().unwrap();
    let account = "https://localhost:8788/api/account/".to_owned();
    assert!(client.audiences.contains(&account), "{client:?}");
}

#[tokio::test]
async fn a_deployment_without_a_client_makes_keys_only() {
    let service = Service::start().await;
    service.empty_table().await;
    let keys = service.restarted_as(Function::Keys, &[]);
    let told = deploy(&keys, "Create", &json!({ "ClientId": "" })).await;
    assert_eq!(told["Status"], "SUCCESS");
    let partitions = service.items().await.into_iter();
    let partitions: Vec<_> = partitions.map(|item| item["PK"].clone()).collect();
    assert_eq!(partitions.len(), 4, "{partitions:?}");
}

#[tokio::test]
async fn a_deployment_with_a_wrong_client_fails_with_what_is_wrong_and_without_the_secret() {
    let service = Service::start().await;
    let keys = service.restarted_as(Function::Keys, &[]);
    for (properties, problem) in [
        (
            json!({ "ClientId": "app", "ClientSecret": "short" }),
            "the client secret must have at least 32 characters",
        ),
        (
            json!({ "ClientId": "a b" }),
            "the client id must have 1 to 256 visible ASCII characters",
        ),
        (
            json!({ "ClientId": "app", "ClientAudience": "https://a b" }),
            "the client's audience must have visible ASCII characters only",
        ),
        (
            json!({ "ClientId": "app", "ClientRedirectUris": "https://a.example/ /back" }),
            "a redirect URI must be absolute and without a fragment",
        ),
    ] {
        let told = deploy(&keys, "Create", &properties).await;
        assert_eq!(
            (&told["Status"], &told["Reason"]),
            (&json!("FAILED"), &json!(problem))
        );
    }
    assert!(
        service
            .app
            .store
            .read_client("app")
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn a_deployment_over_users_whose_keys_are_gone_fails_and_makes_none() {
    let service = Service::start().await;
    service.delete_items("KEYS").await;
    let keys = service.restarted_as(Function::Keys, &[]);
    let told = deploy(&keys, "Update", &json!({})).await;
    assert_eq!(told["Status"], "FAILED");
    assert!(
        told["Reason"]
            .as_str()
            .unwrap()
            .contains("restore the KEYS items")
    );
    assert!(service.app.store.read_keys().await.unwrap().is_empty());
}

#[tokio::test]
async fn deleting_the_resource_deletes_nothing() {
    let service = Service::start().await;
    let keys = service.restarted_as(Function::Keys, &[]);
    let before = service.items().await.len();
    let told = deploy(&keys, "Delete", &json!({ "ClientId": demo::CLIENT })).await;
    assert_eq!(told["Status"], "SUCCESS");
    assert_eq!(service.items().await.len(), before);
}

#[tokio::test]
async fn a_request_from_the_gateway_is_never_a_task() {
    let mut event = kept("keys-oauth-jwks", &[]);
    let asked = deployment(
        "Create",
        "https://localhost/",
        &json!({ "ClientId": "mine" }),
    );
    event["body"] = json!(asked.to_string());
    assert!(task_of(&event).is_none());
    // This holds even if the gateway passed on a caller's members.
    for (name, value) in asked.as_object().unwrap() {
        event[name] = value.clone();
    }
    (event["source"], event["detail-type"]) = (json!("aws.events"), json!("Scheduled Event"));
    assert!(task_of(&event).is_none());
}

#[tokio::test]
async fn the_schedule_mends_a_lost_signing_key() {
    let mut service = Service::start().await;
    delete_key(&service, "RS256-1").await;
    let keys = service.restarted_as(Function::Keys, &[]);
    let event = json!({ "source": "aws.events", "detail-type": "Scheduled Event" });
    assert!(matches!(task_of(&event), Some(Task::Rotate)));
    rotate(&keys).await;
    let stored = service.app.store.read_keys().await.unwrap();
    let signing = |key: &&StoredKey| matches!(key, StoredKey::Signing { .. });
    assert_eq!(stored.iter().filter(signing).count(), 1);
    service.take(service.restarted());
    tokens(&service).await;
}
