//! `import` of Aidbox, Keycloak, Firebase and Cognito, from the files that these
//! systems write. Python 3.11's hashlib made the hashes, or the systems published them.
//! The password is `correct horse` if no other password is named.

use countersign::domain::factors::totp::Seed;
use countersign::domain::id::UserId;
use countersign_local::demo;
use serde_json::{Value, json};

use super::{Files, PASSWORD, lines_of};
use crate::harness::Service;

const ID: &str = "39fd6ea8-8a0e-4b7e-9d6a-1d2c3b4a5f60";
const KEY: &str = "NB2W45DFOIZDGMRTGQ2TMNZYHE";
const SALT: &str = "AAECAwQFBgcICQoLDA0ODw==";
/// A cheap scrypt hash in Aidbox's form.
const S0: &str = "$s0$a0801$AAECAwQFBgcICQoLDA0ODw==$nfkj3u1fRTHCea+fVr03sWV770kp5wLOLoEakziKhqE=";
/// Keycloak's hashes of 64 bytes, with 1000 rounds.
const SHA512: &str =
    "Xpx07WjVx4vCIvrmBRj8uOoVVtGqJqtUv2J5bhizSQs7osCteF7W4A61dZDqSIqQjO+dxO6p5FT/Uy7QRBXSXA==";
const SHA256: &str =
    "yRTMTwbMbo9G0VfjobWqerzuuxe7BETNTErBbKKumGQVykgYqFUkGDPSqmamlmDo91gX1JZ69LgWiJuFkmT+UQ==";
const SHA1: &str =
    "ndhWw3a4srcTtr4HQFTLiKRlVuARheqNDSZ/M5xlIWnV8dW5o4FxWW4SX6V6pwPMFQrFliwwmyqHNSBeApSZPA==";

/// The parameters that the Firebase console shows for the project of Firebase's own
/// example.
const HASH_CONFIG: &str = "hash_config {
  algorithm: SCRYPT,
  base64_signer_key: jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==,
  base64_salt_separator: Bw==,
  rounds: 8,
  mem_cost: 14,
}
";

/// The code of an authenticator app now.
fn code(service: &Service, seed: &Seed) -> String {
    let step = u64::try_from(service.now() / 30).unwrap();
    seed.code(step).expose().to_owned()
}

/// Signs in with a password and the code of an authenticator app, in Auth0's words.
async fn signs_in_with_app(service: &Service, name: &str, seed: &Seed) {
    let wrong = service.password_of(name, "correct horsf").await;
    assert_eq!(wrong.text("error"), "invalid_grant", "{}", wrong.raw);
    let begun = service.password_of(name, PASSWORD).await;
    assert_eq!(begun.text("error"), "mfa_required", "{}", begun.raw);
    let code = code(service, seed);
    let tokens = service.redeem_otp(&begun.text("mfa_token"), &code).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
}

async fn aidbox_login(service: &Service, name: &str, more: &Value) -> crate::harness::Answer {
    let mut body = json!({
        "grant_type": "password", "client_id": demo::AIDBOX_CLIENT,
        "username": name, "password": PASSWORD,
    });
    for (field, value) in more.as_object().unwrap() {
        body[field] = value.clone();
    }
    service.post_json("/auth/token", &body).await
}

#[tokio::test]
async fn a_user_of_aidbox_signs_in_in_aidboxs_words_with_the_old_app() {
    let service = Service::start().await;
    let files = Files::new();
    let file = files.text(
        &json!({ "resourceType": "Bundle", "type": "searchset", "entry": [
            { "resource": {
                "resourceType": "User", "id": ID, "email": "ann@example.com", "password": S0,
                "name": { "givenName": "Ann", "familyName": "Lee" }, "userName": "ann",
                "roles": [{ "value": "admin" }], "phoneNumber": "+15555550142",
                "twoFactor": { "enabled": true, "secretKey": KEY }, "fhirUser": { "id": "p" },
            } },
            { "resource": {
                "resourceType": "User", "id": "bob", "password": S0, "inactive": true,
                "twoFactor": { "enabled": false, "secretKey": KEY },
            } },
            { "resource": {
                "resourceType": "User", "id": "eve", "email": "eve@example.com", "password": S0,
                "twoFactor": { "enabled": true, "secretKey": KEY, "transport": "phone" },
            } },
        ] })
        .to_string(),
    );
    let more = ["--email-confirmed"];
    let done = files.import_as(&service, "aidbox", &file, &more).await;
    assert_eq!(done["made"], json!(3), "{:?}", files.rejects());
    assert_eq!(done["left_out"], json!({ "fhirUser": 1 }));

    let begun = aidbox_login(&service, "ann@example.com", &json!({})).await;
    assert_eq!(begun.status, 400, "{}", begun.raw);
    assert_eq!(begun.text("error_description"), "2FA token is required");
    let token = code(&service, &Seed::from_base32(KEY).unwrap());
    let tokens = aidbox_login(&service, "ann@example.com", &json!({ "token": token })).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    assert_eq!(tokens.body["userinfo"]["id"], json!(ID));
    let ann = service.account("ann").await.user;
    assert_eq!(
        (ann.roles, ann.email_confirmed),
        (vec!["admin".to_owned()], true)
    );

    let bob = service.account("bob").await;
    assert_eq!((bob.user.active, bob.factors.len()), (false, 0));
    assert_eq!(bob.user.id, UserId::of_name("bob"));
    assert_eq!(bob.user.subject(), "bob");
    // In Aidbox eve got her codes through the webhook. Here she still does.
    let begun = aidbox_login(&service, "eve@example.com", &json!({})).await;
    assert_eq!(begun.text("error_description"), "2FA token is required");
    let token = service.newest_code();
    let tokens = aidbox_login(&service, "eve@example.com", &json!({ "token": token })).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
}

#[tokio::test]
async fn the_address_of_a_user_of_aidbox_is_confirmed_only_if_the_operator_says_so() {
    let service = Service::start().await;
    let files = Files::new();
    let file = files.lines(&[json!({ "id": "1", "email": "ann@example.com", "password": S0 })]);
    let ndjson = files.path("users.ndjson");
    std::fs::rename(&file, &ndjson).unwrap();
    let done = files.import_as(&service, "aidbox", &ndjson, &[]).await;
    assert_eq!(done["made"], json!(1), "{:?}", files.rejects());
    assert!(
        !service
            .account("ann@example.com")
            .await
            .user
            .email_confirmed
    );
}

/// A user of Keycloak with these credentials.
fn keycloak(name: &str, credentials: &Value) -> Value {
    json!({
        "id": UserId::of_name(name).dashed(), "username": name,
        "email": format!("{name}@example.com"), "emailVerified": true, "enabled": true,
        "createdTimestamp": 1_700_000_000_000_i64, "totp": false, "firstName": "Ann",
        "lastName": "Lee", "credentials": credentials, "requiredActions": [],
        "realmRoles": ["default-roles-shop", "editor"], "notBefore": 0, "groups": ["/staff"],
        "attributes": { "phoneNumber": ["+15555550142"], "locale": ["en"] },
    })
}

/// Keycloak's credential of a password.
fn password_credential(algorithm: &str, hash: &str, more: &Value) -> Value {
    let mut data = json!({ "hashIterations": 1000, "algorithm": algorithm });
    for (field, value) in more.as_object().unwrap() {
        data[field] = value.clone();
    }
    json!({
        "id": ID, "type": "password", "createdDate": 1,
        "secretData": json!({ "value": hash, "salt": SALT }).to_string(),
        "credentialData": data.to_string(),
    })
}

/// Keycloak's credential of an authenticator app.
fn otp_credential(secret: &str, more: &Value) -> Value {
    let mut data = json!({
        "subType": "totp", "digits": 6, "counter": 0, "period": 30, "algorithm": "HmacSHA1",
    });
    for (field, value) in more.as_object().unwrap() {
        data[field] = value.clone();
    }
    json!({
        "type": "otp", "secretData": json!({ "value": secret }).to_string(),
        "credentialData": data.to_string(),
    })
}

#[tokio::test]
async fn a_realm_of_keycloak_moves_in_with_passwords_and_authenticator_apps() {
    let service = Service::start().await;
    let files = Files::new();
    let none = json!({});
    let of = |algorithm, hash| password_credential(algorithm, hash, &json!({}));
    let raw = "DJmQfC73VGFhw7D4QJ8A";
    let mut temporary = keycloak("tim", &json!([of("pbkdf2", SHA1)]));
    temporary["requiredActions"] = json!(["UPDATE_PASSWORD"]);
    temporary["enabled"] = json!(false);
    let users = [
        keycloak(
            "ann",
            &json!([of("pbkdf2-sha512", SHA512), otp_credential(raw, &none)]),
        ),
        keycloak(
            "bob",
            &json!([
                of("pbkdf2-sha256", SHA256),
                otp_credential(KEY, &json!({ "secretEncoding": "BASE32" })),
            ]),
        ),
        temporary,
    ];
    let realm = json!({
        "id": "shop", "realm": "shop", "clients": [{ "users": [] }], "users": users,
        "keycloakVersion": "26.0.0",
    });
    let file = files.text(&format!("{realm:#}"));
    let done = files.import_as(&service, "keycloak", &file, &[]).await;
    assert_eq!(done["made"], json!(3), "{:?}", files.rejects());
    assert_eq!(done["left_out"], json!({ "groups": 3 }));
    let ann = service.account("ann").await.user;
    assert_eq!(ann.id, UserId::of_name("ann"));
    assert_eq!(ann.roles, ["editor"]);
    assert_eq!(ann.phone.as_deref(), Some("+15555550142"));
    assert!(ann.email_confirmed && !ann.phone_confirmed);
    signs_in_with_app(&service, "ann", &Seed::new(raw.as_bytes().to_vec())).await;
    signs_in_with_app(&service, "bob", &Seed::from_base32(KEY).unwrap()).await;
    let tim = service.account("tim").await.user;
    assert!(!tim.active && tim.must_change_password);
    let hash = tim.password.unwrap();
    assert!(hash.as_str().starts_with("$pbkdf2-sha1$i=1000,l=20$"));
}

#[tokio::test]
async fn the_argon2_of_newer_keycloaks_verifies() {
    let service = Service::start().await;
    let files = Files::new();
    // The answer of the reference implementation: `argon2 somesalt -id -t 2 -m 8`.
    let parameters = json!({
        "hashIterations": 2,
        "additionalParameters": {
            "hashLength": ["32"], "memory": ["256"], "type": ["id"], "version": ["1.3"],
            "parallelism": ["1"],
        },
    });
    let hash = "nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4=";
    let mut credential = password_credential("argon2", hash, &parameters);
    let secret = json!({ "value": hash, "salt": "c29tZXNhbHQ=" });
    credential["secretData"] = json!(secret.to_string());
    let file = files.text(&json!({ "users": [keycloak("ann", &json!([credential]))] }).to_string());
    let done = files.import_as(&service, "keycloak", &file, &[]).await;
    assert_eq!(done["made"], json!(1), "{:?}", files.rejects());
    assert_eq!(service.password_of("ann", "password").await.status, 200);
    assert_eq!(service.password_of("ann", "passwore").await.status, 403);
}

#[tokio::test]
async fn a_user_of_firebase_signs_in_with_the_old_password() {
    let service = Service::start().await;
    let files = Files::new();
    let config = files.path("hash-config.txt");
    std::fs::write(&config, HASH_CONFIG).unwrap();
    let file = files.text(
        &json!({ "users": [
            {
                "localId": "kYi4EvWQlQTKSfnJ3dRSP6IH3ed2", "email": "user1@test.com",
                "emailVerified": true, "displayName": "Test User 1", "salt": "42xEC+ixf3L2lw==",
                "passwordHash": "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==",
                "createdAt": "1508893925000", "customAttributes": "{\"roles\":[\"admin\"]}",
                "providerUserInfo": [],
            },
            {
                "localId": ID, "email": "user2@test.com", "emailVerified": true, "disabled": true,
                "phoneNumber": "+15555550142",
                "mfaInfo": [{ "phoneInfo": "+15555550143" }, { "totpInfo": {} }],
                "providerUserInfo": [{ "providerId": "google.com" }],
            },
        ] })
        .to_string(),
    );
    let ids = files.path("ids.ndjson");
    let more = ["--hash-config", &config, "--roles", "roles", "--ids", &ids];
    let done = files.import_as(&service, "firebase", &file, &more).await;
    assert_eq!(done["made"], json!(2), "{:?}", files.rejects());
    let left = json!({ "providerUserInfo": 1, "authenticator apps": 1 });
    assert_eq!(done["left_out"], left);
    assert_eq!(done["without_password"], json!(1));
    let wrong = service.password_of("user1@test.com", "user2password").await;
    assert_eq!(wrong.status, 403, "{}", wrong.raw);
    let tokens = service.password_of("user1@test.com", "user1password").await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    let first = service.account("user1@test.com").await.user;
    assert_eq!(first.roles, ["admin"]);
    let derived = UserId::of_name("kYi4EvWQlQTKSfnJ3dRSP6IH3ed2");
    assert_eq!(first.id, derived);
    assert_eq!(first.subject(), "kYi4EvWQlQTKSfnJ3dRSP6IH3ed2");
    let former = json!({ "former": "kYi4EvWQlQTKSfnJ3dRSP6IH3ed2", "id": derived.dashed() });
    assert_eq!(lines_of(std::path::Path::new(&ids))[0], former);
    let second = service.account("user2@test.com").await;
    assert_eq!(second.user.id.dashed(), ID);
    assert!(second.user.two_factor && second.user.phone_confirmed && !second.user.active);
    assert_eq!(second.factors.len(), 1);
}

#[tokio::test]
async fn a_user_of_cognito_keeps_the_identifier_and_sets_a_new_password() {
    let service = Service::start().await;
    let files = Files::new();
    let path = files.path("users.csv");
    let rows = format!(
        "name,given_name,email,email_verified,phone_number,phone_number_verified,\
         cognito:mfa_enabled,cognito:username,updated_at\n\
         ,Ann,ann@example.com,TRUE,+15555550142,TRUE,TRUE,{ID},1\n\
         ,,,FALSE,,FALSE,FALSE,bob,\n"
    );
    std::fs::write(&path, rows).unwrap();
    let command = ["import", &path, "--format", "cognito", "--rejects"];
    let rejects = files.path("rejects.ndjson");
    let command = [&command[..], &[&rejects]].concat();
    let printed = service.operate(&command).await.unwrap();
    assert_eq!(printed.json["made"], json!(2), "{:?}", files.rejects());
    let told = "2 without a password: they set one by the page for a forgotten password.";
    assert!(printed.text.contains(told), "{}", printed.text);
    let ann = service.account("ann@example.com").await;
    assert_eq!(ann.user.id.dashed(), ID);
    assert_eq!(ann.user.user_name, "ann@example.com");
    assert!(ann.user.two_factor && ann.factors.len() == 1);
    assert_eq!(
        service.account("bob").await.user.id,
        UserId::of_name("cognito|bob")
    );

    let token = service.reset_token("ann@example.com").await;
    let reset = service.reset(ID, &token, "a better password").await;
    assert_eq!(reset.status, 204, "{}", reset.raw);
    let begun = service
        .password_of("ann@example.com", "a better password")
        .await;
    assert_eq!(begun.text("error"), "mfa_required", "{}", begun.raw);
}

#[tokio::test]
async fn what_list_users_of_cognito_gives_is_read_too() {
    let service = Service::start().await;
    let files = Files::new();
    let user = |name: &str, more: Value| {
        let attributes = [
            ("sub", ID),
            ("email", "ann@example.com"),
            ("email_verified", "true"),
        ];
        let attribute = |(name, value)| json!({ "Name": name, "Value": value });
        let mut user = json!({
            "Username": name, "Attributes": attributes.map(attribute), "Enabled": false,
            "UserStatus": "CONFIRMED", "UserCreateDate": "2020-01-01",
        });
        for (field, value) in more.as_object().unwrap() {
            user[field] = value.clone();
        }
        user
    };
    let users = [
        user(
            "ann",
            json!({ "UserMFASettingList": ["SOFTWARE_TOKEN_MFA"] }),
        ),
        user("Google_1", json!({ "UserStatus": "EXTERNAL_PROVIDER" })),
        user("bob", json!({ "Attributes": {} })),
        user("bob", json!({ "Attributes": [{ "Name": "sub" }] })),
    ];
    let file = files.text(&json!({ "Users": users }).to_string());
    let done = files.import_as(&service, "cognito", &file, &[]).await;
    assert_eq!(done["made"], json!(1));
    assert_eq!(done["left_out"], json!({ "authenticator apps": 1 }));
    let ann = service.account("ann").await.user;
    assert_eq!(ann.id.dashed(), ID);
    assert!(ann.two_factor && !ann.active && ann.email_confirmed);
    let reasons: Vec<Value> = files
        .rejects()
        .iter()
        .map(|row| row["reason"].clone())
        .collect();
    assert_eq!(
        reasons,
        [
            "the user signs in with another provider",
            "Attributes is no list",
            "an element of Attributes lacks Name or Value",
        ]
    );
}
