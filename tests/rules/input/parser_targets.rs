//! Every parser of bytes from outside, as a function of bytes. None may panic, and what
//! is read must have the form that the rest of the service relies on. `cargo test` calls
//! them with the kept corpus and with changed copies of it; `fuzz/run` with libFuzzer.

use axum::Router;
use axum::http::{HeaderMap, HeaderValue, header};
use countersign::domain::accounts::login_name::LoginName;
use countersign::domain::accounts::password::PasswordHash;
use countersign::domain::accounts::user::{EmailAddress, UserName};
use countersign::domain::authorization::client::Scope;
use countersign::domain::authorization::redirect_uri::is_registered;
use countersign::domain::device::Device;
use countersign::domain::factors::factor::meant_recovery_codes;
use countersign::domain::factors::sent_code::six_digits;
use countersign::domain::messages::phone_number::PhoneNumber;
use countersign::domain::messages::sms_countries::SmsCountries;
use countersign::domain::token::TokenBody;
use countersign::wire::credentials::{bearer, client_credentials};
use countersign::wire::delivery_report::reported;
use countersign::wire::fields::Fields;
use countersign::wire::task::task_of;
use countersign_cli::import::csv::CsvRows;
use countersign_cli::import::exported;
use countersign_cli::import::rows::{Row, Rows};
use countersign_cli::import::systems::{aidbox, auth0, cognito, keycloak};

/// A parser under test.
pub type Target = fn(&[u8]);

/// Every target, by the name of its folder in the corpus.
pub const TARGETS: [(&str, Target); 10] = [
    ("body", body),
    ("authorization", authorization),
    ("opaque_token", opaque_token),
    ("codes", codes),
    ("event", event),
    ("phone_number", phone_number),
    ("names", names),
    ("redirect_uri", redirect_uri),
    ("password_hash", password_hash),
    ("import", import),
];

const CONTENT_TYPES: [Option<&str>; 5] = [
    None,
    Some("application/x-www-form-urlencoded;charset=UTF-8"),
    Some("application/json"),
    Some("text/plain"),
    Some("multipart/form-data; boundary=x"),
];

/// The first byte chooses the content type.
pub fn body(bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first() else {
        return;
    };
    let kind = CONTENT_TYPES[usize::from(*first) % CONTENT_TYPES.len()];
    for fields in [Fields::parse(kind, rest), Fields::from_form(rest)] {
        let Ok(fields) = fields else { continue };
        let names: Vec<String> = fields.names().map(str::to_owned).collect();
        assert!(names.len() <= rest.len() + 1);
        for name in &names {
            let read = fields.get(name);
            assert!(
                read.is_none_or(|text| !text.is_empty()),
                "an empty text is absent"
            );
            fields.list(name);
            fields.get_any_case(name);
        }
    }
}

/// `Authorization`, whatever its scheme, beside the fields of a form.
pub fn authorization(bytes: &[u8]) {
    let fields = Fields::from_form(b"client_id=demo").unwrap();
    for value in [
        bytes.to_vec(),
        [b"Basic ", bytes].concat(),
        [b"Bearer ", bytes].concat(),
    ] {
        let Ok(value) = HeaderValue::from_bytes(&value) else {
            continue;
        };
        let headers = HeaderMap::from_iter([(header::AUTHORIZATION, value)]);
        let _ = client_credentials(&headers, &fields);
        if let Ok(token) = bearer(&headers) {
            assert!(!token.is_empty());
        }
    }
}

/// The body of an opaque token. What is read is written in the same bytes.
pub fn opaque_token(bytes: &[u8]) {
    if let Some((key, token)) = TokenBody::decode(bytes) {
        assert_eq!(token.encode(key), bytes);
    }
}

/// Typed codes: six digits, and recovery codes.
pub fn codes(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Some(code) = six_digits(&text) {
        assert_eq!(code.expose().len(), 6);
        assert!(code.expose().bytes().all(|byte| byte.is_ascii_digit()));
    }
    for code in meant_recovery_codes(&text) {
        assert!(code.expose().len() <= text.len().max(64));
    }
}

/// An event as the gateway or another service sends it, of any version.
pub fn event(bytes: &[u8]) {
    let Ok(event) = serde_json::from_slice::<serde_json::Value>(bytes) else {
        return;
    };
    task_of(&event);
    reported(&event);
    let router = Router::new().fallback(|body: axum::body::Bytes| async { body });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let answer = runtime.block_on(countersign::lambda::answer(router, event, "id".to_owned()));
    let status = answer["statusCode"].as_u64().unwrap();
    assert!((200..500).contains(&status), "{answer}");
}

pub fn phone_number(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Some(number) = PhoneNumber::parse(&text) {
        let digits = number.as_str().strip_prefix('+').unwrap();
        // Austria has numbers of six digits with the calling code.
        assert!((6..=15).contains(&digits.len()), "{digits}");
        assert!(digits.bytes().all(|byte| byte.is_ascii_digit()), "{digits}");
        let again = PhoneNumber::parse(number.as_str()).unwrap();
        assert_eq!(again.as_str(), number.as_str());
    }
    let prefixes: Vec<&str> = text.split(',').collect();
    if let Some(countries) = SmsCountries::parse(prefixes) {
        countries.reach("+15555550100");
    }
}

/// Names, addresses, scopes, and the description of a device.
pub fn names(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Some(name) = LoginName::parse(&text) {
        // One form: reading the form again changes nothing.
        let again = LoginName::parse(name.as_str()).map(|again| again.as_str().to_owned());
        assert_eq!(again.as_deref(), Some(name.as_str()));
    }
    if let Some(address) = EmailAddress::parse(&text) {
        assert!(address.as_str().is_ascii() && !address.as_str().contains(['\r', '\n', ',']));
    }
    UserName::parse(&text);
    let scope = Scope::parse(&text);
    assert_eq!(Scope::parse(&scope.to_text()), scope);
    Device::of(Some(bytes));
}

/// Two addresses, parted by a line break: the registered one and the one asked for.
pub fn redirect_uri(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (registered, asked) = text.split_once('\n').unwrap_or((&text, &text));
    let good = is_registered(registered, asked);
    // Only the port of a loopback address may differ.
    if good && registered != asked {
        let loopback = ["http://127.0.0.1", "http://[::1]", "http://localhost"];
        assert!(
            loopback.iter().any(|host| asked.starts_with(host)),
            "{asked}"
        );
    }
}

/// A stored or imported hash. It is checked and not computed.
pub fn password_hash(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let hash = PasswordHash::from_stored(text.as_ref());
    let _ = hash.check();
    let _ = hash.of_nobody();
}

/// A file of users of another system: rows of JSON, or a table. Each row is read by every
/// reader that needs no option.
pub fn import(bytes: &[u8]) {
    let mut rows = Rows::of(std::io::Cursor::new(bytes));
    let mut found = Vec::new();
    while let Ok(Some(row)) = rows.next_row() {
        found.push(row);
    }
    if let Ok(mut table) = CsvRows::of(std::io::Cursor::new(bytes)) {
        while let Ok(Some(row)) = table.next_row() {
            found.push(row);
        }
    }
    for Row { number, text } in found {
        assert!(number >= 1);
        let Ok(text) = text else { continue };
        let _ = exported::read(&text);
        let _ = auth0::read(&text, Some("roles"));
        let _ = aidbox::read(&text, false);
        let _ = cognito::read(&text);
        let _ = keycloak::read(&text);
    }
}
