//! `import --clients`: the clients of Auth0 and of OpenIddict. Python 3.11's hashlib
//! made the hash of OpenIddict's secret, in OpenIddict's layout.

use countersign_local::demo;
use serde_json::{Value, json};

use super::Files;
use crate::harness::Service;

pub(super) const SECRET: &str = "a-client-secret-of-openiddict";
pub(super) const HASH: &str =
    "AQAAAAEAACcQAAAAEAABAgMEBQYHCAkKCwwNDg+0tTEkggVk3CueZCfstvq1CJwF6FzGNfYslIw3pT1niQ==";
const GREEDY: &str =
    "AQAAAAEAAOpgAAAAEAABAgMEBQYHCAkKCwwNDg9Pz0aLhsi7vbAVko09gduaUNrjUWFXuOK0JTUr5vQ0yw==";

pub(super) async fn imported(service: &Service, files: &Files, file: &str, more: &[&str]) -> Value {
    let rejects = files.path("rejects.ndjson");
    let command = ["import", file, "--clients", "--rejects", &rejects];
    let done = service.operated(&[&command[..], more].concat()).await;
    files.note_reasons();
    done
}

#[tokio::test]
async fn auth0s_clients_sign_users_in_with_the_same_id_and_the_same_secret() {
    let service = Service::start().await;
    let files = Files::new();
    let file = files.text(
        &json!([
            {
                "client_id": "native1", "name": "Phone", "app_type": "native", "global": false,
                "token_endpoint_auth_method": "none", "callbacks": ["com.shop://callback"],
                "grant_types": [
                    "password", "refresh_token", "http://auth0.com/oauth/grant-type/mfa-otp",
                    "urn:ietf:params:oauth:grant-type:device_code",
                ],
                "refresh_token": {
                    "token_lifetime": 2_592_000, "idle_token_lifetime": 1_296_000,
                    "infinite_token_lifetime": true, "infinite_idle_token_lifetime": false,
                },
                "mobile": {
                    "android": {
                        "app_package_name": "com.shop",
                        "sha256_cert_fingerprints": [vec!["1A"; 32].join(":")],
                    },
                    "ios": { "team_id": "A1B2C3D4E5", "app_bundle_identifier": "com.shop" },
                },
            },
            {
                "client_id": "web1", "app_type": "regular_web", "client_secret": SECRET,
                "token_endpoint_auth_method": "client_secret_post",
                "grant_types": ["password", "client_credentials", "refresh_token"],
                "callbacks": ["https://shop.example.com/callback"],
            },
        ])
        .to_string(),
    );
    let audience = "https://api.example.com/";
    let format = [
        "--format",
        "auth0",
        "--audience",
        audience,
        "--scope",
        "read:orders",
    ];
    let dry = imported(
        &service,
        &files,
        &file,
        &[&format[..], &["--dry-run"]].concat(),
    )
    .await;
    assert_eq!(dry["made"], json!(2), "{:?}", files.rejects());
    assert!(
        service
            .app
            .store
            .read_client("native1")
            .await
            .unwrap()
            .is_none()
    );
    let done = imported(&service, &files, &file, &format).await;
    assert_eq!((&done["made"], &done["refused"]), (&json!(2), &json!(0)));
    let left = json!({
        "the grant urn:ietf:params:oauth:grant-type:device_code": 1,
    });
    assert_eq!(done["left_out"], left);
    let shown = service.operated(&["client", "show", "native1"]).await;
    assert_eq!(
        shown,
        json!({
            "id": "native1", "confidential": false, "secrets": 0,
            "grants": ["password", "refresh_token", "mfa-otp"],
            "scopes": [
                "offline_access", "read:orders", "enroll", "read:authenticators",
                "remove:authenticators",
            ],
            "audiences": [audience, service.app.config.mfa_audience()],
            "redirect_uris": ["com.shop://callback"], "logout_uris": [], "web_origins": [],
            "android_apps": [format!("com.shop={}", vec!["1A"; 32].join(":"))],
            "ios_apps": ["A1B2C3D4E5.com.shop"],
            "first_party": false, "access_token_seconds": null,
            "refresh_idle_seconds": 1_296_000, "refresh_absolute_seconds": null,
        })
    );
    assert_eq!(
        service
            .password_at("native1", None, demo::PLAIN_USER, demo::PASSWORD_OF_ALL)
            .await
            .status,
        200
    );
    assert_eq!(
        service
            .password_at(
                "web1",
                Some(SECRET),
                demo::PLAIN_USER,
                demo::PASSWORD_OF_ALL
            )
            .await
            .status,
        200
    );
    assert_eq!(
        service
            .password_at(
                "web1",
                Some("another"),
                demo::PLAIN_USER,
                demo::PASSWORD_OF_ALL
            )
            .await
            .status,
        401
    );
    // A second import changes nothing, not even the operator's own changes.
    let update = [
        "client",
        "update",
        "native1",
        "--access-token-seconds",
        "60",
    ];
    service.operated(&update).await;
    let done = imported(&service, &files, &file, &format).await;
    assert_eq!((&done["made"], &done["kept"]), (&json!(0), &json!(2)));
    let shown = service.operated(&["client", "show", "native1"]).await;
    assert_eq!(shown["access_token_seconds"], json!(60));
}

#[tokio::test]
async fn a_client_of_openiddict_keeps_its_hashed_secret_until_the_secret_is_rotated() {
    let service = Service::start().await;
    let files = Files::new();
    let path = files.path("OpenIddictApplications.csv");
    let rows = format!(
        "Id,ClientId,ClientSecret,ClientType,Permissions,RedirectUris,Settings,IsDeleted\n\
         1,Shop_App,NULL,public,\"[\"\"gt:password\"\",\"\"gt:refresh_token\"\",\
         \"\"gt:LinkLogin\"\",\"\"scp:Shop\"\",\"\"scp:email\"\",\"\"ept:token\"\"]\",\
         \"[\"\"https://shop.example.com\"\"]\",\"{{\"\"tkn_lft:act\"\":\"\"00:30:00\"\"}}\",0\n\
         2,Shop_Web,{HASH},confidential,\"[\"\"gt:password\"\",\"\"gt:refresh_token\"\"]\",,,0\n"
    );
    std::fs::write(&path, rows).unwrap();
    let done = imported(&service, &files, &path, &["--format", "openiddict"]).await;
    assert_eq!(done["made"], json!(2), "{:?}", files.rejects());
    assert_eq!(done["left_out"], json!({ "the grant LinkLogin": 1 }));
    let app = service
        .app
        .store
        .read_client("Shop_App")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(app.scopes, ["offline_access", "Shop"]);
    assert_eq!(
        app.audiences,
        ["Shop", &service.app.config.account_audience()]
    );
    assert_eq!(app.redirect_uris, ["https://shop.example.com"]);
    assert_eq!(app.access_token_seconds, Some(1800));
    assert!(app.is_public());
    assert_eq!(
        service
            .password_at("Shop_App", None, demo::PLAIN_USER, demo::PASSWORD_OF_ALL)
            .await
            .status,
        200
    );

    assert_eq!(
        service
            .password_at(
                "Shop_Web",
                Some(SECRET),
                demo::PLAIN_USER,
                demo::PASSWORD_OF_ALL
            )
            .await
            .status,
        200
    );
    assert_eq!(
        service
            .password_at(
                "Shop_Web",
                Some("another"),
                demo::PLAIN_USER,
                demo::PASSWORD_OF_ALL
            )
            .await
            .status,
        401
    );
    assert_eq!(
        service
            .password_at(
                "Shop_Web",
                Some(HASH),
                demo::PLAIN_USER,
                demo::PASSWORD_OF_ALL
            )
            .await
            .status,
        401
    );
    assert_eq!(
        service
            .password_at("Shop_Web", None, demo::PLAIN_USER, demo::PASSWORD_OF_ALL)
            .await
            .status,
        401
    );
    let rotate = ["client", "rotate-secret", "Shop_Web", "--end-old"];
    let new = service.operated(&rotate).await["secret"].clone();
    let stored = service
        .app
        .store
        .read_client("Shop_Web")
        .await
        .unwrap()
        .unwrap();
    assert!(
        stored
            .secret_hashes
            .iter()
            .all(|hash| !hash.starts_with('$'))
    );
    service.watch_secret(new.as_str().unwrap());
}

#[tokio::test]
pub async fn each_refused_client_has_its_reason() {
    let service = Service::start().await;
    let files = Files::new();
    let auth0 = |more: Value| {
        let mut row = json!({
            "client_id": "x", "token_endpoint_auth_method": "none", "grant_types": ["password"],
        });
        for (field, value) in more.as_object().unwrap() {
            row[field] = value.clone();
        }
        row
    };
    let iddict = |more: Value| {
        let mut row = json!({
            "ClientId": "x", "ClientType": "public", "Permissions": "[\"gt:password\"]",
        });
        for (field, value) in more.as_object().unwrap() {
            row[field] = value.clone();
        }
        row
    };
    let secret =
        |secret: &str| iddict(json!({ "ClientType": "confidential", "ClientSecret": secret }));
    let of_auth0 = [
        (json!({ "name": "x" }), "missing field `client_id`"),
        (
            auth0(json!({ "global": true })),
            "the client is Auth0's own",
        ),
        (
            auth0(json!({ "client_authentication_methods": { "private_key_jwt": {} } })),
            "the client signs with a key",
        ),
        (
            auth0(json!({ "grant_types": ["client_credentials"] })),
            "the client may use none of its grants here: client_credentials",
        ),
        (
            auth0(json!({ "callbacks": ["https://*.example.com"] })),
            "a redirect URI has a wildcard: https://*.example.com",
        ),
        (
            auth0(json!({ "token_endpoint_auth_method": "client_secret_post" })),
            "the client_secret is missing",
        ),
        (
            auth0(json!({ "callbacks": ["nowhere"] })),
            "\"nowhere\" is no redirect URI",
        ),
        (
            auth0(json!({ "refresh_token": { "idle_token_lifetime": 40_000_000 } })),
            "refresh-idle-seconds wants 1 to",
        ),
    ];
    let of_openiddict = [
        (
            iddict(json!({ "IsDeleted": 1 })),
            "the client is deleted there",
        ),
        (json!({ "Id": "1" }), "no ClientId"),
        (
            iddict(json!({ "Permissions": "{" })),
            "permissions is no JSON",
        ),
        (
            iddict(json!({ "Permissions": [1] })),
            "permissions is no list of texts",
        ),
        (iddict(json!({ "Settings": "[]" })), "settings is no object"),
        (
            iddict(json!({ "Settings": { "tkn_lft:act": "soon" } })),
            "the lifetime tkn_lft:act is no time span",
        ),
        (secret(""), "a confidential client without a secret"),
        (
            iddict(json!({ "ClientSecret": HASH })),
            "a public client with a secret",
        ),
        (
            iddict(json!({ "ClientType": "hybrid" })),
            "ClientType is neither",
        ),
        (
            secret("plain"),
            "the hash of the client's secret is not OpenIddict's",
        ),
        (
            secret(GREEDY),
            "the hash of the client's secret has more than 50000 rounds",
        ),
    ];
    for (format, cases) in [("auth0", &of_auth0[..]), ("openiddict", &of_openiddict)] {
        let rows: Vec<Value> = cases.iter().map(|(row, _)| row.clone()).collect();
        let file = files.text(&Value::Array(rows).to_string());
        for dry in [&["--dry-run"][..], &[]] {
            let more = [&["--format", format][..], dry].concat();
            let done = imported(&service, &files, &file, &more).await;
            assert_eq!(done["refused"], json!(cases.len()), "{done}");
            for (reject, (_, why)) in files.rejects().iter().zip(cases) {
                let reason = reject["reason"].as_str().unwrap();
                assert!(reason.starts_with(why), "{reason} / {why}");
            }
        }
    }
    assert!(service.app.store.read_client("x").await.unwrap().is_none());
}

#[tokio::test]
async fn clients_of_a_system_without_a_reader_are_refused_on_the_command_line() {
    let service = Service::start().await;
    let files = Files::new();
    let file = files.lines(&[json!({})]);
    let rejects = files.path("rejects.ndjson");
    let import = ["import", &file, "--rejects", &rejects];
    for (more, why) in [
        (
            &["--format", "keycloak", "--clients"][..],
            "--clients reads the formats auth0",
        ),
        (&["--format", "firebase"], "firebase wants --hash-config"),
        (
            &["--format", "cognito", "--roles", "x"],
            "--roles is not of this format",
        ),
        (
            &["--format", "auth0", "--email-confirmed"],
            "--email-confirmed is not of",
        ),
        (
            &["--format", "auth0", "--hash-config", "x"],
            "--hash-config is not of",
        ),
    ] {
        let (code, line) = service.not_operated(&[&import[..], more].concat()).await;
        assert_eq!(code, 2, "{line}");
        assert!(line.starts_with(why), "{line} / {why}");
    }
}
