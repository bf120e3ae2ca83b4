//! `cargo local` with settings of a function in its environment.

use countersign_local::demo;

use crate::harness::deployment::binary::{Process, Stream};
use crate::harness::deployment::local::{Folder, Local};

/// The lines on standard output, and those on standard error without the log of
/// requests.
fn said(local: Local) -> (String, String) {
    let lines = local.said();
    let of = |wanted: Stream| -> String {
        let lines = lines.iter().filter(|(stream, _)| *stream == wanted);
        lines.map(|(_, line)| format!("{line}\n")).collect()
    };
    (of(Stream::Output), of(Stream::Error))
}

fn sign_in(local: &Local, user: &str) -> crate::harness::Answer {
    local.post_form(
        "/oauth/token",
        &[
            ("grant_type", "password"),
            ("client_id", demo::CLIENT),
            ("username", user),
            ("password", demo::PASSWORD_OF_ALL),
        ],
    )
}

#[test]
fn a_policy_a_brand_and_a_theme_are_rehearsed_as_a_function_would_have_them() {
    let folder = Folder::new();
    let environment = [
        ("COUNTERSIGN_MFA_POLICY", "disabled"),
        ("COUNTERSIGN_THEME_TITLE", "Come in"),
        ("COUNTERSIGN_ACCESS_TOKEN_SECONDS", "120"),
    ];
    let local = Local::start_in(&folder, &["--memory"], &environment);
    let tokens = sign_in(&local, demo::USER);
    assert_eq!(tokens.status, 200, "nobody is asked: {}", tokens.raw);
    assert_eq!(tokens.body["expires_in"], 120);
    let page = local.ask("GET", "/auth/login", &[], "");
    assert!(page.raw.contains("Come in"), "{}", page.raw);
    let (output, _) = said(local);
    for (name, value) in environment {
        assert!(output.contains(&format!("{name}={value}\n")), "{output}");
    }
}

#[test]
fn without_such_variables_the_defaults_stand_and_none_is_told() {
    let folder = Folder::new();
    let local = Local::start_in(&folder, &["--memory"], &[("HOME", "/")]);
    assert_eq!(sign_in(&local, demo::USER).status, 403);
    let (output, errors) = said(local);
    assert!(!output.contains("COUNTERSIGN_"), "{output}");
    assert!(!errors.contains("countersign: "), "{errors}");
}

#[test]
fn a_wrong_setting_ends_the_start_before_anything_is_made() {
    let folder = Folder::new();
    let data = folder.path().to_str().unwrap();
    let environment = [
        ("COUNTERSIGN_MFA_POLICY".to_owned(), "always".to_owned()),
        ("COUNTERSIGN_WEBHOOK_HEADERS".to_owned(), "hush".to_owned()),
    ];
    for more in [&["--memory"] as &[&str], &["--aws-only"]] {
        let arguments = [&["--port", "0", "--https-port", "0", "--data", data], more].concat();
        let (status, lines) = Process::start("countersign-local", &arguments, &environment).end();
        assert_eq!(status.code(), Some(1), "{lines:?}");
        let [(Stream::Error, line)] = &lines[..] else {
            panic!("not one line on standard error: {lines:?}");
        };
        let begins = "countersign: COUNTERSIGN_WEBHOOK_HEADERS is wrong: it wants a JSON object";
        assert!(line.starts_with(begins), "{line}");
        let ends = "COUNTERSIGN_MFA_POLICY is wrong: it wants optional, required or disabled";
        assert!(line.ends_with(ends), "{line}");
        assert!(!line.contains("hush"), "{line}");
        assert!(!folder.path().exists(), "nothing was made");
    }
}

#[test]
fn a_typing_error_is_told_with_the_setting_that_was_meant_and_a_secret_is_not_shown() {
    let folder = Folder::new();
    let environment = [
        ("COUNTERSIGN_AAL_POLCY", "aal2"),
        ("COUNTERSIGN_TABLE", "production"),
        (
            "COUNTERSIGN_WEBHOOK_HEADERS",
            "{\"authorization\": \"hush\"}",
        ),
        ("COUNTERSIGN_ISSUER", "https://login.example.com/"),
    ];
    let more = ["--memory", "--issuer", "https://10.0.2.2:8788/"];
    let local = Local::start_in(&folder, &more, &environment);
    let metadata = local.ask("GET", "/.well-known/openid-configuration", &[], "");
    assert_eq!(metadata.body["issuer"], "https://10.0.2.2:8788/");
    let (output, errors) = said(local);
    for line in [
        "AAL_POLCY is no setting; is it COUNTERSIGN_AAL_POLICY?",
        "TABLE ignored: the table, the key and the stack are this machine's own",
        "ISSUER ignored: --issuer says another",
    ] {
        let line = format!("countersign: warning: COUNTERSIGN_{line}\n");
        assert!(errors.contains(&line), "{errors}");
    }
    let told = "COUNTERSIGN_WEBHOOK_HEADERS (set; secret)\n";
    assert!(output.contains(told), "{output}");
    assert!(!format!("{output}{errors}").contains("hush"));
}

#[test]
fn the_page_offers_the_dialects_that_are_served_and_no_other() {
    let folder = Folder::new();
    let environment = [("COUNTERSIGN_DIALECTS", "abp")];
    let local = Local::start_in(&folder, &["--memory"], &environment);
    let data = local.ask("GET", "/_local/page/demo.json", &[], "");
    let missing = data.body["missing"].as_object().unwrap();
    let names: Vec<&String> = missing.keys().collect();
    assert_eq!(names, ["auth0", "codemaze", "aidbox", "first-party"]);
}

#[test]
fn functions_that_run_elsewhere_get_the_same_settings() {
    let folder = Folder::new();
    let data = folder.path().to_str().unwrap();
    let arguments = [
        "--aws-only",
        "--memory",
        "--port",
        "0",
        "--https-port",
        "0",
        "--data",
        data,
    ];
    let environment = [("COUNTERSIGN_MFA_POLICY".to_owned(), "required".to_owned())];
    let mut process = Process::start("countersign-local", &arguments, &environment);
    process.line(|line| (line == "Stop with Ctrl-C.").then_some(()));
    let file = std::fs::read_to_string(folder.path().join("lambda.env")).unwrap();
    assert_eq!(
        file.matches("COUNTERSIGN_MFA_POLICY='required'\n").count(),
        1,
        "{file}"
    );
    process.signal("TERM");
    assert_eq!(process.end().0.code(), Some(0));
}
