//! The command `import` for Auth0's users. Other implementations made the hashes
//! (Python 3.11's hashlib and hmac, and the packages bcrypt and argon2-cffi). The
//! password is `correct horse`.

mod broken_files;
mod clients;
mod every_reason;
mod flight;
mod killed;
pub mod kinds;
mod lockouts;
mod machines;
mod profiles;
mod published;
mod reasons;
mod refused;
mod systems;
mod systems_refused;
mod table;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use countersign::domain::factors::totp::Seed;
use countersign::domain::id::UserId;
use serde_json::{Value, json};

use crate::harness::Service;
use crate::harness::account::NEW_PASSWORD;
use crate::harness::deployment::local::Folder;

pub const PASSWORD: &str = "correct horse";
const ID: &str = "39fd6ea8-8a0e-4b7e-9d6a-1d2c3b4a5f60";
pub const BCRYPT: &str = "$2b$05$cuVrO/gZqRwCr2zHfBbMOeiRM18GwD0IYOOYnZBPVG5QdfRKFiT96";

/// The reasons in the files of refused rows of every import that tests have run so far.
static REASONS: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Files of one import.
pub struct Files {
    folder: Folder,
}

impl Drop for Files {
    fn drop(&mut self) {
        self.note_reasons();
    }
}

impl Files {
    /// A folder of its own.
    pub fn new() -> Self {
        let folder = Folder::new();
        std::fs::create_dir_all(folder.path()).unwrap();
        Self { folder }
    }

    /// The path of a file.
    pub fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// Writes rows, one a line.
    pub fn lines(&self, rows: &[Value]) -> String {
        let text: String = rows.iter().map(|row| format!("{row}\n")).collect();
        self.text(&text)
    }

    /// Writes this text.
    pub fn text(&self, text: &str) -> String {
        let path = self.path("users.json");
        std::fs::write(&path, text).unwrap();
        path
    }

    /// The refused rows.
    pub fn rejects(&self) -> Vec<Value> {
        lines_of(&PathBuf::from(self.path("rejects.ndjson")))
    }

    /// Notes the reasons in the file of refused rows, if there is one.
    fn note_reasons(&self) {
        let text = std::fs::read_to_string(self.path("rejects.ndjson")).unwrap_or_default();
        let rows = text
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok());
        let reasons = rows.filter_map(|row: Value| row["reason"].as_str().map(str::to_owned));
        REASONS.lock().unwrap().extend(reasons);
    }

    /// Imports a file of Auth0.
    pub async fn import(&self, service: &Service, file: &str, more: &[&str]) -> Value {
        self.import_as(service, "auth0", file, more).await
    }

    /// Imports a file of this format.
    pub async fn import_as(
        &self,
        service: &Service,
        format: &str,
        file: &str,
        more: &[&str],
    ) -> Value {
        let rejects = self.path("rejects.ndjson");
        let command = ["import", file, "--format", format, "--rejects", &rejects];
        let done = service.operated(&[&command[..], more].concat()).await;
        self.note_reasons();
        done
    }
}

/// The rows of a file.
pub fn lines_of(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    let line = |line: &str| serde_json::from_str(line).unwrap();
    text.lines().map(line).collect()
}

#[tokio::test]
async fn a_user_of_auth0_signs_in_with_the_old_password_and_the_old_app() {
    let service = Service::start().await;
    let files = Files::new();
    let seed = "NB2W45DFOIZDGMRTGQ2TMNZYHE";
    let file = files.lines(&[json!({
        "email": "Ann@Example.com", "email_verified": true,
        "user_id": "auth0|0198c0de-0000-7000-8000-0000000000aa",
        "given_name": "Ann", "family_name": "Lee",
        "app_metadata": { "roles": ["admin"] },
        "password_hash": BCRYPT,
        "mfa_factors": [{ "totp": { "secret": seed } }, { "phone": { "value": "+15555550142" } }],
    })]);
    let done = files.import(&service, &file, &["--roles", "roles"]).await;
    assert_eq!((&done["made"], &done["refused"]), (&json!(1), &json!(0)));

    let wrong = service
        .password_of("ann@example.com", "correct horsf")
        .await;
    assert_eq!(wrong.status, 403, "{}", wrong.raw);
    assert_eq!(wrong.text("error"), "invalid_grant");
    let begun = service.password_of("ann@example.com", PASSWORD).await;
    assert_eq!(begun.text("error"), "mfa_required");
    let step = u64::try_from(service.now() / 30).unwrap();
    let code = Seed::from_base32(seed)
        .unwrap()
        .code(step)
        .expose()
        .to_owned();
    let tokens = service.redeem_otp(&begun.text("mfa_token"), &code).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);

    let user = service.account("ann@example.com").await;
    let subject = "auth0|0198c0de-0000-7000-8000-0000000000aa";
    assert_eq!(user.user.subject(), subject);
    assert_eq!(tokens.claims("access_token")["sub"], subject);
    assert_eq!(user.user.roles, ["admin"]);
    let me = service
        .get("/userinfo", Some(&tokens.text("access_token")))
        .await;
    assert_eq!(me.text("sub"), subject);
    // The number became a factor too.
    service.advance(31);
    let begun = service.password_of("ann@example.com", PASSWORD).await;
    let sent = service.challenge(&begun.text("mfa_token"), "sms").await;
    assert_eq!(sent.status, 200, "{}", sent.raw);
    let code = service.newest_code();
    let tokens = service
        .redeem_oob(&begun.text("mfa_token"), &sent.text("oob_code"), &code)
        .await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
}

#[tokio::test]
async fn the_same_import_again_makes_nobody_twice_and_changes_nobody() {
    let service = Service::start().await;
    let files = Files::new();
    let rows: Vec<Value> = (0..60)
        .map(|at| {
            json!({ "email": format!("u{at}@example.com"), "user_id": format!("{at:024x}"), "password_hash": BCRYPT })
        })
        .collect();
    // An import that was killed halfway.
    let first = files.lines(&rows[..37]);
    assert_eq!(files.import(&service, &first, &[]).await["made"], json!(37));
    let whole = files.lines(&rows);
    let done = files.import(&service, &whole, &[]).await;
    assert_eq!((&done["made"], &done["kept"]), (&json!(23), &json!(37)));
    assert_eq!(
        service.password_of("u7@example.com", PASSWORD).await.status,
        200
    );
    let before = service.account("u7@example.com").await.user;
    // Again as an array, with all rows.
    let array = files.text(&Value::Array(rows).to_string());
    let done = files.import(&service, &array, &[]).await;
    assert_eq!((&done["made"], &done["kept"]), (&json!(0), &json!(60)));
    let after = service.account("u7@example.com").await.user;
    assert!(before.password == after.password && before.epoch == after.epoch);
}

#[tokio::test]
async fn the_sub_of_the_tokens_stays_and_the_identifier_here_can_be_looked_up() {
    let service = Service::start().await;
    let files = Files::new();
    let file = files.lines(&[
        json!({ "email": "a@example.com", "user_id": "583c3ac3f38e84297c002546" }),
        json!({ "email": "b@example.com", "user_id": "auth0|0198c0de-0000-7000-8000-0000000000bb" }),
        json!({ "email": "c@example.com" }),
        json!({ "email": "d@example.com", "user_id": ID }),
    ]);
    let ids = files.path("ids.ndjson");
    let done = files.import(&service, &file, &["--ids", &ids]).await;
    assert_eq!(
        (&done["made"], &done["without_password"]),
        (&json!(4), &json!(4))
    );
    let derived = UserId::of_name("auth0|583c3ac3f38e84297c002546").dashed();
    assert_eq!(
        lines_of(&PathBuf::from(&ids)),
        [
            json!({ "former": "auth0|583c3ac3f38e84297c002546", "id": derived }),
            json!({
                "former": "auth0|0198c0de-0000-7000-8000-0000000000bb",
                "id": UserId::of_name("auth0|0198c0de-0000-7000-8000-0000000000bb").dashed(),
            }),
            json!({ "former": ID, "id": ID }),
        ]
    );
    assert_eq!(
        service.account("a@example.com").await.user.id.dashed(),
        derived
    );
    for (address, subject) in [
        ("a@example.com", "auth0|583c3ac3f38e84297c002546"),
        (
            "b@example.com",
            "auth0|0198c0de-0000-7000-8000-0000000000bb",
        ),
        ("d@example.com", ID),
    ] {
        assert_eq!(service.account(address).await.user.subject(), subject);
        let shown = service.operated(&["user", "show", subject]).await;
        assert_eq!(shown["email"], address);
        assert_eq!(shown["subject"], subject);
    }
}

#[tokio::test]
async fn a_factor_under_an_address_that_was_never_verified_goes_with_the_owners_reset() {
    let service = Service::start().await;
    let files = Files::new();
    let row = |email: &str, verified: bool| {
        json!({
            "email": email, "email_verified": verified, "password_hash": BCRYPT,
            "mfa_factors": [{ "totp": { "secret": "NB2W45DFOIZDGMRTGQ2TMNZYHE" } }],
        })
    };
    let file = files.lines(&[
        row("squatted@example.com", false),
        row("owned@example.com", true),
    ]);
    files.import(&service, &file, &[]).await;
    for (email, factors) in [("squatted@example.com", 0), ("owned@example.com", 1)] {
        let id = service.account(email).await.user.id.dashed();
        let token = service.reset_token(email).await;
        let reset = service.reset(&id, &token, NEW_PASSWORD).await;
        assert_eq!(reset.status, 204, "{}", reset.raw);
        assert_eq!(
            service.account(email).await.factors.len(),
            factors,
            "{email}"
        );
    }
}

#[tokio::test]
async fn a_blocked_user_stays_blocked_and_an_unverified_address_unverified() {
    let service = Service::start().await;
    let files = Files::new();
    let file = files.lines(&[
        json!({ "email": "a@example.com", "blocked": true, "password_hash": BCRYPT }),
        json!({ "username": "ann", "password_hash": BCRYPT, "picture": "https://example.com/", "shoe": 5 }),
    ]);
    let done = files.import(&service, &file, &[]).await;
    assert_eq!(done["left_out"].get("picture"), None);
    let blocked = service.password_of("a@example.com", PASSWORD).await;
    assert_eq!(blocked.status, 403, "{}", blocked.raw);
    assert!(!service.account("a@example.com").await.user.email_confirmed);
    assert_eq!(service.password_of("ann", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn a_token_of_a_user_who_was_deleted_stays_dead_when_the_user_comes_back() {
    let service = Service::start().await;
    let files = Files::new();
    let file = files.lines(&[json!({
        "email": "ann@example.com", "email_verified": true, "password_hash": BCRYPT,
        "user_id": "auth0|0198c0de-0000-7000-8000-0000000000aa",
    })]);
    files.import(&service, &file, &[]).await;
    let tokens = service.password_of("ann@example.com", PASSWORD).await;
    let access = tokens.text("access_token");
    let before = service.get("/userinfo", Some(&access)).await;
    assert_eq!(before.status, 200, "{}", before.raw);

    let delete = ["user", "delete", "ann@example.com", "--yes"];
    service.operated(&delete).await;
    service.advance(60);
    let done = files.import(&service, &file, &[]).await;
    assert_eq!(done["made"], json!(1), "{done}");
    let after = service.get("/userinfo", Some(&access)).await;
    assert_eq!(after.status, 401, "{}", after.raw);
    let again = service.password_of("ann@example.com", PASSWORD).await;
    assert_eq!(again.status, 200, "{}", again.raw);
}
