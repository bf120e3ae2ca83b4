//! The real `countersign-local`, as `cargo local` runs it.

use countersign_local::demo;
use serde_json::{Value, json};

use crate::harness::Answer;
use crate::harness::deployment::binary::{Process, Stream};
use crate::harness::deployment::local::{Folder, Local};

/// The password step.
pub(super) fn begin(local: &Local) -> Answer {
    local.post_form(
        "/oauth/token",
        &[
            ("grant_type", "password"),
            ("client_id", demo::CLIENT),
            ("username", demo::USER),
            ("password", demo::PASSWORD_OF_ALL),
            ("audience", demo::AUDIENCE),
            ("scope", "openid profile read:sample offline_access"),
        ],
    )
}

pub(super) fn messages(local: &Local) -> Vec<Value> {
    let answer = local.ask("GET", "/_local/messages", &[], "");
    assert_eq!(answer.status, 200, "{}", answer.raw);
    answer.body.as_array().unwrap().clone()
}

fn now(local: &Local) -> i64 {
    let answer = local.ask("GET", "/_local/clock", &[], "");
    assert_eq!(answer.status, 200, "{}", answer.raw);
    answer.body["now"].as_i64().unwrap()
}

fn advance(local: &Local, seconds: i64) -> Answer {
    let body = json!({ "advance_seconds": seconds }).to_string();
    local.ask("POST", "/_local/clock", &[], &body)
}

pub(super) fn challenge(local: &Local, mfa_token: &str, channel: &str) -> Answer {
    let body = json!({
        "mfa_token": mfa_token, "client_id": demo::CLIENT,
        "challenge_type": "oob", "oob_channel": channel,
    });
    let kind = [("content-type", "application/json")];
    local.ask("POST", "/mfa/challenge", &kind, &body.to_string())
}

/// A whole login by e-mail: the answer with the tokens.
pub(super) fn log_in(local: &Local) -> Answer {
    let begun = begin(local);
    assert_eq!(begun.status, 403, "{}", begun.raw);
    let mfa_token = begun.text("mfa_token");
    let sent = challenge(local, &mfa_token, "email");
    assert_eq!(sent.status, 200, "{}", sent.raw);
    let code = messages(local)[0]["code"].as_str().unwrap().to_owned();
    let tokens = local.post_form(
        "/oauth/token",
        &[
            ("grant_type", "http://auth0.com/oauth/grant-type/mfa-oob"),
            ("client_id", demo::CLIENT),
            ("mfa_token", &mfa_token),
            ("oob_code", &sent.text("oob_code")),
            ("binding_code", &code),
        ],
    );
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    tokens
}

#[test]
fn a_whole_login_over_http_and_what_was_sent_is_in_the_inbox() {
    let folder = Folder::new();
    let local = Local::start(&folder, &["--memory"]);
    assert_eq!(messages(&local), Vec::<Value>::new());
    let tokens = log_in(&local);
    let bearer = format!("Bearer {}", tokens.text("access_token"));
    let user = local.ask("GET", "/userinfo", &[("authorization", &bearer)], "");
    assert_eq!(user.status, 200, "{}", user.raw);
    let issuer = format!("https://localhost:{}/", local.https_port);
    assert_eq!(tokens.claims("access_token")["iss"], issuer);

    let begun = begin(&local);
    let sent = challenge(&local, &begun.text("mfa_token"), "sms");
    assert_eq!(sent.status, 200, "{}", sent.raw);
    let sent = messages(&local);
    let channels: Vec<&Value> = sent.iter().map(|message| &message["channel"]).collect();
    assert_eq!(channels, ["sms", "email"], "newest first");
    assert_eq!(
        (&sent[0]["to"], &sent[1]["to"]),
        (&json!(demo::PHONE), &json!(demo::USER))
    );
    for message in &sent {
        let mut members: Vec<&String> = message.as_object().unwrap().keys().collect();
        members.sort();
        assert_eq!(
            members,
            ["at", "channel", "code", "html", "subject", "text", "to"]
        );
        let code = message["code"].as_str().unwrap();
        assert!(message["text"].as_str().unwrap().contains(code));
    }
    let emptied = local.ask("DELETE", "/_local/messages", &[], "");
    assert_eq!((emptied.status, emptied.raw.as_str()), (204, ""));
    assert_eq!(messages(&local), Vec::<Value>::new());
}

#[test]
fn the_clock_moves_the_services_time_and_nothing_else_does() {
    let folder = Folder::new();
    let local = Local::start(&folder, &["--memory"]);
    let begun = begin(&local);
    let before = now(&local);
    let moved = advance(&local, 700);
    assert_eq!(moved.status, 200, "{}", moved.raw);
    assert!(moved.body["now"].as_i64().unwrap() >= before + 700);
    assert!(now(&local) >= before + 700);
    let late = challenge(&local, &begun.text("mfa_token"), "email");
    assert_eq!(late.status, 401, "{}", late.raw);
    assert_eq!(late.error(), "expired_token: mfa_token is expired");
    let back = advance(&local, -1);
    assert_eq!(back.status, 400, "{}", back.raw);
    log_in(&local);
}

#[test]
fn what_is_only_for_this_machine_is_refused_to_others_and_never_shared_with_pages() {
    let folder = Folder::new();
    let local = Local::start(&folder, &["--memory"]);
    let before = now(&local);
    let advance = json!({ "advance_seconds": 700 }).to_string();
    for (method, path) in [
        ("GET", "/_local/messages"),
        ("DELETE", "/_local/messages"),
        ("GET", "/_local/clock"),
        ("POST", "/_local/clock"),
        ("OPTIONS", "/_local/clock"),
    ] {
        for header in [
            ("host", "example.com"),
            ("host", "127.0.0.1.example.com"),
            ("host", "10.0.2.2:8787"),
            ("origin", "https://example.com"),
            ("origin", "null"),
        ] {
            let answer = local.ask(method, path, &[header], &advance);
            assert_eq!(answer.status, 403, "{method} {path} {header:?}");
            shares_nothing(&answer);
        }
        let origin = [("origin", "http://localhost:3000")];
        shares_nothing(&local.ask(method, path, &origin, "{}"));
    }
    assert!(now(&local) < before + 700);
}

fn shares_nothing(answer: &Answer) {
    for name in answer.headers.keys() {
        assert!(!name.as_str().starts_with("access-control-"), "{name}");
    }
}

#[test]
fn either_signal_to_stop_ends_it_with_success() {
    for signal in ["TERM", "INT"] {
        let folder = Folder::new();
        let local = Local::start(&folder, &["--memory"]);
        local.process.signal(signal);
        assert_eq!(local.process.end().0.code(), Some(0), "{signal}");
    }
}

#[test]
fn a_second_start_finds_users_sessions_keys_clock_and_certificate_again() {
    let folder = Folder::new();
    let kid = |local: &Local| {
        let set = local.ask("GET", "/.well-known/jwks.json", &[], "");
        set.body["keys"][0]["kid"].as_str().unwrap().to_owned()
    };
    let refresh = |local: &Local, token: &str| {
        let fields = [
            ("grant_type", "refresh_token"),
            ("client_id", demo::CLIENT),
            ("refresh_token", token),
        ];
        local.post_form("/oauth/token", &fields)
    };
    let certificate = |folder: &Folder| std::fs::read(folder.path().join("ca.pem")).unwrap();
    let first = Local::start(&folder, &[]);
    let tokens = log_in(&first);
    let (kid_before, ca_before) = (kid(&first), certificate(&folder));
    advance(&first, 5_000);
    let time = now(&first);
    assert_eq!(first.stop(), Some(0));

    let second = Local::start(&folder, &[]);
    assert_eq!(kid(&second), kid_before);
    assert_eq!(certificate(&folder), ca_before);
    assert!(now(&second) >= time);
    let again = refresh(&second, &tokens.text("refresh_token"));
    assert_eq!(again.status, 200, "{}", again.raw);
    let subject = |answer: &Answer| answer.claims("access_token")["sub"].clone();
    assert_eq!(subject(&again), subject(&tokens));
    assert_eq!(subject(&log_in(&second)), subject(&tokens));
    assert_eq!(second.stop(), Some(0));
}

#[test]
fn in_memory_a_second_start_begins_anew() {
    let folder = Folder::new();
    let first = Local::start(&folder, &["--memory"]);
    let tokens = log_in(&first);
    advance(&first, 1_000_000);
    let time = now(&first);
    assert_eq!(first.stop(), Some(0));
    assert!(!folder.path().join("dynamodb.db").exists());
    let second = Local::start(&folder, &["--memory"]);
    assert!(now(&second) < time);
    let subject = |answer: &Answer| answer.claims("access_token")["sub"].clone();
    assert_ne!(subject(&log_in(&second)), subject(&tokens));
}

#[test]
fn https_answers_to_who_trusts_the_printed_certificate() {
    let folder = Folder::new();
    let local = Local::start(&folder, &["--memory"]);
    let path = "/.well-known/openid-configuration";
    let metadata = local.ask_tls("GET", path, &[], "");
    assert_eq!(metadata.status, 200, "{}", metadata.raw);
    let issuer = format!("https://localhost:{}/", local.https_port);
    assert_eq!(metadata.body["issuer"], issuer);
    let keys = metadata.body["jwks_uri"].as_str().unwrap();
    let path = keys.strip_prefix(issuer.trim_end_matches('/')).unwrap();
    let set = local.ask_tls("GET", path, &[], "");
    assert_eq!(set.body["keys"].as_array().unwrap().len(), 1, "{}", set.raw);
    let body = format!(
        "grant_type=password&client_id=demo&username={}&password={}",
        demo::USER,
        demo::PASSWORD_OF_ALL
    );
    let begun = local.ask_tls("POST", "/oauth/token", &[], &body);
    assert_eq!(begun.body["error"], "mfa_required", "{}", begun.raw);
}

/// Starts the service where it cannot start. Returns the one line that it prints.
fn refused(arguments: &[&str]) -> String {
    let (status, lines) = Process::start("countersign-local", arguments, &[]).end();
    assert_eq!(status.code(), Some(1), "{lines:?}");
    let [(Stream::Error, line)] = &lines[..] else {
        panic!("not one line on standard error: {lines:?}");
    };
    line.clone()
}

#[test]
fn a_busy_port_is_one_clear_line() {
    let folder = Folder::new();
    let data = folder.path().to_str().unwrap();
    let busy = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = busy.local_addr().unwrap().port().to_string();
    for (option, other) in [("--port", "--https-port"), ("--https-port", "--port")] {
        let line = refused(&[option, &port, other, "0", "--data", data]);
        let wanted = format!(
            "countersign: port {port} is in use, perhaps by another `cargo local`; choose another with {option}"
        );
        assert_eq!(line, wanted);
    }
}

#[test]
fn a_folder_that_cannot_be_used_is_one_clear_line() {
    let folder = Folder::new();
    std::fs::write(folder.path(), "a file").unwrap();
    let below = folder.path().join("below");
    for path in [folder.path(), below.as_path()] {
        let data = path.to_str().unwrap();
        let line = refused(&["--port", "0", "--https-port", "0", "--data", data]);
        let begins = format!("countersign: cannot use the folder {data}: ");
        assert!(line.starts_with(&begins), "{line}");
        assert!(line.ends_with("choose another with --data DIR"), "{line}");
    }
    std::fs::remove_file(folder.path()).unwrap();
}

#[test]
fn a_folder_that_another_one_uses_is_one_clear_line() {
    let folder = Folder::new();
    let data = folder.path().to_str().unwrap();
    let _running = Local::start(&folder, &["--memory"]);
    let line = refused(&["--port", "0", "--https-port", "0", "--data", data]);
    let begins = format!("countersign: another countersign is using {data}: ");
    assert!(line.starts_with(&begins), "{line}");
}

/// `--aws-only` on free ports.
fn aws_only(folder: &Folder, more: &[&str]) -> Process {
    let data = folder.path().to_str().unwrap();
    let mut arguments = vec!["--aws-only", "--port", "0", "--https-port", "0"];
    arguments.extend(["--data", data]);
    arguments.extend_from_slice(more);
    Process::start("countersign-local", &arguments, &[])
}

#[test]
fn only_the_aws_stand_ins_write_the_environment_that_leads_to_them_and_name_the_file() {
    let folder = Folder::new();
    let mut process = aws_only(&folder, &["--memory"]);
    let ready = process.line(|line| line.strip_prefix("ready ").map(str::to_owned));
    let file = process.line(|line| {
        let rest = line.strip_prefix("environment")?;
        Some(rest.trim().to_owned())
    });
    let environment = std::fs::read_to_string(file).unwrap();
    for name in ["SESV2", "SNS", "KMS"] {
        let line = format!("AWS_ENDPOINT_URL_{name}='{ready}'\n");
        assert!(environment.contains(&line), "{environment}");
    }
    for line in [
        "AWS_ENDPOINT_URL_DYNAMODB='http://127.0.0.1:",
        "COUNTERSIGN_TABLE='countersign'",
        "COUNTERSIGN_ISSUER='http://localhost:9000/'",
    ] {
        assert!(environment.contains(line), "{environment}");
    }
    process.signal("TERM");
    assert_eq!(process.end().0.code(), Some(0));
}

#[test]
fn only_the_aws_stand_ins_refuse_data_whose_clock_was_moved() {
    let folder = Folder::new();
    let local = Local::start(&folder, &[]);
    assert_eq!(advance(&local, 60).status, 200);
    assert_eq!(local.stop(), Some(0));
    let (status, lines) = aws_only(&folder, &[]).end();
    assert_eq!(status.code(), Some(1));
    let said = format!("{lines:?}");
    assert!(said.contains("was moved by 60 seconds"), "{said}");
}
