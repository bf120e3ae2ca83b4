//! The error of a function's real binary if a setting is missing or wrong.

use serde_json::Value;

use crate::harness::Service;
use crate::harness::deployment::binary::{Process, Stream};
use crate::tidy::settings::declared_names;
use countersign::routes::Function;

/// The settings without a default. The last one is required only by its dialect.
const REQUIRED: [&str; 7] = [
    "TABLE",
    "KMS_KEY",
    "STACK",
    "ISSUER",
    "PRODUCT_NAME",
    "EMAIL_FROM",
    "CODEMAZE_CLIENT",
];

/// A wrong value of each setting.
const WRONG: [(&str, &str); 49] = [
    ("ISSUER", "https://login.example.com"),
    ("PRODUCT_NAME", "サイン"),
    ("WEB_DOMAIN", "no domain"),
    ("EMAIL_FROM", "nobody"),
    ("SMS_SENDER_ID", "much too long id"),
    ("SMS_ORIGINATION_NUMBER", "+1555CALLME"),
    ("SMS_COUNTRIES", "England"),
    ("SMS_DAILY_TO_PREFIX", "0"),
    ("SMS_DAILY", "many"),
    ("DIALECTS", "auth0,another"),
    ("AAL_POLICY", "aal3"),
    ("TWO_FACTOR_ISSUER", "two\tparts"),
    ("PASSKEY_DOMAIN", "com"),
    ("PASSKEY_FACTORS", "three"),
    ("PASSKEY_PAGE", "http://app.example.com/passkeys"),
    ("THEME_BRAND", "two\nlines"),
    ("THEME_TITLE", "two\nlines"),
    ("THEME_STYLE_URL", "http://example.com/style.css"),
    ("THEME_FORGOT_PASSWORD_URL", "javascript:alert(1)"),
    ("WEBHOOK_ENDPOINT", "http://codes.example.com/"),
    ("WEBHOOK_TIMEOUT_MILLISECONDS", "99"),
    ("WEBHOOK_HEADERS", "{\"host\": \"example.com\"}"),
    ("MIGRATION_URL", "http://former.example.com/login"),
    ("MIGRATION_USER_URL", "https://former.example.com/user"),
    ("MIGRATION_HEADERS", "[]"),
    ("MIGRATION_TIMEOUT_MILLISECONDS", "10001"),
    ("MIGRATION_ROLES", "my roles"),
    ("MFA_POLICY", "always"),
    ("MFA_GRACE_SECONDS", "-1"),
    ("PASSWORD_MINIMUM_LENGTH", "7"),
    ("CONFIRMATION_REQUIRED", "mail"),
    ("SIGN_UP", "auth0,none"),
    ("UNCONFIRMED_ENROLLMENT", "yes"),
    ("CONNECTIONS", "sms"),
    ("LINK_ORIGINS", "app.example.com"),
    ("CORS_ORIGINS", "app.example.com"),
    ("SIGNING_ALGORITHM", "HS256"),
    ("SIGNING_KEY_DAYS", "6"),
    ("TOTP_PAST_STEPS", "6"),
    ("TRUSTED_DEVICE_DAYS", "366"),
    ("ACCESS_TOKEN_SECONDS", "soon"),
    ("ID_TOKEN_SECONDS", "59"),
    ("REFRESH_IDLE_SECONDS", "0"),
    ("REFRESH_ABSOLUTE_SECONDS", "-1"),
    ("REFRESH_GRACE_SECONDS", "29"),
    ("DPOP_REPLAY", "no"),
    ("EVENT_BUS", "no bus"),
    ("EDGE_SECRET", "short"),
    ("AWS_ATTEMPT_MILLISECONDS", "99"),
];

/// Names that only AWS can check.
const ANY_TEXT: [&str; 5] = [
    "TABLE",
    "KMS_KEY",
    "STACK",
    "SES_CONFIGURATION_SET",
    "CODEMAZE_CLIENT",
];

#[test]
fn every_setting_has_a_wrong_value_here_or_takes_any_text() {
    let mut named: Vec<String> = WRONG
        .iter()
        .map(|(name, _)| name)
        .chain(&ANY_TEXT)
        .map(|name| format!("COUNTERSIGN_{name}"))
        .collect();
    named.sort();
    assert_eq!(named, Vec::from_iter(declared_names()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_or_wrong_setting_ends_the_start_with_a_line_that_names_it() {
    let service = Service::start_at_the_systems_time().await;
    let missing = REQUIRED
        .into_iter()
        .flat_map(|name| [(name, None), (name, Some(""))]);
    let wrong = WRONG.map(|(name, value)| (name, Some(value)));
    let cases: Vec<(&str, Option<&str>)> = missing.chain(wrong).collect();
    for function in Function::ALL.map(Function::name) {
        for (name, value) in &cases {
            let setting = format!("COUNTERSIGN_{name}");
            let mut environment = service.environment();
            environment.retain(|(known, _)| *known != setting);
            environment.extend(value.map(|value| (setting.clone(), value.to_owned())));
            let error = refused(function, &environment);
            assert!(error.contains(&setting), "{function}: {error}");
            let told = if value.is_none_or(str::is_empty) {
                "is missing: it wants"
            } else {
                "is wrong: "
            };
            assert!(error.contains(told), "{function}: {error}");
        }
    }
}

/// Starts a function that must not start. Returns the one line that it prints.
fn refused(function: &str, environment: &[(String, String)]) -> String {
    // There is no Runtime API, so the function must fail before it asks for an event.
    let (status, lines) = Process::start(function, &[], environment).end();
    assert_eq!(status.code(), Some(1), "{function}: {lines:?}");
    let [(Stream::Output, line)] = &lines[..] else {
        panic!("not one line: {lines:?}");
    };
    let line: Value = serde_json::from_str(line).unwrap();
    assert_eq!(line["level"], "ERROR");
    assert_eq!(line["function"], function);
    line["error"].as_str().unwrap().to_owned()
}
