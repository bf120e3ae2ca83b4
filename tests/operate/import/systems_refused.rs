//! Rows of Aidbox, Keycloak, Firebase and Cognito that are refused, and why.

use countersign_local::demo;
use serde_json::{Value, json};

use super::Files;
use crate::harness::Service;

/// An object with more fields.
fn with(mut object: Value, more: Value) -> Value {
    for (field, value) in more.as_object().unwrap() {
        object[field] = value.clone();
    }
    object
}

/// Imports each row, and compares its reason.
async fn refuses(format: &str, more: &[&str], cases: &[(Value, &str)]) {
    let service = Service::start().await;
    let files = Files::new();
    let path = files.path("users.ndjson");
    let rows: String = cases.iter().map(|(row, _)| format!("{row}\n")).collect();
    std::fs::write(&path, rows).unwrap();
    let done = files.import_as(&service, format, &path, more).await;
    assert_eq!(done["refused"], json!(cases.len()), "{done}");
    let mut rejects = files.rejects();
    rejects.sort_by_key(|row| row["number"].as_u64());
    for (reject, (row, why)) in rejects.iter().zip(cases) {
        let reason = reject["reason"].as_str().unwrap();
        assert!(reason.starts_with(why), "{reason} / {why}");
        assert_eq!(&reject["row"], row);
    }
    // The file of refused rows can be imported under any name.
    let renamed = files.path("mended.json");
    std::fs::rename(files.path("rejects.ndjson"), &renamed).unwrap();
    let again = files.import_as(&service, format, &renamed, more).await;
    assert_eq!(again["refused"], json!(cases.len()));
    assert_eq!(again["reasons"], done["reasons"]);
}

#[tokio::test]
pub async fn each_refused_user_of_aidbox_has_its_reason() {
    let user = |more: Value| with(json!({ "id": "1", "email": "x@example.com" }), more);
    let on = |state: Value| user(json!({ "twoFactor": with(json!({ "enabled": true }), state) }));
    let cases = [
        (json!(5), "no JSON object"),
        (
            json!({ "password": "x" }),
            "neither email nor userName nor id",
        ),
        (json!({ "id": "a b" }), "userName cannot be used here"),
        (user(json!({ "email": "x" })), "email cannot be used here"),
        (
            user(json!({ "phoneNumber": "1" })),
            "phoneNumber cannot be used here",
        ),
        (
            user(json!({ "password": "x" })),
            "the password hash: neither $s0$ nor bcrypt",
        ),
        (
            user(json!({ "password": "$s0$x" })),
            "the password hash: malformed scrypt",
        ),
        (
            user(
                json!({ "password": "$s0$190801$AAECAwQFBgcICQoLDA0ODw==$AAECAwQFBgcICQoLDA0ODw==" }),
            ),
            "the password hash: scrypt's cost is above the cap",
        ),
        (
            user(json!({ "password": "$2b$31$x" })),
            "the password hash: bcrypt's cost",
        ),
        (on(json!({})), "twoFactor.secretKey is no base32"),
        (
            on(json!({ "transport": "a b" })),
            "twoFactor.transport is no word",
        ),
        (user(json!({ "active": "x" })), "invalid type"),
        (
            json!({ "email": demo::USER }),
            "the name belongs to another user: \"user@example.com\"",
        ),
    ];
    refuses("aidbox", &["--email-confirmed"], &cases).await;
}

#[tokio::test]
pub async fn each_refused_user_of_keycloak_has_its_reason() {
    let user = |more: Value| with(json!({ "username": "x", "email": "x@example.com" }), more);
    let of = |kind: &str, secret: Value, data: Value| {
        user(json!({ "credentials": [{
            "type": kind, "secretData": secret.to_string(), "credentialData": data.to_string(),
        }] }))
    };
    let hash = "AAECAwQFBgcICQoLDA0ODwABAgMEBQYHCAkKCwwNDg8=";
    let password = |data: Value| {
        let secret = json!({ "value": hash, "salt": "AAECAwQFBgcICQoLDA0ODw==" });
        of(
            "password",
            secret,
            with(json!({ "hashIterations": 5, "algorithm": "argon2" }), data),
        )
    };
    let argon2 = |changed: Value| {
        let parameters = json!({
            "version": ["1.3"], "type": ["id"], "memory": ["7168"], "parallelism": ["1"],
        });
        password(json!({ "additionalParameters": with(parameters, changed) }))
    };
    let otp = |value: &str, data: Value| {
        let usual = json!({
            "subType": "totp", "digits": 6, "period": 30, "algorithm": "HmacSHA1",
        });
        of("otp", json!({ "value": value }), with(usual, data))
    };
    let twice = json!({ "type": "password", "secretData": json!({ "value": hash }).to_string(),
        "credentialData": json!({ "hashIterations": 1, "algorithm": "pbkdf2" }).to_string() });
    let not_ours = "an otp credential is not of six digits";
    let cases = [
        (
            user(json!({ "serviceAccountClientId": "c" })),
            "the user is a client's service account",
        ),
        (json!({ "firstName": "Ann" }), "neither email nor username"),
        (
            user(json!({ "username": "a b" })),
            "username cannot be used here",
        ),
        (user(json!({ "email": "x" })), "email cannot be used here"),
        (
            user(json!({ "attributes": { "phone": ["1"] } })),
            "the phone number cannot be used",
        ),
        (
            user(json!({ "realmRoles": [1] })),
            "the roles are not a list of names",
        ),
        (
            user(json!({ "firstName": "a\u{7}" })),
            "firstName is longer",
        ),
        (
            user(json!({ "credentials": [twice.clone(), twice] })),
            "more than one password",
        ),
        (
            user(json!({ "credentials": [{ "type": "password", "value": "x" }] })),
            "the password credential has no data: export with kc.sh",
        ),
        (
            of("otp", json!({}), json!({})),
            "the data of the otp credential is malformed",
        ),
        (
            of(
                "password",
                json!({ "value": "?" }),
                json!({ "hashIterations": 1, "algorithm": "pbkdf2" }),
            ),
            "the password's hash or salt is no base64",
        ),
        (
            password(json!({ "algorithm": "bcrypt" })),
            "the password's algorithm \"bcrypt\" is not",
        ),
        (
            password(json!({ "algorithm": "pbkdf2-sha512", "hashIterations": 2_000_001 })),
            "the password hash: PBKDF2's rounds",
        ),
        (password(json!({})), "argon2 wants the parameter type"),
        (
            argon2(json!({ "type": ["x"] })),
            "argon2's parameter type is not one of",
        ),
        (
            argon2(json!({ "version": ["1.0"] })),
            "argon2's version is not 1.3",
        ),
        (
            argon2(json!({ "memory": ["many"] })),
            "argon2's parameter memory is no number",
        ),
        (
            argon2(json!({ "memory": ["70000"] })),
            "the password hash: parameters above the cap",
        ),
        (
            otp("DJmQfC73VGFhw7D4QJ8A", json!({ "subType": "hotp" })),
            not_ours,
        ),
        (
            otp("DJmQfC73VGFhw7D4QJ8A", json!({ "digits": 8 })),
            not_ours,
        ),
        (
            otp("DJmQfC73VGFhw7D4QJ8A", json!({ "algorithm": "HmacSHA256" })),
            not_ours,
        ),
        (
            otp("short", json!({})),
            "the secret of an otp credential has not",
        ),
        (
            otp("DJmQfC73VGFhw7D4QJ8A", json!({ "secretEncoding": "HEX" })),
            "the secret of an otp credential has not",
        ),
        (
            json!({ "email": demo::USER }),
            "the name belongs to another user: \"user@example.com\"",
        ),
    ];
    refuses("keycloak", &[], &cases).await;
}

#[tokio::test]
pub async fn each_refused_user_of_firebase_has_its_reason() {
    let files = Files::new();
    let config = files.path("hash-config.txt");
    let key = "AAECAwQFBgcICQoLDA0ODwABAgMEBQYHCAkKCwwNDg8=";
    let text = format!(
        "algorithm: SCRYPT\nbase64_signer_key: {key}\nbase64_salt_separator: Bw==\nrounds: 8\nmem_cost: 18\n"
    );
    std::fs::write(&config, text).unwrap();
    let user = |more: Value| with(json!({ "localId": "1", "email": "x@example.com" }), more);
    let cases = [
        (
            json!({ "localId": "1", "phoneNumber": "+15555550142" }),
            "no email: the user signs in",
        ),
        (user(json!({ "email": "x" })), "email cannot be used here"),
        (
            user(json!({ "phoneNumber": "1" })),
            "phoneNumber cannot be used here",
        ),
        (
            user(json!({ "mfaInfo": [{ "phoneInfo": "1" }] })),
            "phoneInfo cannot be used here",
        ),
        (
            user(json!({ "customAttributes": "{" })),
            "customAttributes is no JSON",
        ),
        (
            user(json!({ "customAttributes": "{\"roles\":1}" })),
            "the roles are not a list",
        ),
        (
            user(json!({ "passwordHash": "?" })),
            "passwordHash is no base64",
        ),
        (
            user(json!({ "passwordHash": "AAAA", "salt": "?" })),
            "salt is no base64",
        ),
        (
            user(json!({ "passwordHash": "AAAA", "salt": "AAAA" })),
            "the password hash: Firebase's hash has another length",
        ),
        (
            user(json!({ "passwordHash": key, "salt": "AAAA" })),
            "the password hash: scrypt's cost is above the cap",
        ),
        (
            json!({ "email": demo::USER }),
            "the name belongs to another user: \"user@example.com\"",
        ),
    ];
    refuses(
        "firebase",
        &["--hash-config", &config, "--roles", "roles"],
        &cases,
    )
    .await;
}

#[tokio::test]
pub async fn each_refused_user_of_cognito_has_its_reason() {
    let user = |more: Value| with(json!({ "sub": "1", "email": "x@example.com" }), more);
    let cases = [
        (json!({ "sub": "1" }), "neither email nor cognito:username"),
        (
            user(json!({ "UserStatus": "EXTERNAL_PROVIDER" })),
            "the user signs in with another",
        ),
        (user(json!({ "Attributes": 1 })), "Attributes is no list"),
        (
            user(json!({ "Attributes": [{}] })),
            "an element of Attributes lacks",
        ),
        (
            user(json!({ "cognito:username": "a b" })),
            "cognito:username cannot be used here",
        ),
        (
            user(json!({ "email_verified": "maybe" })),
            "emailverified is neither",
        ),
        (
            user(json!({ "phone_number": "1" })),
            "phone_number cannot be used here",
        ),
        (
            json!({ "email": demo::USER }),
            "the name belongs to another user: \"user@example.com\"",
        ),
    ];
    refuses("cognito", &[], &cases).await;
}
