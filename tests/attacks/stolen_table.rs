//! A stolen table: after a busy hour no item holds a code, password, seed,
//! token, recovery code or private key in clear.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_kms::primitives::Blob;
use axum::http::Method;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use countersign::domain::accounts::login_name::LoginName;
use countersign::domain::factors::totp::Seed;
use countersign::domain::id::UserId;
use countersign::domain::secret::Secret;
use countersign::keyring::random_bytes;
use countersign::store::{NewAccount, StoredKey};
use countersign_local::demo;

use crate::attacks::auth0::replayed_proofs::REFUSED;
use crate::dialects::aidbox::pages::trusted_browsers::{self, COOKIE};
use crate::dialects::auth0::sessions::trusted_devices::{ON, Phone};
use crate::dialects::oauth::sessions::key_holder::{KeyHolder, plain_password};
use crate::harness::browser::Browser;
use crate::harness::{ADDRESS, Answer, Service};
use crate::store::accounts::users::set;

const PASSWORD: &str = "correct horse battery staple";

/// Everything in an item, including the names of attributes.
fn values(value: &AttributeValue) -> Vec<Vec<u8>> {
    match value {
        AttributeValue::S(text) | AttributeValue::N(text) => vec![text.clone().into_bytes()],
        AttributeValue::B(bytes) => vec![bytes.as_ref().to_vec()],
        AttributeValue::L(list) => list.iter().flat_map(values).collect(),
        AttributeValue::M(map) => map
            .iter()
            .flat_map(|(name, value)| {
                let mut all = values(value);
                all.push(name.clone().into_bytes());
                all
            })
            .collect(),
        AttributeValue::Bool(_) | AttributeValue::Null(_) => Vec::new(),
        other => panic!("an attribute of a kind that is not looked into: {other:?}"),
    }
}

fn holds(value: &[u8], secret: &[u8]) -> bool {
    // Six digits inside a longer number are no code.
    let part = |byte: Option<&u8>| secret.len() < 8 && byte.is_some_and(u8::is_ascii_alphanumeric);
    value
        .windows(secret.len())
        .enumerate()
        .filter(|(_, window)| *window == secret)
        .any(|(at, _)| {
            let before = at.checked_sub(1).and_then(|at| value.get(at));
            !part(before) && !part(value.get(at + secret.len()))
        })
}

/// The secrets that an item contains in clear.
async fn found(service: &Service, secrets: &[Vec<u8>]) -> Vec<String> {
    let items = service.items().await;
    let values: Vec<Vec<u8>> = items
        .into_iter()
        .flat_map(|item| values(&AttributeValue::M(item)))
        .collect();
    let is_found = |secret: &&Vec<u8>| values.iter().any(|value| holds(value, secret));
    let found = secrets.iter().filter(is_found);
    found
        .map(|secret| String::from_utf8_lossy(secret).into_owned())
        .collect()
}

/// A user with a long password and no second factor.
async fn make_user(service: &Service) {
    let mut account = service.account(demo::PLAIN_USER).await;
    account.user.id = UserId::random(random_bytes().unwrap());
    let hash = service
        .app
        .hasher
        .hash(&Secret::new(PASSWORD), random_bytes().unwrap());
    account.user.password = Some(hash.unwrap());
    let new = NewAccount {
        account: &account,
        names: &[LoginName::parse("ann@example.com").unwrap()],
    };
    service.app.store.create_user(new).await.unwrap();
}

/// The random part of the cookie of a trusted browser, as an item might hold it.
fn random_part(cookie: &str) -> [String; 2] {
    let bytes = URL_SAFE_NO_PAD.decode(cookie).unwrap();
    let random = &bytes[22..38];
    let hex: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    [hex, URL_SAFE_NO_PAD.encode(random)]
}

/// Binds a login to a key, and gives the proof.
async fn bound_login(service: &Service) -> String {
    let holder = KeyHolder::new();
    let proof = holder.proof(service, (Method::POST, "/oauth/token"), None);
    let fields = plain_password();
    let bound = service.post_with_proof("/oauth/token", Some(&proof), &fields);
    let bound = bound.await;
    assert_eq!(bound.status, 200, "{}", bound.raw);
    proof
}

/// Runs every kind of login, and returns every secret that occurred.
async fn busy_hour(service: &Service) -> Vec<String> {
    let (mut secrets, mut others): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    let mut note = |answer: &Answer| {
        for name in [
            "mfa_token",
            "oob_code",
            "access_token",
            "id_token",
            "refresh_token",
            "recovery_code",
        ] {
            secrets.extend(answer.body[name].as_str().map(str::to_owned));
        }
    };
    let reset = service.reset_token(demo::USER).await;
    let scope = "openid offline_access read:sample";
    for channel in ["email", "sms"] {
        let begun = service.password(scope).await;
        let token = begun.text("mfa_token");
        let challenge = service.challenge(&token, channel).await;
        let code = service.newest_code();
        service
            .redeem_oob(&token, &challenge.text("oob_code"), "000000")
            .await;
        let answer = service
            .redeem_oob(&token, &challenge.text("oob_code"), &code)
            .await;
        let refreshed = service.refresh(&answer.text("refresh_token")).await;
        for answer in [&begun, &challenge, &answer, &refreshed] {
            note(answer);
        }
    }
    let token = service.begin().await;
    let totp = service.totp();
    service.verify(&token, &totp).await;
    note(&service.redeem_otp(&token, &totp).await);
    let token = service.begin().await;
    note(&service.redeem_recovery(&token, demo::RECOVERY_CODE).await);
    let pending = service.password(scope).await;
    service.advance(30);
    let challenge = service.challenge(&pending.text("mfa_token"), "email").await;
    note(&pending);
    note(&challenge);
    note(&pending);
    note(&challenge);
    // A wrong password counts for the name from an unknown network only.
    let elsewhere = "198.51.100.7".parse().unwrap();
    for (from, password) in [(ADDRESS, PASSWORD), (elsewhere, "a wrong password")] {
        let fields = [
            ("grant_type", "password"),
            ("client_id", demo::SERVER_CLIENT),
            ("client_secret", demo::SERVER_SECRET),
            ("username", "ann@example.com"),
            ("password", password),
            ("scope", scope),
        ];
        note(&service.post_form_from(from, "/oauth/token", &fields).await);
        others.push(password.to_owned());
    }
    let phone = Phone::new();
    note(&phone.remember(service).await);
    note(&phone.sign_in(service).await);
    let browser = Browser::new(service);
    trusted_browsers::remember(&browser).await;
    assert!(trusted_browsers::is_trusted(&browser).await);
    secrets.push(browser.cookie(COOKIE).unwrap());
    secrets.extend(random_part(&browser.cookie(COOKIE).unwrap()));
    secrets.push(bound_login(service).await);
    secrets.extend(
        service
            .messages()
            .into_iter()
            .filter_map(|message| message.code),
    );
    secrets.extend([
        reset,
        totp,
        demo::SEED.to_owned(),
        demo::RECOVERY_CODE.to_owned(),
    ]);
    secrets.push(demo::SERVER_SECRET.to_owned());
    secrets.extend(others);
    secrets
}

/// The data keys in clear, which KMS gives to those who may ask.
async fn data_keys(service: &Service) -> Vec<Vec<u8>> {
    let mut keys = Vec::new();
    for key in service.app.store.read_keys().await.unwrap() {
        if let StoredKey::Data {
            purpose, wrapped, ..
        } = key
        {
            let opened = service
                .kms()
                .decrypt()
                .ciphertext_blob(Blob::new(wrapped))
                .encryption_context("stack", "local")
                .encryption_context("purpose", purpose);
            let opened = opened.send().await.unwrap();
            keys.push(opened.plaintext.unwrap().into_inner());
        }
    }
    assert_eq!(keys.len(), 3);
    keys
}

#[tokio::test]
async fn no_item_holds_a_secret_in_clear() {
    let service = Service::start_with(&[ON, REFUSED].concat()).await;
    make_user(&service).await;
    let texts = busy_hour(&service).await;
    // Eight messages, tokens and more. The exact list is above.
    assert!(texts.len() > 30, "{}", texts.len());
    let seed = Seed::from_base32(demo::SEED).unwrap().expose().to_vec();
    let mut secrets: Vec<Vec<u8>> = texts.into_iter().map(String::into_bytes).collect();
    for raw in data_keys(&service).await.into_iter().chain([seed]) {
        secrets.push(STANDARD.encode(&raw).into_bytes());
        secrets.push(URL_SAFE_NO_PAD.encode(&raw).into_bytes());
        secrets.push(raw);
    }
    // A private key: PEM, or the identifier of RSA in PKCS#8, raw and in base64.
    secrets.push(b"PRIVATE KEY".to_vec());
    secrets.push(vec![0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01]);
    secrets.push(b"KoZIhvcNAQEB".to_vec());
    assert_eq!(found(&service, &secrets).await, [""; 0]);

    // The search finds a text that is in the table.
    let mut messages = service.messages().into_iter();
    let code = messages.find_map(|message| message.code).unwrap();
    let planted = AttributeValue::L(vec![AttributeValue::S(format!("code {code}"))]);
    set(&service, ("PLANTED", "PLANTED"), "nested", planted).await;
    assert_eq!(found(&service, &secrets).await, [code]);
}

#[tokio::test]
async fn items_hold_these_attributes_and_no_others() {
    let service = Service::start_with(&[ON, REFUSED].concat()).await;
    make_user(&service).await;
    busy_hour(&service).await;
    let mut kinds: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for item in service.items().await {
        let word = |name: &str| item[name].as_s().unwrap().clone();
        let begins = |text: String| text.split('#').next().unwrap().to_owned();
        let sort = word("SK");
        let kind = match item.get("kind").filter(|_| sort.starts_with("PROFILE#")) {
            Some(kind) => format!("factor {}", kind.as_s().unwrap()),
            None if sort == "PROFILE#RECOVERY" => "recovery".to_owned(),
            None if sort.starts_with("KEY#") => format!("key {}", item["kind"].as_s().unwrap()),
            None if sort == "BUDGET" => word("PK").split('#').take(2).collect::<Vec<_>>().join(" "),
            None => begins(sort),
        };
        let names = item
            .keys()
            .filter(|name| !["PK", "SK", "v"].contains(&name.as_str()));
        kinds.entry(kind).or_default().extend(names.cloned());
    }
    let lines: Vec<String> = kinds
        .into_iter()
        .map(|(kind, names)| {
            format!(
                "{kind}: {}",
                names.into_iter().collect::<Vec<_>>().join(" ")
            )
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    ACTION: address epoch expires_at id key kind ttl user
    BUDGET anonymous: tat ttl written_by
    BUDGET password-address: completed_at ends n ttl written_by wrong_in_a_row
    BUDGET password-name: ends n next_at ttl written_by
    BUDGET password-network: tat ttl written_by
    BUDGET send: last_at n tat ttl user written_by
    CLIENT: android_apps audiences client_id first_party grants ios_apps logout_uris redirect_uris scopes secret_hashes web_origins
    DEVICE: client epoch expires_at name remembered_at ttl used_at
    EVENT: also at client_id device dialect event factor ip log_id reason request_id session_id ttl type user_id
    GUESSES: tat written_by wrong_in_a_row
    LOGIN: audience bound_key by_token came_from client created_at dialect epoch expires_at proof scope sends sent state ttl
    NAME: since user
    PHONE: since user
    PROFILE: active created_at email email_confirmed epoch family_name given_name password_hash phone phone_confirmed roles two_factor user_name
    PROOF: request ttl written_by
    SESSION: audience authenticated_at bound_key client dialect ends_at epoch expires_at generation in_browser method on_device revoked_at rotated_at scope ttl written_by
    factor email: address confirmed created_at kind owned
    factor sms: address confirmed created_at kind owned
    factor totp: confirmed created_at kind last_step owned seed seed_key
    key data: created_at kind number purpose wrapped
    key signing: algorithm created_at kid kind number private private_key public_jwk signs_from
    recovery: codes id owned used_at
    ");
}
