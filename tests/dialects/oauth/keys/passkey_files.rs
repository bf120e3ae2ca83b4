//! The files of the passkeys' domain: which apps on phones may use the passkeys, and where
//! users manage them.

use countersign::domain::authorization::clients::native_apps::{AndroidApp, NativeApps};
use insta::assert_snapshot;
use serde_json::json;

use crate::dialects::auth0::login::passkeys::authenticator::{
    Authenticator, DOMAIN, add_clients, enrol, sign_in_with, start_with,
};
use crate::harness::proxy::{Fault, Proxy};
use crate::harness::{Service, in_turn};
use crate::rules::requests::login::Counted;

const LINKS: &str = "/.well-known/assetlinks.json";
const APPLE: &str = "/.well-known/apple-app-site-association";
const ENDPOINTS: &str = "/.well-known/passkey-endpoints";
const PAGE: (&str, &str) = (
    "COUNTERSIGN_PASSKEY_PAGE",
    "https://app.example.com/passkeys",
);
/// Five minutes, after which the service reads the apps again.
const KEPT: i64 = 300;

fn android(package: &str, pair: &str) -> String {
    format!("{package}={}", [pair; 32].join(":"))
}

async fn add_app(service: &Service, client: &str, apps: NativeApps) {
    service
        .add_client(client, |client| client.apps = apps)
        .await;
}

#[tokio::test]
async fn the_apps_of_all_clients_are_named_once_each_and_without_a_secret() {
    let service = start_with(&[PAGE]).await;
    let shop = NativeApps {
        android: vec![
            android("com.example.shop", "1a"),
            android("com.example.shop", "2b"),
        ],
        ios: vec!["A1B2C3D4E5.com.example.shop".into()],
    };
    add_app(&service, "shop", shop).await;
    let both = NativeApps {
        android: vec![
            android("com.example.admin", "3c"),
            android("com.example.shop", "1A"),
        ],
        ios: vec![
            "A1B2C3D4E5.com.example.shop".into(),
            "A1B2C3D4E5.com.example.admin".into(),
        ],
    };
    add_app(&service, "both", both).await;
    let answers = [
        service.get(LINKS, None).await,
        service.get(APPLE, None).await,
        service.get(ENDPOINTS, None).await,
    ];
    assert_snapshot!(in_turn(&answers), @r#"
    200 application/json public, max-age=3600, stale-while-revalidate=86400, stale-if-error=86400
    vary: origin
    [
      {
        "relation": ["delegate_permission/common.handle_all_urls","delegate_permission/common.get_login_creds"],
        "target": {
          "namespace": "android_app",
          "package_name": "com.example.admin",
          "sha256_cert_fingerprints": ["3C:3C:3C:3C:3C:3C:3C:3C:3C:3C:3C:3C:3C:3C:3C:3C:3C:3C:3C:3C:3C:3C:3C:3C:3C:3C:3C:3C:3C:3C:3C:3C"]
        }
      },
      {
        "relation": ["delegate_permission/common.handle_all_urls","delegate_permission/common.get_login_creds"],
        "target": {
          "namespace": "android_app",
          "package_name": "com.example.shop",
          "sha256_cert_fingerprints": [
            "1A:1A:1A:1A:1A:1A:1A:1A:1A:1A:1A:1A:1A:1A:1A:1A:1A:1A:1A:1A:1A:1A:1A:1A:1A:1A:1A:1A:1A:1A:1A:1A",
            "2B:2B:2B:2B:2B:2B:2B:2B:2B:2B:2B:2B:2B:2B:2B:2B:2B:2B:2B:2B:2B:2B:2B:2B:2B:2B:2B:2B:2B:2B:2B:2B"
          ]
        }
      }
    ]

    200 application/json public, max-age=3600, stale-while-revalidate=86400, stale-if-error=86400
    vary: origin
    {"webcredentials":{"apps":["A1B2C3D4E5.com.example.admin","A1B2C3D4E5.com.example.shop"]}}

    200 application/json public, max-age=3600, stale-while-revalidate=86400, stale-if-error=86400
    vary: origin
    {"enroll":"https://app.example.com/passkeys","manage":"https://app.example.com/passkeys"}
    "#);
}

#[tokio::test]
async fn without_an_app_a_page_or_a_domain_the_files_are_empty() {
    let shop = NativeApps {
        android: vec![android("com.example.shop", "1a")],
        ios: vec!["A1B2C3D4E5.com.example.shop".into()],
    };
    let without_domain = Service::start_with(&[PAGE]).await;
    add_app(&without_domain, "shop", shop).await;
    for service in [start_with(&[]).await, without_domain] {
        for (path, body) in [
            (LINKS, json!([])),
            (APPLE, json!({ "webcredentials": { "apps": [] } })),
            (ENDPOINTS, json!({})),
        ] {
            let answer = service.get(path, None).await;
            assert_eq!((answer.status, &answer.body), (200, &body), "{path}");
        }
    }
}

#[tokio::test]
async fn the_tool_keeps_the_files_up_to_date() {
    let service = start_with(&[]).await;
    let app = android("com.example.shop", "1A");
    let ios = "A1B2C3D4E5.com.example.shop";
    let packages = async || {
        service.advance(KEPT);
        let links = service.get(LINKS, None).await;
        let apple = service.get(APPLE, None).await;
        let each = links.body.as_array().unwrap().iter();
        let named = each.map(|one| one["target"]["package_name"].clone());
        (
            named.collect::<Vec<_>>(),
            apple.body["webcredentials"]["apps"].clone(),
        )
    };
    let add = [
        "client",
        "add",
        "shop",
        "--for",
        "mobile",
        "--android-app",
        &app,
    ];
    let made = service.operated(&add).await;
    assert_eq!(
        (&made["android_apps"], &made["ios_apps"]),
        (&json!([app]), &json!([]))
    );
    assert_eq!(
        packages().await,
        (vec![json!("com.example.shop")], json!([]))
    );
    let update = ["client", "update", "shop", "--ios-app", ios];
    let changed = service.operated(&update).await;
    assert_eq!(
        (&changed["android_apps"], &changed["ios_apps"]),
        (&json!([app]), &json!([ios]))
    );
    assert_eq!(
        packages().await,
        (vec![json!("com.example.shop")], json!([ios]))
    );
    let other = ["client", "update", "shop", "--scope", "offline_access"];
    service.operated(&other).await;
    assert_eq!(
        packages().await,
        (vec![json!("com.example.shop")], json!([ios]))
    );
    service.operated(&["client", "remove", "shop"]).await;
    assert_eq!(packages().await, (vec![], json!([])));
}

#[tokio::test]
async fn a_wrong_app_is_refused_by_name() {
    let service = start_with(&[]).await;
    for (option, app) in [
        ("--android-app", "com.example.shop=1A:2B"),
        ("--android-app", "com.example.shop"),
        ("--ios-app", "com.example.shop"),
    ] {
        let add = ["client", "add", "shop", "--for", "mobile", option, app];
        let (code, line) = service.not_operated(&add).await;
        assert_eq!(code, 4, "{line}");
        assert!(line.contains(app), "{line}");
    }
}

#[tokio::test]
async fn an_app_signs_from_the_hash_of_its_certificate_and_an_app_of_apples_from_the_domain() {
    let service = start_with(&[]).await;
    let app = android("com.example.shop", "1A");
    for (android, ios, origin) in [
        (
            vec![app.clone()],
            vec![],
            AndroidApp::read(&app).unwrap().key_hash_origin(),
        ),
        (
            vec![],
            vec!["A1B2C3D4E5.com.example.shop".to_owned()],
            "https://localhost".to_owned(),
        ),
    ] {
        let client = service.app.store.read_client("mine").await.unwrap();
        let mut client = client.unwrap();
        client.web_origins.clear();
        client.apps = NativeApps { android, ios };
        service.app.store.put_client(&client).await.unwrap();
        // Every function knows the change after five minutes.
        service.advance(KEPT);
        let mut authenticator = Authenticator::new();
        authenticator.origin.clone_from(&origin);
        let user = format!("user{}@example.net", origin.len());
        let without = |account: &mut countersign::domain::accounts::user::Account| {
            account.user.two_factor = false;
        };
        service.add_user(&user, without).await;
        enrol(&service, &user, &mut authenticator).await;
        assert_eq!(sign_in_with(&service, &mut authenticator).await.status, 200);
        authenticator.origin = "https://localhost:3000".to_owned();
        assert_eq!(sign_in_with(&service, &mut authenticator).await.status, 403);
    }
}

#[tokio::test]
async fn the_files_cost_one_request_in_five_minutes() {
    let counted = Counted::start_with(&[DOMAIN, PAGE]).await;
    add_clients(&counted.service).await;
    let shop = NativeApps {
        android: vec![android("com.example.shop", "1a")],
        ios: Vec::new(),
    };
    add_app(&counted.service, "shop", shop).await;
    for (path, requests) in [(LINKS, 1), (LINKS, 0), (APPLE, 0), (ENDPOINTS, 0)] {
        let asked = counted.service.get(path, None);
        assert_eq!(counted.cost(200, asked).await.1, requests, "{path}");
    }
    counted.service.advance(KEPT);
    let asked = counted.service.get(APPLE, None);
    assert_eq!(counted.cost(200, asked).await.1, 1);
}

#[tokio::test]
async fn without_dynamodb_the_files_are_those_of_the_last_answer_or_503() {
    let proxy = Proxy::start().await;
    let service = Service::start_through(&[DOMAIN], |dynamodb, others| {
        (proxy.before(dynamodb), others)
    });
    let service = service.await;
    let shop = NativeApps {
        android: vec![android("com.example.shop", "1a")],
        ios: Vec::new(),
    };
    add_app(&service, "shop", shop).await;
    for fault in [Fault::ServerError, Fault::Throttle] {
        proxy.always("Query", fault);
        let answer = service.get(LINKS, None).await;
        assert_eq!(answer.status, 503, "{}", answer.raw);
        assert!(answer.header("retry-after").is_some());
        proxy.heal();
    }
    let known = service.get(LINKS, None).await;
    assert_eq!(known.status, 200, "{}", known.raw);
    proxy.always("Query", Fault::ServerError);
    service.advance(10 * KEPT);
    let later = service.get(LINKS, None).await;
    assert_eq!((later.status, later.raw), (200, known.raw));
}
