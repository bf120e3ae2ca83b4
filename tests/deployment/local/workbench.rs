//! The workbench of `cargo local`: what its page reads and does.

use countersign_local::demo;
use serde_json::{Value, json};

use crate::harness::Answer;
use crate::harness::deployment::local::{Folder, Local};

fn operate(local: &Local, command: &[&str]) -> Answer {
    let body = json!({ "command": command }).to_string();
    local.ask("POST", "/_local/operate", &[], &body)
}

/// A login with this password, and its status.
fn log_in(local: &Local, password: &str) -> u16 {
    let form = [
        ("grant_type", "password"),
        ("client_id", demo::CLIENT),
        ("username", demo::PLAIN_USER),
        ("password", password),
    ];
    local.post_form("/oauth/token", &form).status
}

#[test]
fn a_command_of_the_tool_works_on_the_running_service_and_answers_as_the_tool_does() {
    let folder = Folder::new();
    let local = Local::start(&folder, &["--memory"]);
    let shown = operate(&local, &["user", "show", demo::PLAIN_USER]);
    assert_eq!((shown.status, &shown.body["exit_code"]), (200, &json!(0)));
    assert_eq!(shown.body["value"]["email"], demo::PLAIN_USER);
    assert!(shown.text("text").contains("user name"), "{}", shown.raw);

    assert_eq!(log_in(&local, demo::PASSWORD_OF_ALL), 200);
    let disabled = operate(&local, &["user", "disable", demo::PLAIN_USER]);
    assert_eq!(disabled.body["value"]["active"], false);
    assert_eq!(log_in(&local, demo::PASSWORD_OF_ALL), 403);

    for (command, code) in [
        (&["user", "show", "nobody@example.com"][..], 3),
        (&["user", "unlock", demo::PLAIN_USER], 2),
        (&["client", "add", demo::CLIENT, "--for", "mobile"], 4),
        (&["no", "command"], 2),
    ] {
        let answer = operate(&local, command);
        assert_eq!(answer.status, 200, "{command:?}");
        assert_eq!(answer.body["exit_code"], code, "{}", answer.raw);
        assert_eq!(answer.body["value"], Value::Null, "{command:?}");
        assert!(!answer.text("text").is_empty(), "{command:?}");
    }
}

#[test]
fn a_command_that_reaches_files_or_another_deployment_is_refused() {
    let folder = Folder::new();
    let local = Local::start(&folder, &["--memory"]);
    let file = folder.path().join("out");
    let file = file.to_str().unwrap();
    for command in [
        &["export", file, "--plain"][..],
        &["user", "export", demo::USER, "--to", file, "--plain"],
        &["import", file, "--format", "auth0", "--rejects", file],
        &["client", "add", "x", "--for", "mobile", "--from", file],
        &["client", "update", demo::CLIENT, "--from", file],
        &["user", "find", "x", "--local"],
        &["user", "find", "x", "--stack", "production"],
    ] {
        let answer = operate(&local, command);
        assert_eq!(answer.status, 400, "{command:?}: {}", answer.raw);
        assert!(!std::path::Path::new(file).exists(), "{command:?}");
    }
}

#[test]
fn no_page_from_elsewhere_operates_or_reads_events_settings_and_state() {
    let folder = Folder::new();
    let local = Local::start(&folder, &["--memory"]);
    let body = json!({ "command": ["user", "delete", demo::USER, "--yes"] }).to_string();
    for headers in [
        [("origin", "https://example.com")],
        [("host", "login.example.com")],
    ] {
        for (method, path) in [
            ("POST", "/_local/operate"),
            ("GET", "/_local/events"),
            ("GET", "/_local/settings"),
            ("GET", "/_local/state"),
            ("GET", "/_local/workbench/"),
        ] {
            let answer = local.ask(method, path, &headers, &body);
            assert_eq!(answer.status, 403, "{headers:?} {method} {path}");
        }
    }
    let shown = operate(&local, &["user", "show", demo::USER]);
    assert_eq!(shown.body["exit_code"], 0);
}

#[test]
fn each_event_and_each_act_is_listed_once_after_the_cursor() {
    let folder = Folder::new();
    let local = Local::start(&folder, &["--memory"]);
    let news = |cursor: &str| {
        let path = format!("/_local/events?after={cursor}");
        local.ask("GET", &path, &[], "")
    };
    let first = news("");
    assert_eq!(first.body["whole"], true);
    assert_eq!(log_in(&local, "hush-hush"), 403);
    operate(&local, &["user", "sign-out", demo::PLAIN_USER]);
    let later = news(&first.text("cursor"));
    let events = later.body["events"].as_array().unwrap();
    let told = events.iter().map(|one| {
        let event = &one["event"];
        (event["type"].clone(), event["data"]["reason"].clone())
    });
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            (json!("sapi"), Value::Null),
            (json!("fp"), json!("credentials_wrong"))
        ]
    );
    assert!(!later.raw.contains("hush"), "{}", later.raw);
    let none = news(&later.text("cursor"));
    assert_eq!(none.body["events"], json!([]));
}

#[test]
fn each_setting_is_listed_with_its_source_and_no_secret() {
    let folder = Folder::new();
    let environment = [
        ("COUNTERSIGN_MFA_POLICY", "required"),
        (
            "COUNTERSIGN_EDGE_SECRET",
            "hush-hush-hush-hush-hush-hush-hush-hush",
        ),
    ];
    let local = Local::start_in(&folder, &["--memory"], &environment);
    let answer = local.ask("GET", "/_local/settings", &[], "");
    assert_eq!(answer.status, 200);
    let subjects = answer.body.as_array().unwrap().iter();
    let mut settings = subjects.flat_map(|subject| subject["settings"].as_array().unwrap());
    let mut of = |name: &str| {
        let found = settings.find(|setting| setting["name"] == name).unwrap();
        (found["value"].clone(), found["from"].clone())
    };
    assert_eq!(
        of("COUNTERSIGN_TABLE"),
        (json!("countersign"), json!("cargo local"))
    );
    assert_eq!(
        of("COUNTERSIGN_EDGE_SECRET"),
        (json!("set; secret"), json!("environment"))
    );
    assert_eq!(
        of("COUNTERSIGN_MFA_POLICY"),
        (json!("required"), json!("environment"))
    );
    assert!(!answer.raw.contains("hush"), "{}", answer.raw);
}

#[test]
fn a_user_is_added_with_a_password_which_no_command_line_shows() {
    let folder = Folder::new();
    let local = Local::start(&folder, &["--memory"]);
    let ask = |command: &[&str], password: &str| {
        let body = json!({ "command": command, "password": password }).to_string();
        local.ask("POST", "/_local/operate", &[], &body)
    };
    let add = [
        "user",
        "add",
        "--email",
        "olive@example.com",
        "--email-confirmed",
    ];
    let added = ask(&add, "violet kettle 42");
    assert_eq!(
        (added.status, &added.body["exit_code"]),
        (200, &json!(0)),
        "{}",
        added.raw
    );
    assert_eq!(added.body["value"]["has_password"], true);
    assert!(!added.raw.contains("violet"), "{}", added.raw);
    let form = [
        ("grant_type", "password"),
        ("client_id", demo::CLIENT),
        ("username", "olive@example.com"),
        ("password", "violet kettle 42"),
    ];
    assert_eq!(local.post_form("/oauth/token", &form).status, 200);
    // A password has no place beside another command, and must not be empty.
    assert_eq!(ask(&["user", "show", demo::USER], "a password").status, 400);
    assert_eq!(ask(&add, "").status, 400);
    let option = [&add[..], &["--password", "violet kettle 42"]].concat();
    assert_eq!(operate(&local, &option).body["exit_code"], 2);
}
