//! Every kind of password hash in Auth0's schema. Other implementations made the hashes
//! (Python 3.11's hashlib and hmac, and the packages bcrypt and argon2-cffi). The
//! password is `correct horse`.

use countersign::domain::accounts::password::PasswordHash;
use serde_json::{Value, json};

use super::{BCRYPT, Files, PASSWORD};
use crate::harness::Service;

/// A `custom_password_hash`.
pub fn custom(algorithm: &str, fields: Value) -> Value {
    let mut custom = json!({ "algorithm": algorithm });
    for (name, value) in fields.as_object().unwrap() {
        custom[name] = value.clone();
    }
    custom
}

/// Every kind of `custom_password_hash` that the import accepts.
fn kinds() -> Vec<(&'static str, Value)> {
    let pepper = |position: &str| json!({ "value": "pepper", "position": position });
    let whole = |value: &str| json!({ "hash": { "value": value, "encoding": "utf8" } });
    vec![
        ("bcrypt", custom("bcrypt", whole(BCRYPT))),
        (
            "argon2i",
            custom(
                "argon2",
                whole(
                    "$argon2i$v=19$m=1024,t=2,p=1$cqwCfrP65nJtZNtpg4RW/A$OHkWV+LtyguqYnzNABR13WCi45/7E5wsv1TokzA57u8",
                ),
            ),
        ),
        (
            "argon2id",
            custom(
                "argon2",
                whole(
                    "$argon2id$v=19$m=19456,t=2,p=1$BvNscaWqltQDoCQDvAF3WA$V1sTzW7P+7lC6dB8TE4slOfhfUnz8vse8nKz072QgB8",
                ),
            ),
        ),
        (
            "pbkdf2-sha256",
            custom(
                "pbkdf2",
                whole(
                    "$pbkdf2-sha256$i=1000,l=32$AAECAwQFBgcICQoLDA0ODw$yRTMTwbMbo9G0VfjobWqerzuuxe7BETNTErBbKKumGQ",
                ),
            ),
        ),
        (
            "pbkdf2",
            custom(
                "pbkdf2",
                whole(
                    "$pbkdf2$i=1000,l=32$AAECAwQFBgcICQoLDA0ODw$ndhWw3a4srcTtr4HQFTLiKRlVuARheqNDSZ/M5xlIWk",
                ),
            ),
        ),
        (
            "scrypt",
            custom(
                "scrypt",
                json!({
                    "hash": {
                        "value": "340b4614b3ddb3ac5741e394162d9fed60d1dbea38471ea04ef07a43dcae43ea01e7025344e5853374b9e9372ae66e12542a3d8cf88b0f12fec5de182fe57a6d",
                        "encoding": "hex",
                    },
                    "salt": { "value": "seasalt" },
                    "keylen": 64, "cost": 1024, "blockSize": 8, "parallelization": 2,
                }),
            ),
        ),
        (
            "md5",
            custom(
                "md5",
                json!({
                    "hash": { "value": "52f36768c11844771e5f7ff576e2dba2", "encoding": "hex" },
                    "salt": pepper("prefix"),
                }),
            ),
        ),
        (
            "sha1",
            custom(
                "sha1",
                json!({
                    "hash": { "value": "YjOxnlnw8lITpqjG3t+XV9jV7os=", "encoding": "base64" },
                    "salt": pepper("suffix"),
                }),
            ),
        ),
        (
            "sha256",
            custom(
                "sha256",
                json!({
                    "hash": { "value": "869a1fa0609a1d15a5c3eb891428b7a6c8395b2ee10c4762e97ffca0ebe8c0b5", "encoding": "hex" },
                    "salt": { "value": "706570706572", "encoding": "hex", "position": "prefix" },
                }),
            ),
        ),
        (
            "sha512",
            custom(
                "sha512",
                json!({
                    "hash": { "value": "jKNzZGOpZV+d15b9woPUu/HlAvWT2N41SupXoEK6cIpe8kGEbagFMP62zqbEllyguDhie7qcSvb0YtWRmcfrEQ==", "encoding": "base64" },
                    "salt": pepper("suffix"),
                }),
            ),
        ),
        (
            "hmac",
            custom(
                "hmac",
                json!({
                    "hash": {
                        "value": "436e2f8bf7d14ed177de7baf1d295467f7b9c2b8816b8f225c79e8a4bc410178",
                        "encoding": "hex", "digest": "sha256",
                        "key": { "value": "key", "encoding": "utf8" },
                    },
                    "salt": pepper("prefix"),
                }),
            ),
        ),
        (
            "hmac-sha224",
            custom(
                "hmac",
                json!({
                    "hash": {
                        "value": "8c7827614dae7a668bb88a3eb302b953aca6d6b9fc58ada0e97cd52b",
                        "encoding": "hex", "digest": "sha224",
                        "key": { "value": "key", "encoding": "utf8" },
                    },
                    "salt": pepper("prefix"),
                }),
            ),
        ),
        (
            "hmac-sha384",
            custom(
                "hmac",
                json!({
                    "hash": {
                        "value": "6d7014196ad250cd7130a67505f7cc675f47508fbf78c8af5fd4ecb90e92bbe3db5d4871d8718b2cbe3d5391f0579407",
                        "encoding": "hex", "digest": "sha384",
                        "key": { "value": "6b6579", "encoding": "hex" },
                    },
                    "salt": pepper("prefix"),
                }),
            ),
        ),
        (
            "pbkdf2-sha384",
            custom(
                "pbkdf2",
                whole(
                    "$pbkdf2-sha384$i=1000,l=48$AAECAwQFBgcICQoLDA0ODw$ptrUImDmhCOJ1MRgszc3nYWTon44/if94XSYTuApsyKipl+4DI+WCvYHN2dldZr+",
                ),
            ),
        ),
        (
            "pbkdf2-sha224",
            custom(
                "pbkdf2",
                whole(
                    "$pbkdf2-sha224$i=1000,l=28$AAECAwQFBgcICQoLDA0ODw$X2PjXttojxAW+gBWuBrtK5n/w7lDglfPOOsE4w",
                ),
            ),
        ),
        (
            "ldap",
            custom("ldap", whole("{SSHA}LhKrkM9Fy+zlstjdD7Kv2s6QvhBzYWx0")),
        ),
    ]
}

#[tokio::test]
async fn every_kind_of_hash_verifies_once_as_it_is_and_is_argon2id_from_then_on() {
    let service = Service::start().await;
    let files = Files::new();
    let name = |kind: &str| format!("{kind}@example.com");
    let rows: Vec<Value> = kinds()
        .into_iter()
        .map(|(kind, hash)| {
            json!({ "email": name(kind), "email_verified": true, "custom_password_hash": hash })
        })
        .collect();
    let file = files.lines(&rows);
    let done = files.import(&service, &file, &[]).await;
    assert_eq!(
        done["made"],
        json!(rows.len()),
        "{done}: {:?}",
        files.rejects()
    );
    let hash = |name: String| {
        let service = &service;
        async move {
            let user = service.account(&name).await.user;
            user.password.unwrap().as_str().to_owned()
        }
    };
    for (kind, _) in kinds() {
        let before = hash(name(kind)).await;
        let weak =
            ["md5", "sha1", "sha256", "sha512", "ldap"].contains(&kind) || kind.starts_with("hmac");
        assert_eq!(before.starts_with("$wrapped-"), weak, "{kind}: {before}");
        let wrong = service.password_of(&name(kind), "correct horsf").await;
        assert_eq!(wrong.status, 403, "{kind}: {}", wrong.raw);
        assert_eq!(hash(name(kind)).await, before);
        let right = service.password_of(&name(kind), PASSWORD).await;
        assert_eq!(right.status, 200, "{kind}: {}", right.raw);
        let after = hash(name(kind)).await;
        assert!(
            after.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{kind}"
        );
        let again = service.password_of(&name(kind), PASSWORD).await;
        assert_eq!(again.status, 200, "{kind}: {}", again.raw);
        assert_eq!(hash(name(kind)).await, after);
    }
}

/// SHA-256 of `correct horsé` in an encoding, with the salt `pepper` before or after.
const SALTED: [(&str, &[&str], &str); 6] = [
    (
        "prefix",
        &["utf8"],
        "a030c7f2532671d900f40efa7395df49ad5138566eda059ef20a3e596d611db5",
    ),
    (
        "prefix",
        &["utf16le", "ucs2"],
        "ecda15b667f699aca2a21f4dabbcb807059332746db5f154e542b6b448a5b730",
    ),
    (
        "prefix",
        &["latin1", "binary", "ascii"],
        "9e9c5b13720285e747a1061e38eb66afe7d9617e6c9ca250bf30f8595531857e",
    ),
    (
        "suffix",
        &["utf8"],
        "280724e8172004268aee5bc28b3086372c40126ead21b6566eb245eaf596d5df",
    ),
    (
        "suffix",
        &["utf16le", "ucs2"],
        "8a56cbb322f06d71a61566c6a92f58abc526397b8f4abb30a1d524d5a6652ae1",
    ),
    (
        "suffix",
        &["latin1", "binary", "ascii"],
        "57431bb1856e70022a5036ef8b74da71de06c9eb290f3dde4de15bbcedc4f392",
    ),
];

#[tokio::test]
async fn a_digest_verifies_with_each_position_and_encoding_of_the_salt_and_of_the_password() {
    let (service, files) = (Service::start().await, Files::new());
    let salts = [
        ("utf8", "pepper"),
        ("hex", "706570706572"),
        ("base64", "cGVwcGVy"),
    ];
    let mut rows = Vec::new();
    for (position, encodings, digest) in SALTED {
        for encoding in encodings {
            for (salt_encoding, salt) in salts {
                let hash = custom(
                    "sha256",
                    json!({
                        "hash": { "value": digest, "encoding": "hex" },
                        "salt": { "value": salt, "encoding": salt_encoding, "position": position },
                        "password": { "encoding": encoding },
                    }),
                );
                rows.push(json!({
                    "email": format!("{position}-{encoding}-{salt_encoding}@example.com"),
                    "email_verified": true, "custom_password_hash": hash,
                }));
            }
        }
    }
    assert_eq!(rows.len(), 2 * 6 * 3);
    let done = files.import(&service, &files.lines(&rows), &[]).await;
    assert_eq!(done["made"], json!(36), "{:?}", files.rejects());
    for row in &rows {
        let name = row["email"].as_str().unwrap();
        let wrong = service.password_of(name, "correct horse").await;
        assert_eq!(wrong.status, 403, "{name}: {}", wrong.raw);
        let right = service.password_of(name, "correct horsé").await;
        assert_eq!(right.status, 200, "{name}: {}", right.raw);
    }
}

#[tokio::test]
pub async fn a_hash_that_cannot_carry_an_encoding_is_refused_with_one_and_taken_in_utf8() {
    let (service, files) = (Service::start().await, Files::new());
    let slow = kinds().into_iter().filter(|(_, hash)| {
        let algorithm = hash["algorithm"].as_str().unwrap();
        ["bcrypt", "argon2", "pbkdf2", "scrypt", "ldap"].contains(&algorithm)
    });
    let mut rows = Vec::new();
    let mut wanted = Vec::new();
    for (kind, mut hash) in slow {
        for encoding in ["utf16le", "ucs2", "latin1", "binary", "utf8", "ascii"] {
            hash["password"] = json!({ "encoding": encoding });
            rows.push(json!({
                "email": format!("{kind}-{encoding}@example.com"), "email_verified": true,
                "custom_password_hash": hash,
            }));
            if !["utf8", "ascii"].contains(&encoding) {
                let algorithm = hash["algorithm"].as_str().unwrap();
                wanted.push(format!(
                    "{algorithm} takes no password.encoding but utf8 and ascii"
                ));
            }
        }
    }
    let done = files.import(&service, &files.lines(&rows), &[]).await;
    assert_eq!(done["made"], json!(rows.len() - wanted.len()), "{done}");
    let rejects = files.rejects();
    let reasons = rejects.iter().map(|row| row["reason"].as_str().unwrap());
    assert_eq!(reasons.collect::<Vec<_>>(), wanted);
    for name in ["bcrypt-ascii@example.com", "ldap-utf8@example.com"] {
        let right = service.password_of(name, PASSWORD).await;
        assert_eq!(right.status, 200, "{name}: {}", right.raw);
    }
}

/// PBKDF2 of this cost.
pub fn pbkdf2(rounds: usize) -> String {
    format!(
        "$pbkdf2-sha256$i={rounds},l=32$AAECAwQFBgcICQoLDA0ODw\
         $yRTMTwbMbo9G0VfjobWqerzuuxe7BETNTErBbKKumGQ"
    )
}

pub fn row_with(name: &str, hash: &str) -> Value {
    json!({ "UserName": name, "PasswordHash": hash })
}

#[tokio::test]
async fn a_new_process_knows_from_the_table_what_imported_hashes_cost_however_old_they_are() {
    let mut service = Service::start().await;
    let files = Files::new();
    let hashes = [BCRYPT.to_owned(), pbkdf2(1000)];
    let kinds = hashes.clone().map(|hash| {
        let kind = PasswordHash::from_stored(hash).of_nobody();
        kind.unwrap().unwrap()
    });
    for (name, hash) in ["ann", "bob"].iter().zip(&hashes) {
        let file = files.lines(&[row_with(name, hash)]);
        let done = files.import_as(&service, "table", &file, &[]).await;
        assert_eq!(done["made"], json!(1), "{:?}", files.rejects());
        // Another run of the tool, which knows nothing.
        service.take(service.restarted());
    }
    for later in [0, 10 * 31_536_000] {
        service.advance(later);
        service.take(service.restarted());
        // What a process does not know is new to it.
        assert_eq!(service.restarted().hasher.learn_kinds(&kinds), kinds);
        let wrong = service.password_of("nobody@example.com", "x").await;
        assert_eq!(wrong.status, 403, "{}", wrong.raw);
        assert_eq!(service.app.hasher.learn_kinds(&kinds), []);
    }
}
