//! Rows that an import refuses, and the reasons.

use std::path::PathBuf;

use countersign_local::demo;
use serde_json::{Value, json};

use super::kinds::custom;
use super::{BCRYPT, Files, lines_of};
use crate::harness::Service;

#[tokio::test]
pub async fn each_refused_row_has_its_reason_and_can_be_mended_in_its_file() {
    let service = Service::start().await;
    let files = Files::new();
    let email = "x@example.com";
    let long = "x".repeat(1024 * 1024 + 1);
    let hash = |algorithm: &str, fields: Value| json!({ "email": email, "custom_password_hash": custom(algorithm, fields) });
    let value =
        |value: &str, encoding: &str| json!({ "hash": { "value": value, "encoding": encoding } });
    let rows = [
        ("{", "no JSON"),
        (&long, "the row is longer than 1 MiB"),
        (r#"{"email": 5}"#, "invalid type"),
    ];
    let mut text: String = rows.iter().map(|(row, _)| format!("{row}\n")).collect();
    let mut wanted: Vec<&str> = rows.iter().map(|(_, why)| *why).collect();
    for (row, why) in [
        (json!({ "given_name": "Ann" }), "neither email nor username"),
        (json!({ "email": "ann" }), "email cannot be used here"),
        (
            json!({ "email": email, "username": "a b" }),
            "username cannot be used here",
        ),
        (json!({ "email": email, "user_id": "" }), "user_id is empty"),
        (
            json!({ "email": email, "phone_number": "12" }),
            "phone_number cannot be used here",
        ),
        (
            json!({ "email": email, "given_name": "a\u{7}" }),
            "given_name is longer than 256",
        ),
        (
            json!({ "email": email, "mfa_factors": [{ "totp": { "secret": "?" } }] }),
            "the secret of a totp factor",
        ),
        (
            json!({ "email": email, "mfa_factors": [{ "phone": { "value": "1" } }] }),
            "the value of a phone factor",
        ),
        (
            json!({ "email": email, "mfa_factors": [{ "email": { "value": "1" } }] }),
            "the value of an email factor",
        ),
        (
            json!({ "email": email, "mfa_factors": [{}] }),
            "an element of mfa_factors",
        ),
        (
            json!({ "email": email, "mfa_factors": vec![json!({ "email": { "value": email } }); 11] }),
            "more than ten second factors",
        ),
        (
            json!({ "email": email, "password_hash": BCRYPT, "custom_password_hash": custom("md5", value("", "hex")) }),
            "both password_hash and custom",
        ),
        (
            json!({ "email": email, "password_hash": "$2x$05$" }),
            "the password hash is no bcrypt",
        ),
        (
            json!({ "email": email, "password_hash": BCRYPT.replace("$05$", "$31$") }),
            "the password hash: bcrypt's cost",
        ),
        (
            hash("md4", value("00", "hex")),
            "the algorithm or digest \"md4\" is not supported",
        ),
        (
            hash("md5", value("0g", "hex")),
            "a hash, salt or key is no hex",
        ),
        (
            hash("md5", value("00", "hex")),
            "the password hash has another length",
        ),
        (
            hash("md5", value("00", "utf7")),
            "an encoding is not one of",
        ),
        (
            hash("argon2", value("argon", "utf8")),
            "the password hash is no PHC string of argon2",
        ),
        (
            hash(
                "argon2",
                value(
                    "$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
                    "utf8",
                ),
            ),
            "the password hash: parameters above the cap",
        ),
        (
            hash(
                "pbkdf2",
                value(
                    "$pbkdf2-sha256$i=9000000,l=32$AAECAwQFBgcICQoLDA0ODw$yRTMTwbMbo9G0VfjobWqerzuuxe7BETNTErBbKKumGQ",
                    "utf8",
                ),
            ),
            "the password hash: PBKDF2's rounds",
        ),
        (hash("scrypt", value("00", "hex")), "scrypt wants a salt"),
        (
            hash(
                "scrypt",
                json!({ "hash": { "value": "00", "encoding": "hex" }, "salt": { "value": "s" }, "cost": 1000 }),
            ),
            "scrypt's cost is no power of two",
        ),
        (hash("hmac", value("00", "hex")), "hmac wants hash.key"),
        (
            hash("ldap", value("{CRYPT}x", "utf8")),
            "the scheme of an ldap hash",
        ),
        (
            json!({ "email": demo::USER }),
            "the name belongs to another user: \"user@example.com\"",
        ),
    ] {
        text += &format!("{row}\n");
        wanted.push(why);
    }
    let file = files.text(&text);
    for more in [&["--dry-run"][..], &[]] {
        let done = files.import(&service, &file, more).await;
        assert_eq!(done["refused"], json!(wanted.len()), "{done}");
        let mut rejects = files.rejects();
        rejects.sort_by_key(|row| row["number"].as_u64());
        for (at, (reject, why)) in rejects.iter().zip(&wanted).enumerate() {
            assert_eq!(reject["number"], json!(at + 1));
            let reason = reject["reason"].as_str().unwrap();
            assert!(reason.starts_with(why), "{reason} / {why}");
            for secret in ["$2b$05$", "argon2id$", "9000000"] {
                assert!(!reason.contains(secret), "{reason}");
            }
        }
    }
    // The file of refused rows, with one row corrected.
    let mut mended = files.rejects();
    mended.retain(|row| row["reason"] == "user_id is empty");
    mended[0]["row"]["user_id"] = json!("1");
    let file = files.lines(&mended);
    assert_eq!(files.import(&service, &file, &[]).await["made"], json!(1));
}

#[tokio::test]
pub async fn a_dry_run_writes_nothing_and_finds_what_the_import_would_refuse() {
    let service = Service::start().await;
    let files = Files::new();
    let file = files.lines(&[
        json!({ "email": "a@example.com", "user_id": "1", "password_hash": BCRYPT }),
        json!({ "email": "A@example.com", "user_id": "2" }),
        json!({ "email": "b@example.com", "user_id": "1" }),
    ]);
    let before = service.items().await.len();
    let dry = files.import(&service, &file, &["--dry-run"]).await;
    assert_eq!(service.items().await.len(), before);
    assert_eq!((&dry["made"], &dry["refused"]), (&json!(1), &json!(2)));
    let done = files.import(&service, &file, &[]).await;
    assert_eq!((&done["made"], &done["refused"]), (&json!(1), &json!(2)));
    let reasons: Vec<Value> = files
        .rejects()
        .into_iter()
        .map(|row| row["reason"].clone())
        .collect();
    assert_eq!(
        reasons[0],
        json!("the name belongs to another user: \"a@example.com\"")
    );
    assert!(
        reasons[1]
            .as_str()
            .unwrap()
            .starts_with("the identifier belongs to a user with another name")
    );
}

#[tokio::test]
async fn the_file_that_is_imported_is_not_overwritten_by_its_refused_rows() {
    let service = Service::start().await;
    let files = Files::new();
    let file = files.lines(&[json!({ "email": "a@example.com" })]);
    let command = ["import", &file, "--format", "auth0", "--rejects", &file];
    let (code, line) = service.not_operated(&command).await;
    assert_eq!(code, 2);
    assert!(
        line.ends_with("is the file that is imported: name another"),
        "{line}"
    );
    assert_eq!(lines_of(&PathBuf::from(&file)).len(), 1);
}

#[tokio::test]
async fn refused_rows_may_go_to_a_device_which_stays_a_device() {
    let service = Service::start().await;
    let files = Files::new();
    let file = files.lines(&[json!({ "email": "x" })]);
    // A pipe stands for `/dev/null`, which a test must not risk.
    let (reader, writer) = std::io::pipe().unwrap();
    let device = format!("/dev/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&writer));
    let command = ["import", &file, "--format", "auth0", "--rejects", &device];
    let done = service.operated(&command).await;
    assert_eq!(done["refused"], json!(1), "{done}");
    assert!(std::path::Path::new(&device).exists());
    drop(writer);
    let mut text = String::new();
    std::io::Read::read_to_string(&mut &reader, &mut text).unwrap();
    assert!(text.contains("cannot be used here"), "{text}");
}
