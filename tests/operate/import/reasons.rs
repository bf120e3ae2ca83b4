//! The rarer reasons for which an import refuses a row.

use countersign::domain::accounts::password::MOST_KINDS;
use serde_json::{Value, json};

use super::Files;
use super::kinds::{custom, pbkdf2, row_with};
use crate::harness::Service;

/// Imports these rows, each of which must be refused with the reason beside it.
async fn refused_with(format: &str, more: &[&str], cases: &[(Value, &str)]) {
    let (service, files) = (Service::start().await, Files::new());
    let rows: Vec<Value> = cases.iter().map(|(row, _)| row.clone()).collect();
    let file = match format {
        // Firebase writes one object with all users.
        "firebase" => files.text(&json!({ "users": rows }).to_string()),
        _ => files.lines(&rows),
    };
    files.import_as(&service, format, &file, more).await;
    let mut rejects = files.rejects();
    rejects.sort_by_key(|row| row["number"].as_u64());
    let reasons: Vec<&str> = rejects
        .iter()
        .map(|row| row["reason"].as_str().unwrap())
        .collect();
    let wanted: Vec<&str> = cases.iter().map(|(_, reason)| *reason).collect();
    assert_eq!(reasons, wanted);
}

#[tokio::test]
pub async fn the_reasons_about_hashes_of_auth0_name_what_is_wrong_with_the_hash() {
    let hash = |algorithm: &str, fields: Value| json!({ "email": "x@example.com", "custom_password_hash": custom(algorithm, fields) });
    let text = |text: &str| json!({ "hash": { "value": text, "encoding": "utf8" } });
    let md5 = |name: &str, value: Value| {
        let mut fields = json!({ "hash": { "value": "00".repeat(16) } });
        fields[name] = value;
        hash("md5", fields)
    };
    let scrypt = |bytes: usize, keylen: u64| {
        let value = json!({ "value": "00".repeat(bytes) });
        hash(
            "scrypt",
            json!({ "hash": value, "salt": { "value": "s" }, "keylen": keylen }),
        )
    };
    let pbkdf2 = |rest: &str| hash("pbkdf2", text(&format!("$pbkdf2-{rest}")));
    let salted = json!({ "hash": { "value": "$argon2id$x" }, "salt": { "value": "s" } });
    let long = "A".repeat(344);
    let cases = [
        (
            hash("pbkdf2", text("x")),
            "the password hash is no PHC string of pbkdf2",
        ),
        (
            hash("argon2", salted),
            "argon2 takes no salt beside the hash",
        ),
        (
            scrypt(16, 5),
            "scrypt's hash has another length than keylen",
        ),
        (
            scrypt(1, 1),
            "the password hash: scrypt's hash is not 16 to 256 bytes long",
        ),
        (
            md5("salt", json!({ "value": "s", "position": "middle" })),
            "salt.position is neither prefix nor suffix",
        ),
        (
            md5("password", json!({ "encoding": "utf7" })),
            "password.encoding is not supported",
        ),
        (
            hash("ldap", text("{SHA}AAAA")),
            "an ldap hash has another length than its scheme",
        ),
        (
            md5("hash", json!({ "value": "00".repeat(257) })),
            "a hash, salt or key is longer than 256 bytes",
        ),
        (
            json!({ "email": "x@example.com", "password_hash": "$2b$05$x" }),
            "the password hash: malformed bcrypt",
        ),
        (
            pbkdf2("md5$i=1$AAAA$AAAAAAAAAAAAAAAAAAAAAA"),
            "the password hash: PBKDF2 with MD5",
        ),
        (
            pbkdf2("sha256$i=1$AAAA$AAAA"),
            "the password hash: PBKDF2's hash is not 16 to 64 bytes long",
        ),
        (pbkdf2("sha256$x"), "the password hash: malformed PBKDF2"),
        (
            pbkdf2("sha3$i=1$AAAA$AAAA"),
            "the password hash: an unknown PBKDF2",
        ),
        (
            pbkdf2("sha256$i=1,l=5$AAAA$AAAA"),
            "the password hash: PBKDF2's hash has another length than it says",
        ),
        (
            pbkdf2("sha256$i=1$AAAA$?"),
            "the password hash: salt or hash is no base64",
        ),
        (
            pbkdf2(&format!("sha256$i=1$AAAA${long}")),
            "the password hash: salt or hash is too long",
        ),
        (
            pbkdf2("sha256$l=16$AAAA$AAAAAAAAAAAAAAAAAAAAAA"),
            "the password hash: a parameter is missing or no number",
        ),
    ];
    refused_with("auth0", &[], &cases).await;
}

#[tokio::test]
pub async fn a_digest_of_auth0s_schema_that_is_not_computed_here_is_named() {
    let with = |custom: Value| json!({ "email": "x@example.com", "custom_password_hash": custom });
    let plain = |algorithm: &str| with(custom(algorithm, json!({ "hash": { "value": "00" } })));
    let keyed = |digest: &str| {
        let key = json!({ "value": "key" });
        let hash = json!({ "value": "00", "digest": digest, "key": key });
        with(custom("hmac", json!({ "hash": hash })))
    };
    let cases = [
        (
            plain("md4"),
            "the algorithm or digest \"md4\" is not supported",
        ),
        (
            keyed("md4"),
            "the algorithm or digest \"md4\" is not supported",
        ),
        (
            keyed("ripemd160"),
            "the algorithm or digest \"ripemd160\" is not supported",
        ),
        (
            keyed("whirlpool"),
            "the algorithm or digest \"whirlpool\" is not supported",
        ),
    ];
    refused_with("auth0", &[], &cases).await;
}

#[tokio::test]
pub async fn the_reasons_about_columns_name_the_column() {
    let of = |name: &str, value: &str| {
        let mut row = json!({ "Email": "x@example.com" });
        row[name] = json!(value);
        row
    };
    let cases = [
        (
            of("EmailConfirmed", "maybe"),
            "emailconfirmed is neither yes nor no",
        ),
        (
            of("LockoutEnd", "2030, in spring"),
            "the end of the lockout is no time",
        ),
        (
            of("GivenName", "a\u{7}"),
            "the given name is longer than 256 characters or has control characters",
        ),
        (
            of("FamilyName", "a\u{7}"),
            "the family name is longer than 256 characters or has control characters",
        ),
        (
            of("PasswordHash", "?"),
            "the password hash: neither base64 nor $kind$",
        ),
        (
            of("PasswordHash", "$firebase$x"),
            "the password hash: malformed Firebase hash",
        ),
        (
            of("PasswordHash", "$wrapped-x"),
            "the password hash: malformed wrapped digest",
        ),
    ];
    refused_with("table", &[], &cases).await;
}

#[tokio::test]
pub async fn a_hash_of_firebase_that_is_too_short_is_refused() {
    let files = Files::new();
    let config = files.path("hash-config.txt");
    let text = "algorithm: SCRYPT\nbase64_signer_key: AAAA\nbase64_salt_separator: Bw==\n\
                rounds: 8\nmem_cost: 10\n";
    std::fs::write(&config, text).unwrap();
    let row = json!({
        "localId": "1", "email": "x@example.com", "passwordHash": "AAAA", "salt": "AAAA",
    });
    let reason = "the password hash: Firebase's hash is shorter than 32 bytes";
    refused_with("firebase", &["--hash-config", &config], &[(row, reason)]).await;
}

#[tokio::test]
pub async fn a_row_of_a_table_that_is_no_utf_8_is_refused_and_the_next_is_read() {
    let (service, files) = (Service::start().await, Files::new());
    let file = files.path("users.csv");
    std::fs::write(
        &file,
        b"Email,GivenName\na@example.com,\xff\nb@example.com,Bea\n",
    )
    .unwrap();
    let done = files.import_as(&service, "table", &file, &[]).await;
    assert_eq!((&done["made"], &done["refused"]), (&json!(1), &json!(1)));
    assert_eq!(
        files.rejects()[0]["reason"],
        "the row is not UTF-8: convert the file (iconv -t UTF-8)"
    );
}

#[tokio::test]
pub async fn the_reasons_about_recovery_codes_name_what_is_wrong_with_them() {
    let with = |codes: Value| {
        json!({
            "Email": "x@example.com", "TwoFactorEnabled": true, "AuthenticatorKey": "JBSWY3DPEHPK3PXP",
            "RecoveryCodes": codes,
        })
    };
    let many = vec!["ABCDE-FGHIJ"; 21].join(";");
    let cases = [
        (
            with(json!("ABCDE-FGHIJ;short")),
            "a recovery code has not 8 to 23 letters and digits",
        ),
        (
            with(json!(["ABCDE-FGHIJ", 5])),
            "the recovery codes are not a list of texts",
        ),
        (with(json!(many)), "there are more than 20 recovery codes"),
    ];
    refused_with("aspnet", &[], &cases).await;
}

#[tokio::test]
pub async fn a_line_of_csv_that_is_no_row_is_refused_and_the_next_is_read() {
    let (service, files) = (Service::start().await, Files::new());
    let file = files.path("users.csv");
    let text = "Email,GivenName\na@example.com\nb@example.com,Bea\nc@example.com,\"Cara\n";
    std::fs::write(&file, text).unwrap();
    let done = files.import_as(&service, "table", &file, &[]).await;
    assert_eq!((&done["made"], &done["refused"]), (&json!(1), &json!(2)));
    let reasons: Vec<Value> = files
        .rejects()
        .iter()
        .map(|row| row["reason"].clone())
        .collect();
    assert_eq!(
        reasons,
        [
            "the row has another number of fields than the first line",
            "the row has a quote that does not end",
        ]
    );
}

#[tokio::test]
pub async fn an_import_refuses_a_hash_whose_work_a_wrong_password_for_an_unknown_name_would_not_do()
{
    let (service, files) = (Service::start().await, Files::new());
    let todays = "$argon2id$v=19$m=19456,t=2,p=1$BvNscaWqltQDoCQDvAF3WA$V1sTzW7P+7lC6dB8TE4slOfhfUnz8vse8nKz072QgB8";
    let mut rows: Vec<Value> = (0..MOST_KINDS + 1)
        .map(|at| row_with(&format!("u{at}"), &pbkdf2(1000 + at)))
        .collect();
    rows.push(row_with("again", &pbkdf2(1000)));
    rows.push(row_with("today", todays));
    rows.push(json!({ "UserName": "without" }));
    let file = files.lines(&rows);
    let reason = "the password hash is of a kind too many: 16 kinds and costs of other systems \
                  have been imported, which is the most";
    for (run, made, kept) in [
        (&["--dry-run"][..], MOST_KINDS + 3, 0),
        (&[], MOST_KINDS + 3, 0),
        (&[], 0, MOST_KINDS + 3),
    ] {
        let done = files.import_as(&service, "table", &file, run).await;
        let counts = ["made", "kept", "refused"].map(|name| done[name].clone());
        assert_eq!(counts, [json!(made), json!(kept), json!(1)]);
        let refused = files.rejects().remove(0);
        assert_eq!(refused["reason"], reason);
        assert_eq!(refused["row"], rows[MOST_KINDS]);
    }
    let kinds = service.app.store.read_hash_kinds().await.unwrap();
    assert_eq!(kinds.len(), MOST_KINDS);
    // The user comes without the password.
    let file = files.lines(&[json!({ "UserName": format!("u{MOST_KINDS}") })]);
    let done = files.import_as(&service, "table", &file, &[]).await;
    assert_eq!(done["made"], json!(1));
}

/// Each kind costs every later wrong password its work.
#[tokio::test]
pub async fn a_refused_row_adds_no_kind_of_hash() {
    let (service, files) = (Service::start().await, Files::new());
    service
        .operated(&["user", "add", "--email", "ann@example.com"])
        .await;
    let mut row = row_with("another", &pbkdf2(1000));
    row["Email"] = json!("ann@example.com");
    let done = files
        .import_as(&service, "table", &files.lines(&[row]), &[])
        .await;
    assert_eq!((&done["made"], &done["refused"]), (&json!(0), &json!(1)));
    let reason = "the name belongs to another user: \"ann@example.com\"";
    assert_eq!(files.rejects()[0]["reason"], reason);
    let kinds = service.app.store.read_hash_kinds().await.unwrap();
    assert!(kinds.is_empty());
}
