//! `GET /_local/state`: what a running `cargo local` holds, as a file that another one
//! starts from with `--seed`.

use countersign::domain::factors::totp::Seed as TotpSeed;
use countersign_local::demo;
use serde_json::{Value, json};

use crate::deployment::local::runs::{begin, challenge, messages};
use crate::harness::Answer;
use crate::harness::deployment::binary::Stream;
use crate::harness::deployment::local::{Folder, Local};

const MFA: &str = "http://auth0.com/oauth/grant-type/mfa-";
const NEW_USER: &str = "new@example.com";
const NEW_PASSWORD: &str = "Violet-Kettle-42";

/// The state of this service, and a folder with the file.
fn export(local: &Local) -> (Value, Folder, String) {
    let answer = local.ask("GET", "/_local/state", &[], "");
    assert_eq!(answer.status, 200, "{}", answer.raw);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let attached = "attachment; filename=\"countersign-state.json\"";
    assert_eq!(answer.header("content-disposition"), Some(attached));
    let folder = Folder::new();
    std::fs::create_dir(folder.path()).unwrap();
    let file = folder.path().join("state.json");
    std::fs::write(&file, &answer.raw).unwrap();
    let path = file.to_str().unwrap().to_owned();
    (answer.body, folder, path)
}

fn token(local: &Local, fields: &[(&str, &str)]) -> Answer {
    let client = [("client_id", demo::CLIENT)];
    local.post_form("/oauth/token", &[&client, fields].concat())
}

fn password(local: &Local, user: &str, password: &str) -> Answer {
    let fields = [
        ("grant_type", "password"),
        ("username", user),
        ("password", password),
        ("scope", "openid"),
    ];
    token(local, &fields)
}

/// The `sub` of the tokens.
fn subject(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.raw);
    let claims = answer.claims("access_token");
    claims["sub"].as_str().unwrap().to_owned()
}

fn by_app(local: &Local, user: &str, secret: &str, seed: &str) -> String {
    let now = local.ask("GET", "/_local/clock", &[], "").body["now"].clone();
    let step = now.as_u64().unwrap() / 30;
    let code = TotpSeed::from_base32(seed).unwrap().code(step);
    let begun = password(local, user, secret);
    let (grant, mfa_token) = (format!("{MFA}otp"), begun.text("mfa_token"));
    let fields = [
        ("grant_type", &*grant),
        ("mfa_token", &mfa_token),
        ("otp", code.expose()),
    ];
    subject(&token(local, &fields))
}

/// Shows a recovery code. Returns the next one.
fn by_recovery_code(local: &Local, code: &str) -> String {
    let (grant, mfa_token) = (
        format!("{MFA}recovery-code"),
        begin(local).text("mfa_token"),
    );
    let fields = [
        ("grant_type", &*grant),
        ("mfa_token", &mfa_token),
        ("recovery_code", code),
    ];
    let answer = token(local, &fields);
    assert_eq!(answer.status, 200, "{}", answer.raw);
    answer.text("recovery_code")
}

fn by_message(local: &Local, channel: &str) -> String {
    let mfa_token = begin(local).text("mfa_token");
    let sent = challenge(local, &mfa_token, channel);
    assert_eq!(sent.status, 200, "{}", sent.raw);
    let code = messages(local)[0]["code"].as_str().unwrap().to_owned();
    let grant = format!("{MFA}oob");
    let fields = [
        ("grant_type", &*grant),
        ("mfa_token", &mfa_token),
        ("oob_code", &sent.text("oob_code")),
        ("binding_code", &code),
    ];
    subject(&token(local, &fields))
}

#[test]
fn every_demo_user_signs_in_with_password_and_factor_at_a_service_that_starts_from_the_state() {
    let (folder, other) = (Folder::new(), Folder::new());
    let first = Local::start(&folder, &["--memory"]);
    let admin = by_app(&first, demo::ABP_USER, demo::ABP_PASSWORD, demo::ABP_SEED);
    let user = by_app(&first, demo::USER, demo::PASSWORD_OF_ALL, demo::SEED);
    let plain = subject(&password(&first, demo::PLAIN_USER, demo::PASSWORD_OF_ALL));
    // The table alone knows this code and this password.
    let next_code = by_recovery_code(&first, demo::RECOVERY_CODE);
    let new_user = json!({
        "client_id": demo::CLIENT, "email": NEW_USER, "password": NEW_PASSWORD,
        "connection": "Username-Password-Authentication", "name": "Nell New",
        "user_metadata": { "plan": "gold" },
    });
    let kind = [("content-type", "application/json")];
    let made = first.ask(
        "POST",
        "/dbconnections/signup",
        &kind,
        &new_user.to_string(),
    );
    assert_eq!(made.status, 200, "{}", made.raw);
    let (state, _kept, file) = export(&first);
    assert!(!state.to_string().contains(NEW_PASSWORD));
    assert!(!state.to_string().contains(&next_code));

    let second = Local::start(&other, &["--memory", "--seed", &file]);
    assert_eq!(
        by_app(&second, demo::ABP_USER, demo::ABP_PASSWORD, demo::ABP_SEED),
        admin
    );
    assert_eq!(
        by_app(&second, demo::USER, demo::PASSWORD_OF_ALL, demo::SEED),
        user
    );
    assert_eq!(
        subject(&password(&second, demo::PLAIN_USER, demo::PASSWORD_OF_ALL)),
        plain
    );
    assert_eq!(by_message(&second, "email"), user);
    assert_eq!(by_message(&second, "sms"), user);
    by_recovery_code(&second, &next_code);
    let used = begin(&second).text("mfa_token");
    let grant = format!("{MFA}recovery-code");
    let fields = [
        ("grant_type", &*grant),
        ("mfa_token", &used),
        ("recovery_code", demo::RECOVERY_CODE),
    ];
    assert_eq!(token(&second, &fields).status, 403);
    subject(&password(&second, NEW_USER, NEW_PASSWORD));
    assert_eq!(password(&second, NEW_USER, "another").status, 403);
    let page = second.ask("GET", "/_local/page/demo.json", &[], "").body;
    assert_eq!(page["auth0"]["users"][0]["password"], demo::PASSWORD_OF_ALL);
}

#[test]
fn the_state_of_a_service_that_started_from_a_state_is_the_same_state() {
    let (folder, other) = (Folder::new(), Folder::new());
    let first = Local::start(&folder, &["--memory"]);
    for command in [
        json!(["user", "disable", demo::PLAIN_USER]),
        json!(["user", "set-roles", demo::USER, "auditor"]),
        json!(["client", "rotate-secret", demo::SERVER_CLIENT]),
    ] {
        let body = json!({ "command": command }).to_string();
        let done = first.ask("POST", "/_local/operate", &[], &body);
        assert_eq!(done.body["exit_code"], 0, "{}", done.raw);
    }
    let (state, _kept, file) = export(&first);
    let clients = state["clients"].as_array().unwrap();
    let server = clients.iter().find(|one| one["id"] == demo::SERVER_CLIENT);
    let server = server.unwrap();
    assert_eq!(server["secrets"], json!([demo::SERVER_SECRET]));
    assert_eq!(server["secret_hashes"].as_array().unwrap().len(), 1);
    let second = Local::start(&other, &["--memory", "--seed", &file]);
    assert_eq!(export(&second).0, state);
}

#[test]
fn the_start_prints_the_demo_data_to_copy_and_nothing_of_a_seed_file() {
    let folder = Folder::new();
    let local = Local::start(&folder, &["--memory"]);
    let (_, _kept, file) = export(&local);
    let output = |local: Local| {
        let lines = local.said().into_iter();
        let lines = lines.filter(|(stream, _)| *stream == Stream::Output);
        lines.map(|(_, line)| line).collect::<Vec<_>>()
    };
    let has = |lines: &[String], words: &[&str]| {
        let mut lines = lines.iter();
        lines.any(|line| line.split_whitespace().eq(words.iter().copied()))
    };
    let keys = format!(
        "https://localhost:{}/.well-known/jwks.json",
        local.https_port
    );
    let said = output(local);
    let user = [
        demo::USER,
        demo::PASSWORD_OF_ALL,
        demo::SEED,
        demo::PHONE,
        demo::RECOVERY_CODE,
    ];
    assert!(has(&said, &user), "{said:#?}");
    let client = [demo::SERVER_CLIENT, demo::SERVER_SECRET, demo::AUDIENCE];
    assert!(has(&said, &client), "{said:#?}");
    assert!(has(&said, &["keys", &keys]), "{said:#?}");
    let said = output(Local::start(&folder, &["--memory", "--seed", &file]));
    assert!(!has(&said, &user), "{said:#?}");
}

/// The generator of P-256.
const PUBLIC_KEY: &str = r#"{"type_":"ES256","key":{"EC_EC2":{"curve":"SECP256R1","x":"axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY","y":"T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"}}}"#;

#[test]
fn a_sub_of_another_system_and_a_passkey_are_in_the_state_and_come_back() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path()).unwrap();
    let seed = folder.path().join("seed.json");
    let passkey = json!({
        "credential": "AQIDBAUGBwg", "public_key": PUBLIC_KEY, "counter": 7,
        "may_be_copied": true, "is_copied": false, "last_used_at": 1_800_000_000,
    });
    let user = json!({
        "subject": "auth0|5f7c8ec7c33c6c004bbafe82", "user_name": "mona",
        "password": "violet kettle 42", "two_factor": false,
        "passkey_handle": "A".repeat(43), "factors": [{ "passkey": passkey }],
    });
    let client = json!({
        "id": demo::CLIENT, "scopes": ["offline_access"],
        "audiences": ["https://api.example.com/"],
    });
    let file = json!({ "clients": [client], "users": [user] });
    std::fs::write(&seed, file.to_string()).unwrap();
    let mut path = seed.to_str().unwrap().to_owned();
    let mut kept = Vec::new();
    for _ in 0..2 {
        let data = Folder::new();
        let local = Local::start(&data, &["--memory", "--seed", &path]);
        let body = json!({ "command": ["user", "show", "mona"] }).to_string();
        let shown = local.ask("POST", "/_local/operate", &[], &body).body;
        assert_eq!(
            shown["value"]["subject"], "auth0|5f7c8ec7c33c6c004bbafe82",
            "{shown}"
        );
        let (state, folder, written) = export(&local);
        let mona = &state["users"][0];
        assert_eq!(mona["subject"], user["subject"]);
        assert_eq!(mona["passkey_handle"], user["passkey_handle"]);
        assert_eq!(mona["factors"], user["factors"]);
        path = written;
        kept.push((folder, data));
    }
}
