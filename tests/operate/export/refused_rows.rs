//! The refused rows of an encrypted export.

use std::fs::File;
use std::io::{BufReader, Read};
use std::os::unix::fs::PermissionsExt;

use countersign_cli::age::keys::Identity;
use countersign_cli::age::stream::DecryptingReader;
use countersign_local::demo;
use serde_json::{Value, json};

use super::every_user::{another, exported, imported};
use crate::harness::Service;
use crate::operate::import::Files;

/// What is in a file that is encrypted to the key of `key.txt`.
fn opened(files: &Files, name: &str) -> String {
    let identities = Identity::read_file(files.path("key.txt").as_ref()).unwrap();
    let file = BufReader::new(File::open(files.path(name)).unwrap());
    let mut text = String::new();
    let mut reader = DecryptingReader::begin(file, &identities).unwrap();
    reader.read_to_string(&mut text).unwrap();
    text
}

#[tokio::test]
async fn the_refused_rows_of_an_encrypted_file_are_whole_and_open_with_its_key_only() {
    let (service, files) = (Service::start().await, Files::new());
    let file = exported(&service, &files).await;
    let other = another().await;
    let add = ["user", "add", "--email", demo::USER];
    other.operated(&add).await;
    // An earlier import has left a file that everybody may read.
    let rejects = files.path("rejects.ndjson");
    std::fs::write(&rejects, "").unwrap();
    let all = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(&rejects, all).unwrap();
    let done = imported(&other, &files, &file).await;
    assert_eq!(done["refused"], json!(1), "{done}");
    let mode = std::fs::metadata(&rejects).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let bytes = std::fs::read(&rejects).unwrap();
    let shown = String::from_utf8_lossy(&bytes);
    assert!(shown.starts_with("age-encryption.org/v1\n"));
    assert!(!shown.contains(demo::USER) && !shown.contains("argon2"));
    let text = opened(&files, "rejects.ndjson");
    assert_eq!(text.lines().count(), 1, "{text}");
    let mut refused: Value = serde_json::from_str(&text).unwrap();
    let reason = refused["reason"].as_str().unwrap();
    assert!(
        reason.starts_with("the name belongs to another user"),
        "{reason}"
    );
    assert!(refused["number"].is_u64());
    assert_eq!(
        refused["row"]["mfa_factors"][0]["totp"]["secret"],
        demo::SEED
    );

    // The mended row is imported, with its password and its factors.
    refused["row"]["email"] = json!("mended@example.com");
    refused["row"]["username"] = json!("mended@example.com");
    let mended = files.lines(&[refused]);
    let done = files.import_as(&other, "countersign", &mended, &[]).await;
    assert_eq!(done["made"], json!(1), "{done}: {:?}", files.rejects());
    let begun = other
        .password_of("mended@example.com", demo::PASSWORD_OF_ALL)
        .await;
    assert_eq!(begun.text("error"), "mfa_required", "{}", begun.raw);
}

#[tokio::test]
async fn the_encrypted_file_of_refused_rows_can_be_imported_as_it_is() {
    let (service, files) = (Service::start().await, Files::new());
    let file = exported(&service, &files).await;
    let other = another().await;
    other
        .operated(&["user", "add", "--email", demo::USER])
        .await;
    imported(&other, &files, &file).await;
    let again = files.path("again.ndjson.age");
    std::fs::rename(files.path("rejects.ndjson"), &again).unwrap();
    other
        .operated(&["user", "delete", demo::USER, "--yes"])
        .await;
    let done = imported(&other, &files, &again).await;
    assert_eq!((&done["made"], &done["refused"]), (&json!(1), &json!(0)));
    assert_eq!(opened(&files, "rejects.ndjson"), "");
}

#[tokio::test]
async fn the_file_of_refused_rows_has_an_end_if_the_import_ends_early() {
    let (service, files) = (Service::start().await, Files::new());
    let path = files.path("users.ndjson.age");
    let bytes = std::fs::read(exported(&service, &files).await).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() - 10]).unwrap();
    std::fs::write(files.path("key.txt"), super::every_user::SECRET).unwrap();
    let (rejects, identity) = (files.path("rejects.ndjson"), files.path("key.txt"));
    let import = [
        "import",
        &path,
        "--format",
        "countersign",
        "--rejects",
        &rejects,
    ];
    let import = [&import[..], &["--identity", &identity]].concat();
    let (code, _) = another().await.not_operated(&import).await;
    assert_eq!(code, 1);
    assert_eq!(opened(&files, "rejects.ndjson"), "");
}
