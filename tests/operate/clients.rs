//! The command `client`.

use countersign::domain::authorization::client::Client;
use countersign_local::demo;
use serde_json::{Value, json};

use crate::dialects::oauth::authorization::machines::{ORDERS, ROBOT, ask};
use crate::harness::Service;
use crate::operate::import::Files;

#[tokio::test]
async fn a_client_for_a_mobile_app_signs_users_in_and_lets_them_enrol() {
    let service = Service::start().await;
    let audience = "https://api.example.com/";
    let add = [
        "client",
        "add",
        "shop",
        "--for",
        "mobile",
        "--audience",
        audience,
    ];
    let made = service.operated(&add).await;
    assert_eq!(made["confidential"], json!(false));
    let mfa = service.app.config.mfa_audience();
    assert_eq!(made["audiences"], json!([audience, mfa]));
    let tokens = service
        .password_at("shop", None, demo::PLAIN_USER, demo::PASSWORD_OF_ALL)
        .await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", "shop"),
        ("refresh_token", &tokens.text("refresh_token")),
    ];
    let refreshed = service.post_form("/oauth/token", &fields).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.raw);
}

#[tokio::test]
async fn the_secret_of_a_server_is_shown_once_and_signs_in() {
    let service = Service::start().await;
    let made = service
        .operated(&["client", "add", "back", "--for", "server"])
        .await;
    let secret = made["secret"].as_str().unwrap();
    service.watch_secret(secret);
    assert_eq!(
        service
            .password_at(
                "back",
                Some(secret),
                demo::PLAIN_USER,
                demo::PASSWORD_OF_ALL
            )
            .await
            .status,
        200
    );
    assert_eq!(
        service
            .password_at("back", None, demo::PLAIN_USER, demo::PASSWORD_OF_ALL)
            .await
            .status,
        401
    );
    let shown = service.operate(&["client", "show", "back"]).await.unwrap();
    assert!(!shown.text.contains(secret) && shown.json.get("secret").is_none());
}

#[tokio::test]
async fn a_client_for_a_machine_wants_an_audience_and_gets_tokens_without_a_user() {
    let service = Service::start().await;
    let add = ["client", "add", ROBOT, "--for", "machine"];
    let (code, line) = service.not_operated(&add).await;
    let why = "a client with the grant client_credentials alone wants an audience";
    assert_eq!((code, line.as_str()), (4, why));
    let api = ["--audience", ORDERS, "--scope", "read:orders"];
    let made = service.operated(&[&add[..], &api].concat()).await;
    let secret = made["secret"].as_str().unwrap();
    service.watch_secret(secret);
    assert_eq!(made["grants"], json!(["client_credentials"]));
    assert_eq!(made["scopes"], json!(["read:orders"]));
    assert_eq!(made["audiences"], json!([ORDERS]));
    for path in ["/oauth/token", "/connect/token", "/auth/token"] {
        let answer = ask(&service, path, &[("client_secret", secret)]).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.raw);
    }
}

#[tokio::test]
async fn a_new_secret_leaves_the_one_before_until_it_is_ended() {
    let mut service = Service::start().await;
    let made = service
        .operated(&["client", "add", "back", "--for", "server"])
        .await;
    let first = made["secret"].as_str().unwrap().to_owned();
    let rotate = ["client", "rotate-secret", "back"];
    let second = service.operated(&rotate).await["secret"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_ne!(first, second);
    for secret in [&first, &second] {
        assert_eq!(
            service
                .password_at(
                    "back",
                    Some(secret),
                    demo::PLAIN_USER,
                    demo::PASSWORD_OF_ALL
                )
                .await
                .status,
            200
        );
    }
    let third = service
        .operated(&[&rotate[..], &["--end-old"]].concat())
        .await;
    let third = third["secret"].as_str().unwrap().to_owned();
    // The functions keep a client in memory for five minutes.
    service.take(service.restarted());
    for secret in [&first, &second] {
        assert_eq!(
            service
                .password_at(
                    "back",
                    Some(secret),
                    demo::PLAIN_USER,
                    demo::PASSWORD_OF_ALL
                )
                .await
                .status,
            401
        );
    }
    assert_eq!(
        service
            .password_at(
                "back",
                Some(&third),
                demo::PLAIN_USER,
                demo::PASSWORD_OF_ALL
            )
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_public_client_gets_no_secret_later() {
    let service = Service::start().await;
    let (code, line) = service
        .not_operated(&["client", "rotate-secret", demo::CLIENT])
        .await;
    assert_eq!(code, 4);
    assert!(line.starts_with("demo is a public client"), "{line}");
}

#[tokio::test]
async fn an_update_changes_what_it_names_and_nothing_else() {
    let service = Service::start().await;
    let before = service
        .operated(&["client", "show", demo::SERVER_CLIENT])
        .await;
    let update = [
        "client",
        "update",
        demo::SERVER_CLIENT,
        "--access-token-seconds",
        "600",
        "--scope",
        "read:orders",
    ];
    let mut after = service.operated(&update).await;
    assert_eq!(after["access_token_seconds"], json!(600));
    assert_eq!(after["scopes"], json!(["read:orders"]));
    for name in ["access_token_seconds", "scopes"] {
        after[name] = before[name].clone();
    }
    assert_eq!(after, before);
    let cleared = [
        "client",
        "update",
        demo::SERVER_CLIENT,
        "--access-token-seconds",
        "0",
    ];
    let cleared = service.operated(&cleared).await;
    assert_eq!(cleared["access_token_seconds"], json!(null));
    let stored: Option<Client> = service
        .app
        .store
        .read_client(demo::SERVER_CLIENT)
        .await
        .unwrap();
    assert_eq!(stored.unwrap().secret_hashes.len(), 1);
}

#[tokio::test]
async fn a_client_is_first_party_only_if_an_operator_says_so_and_a_file_carries_the_mark() {
    let service = Service::start().await;
    let add = ["client", "add", "shop", "--for", "mobile"];
    assert_eq!(service.operated(&add).await["first_party"], json!(false));
    let update = ["client", "update", "shop", "--first-party", "true"];
    let made = service.operated(&update).await;
    assert_eq!(made["first_party"], json!(true));
    let files = Files::new();
    let file = files.text(&made.to_string());
    let copy = ["client", "add", "copy", "--for", "mobile", "--from", &file];
    assert_eq!(service.operated(&copy).await["first_party"], json!(true));
    let back = ["client", "update", "shop", "--first-party", "false"];
    assert_eq!(service.operated(&back).await["first_party"], json!(false));
    let read = service.app.store.read_client("shop").await.unwrap();
    assert!(!read.unwrap().first_party);
}

#[tokio::test]
async fn a_removed_client_is_gone_and_a_second_removal_says_so() {
    let mut service = Service::start().await;
    service.operated(&["client", "remove", demo::CLIENT]).await;
    service.take(service.restarted());
    assert_eq!(
        service
            .password_at(demo::CLIENT, None, demo::PLAIN_USER, demo::PASSWORD_OF_ALL)
            .await
            .status,
        401
    );
    let (code, line) = service
        .not_operated(&["client", "remove", demo::CLIENT])
        .await;
    assert_eq!((code, line.as_str()), (3, "there is no client demo"));
}

#[tokio::test]
async fn every_client_is_listed_by_identifier() {
    let service = Service::start().await;
    let listed = service.operate(&["client", "list"]).await.unwrap();
    let ids = listed
        .json
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["id"].as_str().unwrap());
    assert_eq!(
        Vec::from_iter(ids),
        [
            "AbpSolution1_App",
            "codemaze",
            "demo",
            "demo-app",
            "demo-server",
            "web"
        ]
    );
    let head = listed.text.lines().next().unwrap();
    assert!(
        head.starts_with("id                confidential  grants"),
        "{head}"
    );
}

#[tokio::test]
async fn a_wrong_field_of_a_client_is_named_and_nothing_is_written() {
    let service = Service::start().await;
    let mobile = ["client", "add", "shop", "--for", "mobile"];
    for (more, code, names) in [
        (vec!["--scope", "a b"], 4, "is no scope"),
        (vec!["--audience", "a b"], 4, "is no audience"),
        (
            vec!["--redirect-uri", "javascript:alert(1)"],
            4,
            "is no redirect URI",
        ),
        (
            vec!["--access-token-seconds", "99999999"],
            4,
            "access-token-seconds wants",
        ),
        (
            vec!["--refresh-idle-seconds", "-5"],
            4,
            "refresh-idle-seconds wants",
        ),
        (
            vec!["--grant", "client_credentials"],
            4,
            "the grant client_credentials wants a client with a secret",
        ),
        (vec!["--grant", "device_code"], 2, "wants one of password"),
    ] {
        let (is, line) = service.not_operated(&[&mobile[..], &more].concat()).await;
        assert_eq!(is, code, "{line}");
        assert!(line.contains(names), "{line}");
    }
    let (code, line) = service
        .not_operated(&["client", "add", "spa", "--for", "browser"])
        .await;
    assert_eq!(code, 2, "{line}");
    let (code, line) = service
        .not_operated(&["client", "add", "demo", "--for", "mobile"])
        .await;
    assert_eq!((code, line.as_str()), (4, "there is a client demo already"));
    assert_eq!(
        service
            .operated(&["client", "list"])
            .await
            .as_array()
            .unwrap()
            .len(),
        6
    );
}

#[tokio::test]
async fn a_client_is_made_and_changed_from_a_json_file_as_show_prints_it() {
    let service = Service::start().await;
    let files = Files::new();
    let add = ["client", "add", "shop", "--for", "browser"];
    let uri = ["--redirect-uri", "https://shop.example.com/back"];
    let lifetime = ["--access-token-seconds", "600", "--scope", "read:orders"];
    let audience = ["--audience", "https://api.example.com/"];
    let all = [&add[..], &uri, &lifetime, &audience].concat();
    let first = service.operated(&all).await;
    // With these, an app in a browser also shows a factor where a refresh wants one.
    let grants = [
        "authorization_code",
        "refresh_token",
        "mfa-otp",
        "mfa-oob",
        "mfa-recovery-code",
        "mfa-webauthn",
    ];
    assert_eq!(first["grants"], json!(grants));
    let file = files.text(&first.to_string());
    let copied = ["client", "add", "copy", "--for", "browser", "--from", &file];
    let mut copy = service.operated(&copied).await;
    assert_eq!(copy["id"], json!("copy"));
    copy["id"] = json!("shop");
    assert_eq!(copy, first);
    // An option wins over the file, and null is the deployment's setting.
    let mut other = first.clone();
    other["access_token_seconds"] = Value::Null;
    other["audiences"] = json!(["{issuer}api/account/"]);
    let file = files.text(&other.to_string());
    let update = ["client", "update", "copy", "--from", &file, "--scope", "a"];
    let changed = service.operated(&update).await;
    assert_eq!(changed["access_token_seconds"], Value::Null);
    assert_eq!(changed["scopes"], json!(["a"]));
    let account = service.app.config.account_audience();
    assert_eq!(changed["audiences"], json!([account]));

    for (text, why) in [
        ("{", "no JSON: "),
        ("[]", "no JSON object"),
        (r#"{"callbacks": []}"#, "callbacks is no field of a client"),
        (r#"{"scopes": "a b"}"#, "scopes is no list of texts"),
        (r#"{"grants": ["magic"]}"#, "grants wants one of password"),
        (
            r#"{"refresh_idle_seconds": "1"}"#,
            "refresh_idle_seconds is no whole number of seconds",
        ),
    ] {
        let file = files.text(text);
        let (code, line) = service
            .not_operated(&["client", "update", "copy", "--from", &file])
            .await;
        assert_eq!(code, 2);
        assert!(line.contains(&format!("{file}: {why}")), "{line}");
    }
}

#[tokio::test]
async fn an_empty_list_in_the_file_empties_the_list_and_a_list_that_is_not_named_stays() {
    let service = Service::start().await;
    let files = Files::new();
    let add = ["client", "add", "shop", "--for", "mobile"];
    let audience = ["--audience", "https://api.example.com/"];
    let uri = ["--redirect-uri", "https://shop.example.com/back"];
    let first = service
        .operated(&[&add[..], &audience, &uri].concat())
        .await;
    let file = files.text(r#"{"redirect_uris": [], "scopes": []}"#);
    let update = ["client", "update", "shop", "--from", &file];
    let changed = service.operated(&update).await;
    assert_eq!(changed["redirect_uris"], json!([]));
    assert_eq!(changed["scopes"], json!([]));
    assert_eq!(changed["audiences"], first["audiences"]);
    assert_eq!(changed["grants"], first["grants"]);
    // An option wins over the empty list.
    let wins = [&update[..], &["--scope", "read:a"]].concat();
    assert_eq!(service.operated(&wins).await["scopes"], json!(["read:a"]));
}
