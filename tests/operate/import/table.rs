//! The command `import` for the tables of ASP.NET Identity and ABP, as JSON and as CSV.
//! Python 3.11's hashlib made the hashes in the layout of ASP.NET Identity's versions 2
//! and 3. The password is `correct horse`.

use countersign::domain::factors::totp::Seed;
use countersign_local::demo;
use serde_json::{Value, json};

use super::{BCRYPT, Files, PASSWORD};
use crate::harness::Service;

pub const VERSION_2: &str = "AAABAgMEBQYHCAkKCwwNDg+d2FbDdriytxO2vgdAVMuIpGVW4BGF6o0NJn8znGUhaQ==";
const VERSION_3: &str =
    "AQAAAAIAAAPoAAAAEAABAgMEBQYHCAkKCwwNDg9enHTtaNXHi8Ii+uYFGPy46hVW0aomq1S/YnluGLNJCw==";
const ID: &str = "39fd6ea8-8a0e-4b7e-9d6a-1d2c3b4a5f60";
const KEY: &str = "NB2W45DFOIZDGMRTGQ2TMNZYHE";

#[tokio::test]
async fn a_user_of_abp_signs_in_in_abps_words_and_keeps_the_identifier() {
    let service = Service::start().await;
    let files = Files::new();
    let file = files.lines(&[json!({
        "Id": ID.to_uppercase(), "TenantId": null, "UserName": "ann", "NormalizedUserName": "ANN",
        "Name": "Ann", "Surname": "Lee", "Email": "ann@example.com", "EmailConfirmed": true,
        "PasswordHash": VERSION_3, "SecurityStamp": "X", "IsActive": true, "IsDeleted": 0,
        "PhoneNumber": "+15555550142", "PhoneNumberConfirmed": 1, "TwoFactorEnabled": true,
        "LockoutEnd": "2026-01-01T00:00:00+00:00", "AuthenticatorKey": KEY,
        "Roles": ["admin"], "ExtraProperties": "{}",
    })]);
    let done = files.import_as(&service, "abp", &file, &[]).await;
    assert_eq!(done["made"], json!(1), "{:?}", files.rejects());
    assert_eq!(done["left_out"], json!({ "extraproperties": 1 }));
    let wrong = service.sign_in("ann", "correct horsf").await;
    assert_eq!(wrong.status, 400, "{}", wrong.raw);
    let begun = service.sign_in("ANN", PASSWORD).await;
    let told = begun.text("error_description");
    assert_eq!(told, "RequiresTwoFactor", "{}", begun.raw);
    let step = u64::try_from(service.now() / 30).unwrap();
    let code = Seed::from_base32(KEY).unwrap().code(step);
    let beside = [
        ("TwoFactorProvider", "Authenticator"),
        ("TwoFactorCode", code.expose()),
    ];
    let tokens = service.sign_in_with("ann@example.com", PASSWORD, &beside);
    let tokens = tokens.await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    let account = service.account("ann").await;
    assert_eq!(account.user.id.dashed(), ID);
    assert_eq!(account.user.roles, ["admin"]);
    let hash = account.user.password.unwrap();
    assert!(hash.as_str().starts_with("$argon2id$"), "{}", hash.as_str());
}

#[tokio::test]
async fn a_recovery_code_of_aspnet_identity_signs_in_once_and_is_stored_slowly() {
    let service = Service::start().await;
    let files = Files::new();
    let user = |codes: Value| {
        json!({
            "Id": ID, "UserName": "ann", "Email": "ann@example.com", "EmailConfirmed": true,
            "PasswordHash": VERSION_3, "TwoFactorEnabled": true, "AuthenticatorKey": KEY,
            "RecoveryCodes": codes,
        })
    };
    let refused = files.lines(&[user(json!("short")), user(json!(7))]);
    let done = files
        .import_as(&service, "aspnet", &refused, &["--dry-run"])
        .await;
    assert_eq!(done["refused"], json!(2), "{done}");
    let file = files.lines(&[user(json!("2BCDF-GHJKM;9f8e7d6c"))]);
    let done = files.import_as(&service, "aspnet", &file, &[]).await;
    assert_eq!(done["made"], json!(1), "{:?}", files.rejects());
    let stored = service.account("ann").await.recovery.unwrap().hashes;
    let slow = stored.iter().filter(|hash| hash.starts_with("$argon2id$"));
    assert_eq!(slow.count(), 2, "{stored:?}");
    for (code, status) in [
        ("2BCDF-GHJKN", 400),
        ("2bcdf ghjkm", 200),
        ("2BCDF-GHJKM", 400),
        ("9F8E7D6C", 200),
    ] {
        let beside = [("RecoveryCode", code)];
        let answer = service.sign_in_with("ann", PASSWORD, &beside).await;
        assert_eq!(answer.status, status, "{code}: {}", answer.raw);
    }
    assert!(
        service
            .account("ann")
            .await
            .recovery
            .is_none_or(|left| left.hashes.is_empty())
    );
}

#[tokio::test]
async fn a_user_of_aspnet_identity_signs_in_in_codemazes_words() {
    let service = Service::start().await;
    let files = Files::new();
    let path = files.path("AspNetUsers.csv");
    let head = "Id,UserName,Email,EmailConfirmed,PasswordHash,PhoneNumber,TwoFactorEnabled,\
                LockoutEnd,Roles";
    let ann = format!(
        "{ID},ann@example.com,ann@example.com,True,{VERSION_2},NULL,False,NULL,\"Viewer,Editor\""
    );
    let bob = format!("7,bob@example.com,bob@example.com,1,{VERSION_2},,0,9999-12-31 23:59:59,");
    std::fs::write(&path, format!("{head}\r\n{ann}\r\n{bob}\r\n")).unwrap();
    let done = files.import_as(&service, "aspnet", &path, &[]).await;
    assert_eq!(done["made"], json!(2), "{:?}", files.rejects());
    let body = json!({ "email": "ann@example.com", "password": PASSWORD });
    let answer = service.post_json("/api/accounts/login", &body).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    let ann = service.account("ann@example.com").await.user;
    assert_eq!(ann.roles, ["Viewer", "Editor"]);
    // An administrator had locked bob out permanently.
    assert!(!service.account("bob@example.com").await.user.active);
}

#[tokio::test]
async fn any_table_moves_in_by_the_names_of_its_columns() {
    let service = Service::start().await;
    let files = Files::new();
    let path = files.path("users.csv");
    let rows = format!(
        "user_name;email;email_confirmed;given_name;password_hash;must_change_password\n\
         ann;ann@example.com;yes;Ann;{BCRYPT};yes\n"
    );
    std::fs::write(&path, rows).unwrap();
    let done = files.import_as(&service, "table", &path, &[]).await;
    assert_eq!(done["made"], json!(1), "{:?}", files.rejects());
    let user = service.account("ann").await.user;
    assert!(user.must_change_password && user.email_confirmed);
    assert_eq!(user.given_name.as_deref(), Some("Ann"));
    let begun = service.sign_in("ann", PASSWORD).await;
    let told = begun.text("error_description");
    assert_eq!(told, "ShouldChangePasswordOnNextLogin", "{}", begun.raw);
}

#[tokio::test]
async fn a_table_with_names_of_its_own_moves_in_by_a_mapping() {
    let service = Service::start().await;
    let files = Files::new();
    let path = files.path("users.csv");
    let rows = format!("Login,Mail,Secret,Email\nann,ann@example.com,{BCRYPT},never\n");
    std::fs::write(&path, rows).unwrap();
    let map = ["--map", "user_name=login", "--map", "password_hash=Secret"];
    let map = [&map[..], &["--map", "email=Mail"]].concat();
    let done = files.import_as(&service, "table", &path, &map).await;
    assert_eq!(done["made"], json!(1), "{:?}", files.rejects());
    assert_eq!(
        service.account("ann@example.com").await.user.user_name,
        "ann"
    );
    assert_eq!(service.sign_in("ann", PASSWORD).await.status, 200);

    let rejects = files.path("rejects.ndjson");
    let import = [
        "import",
        &path,
        "--format",
        "table",
        "--rejects",
        &rejects,
        "--map",
    ];
    for (map, why) in [
        ("email=E-Mail", "the file has no column E-Mail"),
        ("mail=Mail", "our column is one of id, username"),
        ("email", "wants OURS=THEIRS"),
    ] {
        let (code, line) = service.not_operated(&[&import[..], &[map]].concat()).await;
        assert_eq!(code, 2);
        assert!(line.contains(why), "{line}");
    }
}

#[tokio::test]
async fn a_key_that_was_never_shown_to_work_is_no_factor() {
    let service = Service::start().await;
    let files = Files::new();
    let row = |name: &str, on: bool| {
        json!({
            "UserName": name, "PasswordHash": VERSION_2, "TwoFactorEnabled": on,
            "AuthenticatorKey": KEY,
        })
    };
    let file = files.lines(&[row("ann", false), row("bob", true)]);
    files.import_as(&service, "aspnet", &file, &[]).await;
    for (name, factors) in [("ann", 0), ("bob", 1)] {
        let account = service.account(name).await;
        assert_eq!(account.factors.len(), factors);
        assert_eq!(account.user.two_factor, factors == 1);
    }
}

#[tokio::test]
pub async fn each_refused_row_of_a_table_has_its_reason() {
    let service = Service::start().await;
    let files = Files::new();
    let of = |name: &str, value: Value| {
        let mut row = json!({ "Email": "x@example.com" });
        row[name] = value;
        row
    };
    let cases = [
        (json!({ "IsDeleted": true }), "the user is deleted there"),
        (json!({ "Id": ID }), "neither email nor user name"),
        (
            of("UserName", json!("a b")),
            "the user name cannot be used here",
        ),
        (
            of("EmailConfirmed", json!("maybe")),
            "emailconfirmed is neither",
        ),
        (of("UserName", json!([])), "username is no text"),
        (
            of("PasswordHash", json!("?")),
            "the password hash: neither base64",
        ),
        (
            of("PasswordHash", json!("AgAA")),
            "the password hash: malformed ASP.NET",
        ),
        (
            of("PasswordHash", json!("$2b$31$x")),
            "the password hash: bcrypt's cost",
        ),
        (
            of("AuthenticatorKey", json!("?")),
            "the authenticator key is no base32",
        ),
        (of("LockoutEnd", json!("never")), "the end of the lockout"),
        (of("Roles", json!(5)), "the roles are not a list"),
        (
            json!({ "Email": demo::USER }),
            "the name belongs to another user: \"user@example.com\"",
        ),
        (json!([{}]), "no JSON object"),
    ];
    let first = [json!({ "Email": "first@example.com" })];
    let rows = cases.iter().map(|(row, _)| row);
    let rows: Vec<Value> = first.iter().chain(rows).cloned().collect();
    let file = files.lines(&rows);
    let done = files.import_as(&service, "aspnet", &file, &[]).await;
    assert_eq!(done["made"], json!(1));
    assert_eq!(done["refused"], json!(cases.len()));
    let mut rejects = files.rejects();
    rejects.sort_by_key(|row| row["number"].as_u64());
    for (reject, (_, why)) in rejects.iter().zip(&cases) {
        let reason = reject["reason"].as_str().unwrap();
        assert!(reason.starts_with(why), "{reason} / {why}");
    }
}

#[tokio::test]
async fn a_csv_file_of_windows_programs_is_read_in_utf8_with_a_mark_and_in_utf16() {
    let text = "Id,UserName,Surname\r\n7d3d8f3c-0000-4000-8000-000000000001,zoe,Zoë 😀\r\n";
    let marked = format!("\u{feff}{text}");
    let little = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big = |text: &str| text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let files: [Vec<u8>; 5] = [
        marked.clone().into_bytes(),
        little(&marked),
        little(text),
        big(&marked),
        big(text),
    ];
    for bytes in files {
        let (service, files) = (Service::start().await, Files::new());
        let path = files.path("users.csv");
        std::fs::write(&path, bytes).unwrap();
        let rejects = files.path("rejects.ndjson");
        let import = ["import", &path, "--format", "aspnet", "--rejects", &rejects];
        let done = service.operated(&import).await;
        assert_eq!(done["made"], 1, "{:?}", files.rejects());
        let zoe = service.account("zoe").await.user;
        assert_eq!(zoe.family_name.as_deref(), Some("Zoë 😀"));
    }
}
