//! `export`, and what `import` makes of it in another deployment, which has keys
//! of its own.

use std::os::unix::fs::PermissionsExt;

use aws_sdk_dynamodb::types::AttributeValue;
use countersign::domain::accounts::user::Account;
use countersign::domain::factors::factor::{Channel, Factor, FactorKind};
use countersign::domain::login::throttle::Guesser;
use countersign::store::CodeGuess;
use countersign_local::demo;
use serde_json::{Value, json};

use crate::harness::proxy::{Fault, Proxy};
use crate::harness::{Answer, Service, address_factor};
use crate::operate::import::kinds::custom;
use crate::operate::import::{BCRYPT, Files, PASSWORD};

/// A key pair of age-keygen.
pub const PUBLIC: &str = "age1xysr8nl3c40lj3zsg72rc0v2gj5f7dxhqaajt4567he2506aequqpsza95";
pub(super) const SECRET: &str =
    "# a comment\n\nAGE-SECRET-KEY-1F30J7ZE0275EZTVSFRMRQLPKYX3DXUMZ252YUPUT6DK5T5NJAVZQDF92VG\n";

/// Exports a service, encrypted. Gives the file.
pub(super) async fn exported(service: &Service, files: &Files) -> String {
    let path = files.path("users.ndjson.age");
    let command = ["export", &path, "--recipient", PUBLIC];
    service.operated(&command).await;
    path
}

/// A deployment with the same clients, without a user, and with keys of its own.
pub(super) async fn another() -> Service {
    let service = Service::start().await;
    service.delete_items("USER#").await;
    service.delete_items("NAME#").await;
    service
}

/// Brings the file into another deployment.
pub(super) async fn moved(service: &Service, files: &Files) -> Service {
    let file = exported(service, files).await;
    let other = another().await;
    let now = service.now() - other.now();
    other.advance(now);
    let done = imported(&other, files, &file).await;
    assert_eq!(done["refused"], json!(0), "{done}: {:?}", files.rejects());
    other
}

pub(super) async fn imported(service: &Service, files: &Files, file: &str) -> Value {
    let identity = files.path("key.txt");
    std::fs::write(&identity, SECRET).unwrap();
    let more = ["--identity", &identity];
    files.import_as(service, "countersign", file, &more).await
}

async fn demo_password(service: &Service, name: &str) -> Answer {
    service.password_of(name, demo::PASSWORD_OF_ALL).await
}

#[tokio::test]
async fn a_user_signs_in_elsewhere_with_the_same_app_phone_mail_and_recovery_codes() {
    let service = Service::start().await;
    let files = Files::new();
    // One recovery code is used, and one step of the app.
    let token = service.begin().await;
    let used = service.redeem_recovery(&token, demo::RECOVERY_CODE).await;
    assert_eq!(used.status, 200, "{}", used.raw);
    let next = used.text("recovery_code");
    service.watch_secret(&next);
    let token = service.begin().await;
    let shown = service.totp();
    assert_eq!(service.redeem_otp(&token, &shown).await.status, 200);
    let before = service.account(demo::USER).await;

    let other = moved(&service, &files).await;
    let after = other.account(demo::USER).await;
    assert_eq!(after.user.id, before.user.id);
    assert_eq!(ids(&after), ids(&before));
    assert_ne!(sealed(&after), sealed(&before), "the keys are others");
    assert!(after.user.epoch > before.user.epoch);
    // What was used stays used.
    let token = other.begin().await;
    let again = other.redeem_otp(&token, &shown).await;
    assert_eq!(again.status, 403, "{}", again.raw);
    let again = other.redeem_recovery(&token, demo::RECOVERY_CODE).await;
    assert_eq!(again.status, 403, "{}", again.raw);
    other.advance(30);
    let code = other.totp();
    let app = other.redeem_otp(&other.begin().await, &code).await;
    assert_eq!(app.status, 200, "{}", app.raw);
    for channel in ["sms", "email"] {
        let token = other.begin().await;
        let sent = other.challenge(&token, channel).await;
        assert_eq!(sent.status, 200, "{channel}: {}", sent.raw);
        let code = other.newest_code();
        let done = other
            .redeem_oob(&token, &sent.text("oob_code"), &code)
            .await;
        assert_eq!(done.status, 200, "{channel}: {}", done.raw);
    }
    let recovered = other.redeem_recovery(&other.begin().await, &next).await;
    assert_eq!(recovered.status, 200, "{}", recovered.raw);
    let plain = demo_password(&other, demo::PLAIN_USER).await;
    assert_eq!(plain.status, 200, "{}", plain.raw);
    let roles = other.account(demo::ABP_EMAIL).await.user.roles;
    assert_eq!(roles, ["admin"]);
}

fn ids(account: &Account) -> Vec<String> {
    let factors = account.factors.iter().map(|factor| factor.id.to_string());
    factors.collect()
}

fn sealed(account: &Account) -> Vec<u8> {
    let seed = account
        .factors
        .iter()
        .find_map(|factor| match &factor.kind {
            FactorKind::Totp { seed, .. } => Some(seed.bytes.clone()),
            FactorKind::Address { .. } | FactorKind::Passkey(_) => None,
        });
    seed.unwrap()
}

#[tokio::test]
async fn a_hash_that_was_moved_here_moves_on_and_still_verifies() {
    let service = Service::start().await;
    let files = Files::new();
    let scrypt = json!({
        "hash": {
            "value": "340b4614b3ddb3ac5741e394162d9fed60d1dbea38471ea04ef07a43dcae43ea01e7025344e5853374b9e9372ae66e12542a3d8cf88b0f12fec5de182fe57a6d",
            "encoding": "hex",
        },
        "salt": { "value": "seasalt" },
        "keylen": 64, "cost": 1024, "blockSize": 8, "parallelization": 2,
    });
    let md5 = json!({
        "hash": { "value": "52f36768c11844771e5f7ff576e2dba2", "encoding": "hex" },
        "salt": { "value": "pepper", "position": "prefix" },
    });
    let pbkdf2 = json!({ "hash": {
        "value": "$pbkdf2-sha256$i=1000,l=32$AAECAwQFBgcICQoLDA0ODw$yRTMTwbMbo9G0VfjobWqerzuuxe7BETNTErBbKKumGQ",
        "encoding": "utf8",
    } });
    let hashed = |name: &str, field: &str, hash: Value| json!({ "email": format!("{name}@example.com"), "email_verified": true, field: hash });
    let file = files.lines(&[
        hashed("bcrypt", "password_hash", json!(BCRYPT)),
        hashed("scrypt", "custom_password_hash", custom("scrypt", scrypt)),
        hashed("md5", "custom_password_hash", custom("md5", md5)),
        hashed("pbkdf2", "custom_password_hash", custom("pbkdf2", pbkdf2)),
        json!({ "email": "none@example.com", "username": "none" }),
    ]);
    files.import(&service, &file, &[]).await;
    let other = moved(&service, &files).await;
    for name in ["bcrypt", "scrypt", "md5", "pbkdf2"] {
        let email = format!("{name}@example.com");
        let (here, there) = (service.account(&email).await, other.account(&email).await);
        assert!(here.user.password == there.user.password, "{name}");
        let wrong = other.password_of(&email, "correct horsf").await;
        assert_eq!(wrong.status, 403, "{name}: {}", wrong.raw);
        let right = other.password_of(&email, PASSWORD).await;
        assert_eq!(right.status, 200, "{name}: {}", right.raw);
    }
    let none = other.account("none").await.user;
    assert!(none.password.is_none() && !none.email_confirmed);
}

#[tokio::test]
async fn standing_and_lockouts_and_what_is_due_come_along() {
    let service = Service::start().await;
    let files = Files::new();
    service
        .operated(&["user", "disable", demo::PLAIN_USER])
        .await;
    let due = ["user", "require-password-change", demo::ABP_USER];
    service.operated(&due).await;
    let webhook = address_factor(Channel::Webhook, "phone", true);
    let add = |account: &mut Account| account.factors.push(webhook);
    service.add_user("hooked@example.com", add).await;
    let begun = address_factor(Channel::Email, "half@example.com", false);
    let half = service.add_user("half@example.com", |_| {}).await;
    service.add_factor(half, &begun).await;
    // A factor that a stranger may have enrolled before the owner came.
    let squatted = service.add_user("squatted@example.com", |_| {}).await;
    let factor = address_factor(Channel::Email, "stranger@example.com", true);
    service.add_factor(squatted, &factor).await;
    let text = |text: &str| AttributeValue::S(text.to_owned());
    for (name, value) in [("reset_by", text(demo::USER)), ("given_name", text("Ann"))] {
        service.set_profile(demo::USER, name, value).await;
    }
    // A hundred wrong codes in a row have closed six-digit codes.
    let id = service.account(demo::USER).await.user.id;
    for _ in 0..100 {
        let guess =
            service
                .app
                .store
                .count_attempt(Guesser::User(id), CodeGuess::SixDigits, service.now());
        guess.await.unwrap();
        service.advance(3600);
    }
    let before = service.account(demo::USER).await.user;
    let wrong = service.app.store.wrong_codes(before.id).await.unwrap();
    assert_eq!(wrong.user, 100);

    let other = moved(&service, &files).await;
    let disabled = demo_password(&other, demo::PLAIN_USER).await;
    assert_eq!(disabled.status, 403, "{}", disabled.raw);
    let due = other.account(demo::ABP_USER).await.user;
    assert!(due.must_change_password);
    let kept = |factor: &Factor| factor.address() == Some((Channel::Webhook, "phone"));
    let hooked = other.account("hooked@example.com").await;
    assert!(hooked.factors.iter().all(kept) && hooked.factors.len() == 1);
    assert_eq!(other.account("half@example.com").await.factors, []);
    let after = other.account(demo::USER).await.user;
    assert_eq!(after.reset_by, before.reset_by);
    assert_eq!(after.created_at, before.created_at);
    assert_eq!(after.given_name.as_deref(), Some("Ann"));
    let moved_codes = other.app.store.wrong_codes(after.id).await.unwrap();
    assert_eq!(moved_codes, wrong);
    let token = other.begin().await;
    let closed = other.redeem_otp(&token, &other.totp()).await;
    assert_eq!(closed.status, 429, "{}", closed.raw);
    let opened = other.redeem_recovery(&token, demo::RECOVERY_CODE).await;
    assert_eq!(opened.status, 200, "{}", opened.raw);
    for id in [squatted, after.id] {
        let before = service.app.store.read_unowned(id).await.unwrap();
        let moved = other.app.store.read_unowned(id).await.unwrap();
        assert_eq!((moved, before.any()), (before, id == squatted));
    }
    // The same file again changes nobody.
    let file = files.path("users.ndjson.age");
    let again = imported(&other, &files, &file).await;
    assert_eq!((&again["made"], &again["refused"]), (&json!(0), &json!(0)));
}

#[tokio::test]
async fn the_file_is_its_owners_and_shows_nothing_without_the_key() {
    let service = Service::start().await;
    let files = Files::new();
    let path = exported(&service, &files).await;
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let bytes = std::fs::read(&path).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    assert!(!text.contains(demo::USER) && !text.contains("argon2"));

    let rejects = files.path("rejects.ndjson");
    let import = [
        "import",
        &path,
        "--format",
        "countersign",
        "--rejects",
        &rejects,
    ];
    let (code, line) = service.not_operated(&import).await;
    assert_eq!(code, 2);
    assert!(
        line.ends_with("name the file of its secret key with --identity"),
        "{line}"
    );
    let other_key = files.text("AGE-SECRET-KEY-1QQQQQQ\n");
    let with_key = [&import[..], &["--identity", &other_key]].concat();
    let (code, line) = service.not_operated(&with_key).await;
    let wanted = format!("{other_key}: line 1 is no secret key of age-keygen");
    assert_eq!((code, line), (2, wanted));

    // A file that was cut off is an error, and no smaller export.
    let cut = files.path("cut.age");
    std::fs::write(&cut, bytes.get(..bytes.len() - 10).unwrap()).unwrap();
    let identity = files.path("key.txt");
    std::fs::write(&identity, SECRET).unwrap();
    let import = [
        "import",
        &cut,
        "--format",
        "countersign",
        "--rejects",
        &rejects,
        "--identity",
        &identity,
    ];
    let (code, line) = another().await.not_operated(&import).await;
    assert_eq!(code, 1);
    assert!(
        line.contains("the encrypted file was cut off or changed"),
        "{line}"
    );
}

#[tokio::test]
async fn a_plain_file_must_be_asked_for_and_reads_as_auth0s_schema() {
    let service = Service::start().await;
    let files = Files::new();
    let path = files.path("users.ndjson");
    let (code, line) = service.not_operated(&["export", &path]).await;
    assert_eq!(code, 2);
    assert!(
        line.contains("--recipient") && line.contains("--plain"),
        "{line}"
    );
    let (code, _) = service
        .not_operated(&["export", &path, "--recipient", "age1abc"])
        .await;
    assert_eq!(code, 2);
    let done = service.operated(&["export", &path, "--plain"]).await;
    assert_eq!((&done["users"], &done["keys"]), (&json!(3), &json!(0)));
    let rows = crate::operate::import::lines_of(std::path::Path::new(&path));
    let row = rows.iter().find(|row| row["email"] == demo::USER).unwrap();
    let hash = &row["custom_password_hash"];
    assert_eq!(hash["algorithm"], "argon2");
    assert_eq!(
        row["mfa_factors"][0],
        json!({ "totp": { "secret": demo::SEED } })
    );
    assert_eq!(
        row["mfa_factors"][1],
        json!({ "phone": { "value": demo::PHONE } })
    );
    // Another tool that knows Auth0's schema reads it, but for what has no place there.
    let other = another().await;
    let done = files.import(&other, &path, &["--roles", "roles"]).await;
    assert_eq!((&done["made"], &done["refused"]), (&json!(3), &json!(0)));
    let token = other.begin().await;
    let code = other.totp();
    assert_eq!(other.redeem_otp(&token, &code).await.status, 200);
    // There is a file now, and it is not replaced.
    let (code, line) = service.not_operated(&["export", &path, "--plain"]).await;
    assert_eq!(code, 2);
    assert!(line.ends_with("exists: name another file"), "{line}");
}

#[tokio::test]
async fn an_export_that_cannot_be_recorded_reads_nobody_and_one_that_fails_can_be_repeated() {
    let dynamodb = Proxy::start().await;
    let through = dynamodb.clone();
    let service =
        Service::start_through(&[], |dynamodb, others| (through.before(dynamodb), others)).await;
    let files = Files::new();
    let path = files.path("users.ndjson.age");
    let export = ["export", &path, "--recipient", PUBLIC];
    let exists = |name: &str| std::path::Path::new(&files.path(name)).exists();
    dynamodb.take_seen();
    dynamodb.always("TransactWriteItems", Fault::ServerError);
    let (code, _) = service.not_operated(&export).await;
    assert_eq!(code, 1);
    let seen = dynamodb.take_seen();
    // The tool looks whether the act was stored, and reads nothing else.
    let act = ["TransactWriteItems", "GetItem"];
    let reads = |operation: &&String| !act.iter().any(|one| operation.ends_with(one));
    assert_eq!(seen.iter().find(reads), None, "{seen:?}");
    assert!(!exists("users.ndjson.age") && !exists("users.ndjson.age.part"));

    dynamodb.always("Scan", Fault::ServerError);
    let (code, _) = service.not_operated(&export).await;
    assert_eq!(code, 1);
    assert!(!exists("users.ndjson.age") && !exists("users.ndjson.age.part"));
    dynamodb.heal();
    // What a killed export has left does not matter.
    std::fs::write(files.path("users.ndjson.age.part"), "half").unwrap();
    let done = service.operated(&export).await;
    assert_eq!(done["users"], json!(3));
    assert!(exists("users.ndjson.age") && !exists("users.ndjson.age.part"));
    let acts = service.app.store.list_acts("export", 100).await.unwrap();
    assert_eq!((acts.len(), acts[0].by.as_str()), (2, "olga"));
}
