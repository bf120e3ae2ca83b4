//! The real tool against the real `cargo local`.

use std::process::{Command, Output};

use serde_json::Value;

use crate::harness::deployment::binary::binary;
use crate::harness::deployment::local::{Folder, Local};
use crate::harness::events::{event_of, problems_of};

pub fn countersign(folder: &Folder, command: &[&str]) -> Output {
    Command::new(binary("countersign"))
        .arg(format!("--local={}", folder.path().display()))
        .args(command)
        .env_clear()
        .output()
        .unwrap()
}

pub fn error(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn the_tool_finds_a_running_cargo_local_and_has_its_time() {
    let folder = Folder::new();
    let none = countersign(&folder, &["client", "list"]);
    assert_eq!(none.status.code(), Some(1));
    assert!(error(&none).starts_with("countersign: no `cargo local` runs on "));

    let local = Local::start(&folder, &[]);
    let body = r#"{"advance_seconds": 31536000}"#;
    assert_eq!(local.ask("POST", "/_local/clock", &[], body).status, 200);
    let now = local.ask("GET", "/_local/clock", &[], "").body["now"]
        .as_i64()
        .unwrap();
    let add = ["--json", "user", "add", "--email", "ann@example.com"];
    let added = countersign(&folder, &add);
    assert_eq!(added.status.code(), Some(0), "{}", error(&added));
    let user: Value = serde_json::from_slice(&added.stdout).unwrap();
    let year = |text: &str| text.split('-').next().unwrap().parse::<i64>().unwrap();
    let made = year(user["created_at"].as_str().unwrap());
    assert_eq!(made, 1970 + now / 31_556_952);

    // The folder may stand behind a space too, before the command and behind it.
    let folder_name = folder.path().to_str().unwrap();
    for words in [
        ["--local", folder_name, "client", "list"],
        ["client", "list", "--local", folder_name],
    ] {
        let listed = Command::new(binary("countersign"))
            .args(words)
            .env_clear()
            .output()
            .unwrap();
        assert_eq!(listed.status.code(), Some(0), "{}", error(&listed));
    }

    // The event of an act is a line on standard error.
    let enable = ["user", "enable", "ann@example.com"];
    let quiet = countersign(&folder, &[&enable[..], &["--log-events=never"]].concat());
    assert_eq!(error(&quiet), "");
    let lines = error(&countersign(&folder, &enable));
    assert_eq!(lines.lines().count(), 1, "{lines}");
    let line: Value = serde_json::from_str(&lines).unwrap();
    let event = event_of(&line).unwrap();
    assert_eq!(problems_of(&event), [""; 0], "{event}");
    assert_eq!(event["act"], "user enable");

    let twice = countersign(&folder, &add);
    assert_eq!(twice.status.code(), Some(4));
    assert_eq!(
        error(&twice),
        "countersign: ann@example.com belongs to another user\n"
    );
    assert_eq!(local.stop(), Some(0));
    // The file still exists, but no process holds the lock.
    let stopped = countersign(&folder, &["client", "list"]);
    assert_eq!(stopped.status.code(), Some(1), "{}", error(&stopped));
}
