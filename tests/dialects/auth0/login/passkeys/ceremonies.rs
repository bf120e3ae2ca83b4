//! Spoiled ceremonies: each is refused, and the unspoiled one is not.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use countersign_local::demo;
use serde_json::{Value, json};

use super::authenticator::{
    ANDROID, Authenticator, EXTENDED, Given, IS_COPIED, MAY_BE_COPIED, PRESENT, VERIFIED,
    base64url, begin, challenge, enrol, enrolled, my_token, options, sign_in, sign_in_with,
    start_with, verify,
};
use crate::harness::Service;

type Spoil = fn(&mut Given);

/// What is wrong, and how it is made so before the authenticator signs.
const SIGNED: [(&str, Spoil); 42] = [
    ("the type of a new passkey", |it| {
        it.client_data["type"] = json!("webauthn.create")
    }),
    ("no type", |it| it.client_data["type"] = Value::Null),
    ("another challenge", |it| {
        it.client_data["challenge"] = json!(base64url(&[7; 32]))
    }),
    ("an empty challenge", |it| {
        it.client_data["challenge"] = json!("")
    }),
    ("a longer challenge", |it| {
        let longer = format!("{}AAAA", it.client_data["challenge"].as_str().unwrap());
        it.client_data["challenge"] = json!(longer);
    }),
    ("no challenge", |it| {
        it.client_data["challenge"] = Value::Null
    }),
    ("another origin", |it| {
        it.client_data["origin"] = json!("https://evil.example")
    }),
    ("a subdomain", |it| {
        it.client_data["origin"] = json!("https://a.localhost:3000")
    }),
    ("another port", |it| {
        it.client_data["origin"] = json!("https://localhost:3001")
    }),
    ("no TLS", |it| {
        it.client_data["origin"] = json!("http://localhost:3000")
    }),
    ("an app of Android", |it| {
        it.client_data["origin"] = json!("android:apk-key-hash:AAAA");
    }),
    ("no origin", |it| it.client_data["origin"] = Value::Null),
    ("a frame of another site", |it| {
        it.client_data["crossOrigin"] = json!(true)
    }),
    ("the origin with a slash", |it| {
        it.client_data["origin"] = json!("https://localhost:3000/")
    }),
    ("the origin with a path", |it| {
        it.client_data["origin"] = json!("https://localhost:3000/a")
    }),
    ("the origin with a user", |it| {
        it.client_data["origin"] = json!("https://evil@localhost:3000")
    }),
    ("the origin in upper case", |it| {
        it.client_data["origin"] = json!("HTTPS://LOCALHOST:3000")
    }),
    ("the origin in percent signs", |it| {
        it.client_data["origin"] = json!("https://%6cocalhost:3000")
    }),
    ("the origin after a blank", |it| {
        it.client_data["origin"] = json!(" https://localhost:3000")
    }),
    ("a listed app in upper case", |it| {
        it.client_data["origin"] = json!(ANDROID.replace("android", "ANDROID"))
    }),
    ("a listed app with a line break", |it| {
        it.client_data["origin"] = json!(format!("{ANDROID}\n"))
    }),
    ("a challenge with padding", |it| {
        let padded = format!("{}=", it.client_data["challenge"].as_str().unwrap());
        it.client_data["challenge"] = json!(padded);
    }),
    ("the site of a frame", |it| {
        it.client_data["topOrigin"] = json!("https://evil.example")
    }),
    ("a frame in words", |it| {
        it.client_data["crossOrigin"] = json!("false")
    }),
    ("a token bound to TLS", |it| {
        it.client_data["tokenBinding"] = json!({ "status": "present", "id": "AAAA" })
    }),
    ("extensions with a member twice", |it| {
        it.data[32] |= EXTENDED;
        it.data.extend(b"\xa2\x61a\x01\x61a\x02");
    }),
    ("extensions that are no map", |it| {
        it.data[32] |= EXTENDED;
        it.data.extend(b"\x81\x01");
    }),
    ("client data that is no object", |it| {
        it.client_data = json!([1])
    }),
    ("another domain", |it| it.data[0] ^= 1),
    ("nobody present", |it| it.data[32] &= !PRESENT),
    ("no flags", |it| it.data[32] = 0),
    ("a key that may be copied now", |it| {
        it.data[32] |= MAY_BE_COPIED
    }),
    ("a key that is copied", |it| it.data[32] |= IS_COPIED),
    ("a key that is copied now", |it| {
        it.data[32] |= MAY_BE_COPIED | IS_COPIED
    }),
    ("extensions that are missing", |it| it.data[32] |= 0x80),
    ("bytes after the data", |it| it.data.push(0)),
    ("data that is cut", |it| it.data.truncate(36)),
    ("no data", |it| it.data.clear()),
    ("another user handle", |it| {
        it.handle.as_mut().unwrap()[0] ^= 1
    }),
    ("no user handle", |it| it.handle = None),
    ("another credential", |it| it.id[0] ^= 1),
    ("another kind of credential", |it| it.kind = "password"),
];

async fn is_refused(service: &Service, response: Value, asked: &crate::harness::Answer, why: &str) {
    let answer = sign_in(service, asked, response).await;
    assert_eq!(answer.status, 403, "{why}: {}", answer.raw);
    assert_eq!(answer.text("error"), "invalid_grant", "{why}");
}

#[tokio::test]
async fn no_spoiled_signature_signs_in() {
    let service = start_with(&[]).await;
    let mut authenticator = enrolled(&service).await;
    for (why, spoil) in SIGNED {
        let asked = challenge(&service, "mine").await;
        let response = authenticator.sign_spoiled(options(&asked), spoil);
        is_refused(&service, response, &asked, why).await;
        // The refused ceremony has spent nothing.
        let response = authenticator.sign(options(&asked));
        assert_eq!(
            sign_in(&service, &asked, response).await.status,
            200,
            "{why}"
        );
    }
}

/// What a test changes in an answer of the authenticator.
type Change = fn(&mut Value);

#[tokio::test]
async fn no_answer_that_is_changed_after_the_signature_signs_in() {
    let service = start_with(&[]).await;
    let mut authenticator = enrolled(&service).await;
    let changes: [(&str, Change); 14] = [
        ("an id that is not the rawId", |it| it["id"] = json!("AAAA")),
        ("an id with padding", |it| {
            it["id"] = json!(format!("{}==", it["id"].as_str().unwrap()))
        }),
        ("a rawId with padding", |it| {
            it["rawId"] = json!(format!("{}==", it["rawId"].as_str().unwrap()))
        }),
        ("another signature", |it| {
            it["response"]["signature"] = json!(base64url(&[7; 70]))
        }),
        ("no signature", |it| it["response"]["signature"] = json!("")),
        ("a signature without a member", |it| {
            it["response"]["signature"] = Value::Null
        }),
        ("a signature that is cut", |it| {
            let whole = it["response"]["signature"].as_str().unwrap().to_owned();
            it["response"]["signature"] = json!(whole[..whole.len() - 4]);
        }),
        ("other flags", |it| {
            let mut data = [0; 37];
            data[32] = PRESENT | VERIFIED;
            it["response"]["authenticatorData"] = json!(base64url(&data));
        }),
        ("other client data", |it| {
            it["response"]["clientDataJSON"] = json!(base64url(b"{}"))
        }),
        ("client data that is no JSON", |it| {
            it["response"]["clientDataJSON"] = json!(base64url(b"\xff"));
        }),
        ("no base64url", |it| {
            it["response"]["authenticatorData"] = json!("*")
        }),
        ("a list", |it| *it = json!("[]")),
        ("nothing", |it| *it = json!({})),
        ("a credential without end", |it| {
            it["rawId"] = json!(base64url(&[7; 2000]))
        }),
    ];
    for (why, change) in changes {
        let asked = challenge(&service, "mine").await;
        let mut response = authenticator.sign(options(&asked));
        change(&mut response);
        is_refused(&service, response, &asked, why).await;
    }
    let long = "A".repeat(70_000);
    let asked = challenge(&service, "mine").await;
    let mut response = authenticator.sign(options(&asked));
    response["response"]["authenticatorData"] = json!(long);
    let answer = sign_in(&service, &asked, response).await;
    assert!([400, 413].contains(&answer.status), "{}", answer.raw);
}

#[tokio::test]
async fn a_passkey_opens_the_account_of_its_own_user_only() {
    let service = start_with(&[]).await;
    let mut authenticator = enrolled(&service).await;
    service
        .add_user("eve@example.com", |account| account.user.two_factor = false)
        .await;
    let mut eve = Authenticator::new();
    enrol(&service, "eve@example.com", &mut eve).await;
    // Her key, with the owner's handle, or with the owner's credential too.
    let (handle, credential) = (
        authenticator.handle.clone(),
        authenticator.credential.clone(),
    );
    let asked = challenge(&service, "mine").await;
    let response = eve.sign_spoiled(options(&asked), |it| it.handle = Some(handle.clone()));
    is_refused(&service, response, &asked, "the owner's handle").await;
    let response = eve.sign_spoiled(options(&asked), |it| {
        it.handle = Some(handle);
        it.id = credential;
    });
    is_refused(&service, response, &asked, "the owner's credential").await;
    let own = sign_in_with(&service, &mut eve).await;
    let id = service.account("eve@example.com").await.user.id.dashed();
    assert_eq!(own.claims("access_token")["sub"], json!(id));
    assert_eq!(sign_in_with(&service, &mut authenticator).await.status, 200);
}

type SpoilNew = fn(&mut Value, &mut Vec<u8>);

const CREATED: [(&str, SpoilNew); 24] = [
    ("the type of a signature", |it, _| {
        it["type"] = json!("webauthn.get")
    }),
    ("another challenge", |it, _| {
        it["challenge"] = json!(base64url(&[7; 32]))
    }),
    ("another origin", |it, _| {
        it["origin"] = json!("https://evil.example")
    }),
    ("a frame of another site", |it, _| {
        it["crossOrigin"] = json!(true)
    }),
    ("the origin with a slash", |it, _| {
        it["origin"] = json!("https://localhost:3000/")
    }),
    ("the site of a frame", |it, _| {
        it["topOrigin"] = json!("https://evil.example")
    }),
    ("a challenge with padding", |it, _| {
        it["challenge"] = json!(format!("{}=", it["challenge"].as_str().unwrap()))
    }),
    ("a key with a member twice", |_, data| {
        let at = data.len() - 77;
        data[at] = 0xa6;
        data.extend([0x03, 0x26]);
    }),
    ("a key with two algorithms", |_, data| {
        let at = data.len() - 77;
        data[at] = 0xa6;
        data.splice(at + 3..at + 3, [0x03, 0x38, 34]);
    }),
    ("a key with a longer number than needed", |_, data| {
        let at = data.len() - 77;
        data.splice(at + 4..at + 5, [0x38, 0x06]);
    }),
    ("a key of a length without end", |_, data| {
        let at = data.len() - 77;
        data[at] = 0xbf;
        data.push(0xff);
    }),
    ("a key with a tag", |_, data| {
        let at = data.len() - 77;
        data.splice(at..at, [0xd8, 0x20]);
    }),
    ("another domain", |_, data| data[0] ^= 1),
    ("nobody present", |_, data| data[32] &= !PRESENT),
    ("no key", |_, data| data.truncate(37)),
    ("a key that is copied and may not be", |_, data| {
        data[32] |= IS_COPIED
    }),
    ("a key that is cut", |_, data| data.truncate(data.len() - 9)),
    ("an algorithm that was not asked for", |_, data| {
        // ES384 in place of ES256.
        let at = data.len() - 77 + 4;
        data[at] = 0x38;
        data.insert(at + 1, 34);
    }),
    ("a point off the curve", |_, data| {
        let last = data.len() - 1;
        data[last] ^= 1;
    }),
    ("an empty credential", |_, data| {
        data[53] = 0;
        data[54] = 0;
    }),
    ("a credential beyond the end", |_, data| {
        data[53] = 0xff;
        data[54] = 0xff;
    }),
    ("no CBOR", |_, data| {
        let at = data.len() - 77;
        data[at] = 0xff;
    }),
    ("CBOR that nests without end", |_, data| {
        let at = data.len() - 77;
        data.truncate(at);
        data.extend([0x81; 20_000]);
    }),
    ("bytes after the key", |_, data| data.extend([0; 9])),
];

#[tokio::test]
async fn no_spoiled_passkey_is_enrolled() {
    let service = start_with(&[]).await;
    for (why, spoil) in CREATED {
        let token = my_token(&service, demo::PLAIN_USER).await;
        let begun = begin(&service, &token).await;
        let asked = &begun.body["authn_params_public_key"];
        let mut authenticator = Authenticator::new();
        let response = authenticator.create_spoiled(asked, spoil);
        let answer = verify(&service, &begun, response, &token).await;
        assert_eq!(answer.status, 403, "{why}: {}", answer.raw);
        let account = service.account(demo::PLAIN_USER).await;
        assert_eq!(account.passkeys().count(), 0, "{why}");
    }
}

/// How the CBOR of an attestation object begins: the format, and the statement.
const STATEMENTS: [(&str, &[u8]); 4] = [
    (
        "a statement of no attestation",
        b"\xa3\x63fmt\x64none\x67attStmt\xa1\x63sig\x41\x00",
    ),
    ("null as a statement", b"\xa3\x63fmt\x64none\x67attStmt\xf6"),
    (
        "an object with a tag",
        b"\xd9\xd9\xf7\xa3\x63fmt\x64none\x67attStmt\xa0",
    ),
    (
        "a format that comes twice",
        b"\xa4\x63fmt\x66packed\x63fmt\x64none\x67attStmt\xa0",
    ),
];

#[tokio::test]
async fn no_passkey_with_a_spoiled_attestation_or_name_is_enrolled() {
    let service = start_with(&[]).await;
    let token = my_token(&service, demo::PLAIN_USER).await;
    let plain: &[u8] = b"\xa3\x63fmt\x64none\x67attStmt\xa0";
    for (why, beginning) in STATEMENTS {
        let begun = begin(&service, &token).await;
        let mut response = Authenticator::new().create(&begun.body["authn_params_public_key"]);
        let member = &mut response["response"]["attestationObject"];
        let object = URL_SAFE_NO_PAD.decode(member.as_str().unwrap()).unwrap();
        let rest = object.strip_prefix(plain).unwrap();
        *member = json!(base64url(&[beginning, rest].concat()));
        let answer = verify(&service, &begun, response, &token).await;
        assert_eq!(answer.status, 403, "{why}: {}", answer.raw);
    }
    for name in ["id", "rawId"] {
        let begun = begin(&service, &token).await;
        let mut response = Authenticator::new().create(&begun.body["authn_params_public_key"]);
        response[name] = json!(format!("{}==", response[name].as_str().unwrap()));
        let answer = verify(&service, &begun, response, &token).await;
        assert_eq!(answer.status, 403, "{name}: {}", answer.raw);
    }
}
