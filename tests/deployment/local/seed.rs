//! `cargo local --seed FILE`: the developer's own clients and users.

use countersign::domain::factors::totp::Seed as TotpSeed;
use countersign_local::demo;
use countersign_local::seed::Seed;
use serde_json::{Value, json};

use crate::harness::Answer;
use crate::harness::deployment::binary::{Process, Stream};
use crate::harness::deployment::local::{Folder, Local};
use crate::tidy::source::read;

const TOTP: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const RECOVERY: &str = "ABCDEFGHJKLMNPQRSTUVWXYZ";
const ADA: &str = "5f0f0a3e-3c1c-4a7a-9d8b-2d8a9e1f7c11";

fn seed() -> Value {
    json!({
        "clients": [
            { "id": "shop", "secrets": ["client secret"], "scopes": ["offline_access", "orders"],
              "audiences": ["https://shop.example.com", "{issuer}mfa/"],
              "access_token_seconds": 300 },
        ],
        "users": [
            { "id": ADA, "user_name": "ada", "email": "ada@example.com", "password": "violet kettle",
              "roles": ["admin"], "phone": "+1 555 555 0102",
              "factors": [{ "totp": TOTP }, { "email": "ada@example.com" }],
              "recovery_codes": ["ABCDEFGH-JKLMNPQR-STUVWXYZ"] },
            { "email": "bea@example.com", "password": "copper lantern",
              "factors": [{ "totp": TOTP }], "two_factor": false },
            { "email": "cid@example.com", "password": "copper lantern", "active": false },
        ],
    })
}

/// A folder beside the data folder, with this seed file.
struct File(Folder);

impl File {
    fn of(text: &str) -> Self {
        let folder = Folder::new();
        std::fs::create_dir(folder.path()).unwrap();
        std::fs::write(folder.path().join("seed.json"), text).unwrap();
        Self(folder)
    }

    fn path(&self) -> String {
        let path = self.0.path().join("seed.json");
        path.to_str().unwrap().to_owned()
    }
}

fn token(local: &Local, fields: &[(&str, &str)]) -> Answer {
    let client = [("client_id", "shop"), ("client_secret", "client secret")];
    local.post_form("/oauth/token", &[&client, fields].concat())
}

fn sign_in(local: &Local, user: &str, password: &str) -> Answer {
    let fields = [
        ("grant_type", "password"),
        ("username", user),
        ("password", password),
        ("scope", "openid orders"),
    ];
    token(local, &fields)
}

fn totp(local: &Local) -> String {
    let now = local.ask("GET", "/_local/clock", &[], "").body["now"]
        .as_u64()
        .unwrap();
    let seed = TotpSeed::from_base32(TOTP).unwrap();
    seed.code(now / 30).expose().to_owned()
}

#[test]
fn the_files_clients_and_users_are_there_and_the_demo_data_are_not() {
    let (folder, file) = (Folder::new(), File::of(&seed().to_string()));
    let local = Local::start(&folder, &["--memory", "--seed", &file.path()]);

    let begun = sign_in(&local, "ada", "violet kettle");
    assert_eq!(
        begun.error().split(':').next(),
        Some("mfa_required"),
        "{}",
        begun.raw
    );
    let code = totp(&local);
    let otp = "http://auth0.com/oauth/grant-type/mfa-otp";
    let mfa_token = begun.text("mfa_token");
    let tokens = token(
        &local,
        &[
            ("grant_type", otp),
            ("mfa_token", &mfa_token),
            ("otp", &code),
        ],
    );
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    assert_eq!(tokens.body["expires_in"], 300);
    let claims = tokens.claims("access_token");
    let subject = claims["sub"].as_str().unwrap().to_owned();
    assert!(
        subject.contains(ADA) || subject.contains(&ADA.replace('-', "")),
        "{subject}"
    );

    let begun = sign_in(&local, "ada@example.com", "violet kettle");
    let grant = "http://auth0.com/oauth/grant-type/mfa-recovery-code";
    let mfa_token = begun.text("mfa_token");
    let fields = [
        ("grant_type", grant),
        ("mfa_token", &mfa_token),
        ("recovery_code", RECOVERY),
    ];
    assert_eq!(token(&local, &fields).status, 200);

    assert_eq!(
        sign_in(&local, "bea@example.com", "copper lantern").status,
        200,
        "off"
    );
    let inactive = sign_in(&local, "cid@example.com", "copper lantern");
    assert_ne!(inactive.status, 200, "{}", inactive.raw);
    let demo = sign_in(&local, demo::USER, demo::PASSWORD_OF_ALL);
    assert_eq!(demo.error(), "invalid_grant: Wrong email or password.");
    let page = local.ask("GET", "/_local/page/demo.json", &[], "").body;
    assert_eq!(page["auth0"]["client"], "shop");
    assert_eq!(page["abp"]["users"][0]["name"], "ada");
}

#[test]
fn a_second_start_finds_the_seed_again_and_leaves_its_users_as_they_became() {
    let (folder, file) = (Folder::new(), File::of(&seed().to_string()));
    let first = Local::start(&folder, &["--seed", &file.path()]);
    let said = output(first);
    assert!(
        said.contains(&format!("{}; clients 1, new users 3\n", file.path())),
        "{said}"
    );

    let second = Local::start(&folder, &[]);
    assert_eq!(
        sign_in(&second, "bea@example.com", "copper lantern").status,
        200
    );
    let demo = sign_in(&second, demo::USER, demo::PASSWORD_OF_ALL);
    assert_eq!(demo.error(), "invalid_grant: Wrong email or password.");
    let said = output(second);
    let told = "seed.json; clients 1, new users 0, 3 there already and left as they are\n";
    assert!(said.contains(told), "{said}");
}

#[test]
fn a_folder_that_has_the_demo_data_keeps_them_beside_a_seed_and_says_so() {
    let (folder, file) = (Folder::new(), File::of(&seed().to_string()));
    assert_eq!(Local::start(&folder, &[]).stop(), Some(0));
    let local = Local::start(&folder, &["--seed", &file.path()]);
    assert_eq!(
        sign_in(&local, "bea@example.com", "copper lantern").status,
        200
    );
    let lines = local.said();
    let warned = |what: &str| {
        let on_error =
            |(stream, line): &(Stream, String)| *stream == Stream::Error && line.contains(what);
        lines.iter().any(on_error)
    };
    assert!(
        warned("was begun with the demo data, which stays"),
        "{lines:?}"
    );
    assert!(
        !warned("there is no client"),
        "the demo data has it: {lines:?}"
    );
}

#[test]
fn a_seed_without_the_client_of_codemazes_words_is_told_what_does_not_work() {
    let (folder, file) = (Folder::new(), File::of(&seed().to_string()));
    let start = |environment: &[(&str, &str)]| {
        let local = Local::start_in(&folder, &["--memory", "--seed", &file.path()], environment);
        let lines = local.said().into_iter();
        let said = lines.filter(|(stream, _)| *stream == Stream::Error);
        said.map(|(_, line)| line).collect::<Vec<_>>().join("\n")
    };
    let said = start(&[]);
    let warning = "countersign: warning: there is no client codemaze, so /api/accounts/";
    assert!(said.contains(warning), "{said}");
    for right in [
        ("COUNTERSIGN_CODEMAZE_CLIENT", "shop"),
        ("COUNTERSIGN_DIALECTS", "auth0"),
    ] {
        let said = start(&[right]);
        assert!(!said.contains("there is no client"), "{said}");
    }
}

fn output(local: Local) -> String {
    let lines = local.said().into_iter();
    let output = lines.filter(|(stream, _)| *stream == Stream::Output);
    output.map(|(_, line)| format!("{line}\n")).collect()
}

#[test]
fn a_wrong_file_is_one_line_with_the_file_the_field_and_what_it_wants() {
    let folder = Folder::new();
    let data = folder.path().to_str().unwrap();
    let refused = |path: &str| {
        let arguments = [
            "--port",
            "0",
            "--https-port",
            "0",
            "--data",
            data,
            "--seed",
            path,
        ];
        let (status, lines) = Process::start("countersign-local", &arguments, &[]).end();
        assert_eq!(status.code(), Some(1), "{lines:?}");
        assert!(!folder.path().exists(), "nothing was made");
        let [(Stream::Error, line)] = &lines[..] else {
            panic!("not one line on standard error: {lines:?}");
        };
        line.clone()
    };
    let mut wrong = seed();
    wrong["users"][1]["factors"][0]["totp"] = json!("not base32");
    let file = File::of(&wrong.to_string());
    let line = refused(&file.path());
    let wanted = "users[1].factors[0].totp: wants a seed of 10 bytes or more in base32 at line 1";
    assert!(
        line.starts_with(&format!("countersign: {}: {wanted}", file.path())),
        "{line}"
    );
    let missing = format!("{}.missing", file.path());
    let line = refused(&missing);
    let wanted = format!("countersign: cannot read the seed {missing}: No such file");
    assert!(line.starts_with(&wanted), "{line}");
}

#[test]
fn the_example_in_the_papers_is_a_seed() {
    let page = read("docs/seed.md");
    let example = page.split("```json\n").nth(1).unwrap();
    let example = example.split("```").next().unwrap();
    let seed = Seed::parse(example).unwrap_or_else(|wrong| panic!("{wrong}"));
    assert!(seed.clients.len() >= 2 && seed.users.len() >= 2);
}
