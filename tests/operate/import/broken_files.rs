//! Files that cannot be read to their ends: the command says why and how far it came.

use serde_json::json;

use super::Files;
use crate::harness::Service;

/// Imports a file, which must end with an error. Gives the exit code and the line.
async fn fails(service: &Service, format: &str, path: &str, more: &[&str]) -> (u8, String) {
    let files = Files::new();
    let rejects = files.path("rejects.ndjson");
    let command = ["import", path, "--format", format, "--rejects", &rejects];
    service.not_operated(&[&command[..], more].concat()).await
}

#[tokio::test]
async fn a_file_that_ends_too_early_or_goes_on_too_long_is_told_with_the_rows_before() {
    let service = Service::start().await;
    let files = Files::new();
    let array = "the array is malformed: ";
    for (format, text, why) in [
        ("auth0", "[{}", "an object or ] is missing"),
        ("auth0", "[{},1]", "an object or ] is missing"),
        ("auth0", "[{\"a\":1", "an object does not end"),
        ("auth0", "[{}][{}]", "something stands behind the array"),
        (
            "keycloak",
            "{}",
            "the file has no array \"users\": name a file of one user a line users.ndjson",
        ),
        ("keycloak", "{\"a\":\"b", "the file ends within a text"),
        ("keycloak", "{\"a\":[{}", "the file ends within a value"),
        (
            "keycloak",
            "{\"users\":[{}]",
            "the file's object does not end",
        ),
    ] {
        let path = files.text(text);
        let (code, line) = fails(&service, format, &path, &[]).await;
        assert_eq!(code, 1, "{text}: {line}");
        let told = line.replace(array, "");
        assert!(told.contains(why), "{text}: {line}");
        assert!(
            line.ends_with("; the rows before it were imported"),
            "{text}: {line}"
        );
    }
}

#[tokio::test]
async fn a_file_that_is_not_there_is_told_for_users_and_for_clients() {
    let service = Service::start().await;
    let files = Files::new();
    let path = files.path("missing.json");
    for more in [&[][..], &["--clients"]] {
        let (code, line) = fails(&service, "auth0", &path, more).await;
        assert_eq!(code, 2, "{line}");
        assert!(line.starts_with("cannot read "), "{line}");
        assert!(line.contains("missing.json"), "{line}");
    }
}

#[tokio::test]
pub async fn a_dry_run_refuses_a_name_that_an_earlier_row_has() {
    let (service, files) = (Service::start().await, Files::new());
    let rows = [
        json!({ "email": "a@example.com" }),
        json!({ "email": "A@example.com" }),
    ];
    let file = files.lines(&rows);
    let done = files.import(&service, &file, &["--dry-run"]).await;
    assert_eq!(done["refused"], json!(1), "{done}");
    let why = "the name, the identifier or the passkey_handle stands in an earlier row";
    assert_eq!(files.rejects()[0]["reason"], why);
}
